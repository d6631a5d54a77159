/* SPDX-License-Identifier: MIT */
/* doh_message.c - the bytes of a question, and the TTLs of an answer. */
#include "curl/doh_own.h"

#include <string.h>

#define HEADER 12
#define TYPE_OPT 41
#define OPTION_PADDING 12
/* A fixed part of OPT, and an option's head. */
#define OPT 11
#define OPTION 4
#define LABEL 63
#define NAME 255
/* That a client takes: the largest message that does not need fragments. */
#define PAYLOAD 1232

static unsigned char *put16(unsigned char *at, unsigned value)
{
  *at++ = (unsigned char)(value >> 8);
  *at++ = (unsigned char)value;
  return at;
}

/* The end of the name's labels; NULL where it is none. */
static unsigned char *put_name(unsigned char *at, const char *name)
{
  const unsigned char *begin = at;
  while(*name) {
    const size_t len = strcspn(name, ".");
    if(!len || len > LABEL || (size_t)(at - begin) + len + 2 > NAME)
      return NULL;
    *at++ = (unsigned char)len;
    memcpy(at, name, len);
    at += len;
    name += len;
    if(*name)
      name++;
  }
  *at++ = 0;
  return at;
}

size_t he_doh_message(unsigned char out[HE_DOH_REQUEST], const char *name,
                      enum he_dns_type type)
{
  static const unsigned char header[HEADER] = {
    0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1   /* recursion is desired */
  };
  unsigned char *at;
  size_t len, pad;
  memset(out, 0, HE_DOH_REQUEST);
  memcpy(out, header, HEADER);
  at = put_name(out + HEADER, name);
  if(!at)
    return 0;
  at = put16(at, type);
  at = put16(at, 1);
  len = (size_t)(at - out) + OPT + OPTION;
  pad = (HE_DOH_BLOCK - len % HE_DOH_BLOCK) % HE_DOH_BLOCK;
  at = put16(at + 1, TYPE_OPT);
  at = put16(at, PAYLOAD);
  at = put16(at + 4, (unsigned)(OPTION + pad));
  at = put16(at, OPTION_PADDING);
  put16(at, (unsigned)pad);
  return len + pad;
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
