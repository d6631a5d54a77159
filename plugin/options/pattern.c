/* SPDX-License-Identifier: MIT */
#include "options/pattern.h"

#include <string.h>

/* -- UTF-8 -- */

/* Bytes of the character that begins here, or 0. `low` and `high` keep out
   what is written longer than needed, surrogates, and what is no character. */
static size_t character(const unsigned char *s, size_t len)
{
  unsigned char low = 0x80, high = 0xbf;
  size_t more;
  if(*s < 0x80)
    return 1;
  if(*s < 0xc2 || *s > 0xf4)
    return 0;
  more = *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
  if(*s == 0xe0)
    low = 0xa0;
  else if(*s == 0xed)
    high = 0x9f;
  else if(*s == 0xf0)
    low = 0x90;
  else if(*s == 0xf4)
    high = 0x8f;
  if(more >= len || s[1] < low || s[1] > high)
    return 0;
  for(size_t i = 2; i <= more; i++) {
    if((s[i] & 0xc0) != 0x80)
      return 0;
  }
  return more + 1;
}

size_t he_utf8_span(const char *text, size_t len)
{
  size_t at = 0;
  while(at < len) {
    size_t n = character((const unsigned char *)text + at, len - at);
    if(!n)
      break;
    at += n;
  }
  return at;
}

/* -- names -- */

static void copy(char out[HE_PATTERN_SIZE], const char *name, size_t len)
{
  for(size_t i = 0; i < len; i++)
    out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
  out[len] = 0;
}

static bool of_a_name(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
         (unsigned char)c >= 0x80;
}

/* NULL, or what is wrong with it at *at. Not for an empty one. */
static const char *name_fault(const char *text, size_t len, size_t *at)
{
  for(*at = 0; *at < len; ++*at) {
    if(text[*at] == '*')
      return "a * stands alone, or in front as in *.example.com";
    if(!of_a_name(text[*at]))
      return "no character of a host's name";
    if(text[*at] == '.' && (!*at || text[*at - 1] == '.'))
      return "nothing between two dots, or before the first";
  }
  if(text[len - 1] == '.')
    return "two dots at the end";
  *at = he_utf8_span(text, len);
  return *at < len ? "not UTF-8" : NULL;
}

bool he_pattern_read(const char *text, size_t len,
                     char out[HE_PATTERN_SIZE], size_t *at, const char **why)
{
  size_t front = len >= 2 && text[0] == '*' && text[1] == '.' ? 2 : 0;
  *at = 0;
  *why = NULL;
  if(len == 1 && *text == '*') {
    strcpy(out, "*");
    return true;
  }
  if(len > front + 1 && text[len - 1] == '.')
    len--;
  if(len == front) {
    *at = front;
    *why = "a host's name is missing";
  }
  else if(len > HE_HOST_MAX)
    *why = "longer than a host's name can be";
  else {
    *why = name_fault(text + front, len - front, at);
    *at += front;
  }
  if(!*why)
    copy(out, text, len);
  return !*why;
}

bool he_host_read(const char *host, char out[HE_PATTERN_SIZE])
{
  size_t len = strlen(host);
  if(len && host[len - 1] == '.')
    len--;
  if(len <= HE_HOST_MAX)
    copy(out, host, len);
  return len <= HE_HOST_MAX;
}
