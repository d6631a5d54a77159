/* SPDX-License-Identifier: MIT */
#ifndef HE_DOH_OWN_H
#define HE_DOH_OWN_H
/* doh_own.h - what the files doh_*.c share.
 *
 *   whoever asks     posts the question to the racer
 *   the racer        puts it into the channel's mail, and wakes the thread
 *   the thread       WAITING --connected--> ACTIVE --answer--> told, freed
 *                       ^                     |
 *                       +--no connection left-+
 *
 * Only the thread is in libcurl. A question is told exactly once. */
#include "curl/libcurl.h"
#include "net/racer.h"
#include "resolve/upstream.h"
#include "upstream/query.h"

#include <limits.h>
#include <pthread.h>

/* Until then a question has its answer, or is given up. */
#define HE_DOH_PATIENCE HE_MS(5000)
/* Requests at once, as many as servers allow on one connection of HTTP/2. */
#define HE_DOH_ACTIVE 100
#define HE_DOH_MESSAGE 65535

/* -- the answer (doh_age.c); pure -- */

/* An HTTP cache had the answer for so many seconds: they are taken off each TTL
   (RFC 8484 section 5.1). The message is hostile. */
void he_doh_age(unsigned char *message, size_t len, uint32_t seconds);

/* -- the connection (doh_link.c) -- */

struct he_dial;

struct he_doh_dialled {       /* what the race has come to */
  bool done;
  int fd;                     /* -1: nothing is connected */
  struct he_addr addr;
};

struct he_doh_link {
  struct he_dial *dial;       /* NULL: no race runs */
  int spare;                  /* connected, and libcurl has not asked for it;
                                 -1: there is none */
  struct he_addr addr;        /* of the last one */
  bool up;                    /* libcurl is not known to lack a connection */
  bool unproven;              /* whoever is asked for the server's name could
                                 not prove who it is; of the last race */
  struct curl_slist *entry;   /* for CURLOPT_RESOLVE: that address */
};

/* -- whom libcurl believes (doh_trust.c) -- */

struct he_doh_trust {         /* as `ca` was when it was last looked at */
  bool folder;                /* else a file, or nothing is named */
  char one[HE_UPSTREAM_PATH + NAME_MAX + 2];   /* a certificate in it; "": there
                                                  is none */
};

/* -- one question (doh_transfer.c) -- */

struct he_doh_transfer {
  struct he_doh_transfer *next;   /* while it waits */
  struct he_upstream_question *question;
  struct he_doh *channel;
  he_time_ns deadline;
  unsigned losses;            /* connections that were lost under it */
  he_time_ns began;           /* to be active */
  bool hungry;                /* libcurl asked for a socket, and there was
                                 none */
  CURL *easy;                 /* while it is active; as what follows */
  uint32_t age;               /* what the header of that name says, s */
  bool too_long;
  size_t len;
  size_t room;
  unsigned char *answer;
  size_t request_len;
  unsigned char request[HE_QUERY_MOST];
};

struct he_doh {
  struct he_task task;        /* first */
  struct he_doh *next;        /* in the list of threads (doh.c) */
  pthread_t thread;
  const struct he_upstream *upstream;
  bool over;                  /* atomic; set with the lock: no question is
                                 taken any more */
  /* constant while the thread runs */
  CURLM *multi;               /* NULL: there is no thread */
  CURLSH *share;              /* TLS sessions; NULL without memory */
  struct curl_slist *headers;
  char pins[HE_PINS_MAX * 64];
  pthread_mutex_t lock;       /* guards the next two; nothing is called with
                                 it */
  struct he_mail *mail;       /* questions, the last one first */
  struct he_doh_dialled dialled;
  /* the thread's */
  struct he_doh_link link;
  struct he_doh_trust trust;
  he_time_ns unproven_at;     /* when the server last could not prove who it
                                 is; 0: never */
  struct he_doh_transfer *waiting;
  struct he_doh_transfer **waiting_end;
  struct he_doh_transfer *active[HE_DOH_ACTIVE];
  size_t active_n;
};

/* All on the channel's thread. */

enum he_doh_state {
  HE_DOH_UP,                  /* requests can be made */
  HE_DOH_DIALLING,            /* the thread is woken when that is over */
  HE_DOH_LOST                 /* nobody answers; the next call tries again */
};

/* Looks at what came, and connects where there is no connection. */
enum he_doh_state he_doh_link_state(struct he_doh *c);
/* libcurl asks for a socket: a connected one, libcurl's from now on; -1: there
   is none, and the next he_doh_link_state() connects. */
int he_doh_link_give(struct he_doh *c, struct he_addr *addr);
void he_doh_link_end(struct he_doh *c);

/* Looks at `ca` before libcurl gets a new connection. A disk may hang. */
void he_doh_trust_look(struct he_doh *c);
/* CURLE_SSL_CACERT_BADFILE where nobody could be believed. */
CURLcode he_doh_trust_set(const struct he_doh *c, CURL *easy);

/* Prepares t->easy. False, with a verdict, where it cannot be asked. */
bool he_doh_transfer_begin(struct he_doh *c, struct he_doh_transfer *t,
                           he_time_ns now, enum he_upstream_verdict *v);
/* libcurl says `code`. True: it is to be asked once more, when there is a
   connection; else *v is what came of it. */
bool he_doh_transfer_ended(struct he_doh *c, struct he_doh_transfer *t,
                           CURLcode code, enum he_upstream_verdict *v);
/* Tells, and frees it. */
void he_doh_transfer_tell(struct he_doh_transfer *t,
                          enum he_upstream_verdict v);

/* The thread (doh_thread.c): until c->over. */
void *he_doh_main(void *channel);

#endif
