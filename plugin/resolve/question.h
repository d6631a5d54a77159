/* SPDX-License-Identifier: MIT */
#ifndef HE_QUESTION_H
#define HE_QUESTION_H
/* question.h - what addresses has this host? One question, both families, for
 * all who want to know.
 *
 * Answers are what getaddrinfo(AF_UNSPEC) gives, only sooner: families are
 * asked apart, on two threads, where that cannot change them: name servers, of
 * what nothing else can know (nss.h, dns.h). */
#include "resolve/system.h"

#include <pthread.h>

enum he_part_state {
  HE_PART_IDLE,               /* not asked for */
  HE_PART_ASKED,              /* a thread will say */
  HE_PART_HAS,                /* has addresses: answered */
  HE_PART_FAILED              /* has not, or is not known; answered as soon as
                                 the other one is no longer asked */
};

/* What a family came to. Constant once it is answered. */
struct he_part {
  enum he_part_state state;
  bool wanted;
  bool silent;                /* failed since a server did not answer */
  int error;                  /* 0 with n > 0, else an EAI_ value */
  struct he_candidate *list;
  size_t n;
  he_time_ns took;
};

struct he_question;

/* This part is answered: once for each family that was wanted, perhaps also for
   one that was not. On a thread of the question's, or on that of
   he_question_want(). No lock of the question is held. */
typedef void (*he_question_answered)(struct he_question *q, enum he_family f);

/* Stands at the beginning of a block of malloc()'s, which is freed with the
   last reference. */
struct he_question {
  he_question_answered answered;
  enum he_ask what;
  unsigned refs;              /* atomic */
  pthread_mutex_t lock;       /* guards what follows, parts until answered */
  bool apart;                 /* a thread a family; false: not, or not yet */
  bool vague;                 /* what getaddrinfo() says if both failed is not
                                 known */
  struct he_part part[HE_FAMILIES];
  unsigned rounds;            /* constant once it is apart */
  uint16_t port;              /* constant, as are the names */
  char *host;
  char *absolute;             /* host, with a dot at its end */
};

/* Fills it in, with a reference, the caller's. `host` is copied. `what`: a
   family, if getaddrinfo() of that family alone is meant. False without
   memory. */
bool he_question_init(struct he_question *q, he_question_answered answered,
                      const char *host, uint16_t port, enum he_ask what);

/* The caller wants to know this family. The first call starts the question.
   Where no thread can be had, EAI_AGAIN is the answer. Does not block. */
void he_question_want(struct he_question *q, enum he_family f);

void he_question_ref(struct he_question *q);
void he_question_unref(struct he_question *q);

#endif
