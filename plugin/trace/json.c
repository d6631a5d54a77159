/* SPDX-License-Identifier: MIT */
/* json.c - text is written piece by piece, and taken back where the last piece
 * does not fit. */
#include "trace/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The object's end and the line's always fit. */
#define ROOM (HE_JSON_LINE - 2)

static bool put(struct he_json *j, const char *bytes, size_t n)
{
  if(n > ROOM - j->len)
    return false;
  memcpy(j->at + j->len, bytes, n);
  j->len += n;
  return true;
}

static bool put_text(struct he_json *j, const char *text)
{
  return put(j, text, strlen(text));
}

static bool put_key(struct he_json *j, const char *key)
{
  return (j->len == 1 || put_text(j, ",")) && put_text(j, "\"") &&
         put_text(j, key) && put_text(j, "\":");
}

/* How many bytes of `s` are one character of UTF-8 (RFC 3629); 0: none are. */
static size_t character(const unsigned char *s)
{
  unsigned char least = 0x80, most = 0xbf;
  size_t n;
  if(*s < 0x80)
    return 1;
  n = *s >= 0xc2 && *s <= 0xdf ? 2 : *s >= 0xe0 && *s <= 0xef ? 3 :
      *s >= 0xf0 && *s <= 0xf4 ? 4 : 0;
  if(*s == 0xe0)
    least = 0xa0;
  else if(*s == 0xed)
    most = 0x9f;
  else if(*s == 0xf0)
    least = 0x90;
  else if(*s == 0xf4)
    most = 0x8f;
  if(!n || s[1] < least || s[1] > most)
    return 0;
  for(size_t i = 2; i < n; i++) {
    if(s[i] < 0x80 || s[i] > 0xbf)
      return 0;
  }
  return n;
}

static bool put_character(struct he_json *j, const unsigned char *s, size_t n)
{
  char code[8];
  if(!n)
    return put_text(j, "\xef\xbf\xbd");
  if(*s == '"' || *s == '\\') {
    code[0] = '\\';
    code[1] = (char)*s;
    return put(j, code, 2);
  }
  if(*s >= ' ' && *s != 0x7f)
    return put(j, (const char *)s, n);
  snprintf(code, sizeof(code), "\\u%04x", *s);
  return put_text(j, code);
}

static bool put_string(struct he_json *j, const char *value)
{
  const unsigned char *s = (const unsigned char *)value;
  if(!put_text(j, "\""))
    return false;
  while(*s) {
    size_t n = character(s);
    if(!put_character(j, s, n))
      return false;
    s += n ? n : 1;
  }
  return put_text(j, "\"");
}

void he_json_begin(struct he_json *j)
{
  j->at[0] = '{';
  j->len = 1;
}

void he_json_text(struct he_json *j, const char *key, const char *value)
{
  const size_t before = j->len;
  if(value && !(put_key(j, key) && put_string(j, value)))
    j->len = before;
}

void he_json_number(struct he_json *j, const char *key, int64_t value)
{
  const size_t before = j->len;
  char text[24];
  snprintf(text, sizeof(text), "%" PRId64, value);
  if(!(put_key(j, key) && put_text(j, text)))
    j->len = before;
}

void he_json_end(struct he_json *j)
{
  j->at[j->len++] = '}';
  j->at[j->len++] = '\n';
}
