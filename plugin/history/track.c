/* SPDX-License-Identifier: MIT */
/* track.c - what an outcome says, and how it adds up. */
#include "history/track.h"

#include <errno.h>
#include <string.h>

/* Nobody is called late before this: the shortest delay of first contact. Who
   is overtaken after it is slower by the usual leeway at least. */
#define PATIENCE HE_MS(50)
/* The first retransmission of a SYN (RFC 6298 section 2.1) */
#define SYN_RTO HE_MS(1000)

he_time_ns he_age(he_time_ns then, he_time_ns now)
{
  if(then == HE_LONG_AGO)
    return HE_NEVER;
  return now > then ? now - then : 0;
}

/* -- times, in whole microseconds: the kernel's own unit ---------------- */

/* G of section 2.3: kernels time a handshake by a clock of 1 ms or finer */
#define GRANULARITY_US 1000

void he_estimate_add(struct he_estimate *e, he_time_ns sample, he_time_ns now)
{
  uint32_t r = (uint32_t)((sample < HE_SAMPLE_MAX ? sample : HE_SAMPLE_MAX) /
                          1000);
  if(!r)
    r = 1;
  e->at = now;
  if(!e->srtt_us) {
    e->srtt_us = r;
    e->rttvar_us = r / 2;
  }
  else {
    /* RTTVAR first: it is measured against the SRTT before the sample */
    uint32_t off = r > e->srtt_us ? r - e->srtt_us : e->srtt_us - r;
    e->rttvar_us = (uint32_t)((3 * (uint64_t)e->rttvar_us + off + 2) / 4);
    e->srtt_us = (uint32_t)((7 * (uint64_t)e->srtt_us + r + 4) / 8);
  }
}

bool he_estimate_fresh(const struct he_estimate *e, he_time_ns now,
                       he_time_ns times_age)
{
  return e->srtt_us && he_age(e->at, now) < times_age;
}

he_time_ns he_estimate_srtt(const struct he_estimate *e)
{
  return (he_time_ns)e->srtt_us * 1000;
}

he_time_ns he_estimate_rttvar(const struct he_estimate *e)
{
  return e->srtt_us ? (he_time_ns)e->rttvar_us * 1000 : 0;
}

he_time_ns he_estimate_upper(const struct he_estimate *e)
{
  he_time_ns spread = 4 * he_estimate_rttvar(e);
  if(!e->srtt_us)
    return 0;
  if(spread < GRANULARITY_US * 1000)
    spread = GRANULARITY_US * 1000;
  return he_estimate_srtt(e) + spread;
}

/* -- outcomes ----------------------------------------------------------- */

void he_track_clear(struct he_track *t)
{
  memset(t, 0, sizeof(*t));
  t->rtt.at = t->good_at = t->at = HE_LONG_AGO;
  for(int i = 0; i < HE_CHARGES; i++)
    t->charge[i].at = HE_LONG_AGO;
}

/* Was it too long? Not when the winner took as long: then it is the network
   that is slow, or this one was about to answer. */
static void judge_silence(struct he_finding *f, const struct he_outcome *o,
                          he_time_ns upper)
{
  he_time_ns usual = upper;
  if(!usual)
    usual = o->delay > PATIENCE ? o->delay : PATIENCE;
  if(o->pending <= usual || o->pending <= o->winner)
    return;
  f->what = HE_FIND_AGAINST;
  f->kind = HE_CHARGE_SILENT;
  f->loss = true;
  if(o->pending >= usual + SYN_RTO)
    f->points = HE_POINTS_BAD;
  else
    f->points = o->pending >= o->delay ? HE_POINTS_SUSPECT : HE_POINTS_WEAK;
  f->family_points = f->points;
}

static void judge_error(struct he_finding *f, int error)
{
  switch(error) {
  case ECONNREFUSED:
  case ECONNRESET:
    f->kind = HE_CHARGE_REFUSED;
    f->points = HE_POINTS_BAD;
    break;
  case ETIMEDOUT:       /* the kernel gave up, after many SYNs */
    f->kind = HE_CHARGE_SILENT;
    f->loss = true;
    f->points = HE_POINTS_BAD;
    break;
  case ENETUNREACH:     /* soft errors (RFC 1122 section 4.2.3.9): a route may
                           be back in a moment */
  case EHOSTUNREACH:
  case ENETDOWN:
  case EHOSTDOWN:
  case EACCES:
  case EPERM:
    f->kind = HE_CHARGE_SILENT;
    f->points = HE_POINTS_SUSPECT;
    break;
  default:              /* of the machine, not of the path */
    return;
  }
  f->what = HE_FIND_AGAINST;
  /* One address that refuses says little about the next one. */
  f->family_points = f->kind == HE_CHARGE_REFUSED ? HE_POINTS_SUSPECT :
                     f->points;
}

struct he_finding he_track_judge(const struct he_outcome *o, he_time_ns upper,
                                 he_time_ns now)
{
  struct he_finding f = { .what = HE_FIND_NOTHING, .probe = o->probe,
                          .started = now - o->pending, .port = o->addr.port };
  switch(o->kind) {
  case HE_OUTCOME_CONNECTED:
    f.what = HE_FIND_CONNECTED;
    f.loss = o->retransmitted;
    f.sample = o->retransmitted ? 0 : o->handshake;
    break;
  case HE_OUTCOME_FAILED:
    judge_error(&f, o->error);
    break;
  case HE_OUTCOME_UNANSWERED:
    judge_silence(&f, o, upper);
    break;
  case HE_OUTCOME_TLS_DEAD:
    f.what = HE_FIND_AGAINST;
    f.kind = HE_CHARGE_TLS;
    f.points = HE_POINTS_BAD;
    /* nothing ever came: the path, to all its addresses */
    f.family_points = o->error ? HE_POINTS_SUSPECT : HE_POINTS_BAD;
    break;
  case HE_OUTCOME_DELIVERED:
    f.what = HE_FIND_DELIVERED;
    break;
  }
  return f;
}

unsigned he_charge_points(const struct he_charge *c, struct he_present p)
{
  he_time_ns lapsed;
  if(!c->points)
    return 0;
  lapsed = he_age(c->at, p.now) / p.verdict_age;
  if(lapsed >= HE_POINTS_BAD)
    return 0;
  return c->points > 2 * lapsed ? c->points - 2 * (unsigned)lapsed : 0;
}

/* Attempts that overlap see one and the same trouble, however many they are:
   fifty at once lose their SYNs to one hiccup. */
static void accuse(struct he_charge *c, const struct he_finding *f,
                   unsigned points, struct he_present p)
{
  unsigned had = he_charge_points(c, p);
  if(f->kind != HE_CHARGE_SILENT && c->port != f->port)
    had = 0;
  if(had && f->started <= c->at && c->by == f->by) {
    if(points <= had)
      return;
  }
  else
    points += had;
  c->points = (uint8_t)(points < HE_POINTS_BAD ? points : HE_POINTS_BAD);
  c->at = p.now;
  c->by = f->by;
  c->port = f->port;
}

/* A probe's success leaves a verdict on probation: one more SYN lost and it is
   back; a request's success ends it. Where there was no charge, the time is
   noted nevertheless: older ones of other processes are void now. */
static void acquit(struct he_charge *c, const struct he_finding *f,
                   struct he_present p)
{
  unsigned had = he_charge_points(c, p);
  c->points = f->probe && had >= HE_POINTS_BAD ? HE_POINTS_SUSPECT : 0;
  c->at = p.now;
  c->by = f->by;
  c->port = f->port;
}

static void acquit_port(struct he_charge *c, const struct he_finding *f,
                        struct he_present p)
{
  if(c->port == f->port || !he_charge_points(c, p))
    acquit(c, f, p);
}

static void connected(struct he_track *t, const struct he_finding *f,
                      struct he_present p)
{
  acquit(&t->charge[HE_CHARGE_SILENT], f, p);
  acquit_port(&t->charge[HE_CHARGE_REFUSED], f, p);
  t->good_at = p.now;
  t->successes++;
  if(f->sample)
    he_estimate_add(&t->rtt, f->sample, p.now);
}

void he_track_add(struct he_track *t, const struct he_finding *f,
                  unsigned points, struct he_present p)
{
  t->at = p.now;
  t->losses += f->loss;
  switch(f->what) {
  case HE_FIND_NOTHING:
    break;
  case HE_FIND_CONNECTED:
    connected(t, f, p);
    break;
  case HE_FIND_DELIVERED:
    acquit_port(&t->charge[HE_CHARGE_TLS], f, p);
    break;
  case HE_FIND_AGAINST:
    t->failures += !f->loss;
    /* What was sent before it last connected was lost on a good path. */
    if(f->kind != HE_CHARGE_SILENT || t->good_at == HE_LONG_AGO ||
       f->started > t->good_at)
      accuse(&t->charge[f->kind], f, points, p);
    break;
  }
}

bool he_track_verdict(const struct he_track *t, enum he_charge_kind kind,
                      uint16_t port, struct he_present p)
{
  const struct he_charge *c = &t->charge[kind];
  return he_charge_points(c, p) >= HE_POINTS_BAD &&
         (kind == HE_CHARGE_SILENT || !port || port == c->port);
}

bool he_track_unreachable(const struct he_track *t, uint16_t port,
                          struct he_present p)
{
  return he_track_verdict(t, HE_CHARGE_SILENT, port, p) ||
         he_track_verdict(t, HE_CHARGE_REFUSED, port, p);
}

bool he_track_doubtful(const struct he_track *t, struct he_present p)
{
  const struct he_charge *c = &t->charge[HE_CHARGE_SILENT];
  return he_charge_points(c, p) &&
         (t->good_at == HE_LONG_AGO || c->at > t->good_at);
}
