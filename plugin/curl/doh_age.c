/* SPDX-License-Identifier: MIT */
/* doh_age.c - the TTLs of an answer that an HTTP cache has kept. */
#include "curl/doh_own.h"

#define HEADER 12
#define TYPE_OPT 41

static unsigned char *put16(unsigned char *at, unsigned value)
{
  *at++ = (unsigned char)(value >> 8);
  *at++ = (unsigned char)value;
  return at;
}

static unsigned get16(const unsigned char *at)
{
  return (unsigned)at[0] << 8 | at[1];
}

/* Behind a name; `len` where that is not within the message. */
static size_t skip_name(const unsigned char *message, size_t len, size_t at)
{
  while(at < len && message[at]) {
    if(message[at] >= 0xc0)   /* a pointer ends it */
      return at + 2 < len ? at + 2 : len;
    at += 1 + (size_t)message[at];
  }
  return at < len ? at + 1 : len;
}

/* Four octets. */
static void take_off(unsigned char *ttl, uint32_t seconds)
{
  const uint32_t was = (uint32_t)get16(ttl) << 16 | get16(ttl + 2);
  const uint32_t is = was > seconds ? was - seconds : 0;
  put16(put16(ttl, is >> 16), is & 0xffff);
}

void he_doh_age(unsigned char *message, size_t len, uint32_t seconds)
{
  size_t at = HEADER, records, questions;
  if(len < HEADER || !seconds)
    return;
  questions = get16(message + 4);
  records = get16(message + 6) + get16(message + 8) + get16(message + 10);
  for(; questions && at < len; questions--)
    at = skip_name(message, len, at) + 4;
  for(; records && at < len; records--) {
    at = skip_name(message, len, at);
    if(len - at < 10)
      return;
    if(get16(message + at) != TYPE_OPT)
      take_off(message + at + 4, seconds);
    at += 10 + get16(message + at + 8);
  }
}
