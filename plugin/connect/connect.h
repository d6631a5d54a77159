/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_H
#define HE_CONNECT_H
/* connect.h - one connect of libcurl's: what the callbacks in libcurl tell of
 * it, and what they get back. A race in libcurl's lookup has ended before, or a
 * race runs beside libcurl: beside/ has that. Where curl-he was built without
 * beside/, alone.c stands in its place.
 *
 * All functions may be called from any thread; none blocks but where it says
 * so. A connect that a child of fork() has inherited does nothing. */
#include "race/race.h"
#include "connect/app.h"
#include "connect/tally.h"
#include "trace/trail.h"
#include "historian/recall.h"
#include "net/racer.h"
#include "resolve/resolver.h"

struct he_connect;

/* Called for each step, on the racer's thread, no lock held. `local`: the
   address that an attempt is made from, NULL: not known. */
typedef void (*he_connect_watcher)(const struct he_connect *connect,
                                   const struct he_step *step,
                                   const struct he_addr *local);

struct he_connect_config {
  struct he_race_config race;   /* beside is implied; of its policy the connect
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
  /* Whoever began this connect will stop it: it need not watch for libcurl
     having left. */
  bool attended : 1;
  /* Ask a second time before libcurl is relied on to have as many addresses
     as the resolver here says. */
  bool confirm : 1;
  /* What libcurl connects to is the host's, or was: libcurl's own lookup said
     so, and nothing else can have. */
  bool certain : 1;
  /* The transfer is performed again where its connect fails for addresses that
     the host does not have any more (he_connect_gave_up()). */
  bool restarts : 1;
  bool wary : 1;                /* not all is well with this host: ask */
  bool tls : 1;                 /* begins with a TLS handshake */
  bool sample : 1;              /* a quick handshake is worth to be learned */
  /* IPv4 addresses may be reached through a translator (NAT64). */
  bool nat64 : 1;
  /* Whose answers are compared (answers.h): a context's, which is not
     followed; NULL: the owner's alone. */
  const void *realm;
  /* How long an attempt of libcurl's may take before the racer looks at it
     for the first time; 0: look at once (where somebody watches). */
  he_time_ns look_after;
  /* How long libcurl took to resolve the name that it connects to, if that
     was this connect's host; 0: it was, surely. */
  he_time_ns lookup;
  /* Why not to race, or NULL. Static. */
  const char *aside;
  /* Whom to ask about each socket of the racer's; NULL: nobody. The connect
     has a reference of its own. */
  struct he_app *app;
  /* Where set, every step is reported as it happens. */
  he_connect_watcher watcher;
  void *watch_fn;               /* the watcher's own */
  void *watch_data;
  /* Where every step is told, too; the connect has a reference of its own.
     NULL: nowhere. */
  struct he_trail *trail;
  /* Where it is counted; with a reference of its own. NULL: nowhere. */
  struct he_tally *tally;
  enum he_delay_why why;        /* what race.attempt_delay comes from */
  uint64_t network;             /* where it is traced: its number, or 0 */
  void *owner;                  /* a name for it, never followed */
  /* Where to learn, and to ask; the connect has a reference of its own. NULL:
     nowhere. ask.host, port and allowed are set by the connect. */
  struct he_recall *recall;
  struct he_recall_ask ask;
};

/* A new connect with one reference, the caller's; NULL without memory. */
struct he_connect *he_connect_new(struct he_racer *r,
                                  const struct he_connect_config *config);
void he_connect_ref(struct he_connect *c);
void he_connect_unref(struct he_connect *c);   /* NULL is fine */

const struct he_connect_config *he_connect_config(const struct he_connect *c);

/* The race as a trace has it. */
struct he_trail_race he_connect_race(const struct he_connect *c);

/* libcurl is about to connect socket `fd` to `addr`; it asked for one to an
   address of family `asked`. */
void he_connect_started(struct he_connect *c, int fd,
                        const struct he_addr *addr, enum he_family asked);

/* The same, where libcurl connects it to `through` instead, by which a
   translator reaches `addr`. */
void he_connect_started_through(struct he_connect *c, int fd,
                                const struct he_addr *addr,
                                const struct he_addr *through,
                                enum he_family asked);

/* The application has given libcurl another address than the one asked for, or
   no TCP socket (which he_connect_started() must not be told of): whatever
   comes of it, nothing is to be added. */
void he_connect_steered(struct he_connect *c);

/* May an opensocket request for `addr` belong to the same connect as the ones
   before? False once an attempt has connected, or where libcurl has already
   tried this address (and is not known to have it more than once): then it is
   the first request of a new connect. */
bool he_connect_continues(struct he_connect *c, const struct he_addr *addr);

/* libcurl is about to close socket `fd`. True where that is an attempt of this
   connect that failed: then he_connect_failed() is to follow, with the
   error. */
bool he_connect_closing(struct he_connect *c, int fd);
void he_connect_failed(struct he_connect *c, int fd, int error);

/* What came of the TLS of the connection that this race led to, as its
 * transfer knows it: completed, or given up before. The connect has seen more
 * where the connection was closed meanwhile. What both come to is learned, and
 * what the connect has seen returned. */
enum he_tls {
  HE_TLS_UNKNOWN,      /* no connection, or it has not been closed */
  HE_TLS_ANSWERED,     /* something came back */
  HE_TLS_QUIET,        /* and then no more, for long */
  HE_TLS_SILENT,       /* nothing came, for long */
  HE_TLS_ENDED         /* nothing came, and the peer ended it */
};
enum he_tls he_connect_tls(struct he_connect *c, bool completed);
/* It had no answer at all, and was ended for that: that is learned. */
void he_connect_silent(struct he_connect *c);

/* The winner, if there is one waiting: a connected socket, from now on the
   caller's, and its address. Else -1. */
int he_connect_take(struct he_connect *c, struct he_addr *addr);

/* libcurl asks for a socket to `addr`. Where there is a better address that it
   has not tried, `addr` is set to that one, and true returned. It is better
   - where libcurl has tried `addr` before: then the request is a spare
     (he_connect_listed()), or another address took its turn;
   - for the first attempt, where libcurl begins with another family than the
     list that it was given does;
   - where libcurl races by itself and all addresses are known: in the order of
     RFC 8305 section 4, a family that is silent (race.h) last.
   An address that is none of the host's stays. */
bool he_connect_prefer(struct he_connect *c, struct he_addr *addr);

/* libcurl asks for a socket to `addr`. Where other races of this host have
   just found that one of no use, or history has, and another address of its
   family working, `addr` is set to that one, and true returned; where libcurl
   comes to ask for it, it gets the first one instead. So only the
   order changes. */
bool he_connect_instead(struct he_connect *c, struct he_addr *addr);

/* The race began in libcurl's lookup (lookup/lookup.h), at `began`: what this
   connect does comes after these steps. Takes the list over, which was
   malloc'ed. The caller is about to adopt so many of its attempts. Called
   before the connect is told of anything else. */
void he_connect_goes_on(struct he_connect *c, struct he_step *steps, size_t n,
                        he_time_ns began, unsigned adopted);
/* And ended there: libcurl gets this connected socket. The racer never hears
   of the connect. */
void he_connect_won(struct he_connect *c, int fd, const struct he_addr *addr);
/* This attempt of curl-he's still runs, since `started`: it goes on beside
   libcurl's own. Takes the socket over; `apps`: the application closes it. */
void he_connect_adopt(struct he_connect *c, int fd, bool apps,
                      const struct he_addr *addr, he_time_ns started);

/* Resolve now, ahead of libcurl's first attempt. False where that cannot be
   done. */
bool he_connect_resolve(struct he_connect *c);

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
enum he_begin he_connect_wait(struct he_connect *c, he_time_ns deadline,
                              bool whole,
                              struct he_candidate *list, size_t max, size_t *n,
                              bool *complete);

/* Has every family been answered, or is it remembered? */
bool he_connect_told(struct he_connect *c);

/* What libcurl was given to connect to, spares included: how many addresses
   of each family. It was given nothing else. `alone`: and it will race all of
   them by itself, so that nothing is to be added. */
void he_connect_listed(struct he_connect *c, const size_t counts[HE_FAMILIES],
                       bool alone);

/* Did the racer end libcurl's attempts, since the host has other addresses now,
   and libcurl does not know of them? */
bool he_connect_gave_up(struct he_connect *c);

/* The race is off: everything the racer has of it is closed. Blocks until that
   has been done, but for no longer than `patience`, as the racer may be in a
   callback of the application's. With HE_NEVER no watcher and no call to `app`
   runs for this connect after the return. On the racer's own thread it cannot
   wait, and does not. */
void he_connect_stop(struct he_connect *c, he_time_ns patience);

/* Takes stock of sockets that the racer had no need to look at yet. Blocks for
   the racer's answer; on its own thread there is none. */
void he_connect_sync(struct he_connect *c);

/* A copy of the steps so far, *count of them; the caller frees it. NULL where
   there are none, or, with a count, no memory. */
struct he_step *he_connect_steps(struct he_connect *c, size_t *count);

#endif
