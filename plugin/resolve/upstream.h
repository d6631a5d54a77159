/* SPDX-License-Identifier: MIT */
#ifndef HE_RESOLVE_UPSTREAM_H
#define HE_RESOLVE_UPSTREAM_H
/* upstream.h - whoever is asked for DNS messages: a small table of functions
 * a kind of upstream. The rooms above (upstream, curl) add theirs by
 * he_upstream_register(): this room neither speaks TLS nor calls libcurl.
 *
 * A channel is one upstream at work: it keeps what it connected, and asks any
 * number of questions at once. Its owner is chosen.c. */
#include "net/racer.h"
#include "options/upstream.h"

/* Record types of RFC 1035, 3596 and 9460. */
enum he_dns_type {
  HE_DNS_A = 1,
  HE_DNS_AAAA = 28,
  HE_DNS_HTTPS = 65
};

enum he_upstream_verdict {
  HE_UPSTREAM_ANSWERED,       /* there is a message, whatever its RCODE */
  HE_UPSTREAM_SILENT,         /* no answer in time */
  HE_UPSTREAM_UNREACHABLE,    /* no connection, or it was lost twice */
  HE_UPSTREAM_UNPROVEN,       /* certificate, name or pin is wrong: nothing was
                                 sent to it */
  HE_UPSTREAM_CONFUSED,       /* what came is no answer to the question */
  HE_UPSTREAM_GONE            /* no memory, no descriptor, ended or not wanted
                                 any more */
};

/* A question and whom to tell. It belongs to its sender until it was asked,
   then to the channel, until `done` is called. */
struct he_upstream_question {
  struct he_mail mail;        /* first */
  const char *name;           /* without a dot at its end; stays as it is until
                                 `done` */
  enum he_dns_type type;
  /* Once, on the racer's thread or on one of the channel's own; without a lock.
     message: the whole answer, hostile, whose id is the channel's affair; valid
     until the return. NULL but with HE_UPSTREAM_ANSWERED. */
  void (*done)(struct he_upstream_question *q, enum he_upstream_verdict v,
               const unsigned char *message, size_t len);
  /* Is it still wanted? May be asked before anything is sent, any thread. */
  bool (*wanted)(struct he_upstream_question *q);
};

struct he_upstream_channel;

struct he_upstream_ops {
  /* One reference, the caller's. `u` is static. Nothing is opened before the
     first question. NULL without memory. */
  struct he_upstream_channel *(*create)(struct he_racer *r,
                                        const struct he_upstream *u);
  void (*unref)(struct he_upstream_channel *c);   /* NULL is fine */
  /* Does it belong to this racer, and can it still ask? */
  bool (*usable)(const struct he_upstream_channel *c,
                 const struct he_racer *r);
  /* Any thread; does not block; may be called with a lock held, so `done` is
     never called within. False, and the question still the caller's, where
     the channel cannot run. */
  bool (*ask)(struct he_upstream_channel *c, struct he_upstream_question *q);
  /* Before any create(), without a lock, any thread: what create(), which may
     be called with one, must not do. It may read files the first time; again
     is nothing. NULL: there is nothing to do. */
  void (*prepare)(void);
};

/* Says how upstreams of a kind are asked: once, before any is; static. Any
   thread. */
void he_upstream_register(enum he_upstream_kind kind,
                          const struct he_upstream_ops *ops);
/* NULL where this build cannot ask such. */
const struct he_upstream_ops *he_upstream_ops(enum he_upstream_kind kind);

#endif
