/* SPDX-License-Identifier: MIT */
#ifndef HE_TRACK_H
#define HE_TRACK_H
/* track.h - the track record of one address, or of one family of a host: how
 * long its handshakes take, and what speaks against it. Pure.
 *
 * Evidence is counted in points, per charge:
 *   4  a verdict: it goes last until it is heard of again
 *   2  one SYN unanswered, one router that says "unreachable": suspicion, no
 *      more
 *   1  overtaken while later than its usual time
 * A refusal is an answer, not a loss, and one is enough. So are two SYNs
 * unanswered in one attempt, and one TLS handshake that never completed: TCP
 * has sent again what was lost, and a transfer has failed. Two points lapse
 * with each verdict_age, so that a verdict that has lapsed comes back with the
 * next lost SYN. */
#include "history/history.h"

#define HE_LONG_AGO INT64_MIN

/* A smoothed time and its variation, by the arithmetic of RFC 6298 section
   2. */
struct he_estimate {
  uint32_t srtt_us;       /* 0: no sample yet */
  uint32_t rttvar_us;
  he_time_ns at;          /* of the last sample, or HE_LONG_AGO */
};

/* Longer samples count as this long: a minute is no handshake's time. */
#define HE_SAMPLE_MAX HE_MS(60000)

/* Takes in a sample, > 0. */
void he_estimate_add(struct he_estimate *e, he_time_ns sample, he_time_ns now);

/* Is there a sample, and one not older than that? */
bool he_estimate_fresh(const struct he_estimate *e, he_time_ns now,
                       he_time_ns times_age);

/* Smoothed, and variation. 0 without a sample. */
he_time_ns he_estimate_srtt(const struct he_estimate *e);
he_time_ns he_estimate_rttvar(const struct he_estimate *e);

/* SRTT + max(G, 4 * RTTVAR), the time within which an answer comes, if one
   comes (section 2.3). 0 without a sample. */
he_time_ns he_estimate_upper(const struct he_estimate *e);

enum he_charge_kind {
  HE_CHARGE_SILENT,        /* the path: counts for every port */
  HE_CHARGE_REFUSED,       /* of one port */
  HE_CHARGE_TLS            /* of one port */
};
#define HE_CHARGES 3

#define HE_POINTS_BAD 4
#define HE_POINTS_SUSPECT 2
#define HE_POINTS_WEAK 1

/* The present, and how long after it was seen something is held against an
   address. */
struct he_present {
  he_time_ns now;
  he_time_ns verdict_age;
};

struct he_charge {
  he_time_ns at;           /* when points were last added */
  uint32_t by;             /* the address they were added for */
  uint16_t port;           /* likewise */
  uint8_t points;          /* as of `at`, at most HE_POINTS_BAD */
};

struct he_track {
  struct he_estimate rtt;
  he_time_ns good_at;      /* last connected; or HE_LONG_AGO, as below */
  he_time_ns at;           /* last learned of */
  struct he_charge charge[HE_CHARGES];
  uint32_t successes;
  uint32_t failures;
  uint32_t losses;
};

/* What an outcome comes to. */
struct he_finding {
  enum {
    HE_FIND_NOTHING,
    HE_FIND_CONNECTED,
    HE_FIND_DELIVERED,
    HE_FIND_AGAINST
  } what;
  enum he_charge_kind kind;  /* AGAINST */
  uint8_t points;            /* for the address */
  uint8_t family_points;     /* for its family at this host */
  bool loss;                 /* a SYN was lost */
  bool probe;
  he_time_ns started;        /* when the attempt was */
  he_time_ns sample;         /* 0: none */
  uint16_t port;
  uint32_t by;
};

/* `upper`: within which time the address was to answer, 0 if not known. */
struct he_finding he_track_judge(const struct he_outcome *o, he_time_ns upper,
                                 he_time_ns now);

void he_track_clear(struct he_track *t);
void he_track_add(struct he_track *t, const struct he_finding *f,
                  unsigned points, struct he_present p);

/* Points that have not lapsed. */
unsigned he_charge_points(const struct he_charge *c, struct he_present p);

/* Is there a verdict of this kind that counts at this port (0: at any)? */
bool he_track_verdict(const struct he_track *t, enum he_charge_kind kind,
                      uint16_t port, struct he_present p);
/* One that a mere connect could lift? */
bool he_track_unreachable(const struct he_track *t, uint16_t port,
                          struct he_present p);

/* Has it been silent since it last connected? Not yet a verdict, maybe. */
bool he_track_doubtful(const struct he_track *t, struct he_present p);

/* How long ago; HE_NEVER for HE_LONG_AGO */
he_time_ns he_age(he_time_ns then, he_time_ns now);

#endif
