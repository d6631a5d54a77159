/* SPDX-License-Identifier: MIT */
#ifndef EASY_LEDGER_H
#define EASY_LEDGER_H
/* ledger.h - an application that opens, prepares and closes its sockets by
 * callbacks, and keeps books: who asked for which, on which thread. Its
 * callbacks may come from several threads at once. */
#include "harness.h"

#include <pthread.h>

struct account {
  curl_socket_t fd;
  char address[64];       /* asked for, without port */
  bool racers;            /* opened on another thread than the owner's */
  unsigned prepared;
  unsigned closed;
};

struct ledger {
  pthread_mutex_t lock;
  pthread_t owner;
  struct account list[64];
  size_t count;
  unsigned strange;       /* calls for sockets that are none of these */
  /* What it does. Not to be changed while there may be calls. */
  const char *const *refused;    /* addresses, NULL at the end */
  const char *const *unprepared; /* their sockopt callback fails */
  const char *steer_from; /* goes to `steer_to` instead */
  const char *steer_to;
  int mark;               /* SO_MARK, 0: none */
  bool claims;            /* says of the racer's that they are connected */
  unsigned slow_ms;       /* how long an open() of the racer's takes */
  void (*inside)(struct ledger *l);  /* is called then, on its thread */
  void *inside_data;
};

/* A new one for the calling thread, by malloc(); to be freed by free(). */
struct ledger *ledger_new(void);
/* Declares its callbacks; false where one was refused. */
bool ledger_declare(struct ledger *l, CURL *easy);

/* Sockets given out; of these: closed once, made for the racer, and those that
   the sockopt callback has not seen once. */
size_t ledger_sockets(struct ledger *l);
size_t ledger_closed(struct ledger *l);
size_t ledger_racers(struct ledger *l);
size_t ledger_unprepared(struct ledger *l);
/* What is wrong with the books when everything is said to be closed; NULL
   where nothing is. libcurl 7.88.0 to 8.1.2 closes some of its own sockets
   without a callback. */
const char *ledger_wrong(struct ledger *l);
/* Has the callback ever been asked for this address? By the racer? */
bool ledger_asked(struct ledger *l, const char *address);

#endif
