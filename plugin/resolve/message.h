/* SPDX-License-Identifier: MIT */
#ifndef HE_MESSAGE_H
#define HE_MESSAGE_H
/* message.h - a DNS message, hostile, read by libresolv's ns_parse. Knows no
 * clock, socket or thread. */
#include "base/addr.h"
#include "resolve/upstream.h"

/* Records of an answer that are looked at, aliases that are followed, addresses
   that are taken. */
#define HE_MESSAGE_RECORDS 512
#define HE_MESSAGE_ALIASES 16
#define HE_MESSAGE_ADDRESSES 64

enum he_message_says {
  HE_MESSAGE_FOUND,           /* there are records of the type */
  HE_MESSAGE_NONE,            /* the name has none of this type */
  HE_MESSAGE_NO_NAME,         /* there is no such name */
  HE_MESSAGE_FAILURE,         /* SERVFAIL, REFUSED and the like */
  HE_MESSAGE_NONSENSE         /* no answer to this question: not a message, of
                                 another question, cut off, aliases that lead
                                 in a circle or too far, no address among the
                                 records that are to have one */
};

struct he_message {
  enum he_message_says says;
  /* Seconds for which it is valid: of FOUND the least of the records that led
     there, of NONE and NO_NAME as RFC 2308 section 5 has it, 0 without a SOA
     record. */
  uint32_t ttl;
};

/* What a message says to a question. The id is not looked at. The name: as it
   was asked for, without a dot at its end. */
struct he_message he_message_read(const unsigned char *message, size_t len,
                                  const char *name, enum he_dns_type type);

/* The addresses of a message that was FOUND, without ports; returns how
   many, HE_MESSAGE_ADDRESSES at most. type: A or AAAA. */
size_t he_message_addresses(const unsigned char *message, size_t len,
                            const char *name, enum he_dns_type type,
                            struct he_addr list[HE_MESSAGE_ADDRESSES]);

#endif
