/* SPDX-License-Identifier: MIT */
/* questions.c - a resolver's answers come on a thread of its own, and go to
 * the racer as mail. */
#include "beside/questions.h"
#include "base/clock.h"
#include "connect/answers.h"

bool he_questions_teach(const struct he_job *j)
{
  return j->config.recall && j->state != HE_JOB_ASIDE;
}

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

bool he_questions_ask(struct he_job *j, enum he_family f, he_time_ns now)
{
  he_job_tell_family(j, HE_STEP_RESOLVE, f, 0, 0, now);
  j->race->query[f] = ask(j, f, j->config.port, on_answer);
  return j->race->query[f];
}

void he_questions_close(struct he_job *j, enum he_family f)
{
  j->config.resolver->close(j->race->query[f]);
  j->race->query[f] = NULL;
}

static void close_second(struct he_job *j, enum he_family f)
{
  j->config.resolver->close(j->race->second[f]);
  j->race->second[f] = NULL;
}

void he_questions_close_all(struct he_job *j)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    he_questions_close(j, (enum he_family)f);
    close_second(j, (enum he_family)f);
  }
}

/* libcurl asks for a name on a thread of its own: that alone takes longer than
   0.1 ms (0.14 at least was seen, for a name in /etc/hosts), while it reads an
   address in a third of that. So where it took less, and the same question
   takes a resolver's time here, libcurl had an address, by CURLOPT_CONNECT_TO
   for instance. What is less than MARGIN may be the scheduler's. */
#define NO_TIME (HE_MS(1) / 10)
#define MARGIN HE_MS(5)

bool he_questions_looked_up(const struct he_job *j, enum he_family f)
{
  const struct he_resolver *resolver = j->config.resolver;
  he_time_ns took = 0;
  if(!j->config.lookup || j->config.lookup >= NO_TIME)
    return true;
  if(resolver->took && j->race->query[f])
    took = resolver->took(j->race->query[f]);
  return took <= j->config.lookup + MARGIN;
}

/* -- how sure the number of addresses is -- */

/* Another question than the first, also for whoever answers all that ask the
   same with one answer: for no port. */
static void ask_again(struct he_job *j, enum he_family f, size_t n,
                      const struct he_answers *known, he_time_ns now)
{
  struct he_job_race *r = j->race;
  if(!j->config.confirm || j->state != HE_JOB_RACING || r->confirmed[f] ||
     n < 2 || he_answers_vary(known, now) || he_answers_sure(known, f, n, now))
    return;
  r->confirmed[f] = true;
  r->second[f] = ask(j, f, 0, on_second);
}

void he_questions_noted(struct he_job *j, enum he_family f, he_time_ns now)
{
  const size_t n = he_race_known(j->race->race, f);
  struct he_answers *known = he_answers_of(j->host, j->config.realm);
  he_answers_note(known, f, n, now);
  ask_again(j, f, n, known, now);
}

void he_questions_confirmed(struct he_job *j, const struct he_job_mail *m,
                            he_time_ns now)
{
  const size_t n = he_race_known(j->race->race, m->family);
  close_second(j, m->family);
  if(m->error)
    return;
  if(m->n == n)
    j->race->sure[m->family] = (uint16_t)n;
  he_answers_compare(he_answers_of(j->host, j->config.realm), m->family, n,
                     m->n, now);
}

/* -- history -- */

void he_questions_learn(struct he_job *j, const struct he_job_mail *m,
                        he_time_ns now)
{
  if(!he_questions_teach(j))
    return;
  if(m->error)
    he_recall_unanswered(j->config.recall, j->config.host, m->family, now);
  else
    he_recall_answer(j->config.recall, j->config.host, m->family, m->list,
                     m->n, now);
}

bool he_questions_remembered(struct he_job *j, enum he_family f,
                             struct he_candidate *list, size_t *n,
                             he_time_ns now)
{
  if(!j->config.recall || !j->config.race.allowed[f] ||
     !he_recall_remembered(j->config.recall, &j->config.ask, f, list,
                           HE_HISTORY_ADDRS, n, now))
    return false;
  for(size_t i = 0; i < *n; i++)
    he_resolver_source(&list[i]);
  he_job_tell_family(j, HE_STEP_REMEMBERED, f, 0, *n, now);
  return true;
}

/* -- answers that come when the race is over -- */

/* They are waited for, so that the next race knows them: one that began with
   remembered addresses is mostly over before, and a slow name server is heard
   in no other way. By so many races of a racer at the most, for a resolver may
   take half a minute to fail. */
#define LINGERING 64
static _Thread_local unsigned lingering;

static bool any_open(const struct he_job *j)
{
  return j->race->query[HE_IPV6] || j->race->query[HE_IPV4];
}

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void learn_unanswered(struct he_job *j, he_time_ns now)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(j->race->query[f])
      he_recall_unanswered(j->config.recall, j->config.host,
                           (enum he_family)f, now);
  }
}

bool he_questions_linger(struct he_job *j, bool won, he_time_ns now)
{
  const bool teach = he_questions_teach(j);
  if(won && teach)
    learn_unanswered(j, now);
  for(int f = 0; f < HE_FAMILIES; f++)
    close_second(j, (enum he_family)f);
  if(teach && any_open(j) && lingering < LINGERING) {
    lingering++;
    return true;
  }
  he_questions_close_all(j);
  return false;
}

bool he_questions_late(struct he_job *j, const struct he_job_mail *m,
                       he_time_ns now)
{
  he_questions_close(j, m->family);
  he_questions_learn(j, m, now);
  return !any_open(j);
}

void he_questions_left(struct he_job *j)
{
  lingering--;
  he_questions_close_all(j);
}
