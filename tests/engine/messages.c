/* SPDX-License-Identifier: MIT */
#include "messages.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

static void put(struct message *m, const void *bytes, size_t n)
{
  assert(m->len + n <= sizeof(m->bytes));
  if(n)                       /* else there may be no bytes at all */
    memcpy(m->bytes + m->len, bytes, n);
  m->len += n;
}

static void put_number(struct message *m, uint32_t number, int bytes)
{
  while(bytes--) {
    const unsigned char b = (unsigned char)(number >> 8 * bytes);
    put(m, &b, 1);
  }
}

static void put_name(struct message *m, const char *name)
{
  while(*name) {
    const size_t n = strcspn(name, ".");
    put_number(m, (uint32_t)n, 1);
    put(m, name, n);
    name += n + (name[n] == '.');
  }
  put_number(m, 0, 1);
}

void message_begin(struct message *m, const char *name, unsigned type)
{
  m->len = 0;
  put_number(m, 0x1234, 2);
  put_number(m, 0x8180, 2);
  put_number(m, 1, 2);
  put_number(m, 0, 4);        /* no record yet, in three sections */
  put_number(m, 0, 2);
  put_name(m, name);
  put_number(m, type, 2);
  put_number(m, 1, 2);
}

void message_flag(struct message *m, unsigned bits)
{
  m->bytes[2] |= (unsigned char)(bits >> 8);
  m->bytes[3] |= (unsigned char)bits;
}

void message_record(struct message *m, enum message_part part,
                    const char *owner, unsigned type, uint32_t ttl,
                    const void *data, size_t n)
{
  const unsigned count = (unsigned)(m->bytes[part] << 8 |
                                    m->bytes[part + 1]) + 1;
  m->bytes[part] = (unsigned char)(count >> 8);
  m->bytes[part + 1] = (unsigned char)count;
  put_name(m, owner);
  put_number(m, type, 2);
  put_number(m, 1, 2);
  put_number(m, ttl, 4);
  put_number(m, (uint32_t)n, 2);
  put(m, data, n);
}

void message_address(struct message *m, const char *owner, uint32_t ttl,
                     const char *address)
{
  unsigned char ip[16];
  const int four = inet_pton(AF_INET, address, ip) == 1;
  assert(four || inet_pton(AF_INET6, address, ip) == 1);
  message_record(m, MESSAGE_ANSWER, owner, four ? 1 : 28, ttl, ip,
                 four ? 4 : 16);
}

void message_alias(struct message *m, const char *owner, uint32_t ttl,
                   const char *to)
{
  struct message name = { .len = 0 };
  put_name(&name, to);
  message_record(m, MESSAGE_ANSWER, owner, 5, ttl, name.bytes, name.len);
}

void message_soa(struct message *m, uint32_t ttl, uint32_t none)
{
  unsigned char data[22] = { 0 };
  for(int i = 0; i < 4; i++)
    data[18 + i] = (unsigned char)(none >> 8 * (3 - i));
  message_record(m, MESSAGE_AUTHORITY, "", 6, ttl, data, sizeof(data));
}
