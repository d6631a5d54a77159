/* SPDX-License-Identifier: MIT */
/* job_act.c - the race's actions, performed. */
#include "beside/job_try.h"
#include "base/clock.h"
#include "connect/answers.h"
#include "net/tcp.h"

#include <errno.h>

static bool post_answer(struct he_job *j, enum he_job_mail_kind kind,
                        enum he_family family, int error,
                        struct he_candidate *list, size_t n)
{
  struct he_job_mail m = { .kind = kind };
  m.at = he_clock_now();
  m.family = family;
  m.error = he_resolver_says_none(error) ? 0 : error;
  m.list = list;
  m.n = n;
  return he_job_post(j, &m, m.at);
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  if(!post_answer(arg, HE_MAIL_ANSWER, family, error, list, n))
    he_job_unanswered(arg);
}

/* Where it is lost, libcurl is not relied on to have more addresses. */
static void on_second(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  post_answer(arg, HE_MAIL_CONFIRM, family, error, list, n);
}

static struct he_query *ask(struct he_job *j, enum he_family f, uint16_t port,
                            he_resolver_answer answer)
{
  const struct he_job_config *c = &j->config;
  return he_resolver_ask(c->resolver, c->host, port, f,
                         !c->race.allowed[he_other_family(f)], answer, j);
}

static void resolve(struct he_job *j, enum he_family f, he_time_ns now)
{
  const struct he_job_config *c = &j->config;
  he_job_tell_family(j, HE_STEP_RESOLVE, f, 0, 0, now);
  j->race->query[f] = ask(j, f, c->port, on_answer);
  if(!j->race->query[f]) {
    struct he_event ev = { .kind = HE_EV_UNANSWERED, .error = ENOMEM };
    ev.family = f;
    he_job_feed(j, now, &ev);
  }
}

/* Of a job that shares nothing it is the handle's. */
struct he_answers *he_job_answers(const struct he_job *j)
{
  return he_answers_of(j->host, j->config.realm ? j->config.realm :
                       j->config.owner);
}

/* Another question than the first, also for whoever answers all that ask the
   same with one answer: for no port. */
void he_job_confirm(struct he_job *j, enum he_family f, he_time_ns now)
{
  const struct he_job_config *c = &j->config;
  struct he_job_race *r = j->race;
  size_t n = he_race_known(r->race, f);
  const struct he_answers *known = he_job_answers(j);
  if(!c->confirm || r->aside || r->raceless || r->confirmed[f] || n < 2 ||
     he_answers_vary(known, now) || he_answers_sure(known, f, n, now))
    return;
  r->confirmed[f] = true;
  r->second[f] = ask(j, f, 0, on_second);
}

/* Is an attempt of libcurl's bound, say? By now it is connecting, so that what
   there is to bind is bound. */
static const char *objection(struct he_job *j)
{
  const char *why = NULL;
  for(struct he_try *t = j->race->tries; t && !why; t = t->next) {
    if(t->native && !t->ended && he_try_is_open(t))
      why = he_job_objection(j, t->libcurl_fd);
    if(why && !he_try_is_open(t))
      why = NULL;             /* it was another socket's */
  }
  return why;
}

/* Without a descriptor to be had an attempt waits for one. */
void he_try_open(struct he_job *j, struct he_try *t, he_time_ns now)
{
  int error;
  t->look = HE_NEVER;
  error = he_try_socket(j, t, now);
  if(t->ended || j->over)
    return;
  if(error != ECANCELED && !t->told) {
    t->told = true;
    he_try_tell(j, HE_STEP_START, t, 0, now);
  }
  if(t->fd < 0 && (error == EMFILE || error == ENFILE)) {
    t->look = he_time_add(now, HE_SCARCE);
    return;
  }
  if(!error)
    error = he_try_connect(t);
  if(!error && he_try_watch(t))
    return;
  if(!error)
    error = ENOMEM;
  he_try_end(t);
  he_try_tell(j, HE_STEP_FAILED, t, error, now);
  he_try_feed(j, now, HE_EV_FAILED, t, error);
}

static void connect_try(struct he_job *j, const struct he_action *a,
                        he_time_ns now)
{
  const char *why = objection(j);
  struct he_try *t;
  if(why) {
    he_job_aside(j, why, now);
    return;
  }
  t = he_try_add(j, a->attempt, &a->addr, now);
  if(t)
    he_try_open(j, t, now);
  else {
    struct he_event ev = { .kind = HE_EV_FAILED, .error = ENOMEM };
    ev.attempt = a->attempt;
    he_job_feed(j, now, &ev);
  }
}

static void cancel_try(struct he_job *j, int id, he_time_ns now)
{
  struct he_attempt_info info;
  struct he_try *t = he_try_by_id(j, id);
  if(!t || t->ended)
    return;
  he_try_note(t, HE_EV_GONE, 0, now);
  he_try_end(t);
  if(he_race_attempt(j->race->race, id, &info) &&
     info.state == HE_TRY_TIMED_OUT)
    he_try_tell(j, HE_STEP_TIMED_OUT, t, ETIMEDOUT, now);
  else
    he_try_tell(j, HE_STEP_CANCELLED, t, 0, now);
}

static void perform(struct he_job *j, const struct he_action *a,
                    he_time_ns now)
{
  struct he_try *t;
  switch(a->kind) {
  case HE_ACT_RESOLVE:
    resolve(j, a->family, now);
    break;
  case HE_ACT_FORGET:
    if(!he_job_learns(j))
      he_job_close_query(j, a->family);
    break;
  case HE_ACT_BEGIN:
    he_job_publish(j, HE_BEGIN_NOW);
    break;
  case HE_ACT_CONNECT:
    connect_try(j, a, now);
    break;
  case HE_ACT_CANCEL:
    cancel_try(j, a->attempt, now);
    break;
  case HE_ACT_WON:
    t = he_try_by_id(j, a->attempt);
    if(t && !t->native)
      he_job_offer_winner(j, a->attempt, now);
    break;
  case HE_ACT_LOST:
    /* the time-out: whoever waits for addresses does without ours */
    if(j->config.attended && !(j->begun && he_job_all_answered(j)))
      he_job_publish(j, HE_BEGIN_FAILED);
    j->race->raceless = true;
    break;
  }
}

void he_job_pump(struct he_job *j)
{
  struct he_action a;
  while(!j->race->raceless && he_race_next(j->race->race, &a))
    perform(j, &a, he_clock_now());
}
