/* SPDX-License-Identifier: MIT */
#ifndef HE_ANSWERS_H
#define HE_ANSWERS_H
/* answers.h - what configured resolvers have said, kept for as long as it is
 * valid: whole messages, by value, name and type. Bounded in number and bytes;
 * what was not asked for the longest goes first. Knows no clock, socket or
 * thread: its owner has a lock, and tells the time, of a clock that goes on
 * while the machine sleeps. */
#include "resolve/rrset.h"

/* Of an answer. Longer times are cut to these: RFC 8767 section 4, RFC 2308
   section 5. */
#define HE_ANSWERS_MOST_S 604800u
#define HE_ANSWERS_MOST_NONE_S 10800u
/* So long an answer may be used after its time, where it may be: RFC 8767
   section 5 has one to three days. */
#define HE_ANSWERS_STALE_S 86400u

struct he_answers;

struct he_answers_key {
  long number;                /* of the value */
  enum he_dns_type type;
  const char *name;           /* lower case, without a dot at its end */
};

struct he_answer {
  enum he_rrset_state state;  /* FOUND, NONE or NO_NAME */
  const struct he_upstream *from;
  he_time_ns until;           /* its time */
  he_time_ns stale_until;     /* `until`, or later */
  he_time_ns again;           /* before this time there is no need to try for a
                                 new one: the last try failed */
  const unsigned char *message;
  size_t len;
};

/* At most so many answers, and so many bytes for them. NULL without memory. */
struct he_answers *he_answers_new(size_t most, size_t most_bytes);
void he_answers_free(struct he_answers *a);    /* NULL is fine */

/* Keeps it in place of an older one: state, from, message and len are read,
   the message is copied. ttl: seconds. Where it is 0, the older one goes. What
   does not fit, or finds no memory, is not kept. */
void he_answers_put(struct he_answers *a, const struct he_answers_key *k,
                    const struct he_answer *what, uint32_t ttl,
                    he_time_ns now);

/* What is kept, which now is the latest that was asked for; its `again` may be
   written. Valid until the next call. NULL where there is none, or its time is
   over, the stale one, too. */
struct he_answer *he_answers_get(struct he_answers *a,
                                 const struct he_answers_key *k,
                                 he_time_ns now);

/* How many there are. */
size_t he_answers_count(const struct he_answers *a);

#endif
