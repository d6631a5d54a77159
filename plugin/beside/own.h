/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_OWN_H
#define HE_BESIDE_OWN_H
/* own.h - a connect beside libcurl's from within: what the files of this room
 * share.
 *
 * Threads that drive transfers write down what libcurl does, under the lock,
 * and post mail. The racer's thread does the rest, and has struct
 * he_beside_race for itself.
 *
 * What is told of a connect that is not slow yet is kept, and not posted: most
 * connects are over when the racer looks, and cost the racer nothing. */
#include "base/cond.h"
#include "connect/own.h"

enum he_beside_mail_kind {
  HE_MAIL_STARTED,    /* try: libcurl's */
  HE_MAIL_CLOSED,     /* try: its serial, and what came of it */
  HE_MAIL_ADOPT,      /* try: curl-he's */
  HE_MAIL_TAKEN,      /* try.addr */
  HE_MAIL_SPOILT,     /* try.addr: the winner was no good any more */
  HE_MAIL_RESOLVE,
  HE_MAIL_LISTED,
  HE_MAIL_ANSWER,     /* family, error, list, n */
  HE_MAIL_CONFIRM,    /* the same, to the second question */
  HE_MAIL_STEERED,
  HE_MAIL_SYNC,
  HE_MAIL_STOP
};

/* Whoever waits for a mail has a ticket for it: threads may post in another
   order than they wait. Under the connect's lock; freed by the last of sender
   and racer. */
struct he_beside_ticket {
  bool handled;
  bool left;                   /* the sender waits no more */
};

struct he_beside_mail {
  struct he_mail mail;
  enum he_beside_mail_kind kind;
  he_time_ns at;
  struct he_try try;
  enum he_family family;
  int error;
  struct he_candidate *list;   /* malloc'ed; goes with the mail */
  size_t n;
  struct he_beside_ticket *ticket;   /* NULL: nobody waits */
  struct he_beside_mail *next; /* among those that are kept */
};

/* An attempt of libcurl's as the threads write it down, to tell one connect
   from the next. */
struct he_native {
  struct he_addr addr;
  struct he_addr peer;        /* what libcurl connects to: another one where a
                                 translator stands between */
  struct he_addr wanted;      /* what libcurl asked for */
  he_time_ns started;
  uint32_t serial;            /* see owners.h */
  int fd;
  bool open : 1;              /* libcurl has not said that it closes it */
  bool failed : 1;
};

/* How much of he_connect_wait()'s answer is there. */
enum he_beside_ahead {
  HE_AHEAD_NOTHING,
  HE_AHEAD_BEGUN,             /* he_connect.begin is */
  HE_AHEAD_ENOUGH,            /* and no family is worth a wait */
  HE_AHEAD_COMPLETE           /* and nothing more will be answered */
};

/* What the racer does for a connect. The drawing is in driver.c. */
enum he_beside_state {
  HE_BESIDE_IDLE,
  HE_BESIDE_RACING,
  HE_BESIDE_DECIDED,
  HE_BESIDE_ASIDE,
  HE_BESIDE_LINGERING,
  HE_BESIDE_OVER
};

struct he_beside {
  struct he_connect c;        /* first; its lock guards all below that is not
                                 the racer's thread's */

  /* the racer's thread's: */
  struct he_beside_race *race;   /* NULL while IDLE, and at last when OVER */
  enum he_beside_state state;

  pthread_cond_t changed;
  struct he_beside_mail *kept;   /* until then, in order */
  struct he_beside_mail **kept_end;
  struct he_native *natives;  /* allocated */
  unsigned native_count;
  unsigned native_room;
  enum he_beside_ahead ahead;   /* the racer's thread alone writes these */
  enum he_begin begin;          /* two, and reads them without the lock */
  bool posted : 1;            /* the racer has mail of it, or had: nothing is
                                 kept any more */
  bool busy : 1;              /* the racer holds sockets or queries for it */
  bool swapped : 1;           /* `asked` is answered by another address */
  bool spares : 1;            /* libcurl may have an address twice */
  bool requested : 1;         /* libcurl has asked for one of its list */
  bool ipv4_only : 1;         /* and may use no other family */
  bool gave_up : 1;           /* he_connect_gave_up() */
  bool has_list : 1;
  bool alone : 1;             /* libcurl races what is listed by itself */
  bool winner_apps : 1;       /* the application has to close the winner */
  int winner;                 /* connected and waiting to be taken, or -1 */
  struct he_addr winner_addr;
  struct he_addr asked;
  unsigned ready_count;
  struct he_candidate *ready; /* the list, ready_count entries */
  uint16_t listed[HE_FAMILIES]; /* valid where has_list */
};

/* Mail that nobody waits for is delivered within this, so that it does not
   pile up. */
#define HE_NO_HURRY HE_MS(1000)
/* Between looks at libcurl's attempts while a race is slow. */
#define HE_GUARD HE_MS(250)

/* An attempt as the racer keeps it. */
struct he_beside_try {
  struct he_watch watch;      /* first */
  struct he_beside *beside;
  struct he_beside_try *next;
  struct he_try a;
  he_time_ns look;            /* when to look at it next */
  uint32_t pause;             /* ns, between looks at one not yet
                                 connecting */
  bool watched;
  bool connecting;            /* libcurl's: it was, at the last look */
  bool told;                  /* ours: that it was started */
};

struct he_beside_race {
  struct he_race *race;
  struct he_beside_try *tries;   /* newest first */
  struct he_query *query[HE_FAMILIES];
  struct he_query *second[HE_FAMILIES];   /* the same question again */
  he_time_ns last;            /* the race's time */
  he_time_ns orphan_at;       /* over then, unless libcurl starts anew */
  he_time_ns quit_at;         /* libcurl's attempts are ended then, or
                                 HE_NEVER */
  struct he_beside_try *winner;  /* whose socket waits to be taken */
  uint16_t sure[HE_FAMILIES];   /* so many addresses, two answers agree */
  bool confirmed[HE_FAMILIES];  /* or tried to, in vain */
  bool owes;                  /* an attempt failed, libcurl has yet to ask */
  bool asked;                 /* addresses */
  bool unanswered;            /* the resolver failed for a family */
  bool outdated;              /* libcurl tries what the host had earlier */
};

static inline struct he_beside *he_beside_of(struct he_connect *c)
{
  return (struct he_beside *)c;
}

/* -- any thread: mail.c -- */

/* Takes the mail (and its list), whatever comes of it. False where it could
   not be posted. */
bool he_beside_post(struct he_beside *b, const struct he_beside_mail *content,
                 he_time_ns by);
/* Keeps it, be it that mail was posted before: then it posts this, too. At `by`
   the racer looks whether the connect is slow, and takes what is kept. */
void he_beside_keep(struct he_beside *b, const struct he_beside_mail *content,
                    he_time_ns by);
/* The next mail that is kept, the caller's to free; NULL: there is none, and
   from now on all is posted. On the racer's thread. */
struct he_beside_mail *he_beside_next_kept(struct he_beside *b);
/* Posts, and waits until the racer has handled it, or for `patience`. Does not
   wait on the racer's own thread. */
void he_beside_post_and_wait(struct he_beside *b, enum he_beside_mail_kind kind,
                             he_time_ns patience);
/* An answer was lost for want of memory, or of the racer: whoever waits for it
   is told so. */
void he_beside_unanswered(struct he_beside *b);
/* A mail was handled: whoever waits for that may go on. */
void he_beside_handled(struct he_beside *b, struct he_beside_ticket *ticket);
/* The racer holds sockets or queries for it: mail is in a hurry from now on. */
void he_beside_busy(struct he_beside *b);

/* -- any thread: told.c -- */

/* Is libcurl still connecting, and has the racer not heard of it? */
bool he_told_slow(struct he_beside *b);
/* The connect is over, and the racer has not heard of it, nor will it: libcurl
   has done it alone. It is counted. */
void he_told_tally(struct he_beside *b);
/* As struct he_connect has it. */
bool he_told_connection(const struct he_connect *c, int fd,
                        struct he_addr *addr);

/* -- any thread: choose.c -- */

/* libcurl races by itself, and its next requests may be worth another order: so
   the addresses should be known. */
bool he_beside_may_reorder(struct he_beside *b);

/* -- the racer's thread, which holds no lock: attempts.c -- */

/* Steps, as by he_connect_tell(). */
void he_try_tell(struct he_beside *b, enum he_step_kind kind,
                 const struct he_beside_try *t, int error, he_time_ns now);
void he_beside_tell_family(struct he_beside *b, enum he_step_kind kind,
                        enum he_family family, int error, size_t count,
                        he_time_ns now);

/* Makes b->race, of which the time is `at`. False without memory. */
bool he_beside_race_new(struct he_beside *b, he_time_ns at);
/* Of the connect that the task is; there may be none. */
void he_beside_race_free(struct he_task *task);
/* What came of all attempts goes to the history. NULL: none has won. */
void he_try_learn(struct he_beside *b, const struct he_beside_try *winner,
                  he_time_ns now);

/* The race is over: how long would a client have taken that remembers nothing?
   Counted, where there is a winner: measure.c. */
void he_try_measure(struct he_beside *b, const struct he_beside_try *winner,
                    he_time_ns now);

struct he_beside_try *he_try_by_id(struct he_beside *b, int id);
/* libcurl's that runs. */
struct he_beside_try *he_try_by_serial(struct he_beside *b, uint32_t serial);
/* Keeps a copy of `t`. NULL without memory. */
struct he_beside_try *he_try_add(struct he_beside *b, const struct he_try *t,
                              void (*ready)(struct he_watch *, he_time_ns));
/* Is there anything left of it: a socket of ours, an attempt of libcurl's? */
bool he_try_runs(const struct he_beside_try *t);
/* Has libcurl its socket open still? What is read of the socket is the
   attempt's only where this is true afterwards. */
bool he_try_is_open(const struct he_beside_try *t);
bool he_try_watch(struct he_beside_try *t);
void he_try_unwatch(struct he_beside_try *t);
/* Ours: its socket. libcurl's: it is looked at no more. */
void he_try_close(struct he_beside_try *t);

/* -- what the driver does as a task (racer.h): driver.c -- */

void he_driver_mail(struct he_task *task, struct he_mail *mail,
                    he_time_ns now);
void he_driver_due(struct he_task *task, he_time_ns now);
void he_driver_expected(struct he_task *task, he_time_ns now);
void he_driver_ended(struct he_task *task, he_time_ns now);

#endif
