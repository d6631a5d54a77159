/* SPDX-License-Identifier: MIT */
#ifndef HE_JOB_MAIL_H
#define HE_JOB_MAIL_H
/* job_mail.h - a job from within: what its two sides share. The side of other
 * threads (job.c, job_native.c) posts mail and reads what stands under the
 * lock; the racer's side (job_race.c) does the rest.
 *
 * A job begins unseen: what libcurl does is only taken down, under the lock,
 * and the racer asked to look after a while. A connect that is over by then
 * costs the racer nothing. Where it looks and finds libcurl still connecting,
 * or mail comes, it sees the job: it reads what was taken down, and from then
 * on is told everything by mail. */
#include "beside/job.h"
#include "net/tcp.h"

#include <pthread.h>

enum he_job_mail_kind {
  HE_MAIL_STARTED,    /* fd, serial, inode, addr, family */
  HE_MAIL_CLOSED,     /* serial, outcome, error, rtt */
  HE_MAIL_ADOPT,      /* fd, apps, addr */
  HE_MAIL_TAKEN,      /* addr */
  HE_MAIL_SPOILT,     /* the winner was no good any more */
  HE_MAIL_RESOLVE,
  HE_MAIL_LISTED,
  HE_MAIL_ANSWER,     /* family, error, list, n */
  HE_MAIL_STEERED,
  HE_MAIL_CONFIRM,    /* the same, to the second question */
  HE_MAIL_SYNC,
  HE_MAIL_STOP
};

enum he_job_outcome {
  HE_OUT_NONE,        /* not over */
  HE_OUT_CONNECTED,   /* it was connected, at some time */
  HE_OUT_FAILED,
  HE_OUT_GIVEN_UP,    /* closed while still connecting */
  HE_OUT_UNKNOWN      /* closed, and nothing tells that it failed */
};

struct he_job_mail {
  struct he_mail mail;
  enum he_job_mail_kind kind;
  he_time_ns at;
  int fd;
  uint32_t serial;             /* of libcurl's attempt, see owners.h */
  uint64_t inode;              /* 0: not looked up */
  struct he_addr addr;
  enum he_job_outcome outcome;
  int error;
  bool bound;                  /* HE_OUT_FAILED: not to any address it likes */
  he_time_ns rtt;
  bool again;                  /* HE_OUT_CONNECTED: after a lost SYN, maybe */
  bool learned;                /* its outcome is in the history */
  bool suspect;                /* HE_MAIL_STARTED: look at once */
  bool apps;                   /* HE_MAIL_ADOPT: the application closes it */
  enum he_family family;       /* HE_MAIL_STARTED: the one asked for */
  struct he_candidate *list;   /* malloc'ed; goes with the mail */
  size_t n;
  bool *handled;               /* whose sender waits; under the job's lock */
};

/* An attempt of libcurl's as the other side remembers it: to tell one connect
   from the next, and for the racer, should it see the job. */
struct he_native {
  int fd;
  uint32_t serial;
  struct he_addr addr;
  struct he_addr wanted;      /* what libcurl asked for */
  he_time_ns at;
  enum he_family asked : 8;
  bool open : 1;              /* libcurl has not said that it closes it */
  bool suspect : 1;           /* history knows a better one: look at once */
  /* what came of it before the racer saw the job (a failure: after,
     too): */
  bool bound : 1;
  bool again : 1;
  bool learned : 1;
  enum he_job_outcome outcome : 8;
  int error;
  he_time_ns closed;
  he_time_ns rtt;
};

/* The connection that a race led to (job_tls.c). */
struct he_line {
  struct he_addr addr;        /* valid where `known` */
  int fd;                     /* handed over; -1: none, or closed */
  uint32_t serial;            /* of that */
  enum he_tls tls : 8;        /* set when it was closed */
  bool known : 1;
};

struct he_job_race;           /* the racer's side, job_race.c */

struct he_job {
  struct he_task task;        /* first */
  struct he_job_config config;
  struct he_job_race *race;   /* the racer's thread's; NULL before and after */
  he_time_ns began;           /* the racer's thread's: what steps count from */
  he_time_ns told;            /* the racer's thread's: the last step's time */

  pthread_mutex_t lock;       /* guards all below; the innermost lock */
  pthread_cond_t changed;
  struct he_native *natives;  /* &first, or allocated */
  struct he_native first;
  unsigned native_count;
  unsigned native_room;
  bool seen;                  /* by the racer: it is told by mail */
  bool expected;              /* the racer is asked to look */
  bool stopped;
  bool done;                  /* the connect is over: no more requests of it */
  bool busy;                  /* the racer holds sockets or queries for it */
  bool swaps;                 /* atomic; an address was, at some time */
  bool swapped;               /* `asked` is answered by another address */
  bool suspect;               /* the next attempt of libcurl's is */
  bool sampled;               /* config.sample is done */
  bool spares;                /* libcurl may have an address twice */
  bool winner_apps;           /* the application has to close the winner */
  bool begun;                 /* he_job_wait() has its answer: `begin` */
  bool complete;              /* nothing more will be answered */
  bool requested;             /* libcurl has asked for one of its list */
  bool ipv4_only;             /* and may use no other family */
  bool settled;               /* HE_MAIL_STOP was handled */
  bool enough;                /* nor is any family worth a wait */
  bool recorded;              /* it ended before it began: he_job_won() */
  bool gave_up;               /* he_job_gave_up() */
  bool has_list;
  bool alone;                 /* libcurl races what is listed by itself */
  enum he_begin begin : 8;
  struct he_addr asked;
  struct he_addr winner_addr;
  int winner;                 /* connected and waiting to be taken, or -1 */
  unsigned ready_count;
  bool over;                  /* the racer's thread's, without the lock:
                                 nothing left to do. Here it takes no room. */
  struct he_candidate *ready; /* the list, ready_count entries */
  uint64_t given[2];          /* a bit for each: job_order.c has named it */
  size_t listed[HE_FAMILIES]; /* valid where has_list */
  he_time_ns took;            /* for HE_OUT_UNKNOWN, see he_job_sync() */
  struct he_line line;
  struct he_trace trace;
  char host[];                /* config.host */
};

/* Mail that nobody waits for is delivered within this, so that it does not
   pile up. */
#define HE_NO_HURRY HE_MS(1000)

/* Inherited by fork(): its lock may have been held by a thread that is not
   here, and there is no racer to go on with it. */
bool he_job_inherited(const struct he_job *j);

/* Any thread. Takes the mail (and its list), whatever comes of it. False where
   it could not be posted. */
bool he_job_post(struct he_job *j, const struct he_job_mail *content,
                 he_time_ns by);

/* Any thread, under the lock. libcurl races by itself, and its next requests
   may be worth another order: so the addresses should be known. */
bool he_job_may_reorder_locked(const struct he_job *j);

/* An answer was lost for want of memory, or of the racer: whoever waits for
   it is told so. */
void he_job_unanswered(struct he_job *j);

/* -- any thread, job_app.c -- */

/* Closes a socket of ours; `apps`: it is the application's to close. */
void he_job_close_socket(struct he_job *j, int fd, bool apps);
/* Why nothing is to be added to a connect that libcurl makes by its socket fd,
   or NULL: libcurl has bound it, or sends data with its SYN. */
const char *he_job_objection(const struct he_job *j, int fd);
/* Has libcurl bound its socket fd? What the application may have done is none
   of that where it is asked about our sockets, too. */
bool he_job_bound(const struct he_job *j, int fd);

/* -- any thread, job_tls.c -- */

/* libcurl gets this connected socket of ours. */
void he_job_handed(struct he_job *j, int fd, const struct he_addr *addr);
/* It is about to close socket fd. */
void he_job_hung_up(struct he_job *j, int fd);

/* -- any thread, job_learn.c -- */

/* An attempt of libcurl's of which the racer has not heard has failed, or was
   given up; `winner`: how long the one that won has taken at most. */
void he_job_learn_native(struct he_job *j, const struct he_native *nat,
                         he_time_ns winner);
/* It has connected. */
void he_job_learn_handshake(struct he_job *j, const struct he_addr *a,
                            const struct he_wire_handshake *hs,
                            he_time_ns now);
/* Is a handshake to be measured? Once a job. */
bool he_job_wants_sample_locked(struct he_job *j);

/* When to look at an attempt that began at `at`. */
he_time_ns he_job_look_at(const struct he_job *j, he_time_ns at,
                          bool suspect);

/* -- the racer's side -- */
/* The time has come to look at an unseen job. */
void he_job_first_look(struct he_job *j, he_time_ns now);
void he_job_handle(struct he_job *j, const struct he_job_mail *m,
                   he_time_ns now);
void he_job_due(struct he_job *j, he_time_ns now);
void he_job_end(struct he_job *j, he_time_ns now);
void he_job_free_race(struct he_job *j);

#endif
