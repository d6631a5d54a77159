/* SPDX-License-Identifier: MIT */
#include "upstream/query.h"

#include <string.h>

#define HEADER 12
#define NAME_MOST 255
#define LABEL_MOST 63
/* Of the option record, without padding; and of the option's own head. */
#define OPT 11
#define OPTION 4

#define CLASS_IN 1
#define TYPE_OPT 41
#define OPTION_PADDING 12
/* What fits into a datagram everywhere. A stream does not care. */
#define DATAGRAM 1232

static unsigned char *put16(unsigned char *p, size_t value)
{
  *p++ = (unsigned char)(value >> 8);
  *p++ = (unsigned char)value;
  return p;
}

static size_t get16(const unsigned char *p)
{
  return (size_t)p[0] << 8 | p[1];
}

/* Writes the name as the wire has it. Returns its length, 0: no such name. */
static size_t put_name(unsigned char out[NAME_MOST], const char *name)
{
  size_t n = 0;
  do {
    const char *dot = strchr(name, '.');
    const size_t len = dot ? (size_t)(dot - name) : strlen(name);
    if(!len || len > LABEL_MOST || n + 1 + len + 1 > NAME_MOST ||
       memchr(name, '\\', len))
      return 0;
    out[n++] = (unsigned char)len;
    memcpy(out + n, name, len);
    n += len;
    name = dot ? dot + 1 : name + len;
    if(dot && !*name)         /* a dot at its end */
      return 0;
  } while(*name);
  out[n++] = 0;
  return n;
}

size_t he_query_make(unsigned char out[HE_QUERY_MOST], uint16_t id,
                     const char *name, uint16_t type)
{
  static const unsigned char head[HEADER - 2] = {
    0x01, 0x00,               /* recursion desired */
    0, 1, 0, 0, 0, 0, 0, 1    /* a question, and in the end an OPT */
  };
  const size_t len = put_name(out + HEADER, name);
  size_t least, all;
  unsigned char *p;
  if(!len)
    return 0;
  least = HEADER + len + 4 + OPT + OPTION;
  all = (least + HE_QUERY_BLOCK - 1) / HE_QUERY_BLOCK * HE_QUERY_BLOCK;
  memcpy(put16(out, id), head, sizeof(head));
  p = put16(out + HEADER + len, type);
  p = put16(p, CLASS_IN);
  *p++ = 0;                   /* the root */
  p = put16(p, TYPE_OPT);
  p = put16(p, DATAGRAM);
  memset(p, 0, 4);            /* version 0, no flags */
  p = put16(p + 4, OPTION + all - least);
  p = put16(p, OPTION_PADDING);
  p = put16(p, all - least);
  memset(p, 0, all - least);
  return all;
}

static unsigned char lower(unsigned char c)
{
  return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

bool he_query_answers(const unsigned char *message, size_t len,
                      const char *name, uint16_t type)
{
  unsigned char want[NAME_MOST];
  const size_t n = put_name(want, name);
  const unsigned char *p = message + HEADER;
  size_t questions;
  if(len < HEADER || !n || !(message[2] & 0x80) || message[2] & 0x78)
    return false;             /* no response, or not to a query */
  questions = get16(message + 4);
  if(!questions)
    return message[3] & 0x0f;
  if(questions != 1 || len < HEADER + n + 4)
    return false;
  for(size_t i = 0; i < n; i++) {   /* lengths are below 'A' */
    if(lower(p[i]) != lower(want[i]))
      return false;
  }
  return get16(p + n) == type && get16(p + n + 2) == CLASS_IN;
}
