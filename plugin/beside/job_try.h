/* SPDX-License-Identifier: MIT */
#ifndef HE_JOB_TRY_H
#define HE_JOB_TRY_H
/* job_try.h - a job on the racer's side: what job_race.c (mail and time) and
 * its helpers share. All on the racer's thread, without a lock; none
 * blocks. */
#include "beside/job_mail.h"

/* between looks at libcurl's attempts while a race is slow */
#define HE_GUARD HE_MS(250)
/* between looks for a descriptor where there was none */
#define HE_SCARCE HE_MS(50)

struct he_try {
  struct he_watch watch;      /* first */
  struct he_job *job;
  struct he_try *next;
  struct he_addr addr;
  int id;                     /* the race's */
  int fd;                     /* ours; -1: none, or libcurl's */
  int libcurl_fd;             /* its number, as long as he_try_is_open(); or
                                 -1 */
  uint32_t serial;
  uint64_t inode;
  he_time_ns started;
  he_time_ns look;            /* when to look at libcurl's next */
  uint32_t pause;             /* ns, between looks at one not yet connecting */
  uint32_t over_us;           /* since `started`; 0: it is not over */
  enum he_family asked : 8;   /* libcurl's: whose walker made it */
  bool sure : 1;              /* the inode is the attempt's without doubt */
  bool native : 1;            /* libcurl's */
  bool watched : 1;
  bool connecting : 1;        /* libcurl's: it was, at the last look */
  bool provoked : 1;
  bool ended : 1;
  bool told : 1;              /* that it was started */
  bool apps : 1;              /* ours: the application has to close it */
  bool connected : 1;         /* ours: it is, though nobody called connect() */
  bool given_up : 1;          /* libcurl's: closed while it was connecting */
  bool unknown : 1;           /* libcurl's: closed, and nobody had seen it */
  bool learned : 1;           /* history has its outcome, or is not to */
  bool refused : 1;           /* what came of it: these two, or no answer */
  bool answered : 1;
  bool again : 1;             /* after a lost SYN, maybe */
  union {
    int error;                /* of one that was refused */
    uint32_t handshake_us;    /* of one that answered; 0: not known */
  };
};

struct he_job_race {
  struct he_race *race;
  struct he_try *tries;       /* newest first */
  struct he_query *query[HE_FAMILIES];
  struct he_query *second[HE_FAMILIES];   /* the same question again */
  he_time_ns last;            /* the race's time */
  he_time_ns orphan_at;       /* over then, unless libcurl starts anew */
  he_time_ns quit_at;         /* he_job_quit() then, or HE_NEVER */
  struct he_try *winner;      /* whose socket waits to be taken */
  uint16_t sure[HE_FAMILIES];   /* so many addresses, two answers agree */
  bool confirmed[HE_FAMILIES];  /* or tried to, in vain */
  bool owes;                  /* an attempt failed, libcurl has yet to ask */
  bool aside;
  bool asked;                 /* addresses */
  bool unanswered;            /* the resolver failed for a family */
  bool raceless;              /* the race is over, a winner may wait */
  bool outdated;              /* libcurl tries what the host had earlier */
  bool lingers;               /* over, but for questions (job_end.c) */
};

/* -- job_try.c: attempts -- */

/* Takes a step down and tells whoever watches. */
void he_job_tell(struct he_job *j, struct he_step *s, he_time_ns now);
void he_try_tell(struct he_job *j, enum he_step_kind kind,
                 const struct he_try *t, int error, he_time_ns now);
void he_job_tell_family(struct he_job *j, enum he_step_kind kind,
                        enum he_family family, int error, size_t count,
                        he_time_ns now);

struct he_try *he_try_by_id(struct he_job *j, int id);
/* libcurl's that has not ended. */
struct he_try *he_try_by_serial(struct he_job *j, uint32_t serial);
/* NULL without memory. */
struct he_try *he_try_add(struct he_job *j, int id, const struct he_addr *addr,
                          he_time_ns now);
/* Has libcurl its socket open still? What is read of the socket is the
   attempt's only where this is true afterwards. */
bool he_try_is_open(const struct he_try *t);
bool he_try_watch(struct he_try *t);
void he_try_unwatch(struct he_try *t);
void he_try_close(struct he_try *t);   /* the socket, not the try */
void he_try_end(struct he_try *t);
void he_job_set_busy(struct he_job *j, bool busy);

/* An event for the race, unless that is over; returns ev->attempt. */
int he_job_feed(struct he_job *j, he_time_ns now, struct he_event *ev);
void he_try_feed(struct he_job *j, he_time_ns now, enum he_event_kind kind,
                 struct he_try *t, int error);

/* -- job_act.c: the race's actions -- */

/* What is remembered of the name's answers (answers.h). */
struct he_answers *he_job_answers(const struct he_job *j);
/* Performs what the race wants done. */
void he_job_pump(struct he_job *j);
/* Asks for a family's addresses again, where it matters how many libcurl
   has. */
void he_job_confirm(struct he_job *j, enum he_family f, he_time_ns now);
/* Makes the socket of an attempt of ours; where there is no descriptor it is
   to be called again when t->look says. */
void he_try_open(struct he_job *j, struct he_try *t, he_time_ns now);

/* -- job_app.c: sockets, and the application's say in them -- */

/* The socket of an attempt of ours, in t->fd. 0 or errno; ECANCELED where the
   application does not want that attempt, which then has no socket, and has
   ended where curl-he stands aside for it. */
int he_try_socket(struct he_job *j, struct he_try *t, he_time_ns now);
int he_try_connect(const struct he_try *t);   /* 0 or errno */
/* A reason to stand aside. */
extern const char he_job_is_steered[];

/* -- job_look.c: libcurl's attempts -- */

/* One of a job that is not seen yet, under the job's lock: is it connected? */
bool he_try_first_look(struct he_native *nat);

/* What has become of it? With `stock`, that is taken down, nothing begun. */
void he_try_look(struct he_job *j, struct he_try *t, he_time_ns now,
                 bool stock);
/* The poller's: it has connected or failed. */
void he_try_ready(struct he_watch *w, he_time_ns now);
/* It has connected, or libcurl has closed it while it was connecting. */
void he_try_connected(struct he_job *j, struct he_try *t, he_time_ns at,
                      he_time_ns now);
void he_try_dropped(struct he_job *j, struct he_try *t, he_time_ns now);
void he_job_take_stock(struct he_job *j, he_time_ns now);
/* Looks at those that are connected only. */
void he_job_find_connected(struct he_job *j, he_time_ns now);

/* -- job_winner.c: handing over -- */

/* The attempt `id`, ours, has won: its socket waits to be taken. */
void he_job_offer_winner(struct he_job *j, int id, he_time_ns now);
/* Makes libcurl ask for it, if it surely would. */
void he_job_provoke(struct he_job *j, he_time_ns now);
/* libcurl has nothing but addresses that the host had earlier: ends its
   attempts, for the transfer is performed again. Not where one of them is to
   an address that the host has now. */
void he_job_quit(struct he_job *j, he_time_ns now);
/* Closes it, if it waits. */
void he_job_drop_winner(struct he_job *j, he_time_ns now);

/* -- job_learn.c: what history is told, and what it says -- */

/* An attempt is over: keeps in mind what is to be learned from it. */
void he_try_note(struct he_try *t, enum he_event_kind kind, int error,
                 he_time_ns now);
/* In us, rounded up; 0 for what is not above 0. */
uint32_t he_try_us(he_time_ns ns);
/* It is connected; its socket is at fd. */
void he_try_measure(const struct he_job *j, struct he_try *t, int fd);
/* The race is over: all that was noted is learned. */
void he_job_learn(struct he_job *j, const struct he_try *winner,
                  he_time_ns now);
/* Does it, of its resolver's answers? */
bool he_job_learns(const struct he_job *j);
/* An answer, or that there is none. */
void he_job_learn_answer(struct he_job *j, const struct he_job_mail *m,
                         he_time_ns now);
/* The race is told what the resolver said before, where that may be used until
   it has answered again. */
void he_job_remember(struct he_job *j, he_time_ns now);
/* Sorts what libcurl is to be given. */
void he_job_order(struct he_job *j, struct he_candidate *list, size_t n,
                  he_time_ns now);

/* -- job_end.c: the end -- */

bool he_job_all_answered(const struct he_job *j);
void he_job_close_query(struct he_job *j, enum he_family f);
/* The race is over, and here is one of those. */
void he_job_late_answer(struct he_job *j, const struct he_job_mail *m,
                        he_time_ns now);
void he_job_close_second(struct he_job *j, enum he_family f);
/* Tells who waits in he_job_wait(); again with each answer that follows. */
void he_job_publish(struct he_job *j, enum he_begin what);
/* Calls off what is ours; libcurl goes on. */
void he_job_cancel_ours(struct he_job *j);
void he_job_aside(struct he_job *j, const char *why, he_time_ns now);
extern const char he_job_is_bound[];   /* reasons */
extern const char he_job_is_fast[];
/* What libcurl connects to must be among the host's addresses, else it goes
   somewhere that we know nothing of; unless its own lookup gave it the address
   some time ago. */
void he_job_verify(struct he_job *j, he_time_ns now);
/* Nothing is left to do: gives everything back, but for questions whose
   answers are worth to be learned. */
void he_job_finish(struct he_job *j, const struct he_try *winner,
                   he_time_ns now);

#endif
