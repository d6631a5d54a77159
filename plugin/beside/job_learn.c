/* SPDX-License-Identifier: MIT */
/* job_learn.c - a job and the history of its context (recall.h): what it tells
 * of its attempts when it is over, and what it is told.
 *
 * Most connects are over before the racer hears of them, and teach nothing but
 * a handshake time once a second a host. Where the racer stands aside nothing
 * is learned: libcurl may be going somewhere else. */
#include "beside/job_try.h"

bool he_job_wants_sample_locked(struct he_job *j)
{
  const bool yes = j->config.recall && j->config.sample && !j->sampled;
  j->sampled = j->sampled || yes;
  return yes;
}

void he_job_learn_native(struct he_job *j, const struct he_native *nat,
                         he_time_ns winner)
{
  struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED };
  o.addr = nat->addr;
  o.pending = nat->closed - nat->at;
  o.delay = j->config.race.attempt_delay;
  o.winner = winner;
  if(nat->outcome == HE_OUT_FAILED) {
    o.kind = HE_OUTCOME_FAILED;
    o.error = nat->error;
  }
  he_recall_learn(j->config.recall, j->config.host, &o, nat->closed);
}

void he_job_learn_handshake(struct he_job *j, const struct he_addr *a,
                            const struct he_wire_handshake *hs,
                            he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED };
  o.addr = *a;
  o.handshake = hs->rtt;
  o.retransmitted = hs->again;
  he_recall_learn(j->config.recall, j->config.host, &o, now);
}

/* -- the racer's side -- */

uint32_t he_try_us(he_time_ns ns)
{
  if(ns <= 0)
    return 0;
  return ns / 1000 < UINT32_MAX ? (uint32_t)((ns + 999) / 1000) : UINT32_MAX;
}

static he_time_ns ns(uint32_t us)
{
  return (he_time_ns)us * 1000;
}

void he_try_measure(const struct he_job *j, struct he_try *t, int fd)
{
  struct he_wire_handshake hs;
  if(!j->config.recall || !he_wire_handshake(fd, &hs))
    return;
  t->handshake_us = he_try_us(hs.rtt);
  t->again = hs.again;
}

/* One that was made to fail has not refused. */
void he_try_note(struct he_try *t, enum he_event_kind kind, int error,
                 he_time_ns now)
{
  if(t->over_us)
    return;
  t->over_us = now > t->started ? he_try_us(now - t->started) : 1;
  if(kind == HE_EV_FAILED)
    t->error = error;
  t->answered = kind == HE_EV_CONNECTED;
  t->refused = kind == HE_EV_FAILED && !t->provoked;
}

static struct he_outcome outcome(const struct he_job *j,
                                 const struct he_try *t, he_time_ns winner,
                                 he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED };
  o.addr = t->addr;
  o.pending = t->over_us ? ns(t->over_us) :
              now > t->started ? now - t->started : 0;
  o.delay = j->config.race.attempt_delay;
  o.winner = winner;
  if(t->answered) {
    o.kind = HE_OUTCOME_CONNECTED;
    o.handshake = ns(t->handshake_us);
    o.retransmitted = t->again;
  }
  else if(t->refused) {
    o.kind = HE_OUTCOME_FAILED;
    o.error = t->error;
  }
  return o;
}

/* The winner's own handshake, as exactly as it is known. */
static he_time_ns taken(const struct he_try *winner)
{
  if(!winner)
    return 0;
  return ns(winner->handshake_us ? winner->handshake_us : winner->over_us);
}

void he_job_learn(struct he_job *j, const struct he_try *winner,
                  he_time_ns now)
{
  struct he_job_race *r = j->race;
  if(!j->config.recall || r->aside)
    return;
  for(struct he_try *t = r->tries; t; t = t->next) {
    const struct he_outcome o = outcome(j, t, taken(winner), now);
    /* without a winner it may have been the one */
    if(!t->learned && (winner || !t->unknown))
      he_recall_learn(j->config.recall, j->config.host, &o, now);
    t->learned = true;
  }
}

bool he_job_learns(const struct he_job *j)
{
  return j->config.recall && !j->race->aside;
}

void he_job_learn_answer(struct he_job *j, const struct he_job_mail *m,
                         he_time_ns now)
{
  if(!he_job_learns(j))
    return;
  if(m->error)
    he_recall_unanswered(j->config.recall, j->config.host, m->family, now);
  else
    he_recall_answer(j->config.recall, j->config.host, m->family, m->list,
                     m->n, now);
}

/* -- asking -- */

void he_job_remember(struct he_job *j, he_time_ns now)
{
  struct he_candidate list[HE_HISTORY_ADDRS];
  for(int f = 0; f < HE_FAMILIES && j->config.recall; f++) {
    struct he_event ev = { .kind = HE_EV_REMEMBERED, .list = list };
    ev.family = (enum he_family)f;
    if(!j->config.race.allowed[f] ||
       !he_recall_remembered(j->config.recall, &j->config.ask, ev.family,
                             list, HE_HISTORY_ADDRS, &ev.n, now))
      continue;
    for(size_t i = 0; i < ev.n; i++)
      he_resolver_source(&list[i]);
    he_job_tell_family(j, HE_STEP_REMEMBERED, ev.family, 0, ev.n, now);
    he_job_feed(j, now, &ev);
  }
}

void he_job_order(struct he_job *j, struct he_candidate *list, size_t n,
                  he_time_ns now)
{
  if(j->config.recall && n)
    he_recall_sort(j->config.recall, &j->config.ask, list, n, now);
}
