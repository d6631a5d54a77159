/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_H
#define HE_LOOKUP_H
/* lookup.h - the race that runs inside libcurl's own lookup of a name.
 *
 * libcurl resolves names by getaddrinfo(), on a thread of its own. That call
 * arrives here (getaddrinfo.c). A lookup is one such call, or, where libcurl
 * asks for each family apart, two:
 *
 *   EXPECTED --getaddrinfo()--> RACING --connected--> WON --taken--> OVER
 *      |                          |--all failed-----> LOST
 *      |                          |--time is up-----> LEFT --taken--> OVER
 *      |                          |--makes room-----> LEFT
 *      |--stopped, replaced       |--stopped--------> OVER
 *      v
 *     OVER
 *
 * WON holds one connected socket, LOST a refused one or none, LEFT attempts
 * that still run, if there are any. Whoever asks for a socket next takes them.
 * Nobody asks within a second: they are closed.
 *
 * Threads: a lookup is made, stopped and taken from on the thread that uses
 * the easy handle. It runs on the thread that called getaddrinfo(). Every
 * function here may be called from any thread. A child of fork() that has
 * inherited a lookup gets nothing from it. */
#include "race/race.h"
#include "connect/app.h"
#include "connect/attempt.h"
#include "connect/tally.h"
#include "historian/recall.h"
#include "net/racer.h"
#include "resolve/behind.h"
#include "resolve/resolver.h"
#include "trace/trail.h"

#include <errno.h>

struct he_lookup;

/* Called for each step, on the thread that races, with no lock held. */
typedef void (*he_lookup_watcher)(const struct he_lookup *l,
                                  const struct he_step *step,
                                  const struct he_addr *local);

/* A name that libcurl may ask for, of this lookup. */
struct he_lookup_name {
  const char *host;            /* copied */
  uint16_t port;               /* 0: any */
};
#define HE_LOOKUP_NAMES 16

/* RFC 9460's HTTPS records are asked for only where TLS proves who answers,
   wherever they lead. */
struct he_lookup_https {
  long resolver;               /* options/resolvers.h; 0: no */
  const char *host;            /* the origin's, copied: libcurl may look another
                                  name up */
  uint16_t port;
  unsigned alpn;               /* HE_ALPN_ (resolve/svcb.h): what libcurl
                                  speaks */
  bool ech;                    /* it can be told an ECHConfigList */
};
struct he_lookup_plan;

struct he_lookup_config {
  /* A connect that libcurl did not want, see plan.h; the caller's, who keeps
     it as long as the lookup is called. NULL: a lookup of libcurl's. With it
     names[0] says where to, `deadline` and what is libcurl's have no
     meaning. */
  const struct he_lookup_plan *plan;
  struct he_race_config race;  /* alone */
  const struct he_resolver *resolver;   /* whom to ask; NULL: the system's */
  /* Nothing is raced: the call returns what the resolver says, as soon as that
     is there, and libcurl connects by itself. It is LEFT then, with no
     attempt. `app` and `recall` have no meaning. */
  bool names_only;
  struct he_lookup_https https;
  /* The caller's thread is in another network namespace than curl-he's own,
     which would ask other name servers: ask on the thread that races. */
  bool blocking;
  struct he_lookup_name names[HE_LOOKUP_NAMES];
  size_t name_count;
  /* libcurl may ask for a name that is not among these (Alt-Svc). */
  bool any_name;
  /* An IPv4 address may be reached through a translator (NAT64). */
  bool nat64;
  /* libcurl goes on to the next address at once where it gets no socket. */
  bool passes_over;
  /* libcurl asks for AAAA and A by two calls (8.20.0 and later). */
  bool apart;
  /* Nobody waits for its thread: he_lookup_run(). Then it goes on until its
     deadline, whatever else happens. */
  bool own_thread;
  /* Is the result still wanted? Asked now and then on the thread that races;
     NULL: it is. */
  bool (*wanted)(void *arg);
  void *wanted_arg;
  /* The call has to return then, whatever has come of it; or HE_NEVER. Later
     he_lookup_limit() changes it. */
  he_time_ns deadline;
  /* An answer of this age, at most, need not be asked for again. */
  he_time_ns keeps;
  uint64_t netns;              /* of the thread that uses the handle */
  /* libcurl's multi handle: a name for it, never followed. NULL: unknown. */
  const void *multi;
  /* Whom to ask about each socket; NULL: nobody. With a reference of its
     own. */
  struct he_app *app;
  he_lookup_watcher watcher;   /* NULL: nobody watches */
  void *watch_fn;              /* the watcher's own */
  void *watch_data;
  /* Where every step is told, too; with a reference of its own. NULL:
     nowhere. */
  struct he_trail *trail;
  /* Where it is counted; with a reference of its own. NULL: nowhere. */
  struct he_tally *tally;
  enum he_delay_why why;       /* what the delays come from */
  uint64_t network;            /* where it is traced: its number, or 0 */
  void *owner;                 /* a name for it, never followed */
  /* Where to learn, and to ask; with a reference of its own. NULL: nowhere.
     ask.host, port and allowed are set by the lookup. */
  struct he_recall *recall;
  struct he_recall_ask ask;    /* authenticated: earlier answers may be used,
                                  as he_recall_remembered() has it */
  bool keeps_delay;            /* the user's: nothing that was learned shortens
                                  it */
  uint64_t calm;               /* he_recall_epoch() at which the outlook was
                                  calm; or 0 */
  bool sample;                 /* measure a handshake, if all is well */
};

/* A lookup that is about to be asked for, by the thread that calls this. One
   reference, the caller's. NULL without memory. */
struct he_lookup *he_lookup_new(struct he_racer *r,
                                const struct he_lookup_config *c);
void he_lookup_ref(struct he_lookup *l);
void he_lookup_unref(struct he_lookup *l);   /* NULL is fine */

/* Nobody wants it any more. A call that runs returns soon; sockets that wait
   are closed. With `wait`, no watcher and no call to `app` runs for it after
   the return; then it blocks for these, but not on the thread that races. */
void he_lookup_stop(struct he_lookup *l, bool wait);

/* All of a multi handle are stopped, for libcurl is about to wait for them. */
void he_crowd_stop(const void *multi);

/* The call has to return at another time than its configuration said. */
void he_lookup_limit(struct he_lookup *l, he_time_ns deadline);

enum he_lookup_state {
  HE_LOOKUP_EXPECTED,
  HE_LOOKUP_RACING,
  HE_LOOKUP_WON,
  HE_LOOKUP_LOST,       /* every address has failed; the last one's socket may
                           wait, its error unread, which connect() tells */
  HE_LOOKUP_LEFT,       /* attempts still run; or none was made, since it made
                           room for other lookups */
  HE_LOOKUP_OVER
};

/* Attempts at once: CURLHEOPT_MAX_ATTEMPTS allows no more. */
#define HE_LOOKUP_TRIES 64

/* What came of it, given away once. */
struct he_lookup_result {
  enum he_lookup_state state;       /* WON, LOST or LEFT */
  const char *why;                  /* LOST: a reason, static */
  int error;                        /* LOST: as HE_ACT_LOST has it */
  struct he_try tries[HE_LOOKUP_TRIES];
  size_t count;                     /* WON: 1, LOST: 0 or 1. They are the
                                       caller's: they run, or have won. */
};

/* Does an attempt that ended so say that nobody is to be reached there, as
   another one would hear a moment later? */
static inline bool he_lookup_is_refusal(int error)
{
  return error == ECONNREFUSED || error == EHOSTUNREACH ||
         error == ENETUNREACH;
}

/* The call of getaddrinfo() for it, or that of whoever has a plan: races, or
   waits for the call that does. Then the answers are there to be listed. */
void he_lookup_call(struct he_lookup *l);

/* libcurl asks for a socket to `port`. True where the lookup was for that port
   and is over, and nobody has taken its result before. One that still races is
   made to leave what runs, which is waited for, for 5 ms at most. A winner that
   was closed by the peer meanwhile counts as LOST. */
bool he_lookup_take(struct he_lookup *l, uint16_t port,
                    struct he_lookup_result *out);

/* A socket that was taken goes to libcurl: it is no longer curl-he's. Returns
   its number. */
int he_lookup_give(const struct he_try *t);
/* Or it is not wanted after all. */
void he_lookup_close(struct he_lookup *l, const struct he_try *t);

/* Of a lookup that was called: the name and port that libcurl asked for, and
   when the race began (he_clock_now()). NULL where nobody has called. */
const char *he_lookup_host(const struct he_lookup *l, uint16_t *port,
                           he_time_ns *began);
/* The race as a trace has it, once it was called. */
struct he_trail_race he_lookup_race(const struct he_lookup *l);
const struct he_lookup_config *he_lookup_config(const struct he_lookup *l);

/* Is what the call returned not all that the resolver says now? A family's
   answer was missing, or what is remembered stands in its place. This and the
   next one of a lookup that was taken. */
bool he_lookup_partial(const struct he_lookup *l);
/* How many addresses the call returned, at most. */
size_t he_lookup_addresses(struct he_lookup *l);

/* Is the winner's an address that HTTPS records led to, or that of another
   port: none that the host's own question has? Of a lookup that was taken. */
bool he_lookup_led(const struct he_lookup *l);
/* The ECHConfigList of the endpoint that has this address, the first one's
   where several do; NULL: none. Valid as long as the lookup. This and the next
   one of a lookup that was taken. */
const uint8_t *he_lookup_ech(const struct he_lookup *l,
                             const struct he_addr *a, size_t *len);
/* Is the client SVCB-reliant (RFC 9460 section 3)? Each endpoint has such a
   list: libcurl may not connect to an address that he_lookup_ech() has none
   for, whatever came of the race. */
bool he_lookup_relies(const struct he_lookup *l);
/* Of a lookup that is over: what was raced of a family, valid as long as the
   lookup; NULL: nothing. False where it has no answer. *error: 0 or an EAI_
   value. */
bool he_lookup_answer(const struct he_lookup *l, enum he_family f,
                      const struct he_candidate **list, size_t *n,
                      int *error);

/* Takes a step down and tells whoever watches. No lock held. `local`: the
   address that the attempt is made from, NULL: not known. */
void he_lookup_tell(struct he_lookup *l, struct he_step *s,
                    const struct he_addr *local, he_time_ns now);

/* A copy of the steps so far; the caller frees it. NULL: none, or (with a
   count) no memory. */
struct he_step *he_lookup_steps(struct he_lookup *l, size_t *count);

/* Races to this name on a thread of curl-he's own, as a call of getaddrinfo()
   for it would: for a lookup that has config.own_thread, and no names. Then
   `over` is called there, once: the result can be taken before and after that.
   False where there is no thread, or no memory: `over` is not called. */
bool he_lookup_run(struct he_lookup *l, const char *host, uint16_t port,
                   void (*over)(void *arg), void *arg);
/* Does it race, or is it about to? */
bool he_lookup_runs(struct he_lookup *l);

/* Does this library have getaddrinfo() exported, so that libcurl's call
   arrives here? Looked up once a process. */
bool he_lookup_in_effect(void);
/* The same where CURL_HE_LOOKUP says that nothing is raced there. */
bool he_lookup_arrives(void);

/* The preload module's front has the exported name in curl-he's place. Returns
   where libcurl's calls are to go. `behind` is asked for addresses, and the
   calls that are not libcurl's go to `pass_on`. Called once, before any
   lookup. */
he_getaddrinfo he_lookup_preload(he_getaddrinfo behind,
                                 he_getaddrinfo pass_on);

#endif
