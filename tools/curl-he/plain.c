/* SPDX-License-Identifier: MIT */
#include "plain.h"

#include <stdbool.h>
#include <string.h>

/* The bytes of the UTF-8 character at `s`, 0 where there is none. */
static size_t plain_length(const unsigned char *s, size_t len, unsigned *code)
{
  static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const size_t need = s[0] < 0x80 ? 1 : (s[0] & 0xe0) == 0xc0 ? 2 :
                      (s[0] & 0xf0) == 0xe0 ? 3 :
                      (s[0] & 0xf8) == 0xf0 ? 4 : 0;
  *code = s[0];
  if(need < 2)
    return need;
  if(len < need)
    return 0;
  *code = s[0] & (0xffu >> (need + 1));
  for(size_t i = 1; i < need; i++) {
    if((s[i] & 0xc0) != 0x80)
      return 0;
    *code = (*code << 6) | (s[i] & 0x3fu);
  }
  return *code >= least[need] && *code <= 0x10ffff &&
         (*code < 0xd800 || *code > 0xdfff) ? need : 0;
}

/* Would this character do more than be seen, in one column? */
static bool plain_not(unsigned code)
{
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '\\' ||
         code == 0xad || code == 0x61c || (code >= 0x300 && code <= 0x36f) ||
         (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
         (code >= 0xfff0 && code <= 0xffff && code != 0xfffd) ||
         code >= 0xe0000;
}

void he_plain(char *out, size_t size, const char *in, size_t len)
{
  size_t used = 0;
  for(size_t i = 0; i < len;) {
    char piece[16];
    unsigned code;
    const size_t n = plain_length((const unsigned char *)in + i, len - i,
                                  &code);
    size_t wide;
    if(!n)
      snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)in[i]);
    else if(code == '\\')
      snprintf(piece, sizeof(piece), "\\\\");
    else if(plain_not(code))
      snprintf(piece, sizeof(piece), code < 0x80 ? "\\x%02x" : "\\u{%x}",
               code);
    else
      snprintf(piece, sizeof(piece), "%.*s", (int)n, in + i);
    wide = strlen(piece);
    if(used + wide + 1 > size)
      break;
    memcpy(out + used, piece, wide);
    used += wide;
    i += n ? n : 1;
  }
  if(size)
    out[used] = 0;
}

void he_plain_string(char *out, size_t size, const char *in)
{
  he_plain(out, size, in ? in : "", in ? strlen(in) : 0);
}

void he_put_xml(FILE *out, const char *plain)
{
  for(; *plain; plain++) {
    switch(*plain) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    case '\'':
      fputs("&#39;", out);
      break;
    default:
      putc(*plain, out);
    }
  }
}

size_t he_columns(const char *plain)
{
  size_t n = 0;
  for(; *plain; plain++)
    n += ((unsigned char)*plain & 0xc0) != 0x80;
  return n;
}
