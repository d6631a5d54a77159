/* SPDX-License-Identifier: MIT */
/* questions.c - a resolver's answers come on a thread of its own, and go to
 * the racer as mail. */
#include "beside/questions.h"
#include "base/clock.h"
#include "connect/answers.h"
#include "net/lacking.h"
#include "net/listening.h"
#include "resolve/prefix64.h"

bool he_questions_teach(const struct he_beside *b)
{
  return b->c.config.recall && b->state != HE_BESIDE_ASIDE;
}

static bool post_answer(struct he_beside *b, enum he_beside_mail_kind kind,
                        enum he_family family, int error,
                        struct he_candidate *list, size_t n)
{
  struct he_beside_mail m = { .kind = kind };
  m.at = he_clock_now();
  m.family = family;
  m.error = he_resolver_says_none(error) ? 0 : error;
  m.list = list;
  m.n = n;
  return he_beside_post(b, &m, m.at);
}

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  if(!post_answer(arg, HE_MAIL_ANSWER, family, error, list, n))
    he_beside_unanswered(arg);
}

/* Where it is lost, libcurl is not relied on to have more addresses. */
static void on_second(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  post_answer(arg, HE_MAIL_CONFIRM, family, error, list, n);
}

static struct he_query *ask(struct he_beside *b, enum he_family f,
                            uint16_t port, he_resolver_answer answer)
{
  const struct he_connect_config *c = &b->c.config;
  return he_resolver_ask(c->resolver, c->host, port, f,
                         !c->race.allowed[he_other_family(f)], answer, b);
}

bool he_questions_ask(struct he_beside *b, enum he_family f, he_time_ns now)
{
  he_beside_tell_family(b, HE_STEP_RESOLVE, f, 0, 0, now);
  b->race->query[f] = ask(b, f, b->c.config.port, on_answer);
  return b->race->query[f];
}

void he_questions_close(struct he_beside *b, enum he_family f)
{
  b->c.config.resolver->close(b->race->query[f]);
  b->race->query[f] = NULL;
}

static void close_second(struct he_beside *b, enum he_family f)
{
  b->c.config.resolver->close(b->race->second[f]);
  b->race->second[f] = NULL;
}

void he_questions_close_all(struct he_beside *b)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    he_questions_close(b, (enum he_family)f);
    close_second(b, (enum he_family)f);
  }
}

/* libcurl asks for a name on a thread of its own: that alone takes longer than
   0.1 ms (0.14 at least was seen, for a name in /etc/hosts), while it reads an
   address in a third of that. So where it took less, and the same question
   takes a resolver's time here, libcurl had an address, by CURLOPT_CONNECT_TO
   for instance. What is less than MARGIN may be the scheduler's. */
#define NO_TIME (HE_MS(1) / 10)
#define MARGIN HE_MS(5)

bool he_questions_looked_up(const struct he_beside *b, enum he_family f)
{
  const struct he_resolver *resolver = b->c.config.resolver;
  he_time_ns took = 0;
  if(!b->c.config.lookup || b->c.config.lookup >= NO_TIME)
    return true;
  if(resolver->took && b->race->query[f])
    took = resolver->took(b->race->query[f]);
  return took <= b->c.config.lookup + MARGIN;
}

/* -- how sure the number of addresses is -- */

static struct he_answers *answers_of(const struct he_beside *b)
{
  return he_answers_of(b->c.config.host, b->c.config.realm);
}

/* Another question than the first, also for whoever answers all that ask the
   same with one answer: for no port. */
static void ask_again(struct he_beside *b, enum he_family f, size_t n,
                      const struct he_answers *known, he_time_ns now)
{
  struct he_beside_race *r = b->race;
  if(!b->c.config.confirm || b->state != HE_BESIDE_RACING || r->confirmed[f] ||
     n < 2 || he_answers_vary(known, now) || he_answers_sure(known, f, n, now))
    return;
  r->confirmed[f] = true;
  r->second[f] = ask(b, f, 0, on_second);
}

void he_questions_noted(struct he_beside *b, enum he_family f, he_time_ns now)
{
  const size_t n = he_race_known(b->race->race, f);
  struct he_answers *known = answers_of(b);
  he_answers_note(known, f, n, now);
  ask_again(b, f, n, known, now);
}

void he_questions_confirmed(struct he_beside *b, const struct he_beside_mail *m,
                            he_time_ns now)
{
  const size_t n = he_race_known(b->race->race, m->family);
  close_second(b, m->family);
  if(m->error)
    return;
  if(m->n == n)
    b->race->sure[m->family] = (uint16_t)n;
  he_answers_compare(answers_of(b), m->family, n, m->n, now);
}

void he_questions_translate(struct he_beside *b,
                            const struct he_beside_mail *m)
{
  if(!b->c.config.nat64 || m->family != HE_IPV4)
    return;
  for(size_t i = 0; i < m->n; i++) {
    if(m->list[i].has_source)
      return;
  }
  if(m->n && he_lacking_ipv4()) {
    he_listening_begin(b->c.task.racer);
    he_prefix64_ask(b->c.config.resolver, NULL);
  }
}

/* -- history -- */

void he_questions_learn(struct he_beside *b, const struct he_beside_mail *m,
                        he_time_ns now)
{
  if(!he_questions_teach(b))
    return;
  if(m->error)
    he_recall_unanswered(b->c.config.recall, b->c.config.host, m->family, now);
  else
    he_recall_answer(b->c.config.recall, b->c.config.host, m->family, m->list,
                     m->n, now);
}

bool he_questions_remembered(struct he_beside *b, enum he_family f,
                             struct he_candidate *list, size_t *n,
                             he_time_ns now)
{
  if(!b->c.config.recall || !b->c.config.race.allowed[f] ||
     !he_recall_remembered(b->c.config.recall, &b->c.config.ask, f, list,
                           HE_HISTORY_ADDRS, n, now))
    return false;
  for(size_t i = 0; i < *n; i++)
    he_resolver_source(&list[i]);
  he_beside_tell_family(b, HE_STEP_REMEMBERED, f, 0, *n, now);
  return true;
}

/* -- answers that come when the race is over -- */

/* They are waited for, so that the next race knows them: one that began with
   remembered addresses is mostly over before, and a slow name server is heard
   in no other way. By so many races of a racer at the most, for a resolver may
   take half a minute to fail. */
#define LINGERING 64
static _Thread_local unsigned lingering;

static bool any_open(const struct he_beside *b)
{
  return b->race->query[HE_IPV6] || b->race->query[HE_IPV4];
}

/* A family that was not needed is not worth a wait the next time, unless its
   answer comes after all. */
static void learn_unanswered(struct he_beside *b, he_time_ns now)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(b->race->query[f])
      he_recall_unanswered(b->c.config.recall, b->c.config.host,
                           (enum he_family)f, now);
  }
}

bool he_questions_linger(struct he_beside *b, bool won, he_time_ns now)
{
  const bool teach = he_questions_teach(b);
  if(won && teach)
    learn_unanswered(b, now);
  for(int f = 0; f < HE_FAMILIES; f++)
    close_second(b, (enum he_family)f);
  if(teach && any_open(b) && lingering < LINGERING) {
    lingering++;
    return true;
  }
  he_questions_close_all(b);
  return false;
}

bool he_questions_late(struct he_beside *b, const struct he_beside_mail *m,
                       he_time_ns now)
{
  he_questions_close(b, m->family);
  he_questions_learn(b, m, now);
  return !any_open(b);
}

void he_questions_left(struct he_beside *b)
{
  lingering--;
  he_questions_close_all(b);
}
