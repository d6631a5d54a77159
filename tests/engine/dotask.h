/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_DOTASK_H
#define HE_TEST_DOTASK_H
/* dotask.h - questions to a tls:// channel, and waiting for answers. */
#include "dot.h"
#include "resolve/upstream.h"

/* The process's racer, and one channel of it. */
struct asker {
  struct he_racer *racer;
  struct he_upstream *upstream;        /* until the process ends */
  struct he_upstream_channel *channel;
};

/* The upstream is that of a server, by name and with the test's authority. */
void asker_init(struct asker *a, struct dot_server *s);
/* The same, of a server that is at that address. */
void asker_init_at(struct asker *a, const struct he_addr *server);
/* Then, when the upstream is what it is to be. */
void asker_start(struct asker *a);
void asker_end(struct asker *a);

struct asked {
  struct he_upstream_question question;   /* first */
  char name[64];
  enum he_upstream_verdict verdict;
  bool right;                 /* the answer's address is */
  bool unwanted;              /* atomic */
  unsigned called;            /* atomic; how often */
};

/* `q` is there until it is called. */
void asker_send(struct asker *a, struct asked *q, const char *name);
/* Waits for 30 s at most. */
enum he_upstream_verdict asked_wait(struct asked *q);
/* Both. HE_UPSTREAM_KINDS where the answer is the wrong one. */
enum he_upstream_verdict asker_ask(struct asker *a, const char *name);

#endif
