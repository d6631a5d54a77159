/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_MESSAGES_H
#define HE_TEST_MESSAGES_H
/* messages.h - DNS messages as a test writes them. Names are not compressed. */
#include <stddef.h>
#include <stdint.h>

struct message {
  unsigned char bytes[16384];
  size_t len;
};

/* Header and question: an answer, without an error, of class IN. */
void message_begin(struct message *m, const char *name, unsigned type);
/* Sets bits of the header's second number: 0x0200 is TC, the last four are
   RCODE. */
void message_flag(struct message *m, unsigned bits);

/* Adds a record, to the answer or, once one was added there, to the authority.
   data: n bytes. */
enum message_part { MESSAGE_ANSWER = 6, MESSAGE_AUTHORITY = 8 };
void message_record(struct message *m, enum message_part part,
                    const char *owner, unsigned type, uint32_t ttl,
                    const void *data, size_t n);
/* Likewise of type A or AAAA, with an address as text; CNAME with a name; SOA
   with the time of "none". */
void message_address(struct message *m, const char *owner, uint32_t ttl,
                     const char *address);
void message_alias(struct message *m, const char *owner, uint32_t ttl,
                   const char *to);
void message_soa(struct message *m, uint32_t ttl, uint32_t none);

#endif
