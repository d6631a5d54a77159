/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_H
#define HE_CONNECT_H
/* connect.h - one connect of libcurl's: what the hooks tell of it, and what
 * they get back. All functions may be called from any thread; none blocks but
 * where it says so. A job that a child of fork() has inherited does nothing. */
#include "race/race.h"
#include "connect/app.h"
#include "connect/trace.h"
#include "historian/recall.h"
#include "net/racer.h"
#include "resolve/resolver.h"

struct he_job;

/* Called for each step, on the racer's thread, no lock held. */
typedef void (*he_job_watcher)(const struct he_job *job,
                               const struct he_step *step);

struct he_job_config {
  struct he_race_config race;   /* beside is implied; of its policy the job
                                   has a reference of its own */
  const struct he_resolver *resolver;
  const char *host;             /* copied */
  uint16_t port;
  /* libcurl keeps its earlier attempts while it makes new ones (8.16 and
     later): then there is nothing to add. */
  bool libcurl_races : 1;
  /* It begins with IPv6, in whatever order it is given addresses (8.10.0 and
     later). Otherwise one that begins with another family than its list may
     not use the first one's. */
  bool libcurl_begins_with_ipv6 : 1;
  /* Whoever began this job will stop it: it need not watch for libcurl having
     left. */
  bool attended : 1;
  /* Ask a second time before libcurl is relied on to have as many addresses
     as the resolver here says. */
  bool confirm : 1;
  /* What libcurl connects to is the host's, or was: libcurl's own lookup said
     so, and nothing else can have. */
  bool certain : 1;
  /* The transfer is performed again where its connect fails for addresses that
     the host does not have any more (he_job_gave_up()). */
  bool restarts : 1;
  bool wary : 1;                /* not all is well with this host: ask */
  bool tls : 1;                 /* begins with a TLS handshake */
  bool sample : 1;              /* measure a handshake, if all is well */
  /* Whose answers are compared (answers.h): a context's, which is not
     followed; NULL: the owner's alone. */
  const void *realm;
  /* How long an attempt of libcurl's may take before the racer looks at it
     for the first time; 0: look at once (where somebody watches). */
  he_time_ns look_after;
  /* How long libcurl took to resolve the name that it connects to, if that
     was this job's host; 0: it was, surely. */
  he_time_ns lookup;
  /* Why not to race, or NULL. Static. */
  const char *aside;
  /* Whom to ask about each socket of the racer's; NULL: nobody. The job has a
     reference of its own. */
  struct he_app *app;
  /* Where set, every step is reported as it happens. */
  he_job_watcher watcher;
  void *watch_fn;               /* the watcher's own */
  void *watch_data;
  void *owner;                  /* a name for it, never followed */
  /* Where to learn, and to ask; the job has a reference of its own. NULL:
     nowhere. ask.host, port and allowed are set by the job. */
  struct he_recall *recall;
  struct he_recall_ask ask;
};

/* A new job with one reference, the caller's; NULL without memory. */
struct he_job *he_job_new(struct he_racer *r,
                          const struct he_job_config *config);
void he_job_ref(struct he_job *c);
void he_job_unref(struct he_job *c);   /* NULL is fine */

const struct he_job_config *he_job_config(const struct he_job *c);

/* libcurl is about to connect socket `fd` to `addr`; it asked for one to an
   address of family `asked`. */
void he_job_started(struct he_job *c, int fd, const struct he_addr *addr,
                    enum he_family asked);

/* The application has given libcurl another address than the one asked for, or
   no TCP socket (which he_job_started() must not be told of): whatever comes
   of it, nothing is to be added. */
void he_job_steered(struct he_job *c);

/* May an opensocket request for `addr` belong to the same connect as the ones
   before? False once an attempt has connected, or where libcurl has already
   tried this address (and is not known to have it more than once): then it is
   the first request of a new connect. */
bool he_job_continues(struct he_job *c, const struct he_addr *addr);

/* libcurl is about to close socket `fd`. True where that is an attempt of this
   job that failed to connect: then `error` of he_job_failed() is to follow.
   `doubtful`: something suggests that it has failed. Where nothing does, and
   the racer has not looked at the job yet, the kernel is not asked, and the
   connect counts as over. */
bool he_job_closing(struct he_job *c, int fd, bool doubtful);
void he_job_failed(struct he_job *c, int fd, int error);

/* What came of the TLS of the connection that this race led to, as its
 * transfer knows it: completed, or given up before. The job has seen more
 * where the connection was closed meanwhile. What both come to is learned, and
 * what the job has seen returned. */
enum he_tls {
  HE_TLS_UNKNOWN,      /* no connection, or it has not been closed */
  HE_TLS_ANSWERED,     /* something came back */
  HE_TLS_QUIET,        /* and then no more, for long */
  HE_TLS_SILENT,       /* nothing came, for long */
  HE_TLS_ENDED         /* nothing came, and the peer ended it */
};
enum he_tls he_job_tls(struct he_job *c, bool completed);
/* It had no answer at all, and was ended for that: that is learned. */
void he_job_silent(struct he_job *c);

/* The winner, if there is one waiting: a connected socket, from now on the
   caller's, and its address. Else -1. */
int he_job_take(struct he_job *c, struct he_addr *addr);

/* libcurl asks for a socket to `addr`. Where there is a better address that it
   has not tried, `addr` is set to that one, and true returned. It is better
   - where libcurl has tried `addr` before: then the request is a spare
     (he_job_listed()), or another address took its turn;
   - for the first attempt, where libcurl begins with another family than the
     list that it was given does;
   - where libcurl races by itself and all addresses are known: in the order of
     RFC 8305 section 4, a family that is silent (race.h) last.
   An address that is none of the host's stays. */
bool he_job_prefer(struct he_job *c, struct he_addr *addr);

/* libcurl asks for a socket to `addr`. Where other races of this host have
   just found that one of no use, or history has, and another address of its
   family working, `addr` is set to that one, and true returned; where libcurl
   comes to ask for it, it gets the first one instead. Only the order changes.
   Where history knows no better one of this family, but of the other, the
   racer looks at this attempt at once. */
bool he_job_instead(struct he_job *c, struct he_addr *addr);

/* The race began in libcurl's lookup (lookup/lookup.h), at `began`: what this
   job does comes after these steps. Takes the list over, which was malloc'ed.
   So many of its attempts the job is about to adopt. Before the job is told of
   anything else. */
void he_job_goes_on(struct he_job *c, struct he_step *steps, size_t n,
                    he_time_ns began, unsigned adopted);
/* And ended there: libcurl gets this connected socket. The racer never hears of
   the job. */
void he_job_won(struct he_job *c, int fd, const struct he_addr *addr);
/* This attempt of curl-he's still runs, since `started`: it goes on beside
   libcurl's own. Takes the socket over; `apps`: the application closes it. */
void he_job_adopt(struct he_job *c, int fd, bool apps,
                  const struct he_addr *addr, he_time_ns started);

/* Resolve now, ahead of libcurl's first attempt. False where that cannot be
   done. */
bool he_job_resolve(struct he_job *c);

enum he_begin {
  HE_BEGIN_NOW,        /* addresses are there and connecting may begin */
  HE_BEGIN_NOTHING,    /* the name has no addresses */
  HE_BEGIN_FAILED,     /* resolving failed, or the race was called off */
  HE_BEGIN_LATE        /* the deadline has passed */
};

/* Blocks until connecting may begin (with `whole`: until no family is waited
   for any more), or until `deadline`. With HE_BEGIN_NOW `list` (max entries)
   is what to try, in which order: all that libcurl has not tried. *complete
   says that no family is still being waited for. */
enum he_begin he_job_wait(struct he_job *c, he_time_ns deadline, bool whole,
                          struct he_candidate *list, size_t max, size_t *n,
                          bool *complete);

/* Has every family been answered, or is it remembered? */
bool he_job_told(struct he_job *c);

/* What libcurl was given to connect to, spares included: how many addresses
   of each family. It was given nothing else. `alone`: and it will race all of
   them by itself, so that nothing is to be added. */
void he_job_listed(struct he_job *c, const size_t counts[HE_FAMILIES],
                   bool alone);

/* Did the racer end libcurl's attempts, since the host has other addresses now,
   and libcurl does not know of them? */
bool he_job_gave_up(struct he_job *c);

/* The race is off: everything the racer has of it is closed. With `wait`,
   after the return no watcher and no call to `app` runs any more for this job;
   blocks then. On the racer's own thread it cannot wait, and does not. */
void he_job_stop(struct he_job *c, bool wait);

/* The race is off, as by he_job_stop(); returns when the racer has taken stock,
   or after `patience`: it may be in a callback of the application's. */
void he_job_settle(struct he_job *c, he_time_ns patience);

/* Takes stock of sockets that the racer had no need to look at yet. `took`,
   for an attempt that was closed before anybody looked at it: how long
   connecting has taken as far as libcurl knows, HE_NEVER where it does not
   know, 0 where it did not connect. Blocks for the racer's answer; on its own
   thread there is none. */
void he_job_sync(struct he_job *c, he_time_ns took);

/* A copy of the steps so far, *count of them; the caller frees it. NULL where
   there are none, or, with a count, no memory. */
struct he_step *he_job_steps(struct he_job *c, size_t *count);

#endif
