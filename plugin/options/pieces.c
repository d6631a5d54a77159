/* SPDX-License-Identifier: MIT */
#include "options/pieces.h"

#include <string.h>

static bool wrong(struct he_wrong *w, const char *at, const char *why)
{
  w->at = at;
  w->why = why;
  return false;
}

bool he_piece_is(struct he_piece p, const char *text)
{
  return p.len == strlen(text) && !memcmp(p.from, text, p.len);
}

bool he_piece_begins(struct he_piece p, const char *with)
{
  const size_t n = strlen(with);
  return p.len >= n && !memcmp(p.from, with, n);
}

bool he_piece_next(struct he_piece *rest, char sign, struct he_piece *out)
{
  const char *end;
  if(!rest->from)
    return false;
  end = rest->len ? memchr(rest->from, sign, rest->len) : NULL;
  *out = *rest;
  if(!end) {
    rest->from = NULL;
    rest->len = 0;
    return true;
  }
  out->len = (size_t)(end - rest->from);
  rest->from += out->len + 1;
  rest->len -= out->len + 1;
  return true;
}

bool he_piece_port(struct he_piece p, uint16_t *out, struct he_wrong *w)
{
  static const char why[] = "a port is 1 to 65535";
  unsigned long port = 0;
  for(size_t i = 0; i < p.len; i++) {
    const char c = p.from[i];
    if(c < '0' || c > '9')
      return wrong(w, p.from + i, why);
    port = port * 10 + (unsigned long)(c - '0');
    if(port > 65535)
      return wrong(w, p.from + i, why);
  }
  *out = (uint16_t)port;
  return port || wrong(w, p.from, why);
}

bool he_piece_address(struct he_piece p, struct he_addr *out,
                      struct he_wrong *w)
{
  struct he_addr a;
  char text[HE_ADDR_TEXT];
  if(!p.len)
    return wrong(w, p.from, "an address is missing");
  if(memchr(p.from, '%', p.len))
    return wrong(w, p.from, "no scope can be given");
  if(p.len >= sizeof(text))
    return wrong(w, p.from, "no IP address");
  memcpy(text, p.from, p.len);
  text[p.len] = 0;
  if(strlen(text) != p.len || !he_addr_parse(&a, text))
    return wrong(w, p.from, "no IP address");
  memset(out, 0, sizeof(*out));   /* each byte, for who compares bytes */
  memcpy(out->ip, a.ip, sizeof(out->ip));
  out->family = a.family;
  return true;
}

/* Splits "[v6]:port", "[v6]", "v6", "v4:port" and "v4". */
static bool split(struct he_piece p, struct he_piece *address,
                  struct he_piece *port, struct he_wrong *w)
{
  static const char why[] = "wants [IPv6]:PORT";
  const bool bracket = p.len && *p.from == '[';
  const char *end = p.from + p.len;
  const char *close = bracket ? memchr(p.from, ']', p.len) : NULL;
  const char *colon = p.len ? memchr(p.from, ':', p.len) : NULL;
  *address = p;
  *port = (struct he_piece){ NULL, 0 };
  if(bracket) {
    if(!close)
      return wrong(w, p.from, why);
    *address = he_piece(p.from + 1, close);
    colon = close + 1 < end ? close + 1 : NULL;
    if(colon && *colon != ':')
      return wrong(w, colon, why);
  }
  else if(colon && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
    colon = NULL;             /* an IPv6 address without a port */
  else if(colon)
    address->len = (size_t)(colon - p.from);
  if(colon)
    *port = he_piece(colon + 1, end);
  return true;
}

bool he_piece_server(struct he_piece p, uint16_t port, struct he_addr *out,
                     struct he_wrong *w)
{
  struct he_piece address, number;
  if(!split(p, &address, &number, w) || !he_piece_address(address, out, w))
    return false;
  if(address.from != p.from && out->family == HE_IPV4)
    return wrong(w, address.from, "no IPv6 address");
  if(number.from && !he_piece_port(number, &port, w))
    return false;
  out->port = port;
  return true;
}

static bool is_name(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || (c && strchr(".-_:", c));
}

bool he_piece_name(struct he_piece p, char *out, size_t size,
                   struct he_wrong *w)
{
  if(!p.len)
    return wrong(w, p.from, "a name is missing");
  if(p.len >= size)
    return wrong(w, p.from, "too long");
  for(size_t i = 0; i < p.len; i++) {
    if(!is_name(p.from[i]))
      return wrong(w, p.from + i, "no character of a host's name");
    if(p.from[i] == '.' && (!i || p.from[i - 1] == '.'))
      return wrong(w, p.from + i, "nothing before a dot");
  }
  memcpy(out, p.from, p.len);
  out[p.len] = 0;
  return true;
}

static int hex(char c)
{
  if(c >= '0' && c <= '9')
    return c - '0';
  if(c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool he_piece_decode(struct he_piece p, char *out, size_t size,
                     struct he_wrong *w)
{
  size_t n = 0;
  for(size_t i = 0; i < p.len; i++) {
    const char *at = p.from + i;
    int c = (unsigned char)*at;
    if(c == '%') {
      const int high = i + 2 < p.len ? hex(p.from[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex(p.from[i + 2]);
      if(low < 0)
        return wrong(w, at, "wants %XX");
      c = high << 4 | low;
      i += 2;
    }
    if(c < ' ' || c == 0x7f)
      return wrong(w, at, "a control character");
    if(n + 1 >= size)
      return wrong(w, p.from, "too long");
    out[n++] = (char)c;
  }
  out[n] = 0;
  return true;
}

static bool read_base64(struct he_piece p, unsigned char *out, size_t size)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t padding = (3 - size % 3) % 3;
  uint32_t bits = 0;
  size_t n = 0;
  if(p.len != (size + 2) / 3 * 4)
    return false;
  for(size_t i = 0; i < p.len; i++) {
    const bool pad = i >= p.len - padding;
    const char c = p.from[i];
    const char *at = c && !pad ? strchr(digits, c) : NULL;
    if(pad ? c != '=' : !at)
      return false;
    bits = bits << 6 | (uint32_t)(pad ? 0 : at - digits);
    for(int k = 16; i % 4 == 3 && k >= 0; k -= 8) {
      const unsigned char byte = (unsigned char)(bits >> k);
      if(n < size)
        out[n++] = byte;
      else if(byte)
        return false;         /* not the way to write it */
    }
    if(i % 4 == 3)
      bits = 0;
  }
  return n == size;
}

bool he_piece_sha256(struct he_piece p, unsigned char out[32])
{
  static const char hash[] = "sha256//";
  return he_piece_begins(p, hash) &&
         read_base64(he_piece(p.from + strlen(hash), p.from + p.len), out, 32);
}
