/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <string.h>

#define SAY_MAX 4096

static const char *hidden;

void text_hide(const char *secret)
{
  hidden = (secret && *secret) ? secret : NULL;
}

/* The bytes that a well-formed UTF-8 character takes, 0 for anything else. */
static size_t utf8_length(const unsigned char *s, size_t len, unsigned *code)
{
  static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t need, i;
  if(s[0] < 0x80) {
    *code = s[0];
    return 1;
  }
  if((s[0] & 0xe0) == 0xc0)
    need = 2;
  else if((s[0] & 0xf0) == 0xe0)
    need = 3;
  else if((s[0] & 0xf8) == 0xf0)
    need = 4;
  else
    return 0;
  if(len < need)
    return 0;
  *code = s[0] & (0xffu >> (need + 1));
  for(i = 1; i < need; i++) {
    if((s[i] & 0xc0) != 0x80)
      return 0;
    *code = (*code << 6) | (s[i] & 0x3fu);
  }
  if(*code < least[need] || *code > 0x10ffff ||
     (*code >= 0xd800 && *code <= 0xdfff))
    return 0;
  return need;
}

/* Would this character do more than be seen? */
static int is_unsafe(unsigned code)
{
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '\\' ||
    code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
    (code >= 0xe0000 && code <= 0xe007f);
}

static void write_escaped(FILE *out, unsigned code)
{
  switch(code) {
  case '\n':
    fputs("\\n", out);
    return;
  case '\r':
    fputs("\\r", out);
    return;
  case '\t':
    fputs("\\t", out);
    return;
  case '\\':
    fputs("\\\\", out);
    return;
  }
  if(code < 0x80)
    fprintf(out, "\\x%02x", code);
  else
    fprintf(out, "\\u{%x}", code);
}

void text_write(FILE *out, const char *text, size_t len, size_t limit)
{
  const unsigned char *s = (const unsigned char *)text;
  size_t secret = hidden ? strlen(hidden) : 0;
  size_t i = 0;
  while(i < len && i < limit) {
    unsigned code = 0;
    size_t n;
    if(secret && len - i >= secret && !memcmp(text + i, hidden, secret)) {
      fputs("***", out);
      i += secret;
      continue;
    }
    n = utf8_length(s + i, len - i, &code);
    if(!n) {
      fprintf(out, "\\x%02x", s[i]);
      n = 1;
    }
    else if(is_unsafe(code))
      write_escaped(out, code);
    else
      fwrite(text + i, 1, n, out);
    i += n;
  }
  if(i < len)
    fputs("...", out);
}

void text_put(FILE *out, const char *text)
{
  if(!text)
    text = "(none)";
  text_write(out, text, strlen(text), strlen(text));
}

void text_put_json(const char *json)
{
  size_t secret = hidden ? strlen(hidden) : 0;
  while(*json) {
    if(secret && !strncmp(json, hidden, secret)) {
      fputs("***", stdout);
      json += secret;
      continue;
    }
    /* DEL, the one control character that JSON need not escape */
    if(*json == 0x7f)
      fputs("\\u007f", stdout);
    else
      putchar(*json);
    json++;
  }
}

void say(const char *format, ...)
{
  char line[SAY_MAX];
  va_list args;
  int n;
  va_start(args, format);
  n = vsnprintf(line, sizeof(line), format, args);
  va_end(args);
  /* stdout first, so that the two keep their order where they share a file */
  fflush(stdout);
  fputs("he-rest: ", stderr);
  if(n >= (int)sizeof(line)) {
    /* Cut off: leave out a tail that may be the first half of the token. */
    size_t keep = sizeof(line) - 1;
    size_t secret = hidden ? strlen(hidden) : 0;
    text_write(stderr, line, keep, keep > secret ? keep - secret : 0);
  }
  else
    text_put(stderr, line);
  fputc('\n', stderr);
}
