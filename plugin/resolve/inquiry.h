/* SPDX-License-Identifier: MIT */
#ifndef HE_INQUIRY_H
#define HE_INQUIRY_H
/* inquiry.h - one inquiry a value, name and type, for all who want to know it
 * (rrset.c). Whoever calls these, or looks into one, has he_inquiry_lock. */
#include "options/resolvers.h"
#include "resolve/answers.h"

#include <pthread.h>

/* A name of DNS in text (RFC 1035 section 2.3.4), with its NUL. */
#define HE_INQUIRY_NAME 254

/* Guards inquiries, those who wait, the channels and the answers. Who waits is
   told with it. */
extern pthread_mutex_t he_inquiry_lock;

struct he_rrset_query {       /* who waits */
  struct he_rrset_query *next;
  struct he_inquiry *of;      /* a reference; NULL once told */
  he_rrset_done done;
  void *arg;
};

struct he_inquiry {
  struct he_task task;        /* first: its references, and its timer */
  struct he_inquiry *next;    /* in its bucket */
  const struct he_upstreams *all;
  struct he_rrset_query *waiters;
  size_t at;                  /* the upstream whose turn it is; all->n: there is
                                 no more */
  unsigned pending;           /* upstreams that were asked and have not said
                                 anything */
  bool joinable;              /* it is in its bucket */
  bool over;                  /* who waited was told of an answer, or of none */
  he_time_ns moves;           /* when the next upstream's turn is */
  he_time_ns stale;           /* when an old answer is used */
  enum he_rrset_state worst;  /* what failed so far */
  struct he_answers_key key;  /* its name is the one below */
  char name[HE_INQUIRY_NAME];
};

/* -- inquiry.c -- */

/* The one that may be joined; NULL: there is none. */
struct he_inquiry *he_inquiry_find(const struct he_answers_key *k);

/* A new one, in place of another that could be joined. One reference, that of
   the table. `ops`: inquire.c's. NULL without memory. */
struct he_inquiry *he_inquiry_new(const struct he_answers_key *k,
                                  const struct he_upstreams *all,
                                  struct he_racer *r,
                                  const struct he_task_ops *ops);
/* Nobody joins it any more. */
void he_inquiry_take_out(struct he_inquiry *i);

void he_inquiry_join(struct he_inquiry *i, struct he_rrset_query *q);
void he_inquiry_leave(struct he_rrset_query *q);

/* Tells all who wait, and is over. */
void he_inquiry_finish(struct he_inquiry *i, const struct he_rrset *r);

/* What was answered before, as it is told now, and whether it may be told
   without asking. False: nothing that may be used is known. */
bool he_inquiry_recall(const struct he_answers_key *k, struct he_rrset *out,
                       bool *enough);
void he_inquiry_remember(const struct he_inquiry *i, const struct he_rrset *r);
/* There is no new answer: finishes with an old one, which for some time is
   enough. False: none may be used. */
bool he_inquiry_finish_stale(struct he_inquiry *i);
void he_inquiry_forget_answers(void);
/* In a child of fork(): what was asked is the parent's. */
void he_inquiry_lose(void);

/* -- inquire.c -- */

/* Asks for the name, for one who wants to know it and begins the inquiry.
   `stale`: an old answer may be used. */
void he_inquire(struct he_rrset_query *q, const struct he_answers_key *k,
                const struct he_upstreams *all, struct he_racer *r,
                bool stale);

#endif
