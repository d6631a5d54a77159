/* SPDX-License-Identifier: MIT */
#ifndef HE_CARES_H
#define HE_CARES_H
/* cares.h - one channel of c-ares on the racer's thread: its sockets are
 * watched there, and so is its clock. Only where curl-he is built with
 * c-ares. */
#include "net/racer.h"
#include "options/upstream.h"

struct he_cares;

/* A question and whom to tell. It belongs to its sender until it was asked,
   then to the channel, until `done` is called. */
struct he_cares_question {
  struct he_mail mail;        /* first */
  const char *name;
  enum he_family family;
  /* Once, on the racer's thread. status: ARES_; message: the whole answer,
     hostile, valid until the return, or NULL. */
  void (*done)(struct he_cares_question *q, int status,
               const unsigned char *message, size_t len);
  /* May be asked on the racer's thread before anything is sent. */
  bool (*wanted)(struct he_cares_question *q);
};

/* One reference, the caller's. The servers are static. Nothing is opened before
   the first question. NULL without memory. */
struct he_cares *he_cares_new(struct he_racer *r, const struct he_upstream *s);
void he_cares_unref(struct he_cares *c);

/* Does it belong to this racer, and can it still ask? */
bool he_cares_usable(const struct he_cares *c, const struct he_racer *r);

/* Any thread; does not block. False, and the question still the caller's, where
   the racer cannot run. */
bool he_cares_ask(struct he_cares *c, struct he_cares_question *q);

#endif
