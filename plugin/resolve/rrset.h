/* SPDX-License-Identifier: MIT */
#ifndef HE_RRSET_H
#define HE_RRSET_H
/* rrset.h - records of a name, asked of a CURLHEOPT_RESOLVER value: whole DNS
 * messages, of which chosen.c makes addresses, and others what they need.
 *
 * The upstreams of a value are asked in order: the next one where one is
 * silent, not to be reached or fails (SERVFAIL and the like), never where one
 * has said that there is no such name or record, nor where one could not prove
 * who it is, unless it is `opportunistic`. What is asked for already is joined,
 * what is known is not asked (answers.h). */
#include "resolve/upstream.h"

enum he_rrset_state {
  HE_RRSET_FOUND,             /* a message with records of the type, perhaps
                                 behind aliases */
  HE_RRSET_NONE,              /* the name has no record of this type */
  HE_RRSET_NO_NAME,           /* there is no such name */
  HE_RRSET_FAILED,            /* servers fail, or what they say is nonsense */
  HE_RRSET_SILENT,            /* nobody answers, or can be reached */
  HE_RRSET_UNPROVEN,          /* a server could not prove who it is */
  HE_RRSET_GONE               /* no memory, no descriptor, or nobody who asks */
};

struct he_rrset {
  enum he_rrset_state state;
  /* With FOUND, NONE and NO_NAME: the whole message. Of it is known that it is
     an answer to this very question, not truncated, and that its names and
     records do not reach beyond it; what its records' data says is still
     hostile. Valid until the return. NULL where nobody was asked, as for names
     in onion. */
  const unsigned char *message;
  size_t len;
  uint32_t ttl;               /* seconds from now on for which it is valid */
  bool stale;                 /* its time is over: RFC 8767 */
  const struct he_upstream *from;   /* who said so; NULL: nobody was asked */
};

struct he_rrset_query;

/* Once; on any thread, that of he_rrset_ask() included; with a lock held, so
   whoever gets it calls neither he_rrset_ask() nor he_rrset_close(), and waits
   for nothing. */
typedef void (*he_rrset_done)(void *arg, const struct he_rrset *r);

/* Asks for records of a name, which is copied: a host's name, or one with
   labels before it, as _8443._https.a.test; a dot at its end is none. `number`
   is a value's (options/resolvers.h), not 0. Does not block. NULL without
   memory. It works while a context is there, whose racer asks. */
struct he_rrset_query *he_rrset_ask(long number, const char *name,
                                    enum he_dns_type type, he_rrset_done done,
                                    void *arg);

/* Ends the interest, and frees the query, answered or not: nothing is told
   after its return; what is being told is waited for. NULL is fine. What nobody
   waits for is asked all the same where it was sent, and remembered. */
void he_rrset_close(struct he_rrset_query *q);

/* Forgets all answers: when the last context goes. */
void he_rrset_flush(void);

#endif
