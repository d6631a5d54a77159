/* SPDX-License-Identifier: MIT */
#ifndef HE_RACE_H
#define HE_RACE_H
/* race.h - one Happy Eyeballs race (RFC 8305 sections 3 to 6) as a value:
 * events and the time in, actions and one deadline out. Pure: no clock, no
 * socket, no thread, and after he_race_new() no memory is asked for but to
 * keep addresses.
 *
 * The caller's loop:
 *     he_race_handle(r, now, &event);
 *     while(he_race_next(r, &action))
 *       perform(&action);
 *     sleep until he_race_due(r) or the next event;
 *
 * Two ways to race:
 *
 * alone   (config.beside false): the race makes every attempt by actions.
 *   LOST when every family has answered, nothing else is expected, and every
 *   address has failed.
 *
 * beside  (config.beside true): somebody else (libcurl) makes attempts of its
 *   own and reports them with HE_EV_STARTED; the race adds what that one
 *   cannot do. Then
 *   - no HE_ACT_CONNECT before the first HE_EV_STARTED; where RFC 8305 would
 *     let connecting begin before that, HE_ACT_BEGIN is given instead, once;
 *     also when all families have answered and there is no address at all
 *     (he_race_known() is 0 for both), since that does not end the race;
 *   - a family is *closed* until an HE_EV_STARTED has shown it: the other one
 *     starts its second family by itself, at its own timer. A closed family's
 *     address whose turn it is is waited for until native_grace after the
 *     connection attempt delay; then closed families are passed over for the
 *     rest of the race (and joined when they open after all). config.open[f]
 *     opens a family from the beginning;
 *   - after an attempt of the other one failed, the race waits native_grace
 *     for it to start its next one before it does so itself, and then does
 *     not wait for the connection attempt delay;
 *   - exhaustion does not end the race: it ends by HE_ACT_WON, by the
 *     total time-out, or by HE_EV_STOP.
 *
 * HE_EV_NEXT starts one address out of its turn, for reasons that lie outside
 * of the race. That is one attempt more: it takes no turn, and its failure
 * hurries no other one. So a hint never makes a race slower.
 *
 * The schedule says how far apart attempts start (the connection attempt
 * delays). Alone, the delays may grow: the one after attempt n, counted from
 * 1, is n * first_delay, and at most attempt_delay. So with 50 and 150 ms
 * attempts start at 0, 50, 150, 300, 450 ... ms: a dead first address costs
 * little, and a slow network is not flooded. A failure takes the place of one
 * delay, and the delays after it grow on. With first_delay 0 every delay is
 * attempt_delay. Beside another racer every delay is attempt_delay, whatever
 * first_delay says: the timer of the other one (libcurl) is one constant.
 *
 * Of an https origin HTTPS records may be asked for, too (Happy Eyeballs v3,
 * draft -04; endpoints.h). While something better than what is known is
 * expected, connecting begins only when the Resolution Delay has passed since
 * the first address was known. Addresses of a lower group go first; what
 * follows holds inside of a group.
 *
 * Families alternate: after an attempt to one, whoever made it, the other
 * one's best untried address is next. Two exceptions: the first address
 * family count, at the start; and a silent family, whose addresses go behind
 * all others. A family is silent when two attempts or more were made to it,
 * each of them without an answer for attempt_delay or longer: the longest
 * delay, however short the one after that attempt was. Only the first family
 * to get there: where both are silent the network is slow. */
#include "race/endpoints.h"

/* RFC 8305 section 5: two attempts never start closer together than this,
   whatever fails. */
#define HE_RACE_MIN_GAP HE_MS(10)
/* Addresses beyond this many a family are dropped: no host needs more, and a
   hostile answer cannot make a race long. */
#define HE_RACE_MAX_ADDRS 64

struct he_race_config {
  he_time_ns resolution_delay;  /* section 3; 0: do not wait for AAAA. With
                                   HE_PREFER_IPV4, or a policy that has IPv4
                                   first, it is A that is waited for, and
                                   AAAA that waits. */
  he_time_ns attempt_delay;     /* section 5; >= HE_RACE_MIN_GAP */
  he_time_ns first_delay;       /* alone only: the delay after the first
                                   attempt, from which the delays grow;
                                   >= HE_RACE_MIN_GAP, or 0: all delays are
                                   attempt_delay */
  he_time_ns attempt_timeout;   /* an attempt of ours is given up after this;
                                   HE_NEVER: only when it fails by itself */
  he_time_ns total_timeout;     /* since the first event; or HE_NEVER */
  he_time_ns native_grace;      /* beside only */
  unsigned first_family_count;  /* section 4; >= 1 */
  unsigned max_attempts;        /* running at once, the other one's too; >=1 */
  enum he_preference preference : 8;
  const struct he_policy *policy;  /* orders the families (order.h); the
                                      caller's, who has a reference as long as
                                      the race lives; NULL: the default */
  bool allowed[HE_FAMILIES];    /* families that may be resolved and tried */
  bool open[HE_FAMILIES];       /* beside only: not closed at first */
  enum he_expects expects : 8;  /* until HE_EV_EXPECT says otherwise. Alone
                                   only. */
  bool beside;
  bool passive;                 /* beside only: no attempt is made here; it is
                                   asked for what to try (he_race_untried()) */
};

enum he_event_kind {
  HE_EV_START,     /* begin: resolve the allowed families, save those that
                      were answered before. Beside, it may come after
                      HE_EV_STARTED, or never. Ignored when repeated. */
  HE_EV_ANSWER,    /* family, list, n: what the resolver says. n = 0 is "has
                      none". The list is in the system's order (order.h). May
                      come again for a family: what is new is merged into the
                      untried, what is gone and untried is dropped, a started
                      attempt goes on (section 6). Ignored for a family that is
                      not allowed; addresses of another family are skipped. */
  HE_EV_REMEMBERED,/* family, list, n: what an earlier answer said. Until the
                      family is answered its addresses may be tried, and it is
                      not waited for, be it without addresses; it is asked all
                      the same. Then it is as with a second answer. Ignored
                      for a family that is not allowed, or was answered. */
  HE_EV_UNANSWERED,/* family, error: the resolver failed, no addresses. Counts
                      as an answer for the Resolution Delay. What an earlier
                      answer gave stays known. */
  HE_EV_STARTED,   /* beside: addr is being tried by the other one, be it in
                      an answer or not. `attempt` is set by he_race_handle()
                      to the new attempt's id; to -1 when the race is over, is
                      not beside, or has no memory (then the start still paces
                      ours, but its outcome cannot be told to the race). An
                      untried equal address counts as tried. One that is being
                      tried by us is a second attempt. */
  HE_EV_CONNECTED, /* attempt: it is connected */
  HE_EV_FAILED,    /* attempt, error: it failed (an errno value) */
  HE_EV_GONE,      /* beside: the other one closed this attempt of its own
                      without an outcome we know; it no longer runs */
  HE_EV_OPEN,      /* beside: family: it is open from now on */
  HE_EV_NEXT,      /* addr: once it is untried and its family open, it is tried
                      as soon as there is HE_RACE_MIN_GAP between it and the
                      starts before and after. As the race's first attempt it
                      counts as any other. A further one replaces it. */
  HE_EV_ORDER,     /* list, n: alone: the untried are tried in this order from
                      now on (he_untried_order()). An answer's candidates come
                      with turns of their own, or none. */
  HE_EV_EXPECT,    /* expects: what may still come beside the families'
                      answers */
  HE_EV_TIME,      /* nothing but time has passed */
  HE_EV_STOP       /* the race is called off: everything running is cancelled,
                      then HE_ACT_LOST with error ECANCELED */
};

struct he_event {
  enum he_event_kind kind;
  enum he_family family;
  const struct he_candidate *list;  /* the caller's, copied */
  size_t n;
  struct he_addr addr;
  int attempt;
  int error;
  enum he_expects expects;
};

enum he_action_kind {
  HE_ACT_RESOLVE,  /* family: ask for its addresses. Answered once by
                      HE_EV_ANSWER or HE_EV_UNANSWERED, unless cancelled. */
  HE_ACT_FORGET,   /* family: the answer is no longer wanted */
  HE_ACT_BEGIN,    /* beside, once: connecting may begin with what is known */
  HE_ACT_CONNECT,  /* attempt, addr: answered once by HE_EV_CONNECTED or
                      HE_EV_FAILED, unless cancelled */
  HE_ACT_CANCEL,   /* attempt: of ours, give it up at once */
  HE_ACT_WON,      /* attempt: the winner. All others of ours have been
                      cancelled before. Last action. */
  HE_ACT_LOST      /* error: why. ETIMEDOUT for the total time-out, ECANCELED
                      for HE_EV_STOP, else the errno of the last attempt that
                      failed; where none was made, ENOMEM for an answer lost
                      to want of memory, or HE_RACE_NO_ADDRESS. Last action. */
};

/* The error of HE_ACT_LOST where there was nothing to try. */
#define HE_RACE_NO_ADDRESS (-1)

struct he_action {
  enum he_action_kind kind;
  enum he_family family;
  struct he_addr addr;
  int attempt;
  int error;
};

enum he_attempt_state {
  HE_TRY_RUNNING,
  HE_TRY_CONNECTED,
  HE_TRY_FAILED,     /* error says why */
  HE_TRY_TIMED_OUT,  /* by attempt_timeout; error is ETIMEDOUT */
  HE_TRY_CANCELLED,  /* lost the race */
  HE_TRY_GONE        /* HE_EV_GONE */
};

struct he_attempt_info {
  struct he_addr addr;
  he_time_ns started;
  he_time_ns ended;          /* HE_NEVER while running */
  he_time_ns delay;          /* the connection attempt delay after it;
                                attempt_delay for one made by HE_EV_NEXT */
  enum he_attempt_state state;
  int error;
  bool native;               /* the other one's */
};

struct he_race;

/* A new race, owned by the caller, or NULL without memory. The config stays the
   caller's, unchanged as long as the race lives; its values are the caller's
   to have checked (asserted). */
struct he_race *he_race_new(const struct he_race_config *config);
void he_race_free(struct he_race *r);   /* NULL is fine; gives no actions */

/* `now` never decreases, and is not negative. Without memory an answer counts
   as HE_EV_UNANSWERED with ENOMEM, a native attempt gets the id -1: nothing
   is lost silently. An attempt of ours never needs memory. Events for attempts
   that ended, and all events after the last action, are ignored. An outcome
   that comes together with the time-out it just missed still counts. */
void he_race_handle(struct he_race *r, he_time_ns now, struct he_event *ev);

/* The next action to perform, in order; false when there is none. */
bool he_race_next(struct he_race *r, struct he_action *out);

/* When to call he_race_handle() with HE_EV_TIME at the latest, or HE_NEVER.
   Never in the past once all actions are taken. */
he_time_ns he_race_due(const struct he_race *r);

/* Ended: WON or LOST was given. */
bool he_race_over(const struct he_race *r);

/* Attempts made so far, ids 0 … n-1 in the order of their start. */
int he_race_attempts(const struct he_race *r);
bool he_race_attempt(const struct he_race *r, int id,
                     struct he_attempt_info *out);

/* The addresses known and untried, in the order they would be tried now if all
   families were open; returns how many there are, writes at most max. */
size_t he_race_untried(const struct he_race *r, struct he_candidate *out,
                       size_t max);

/* What the resolver said for a family: answered yet? is addr in it, or was it
   tried because it was remembered? how many addresses (duplicates dropped),
   remembered ones until there is an answer? */
bool he_race_answered(const struct he_race *r, enum he_family f);
/* Answered, or remembered? */
bool he_race_told(const struct he_race *r, enum he_family f);
bool he_race_knows(const struct he_race *r, const struct he_addr *addr);
size_t he_race_known(const struct he_race *r, enum he_family f);

/* The delay after the n-th attempt whose turn it was, counted from 1. */
he_time_ns he_race_delay_after(const struct he_race_config *c, unsigned n);

#endif
