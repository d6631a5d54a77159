/* SPDX-License-Identifier: MIT */
/* race_model_test.c - random walks of a race beside a slow and obvious model.
 *
 * The model keeps the history: every event as it came, every attempt as it
 * was started. At each step it looks through all of it anew to find what the
 * race should do. It shares no code with the race. Two facts alone are kept,
 * since the race is asked to remember them: which family was found silent, and
 * that a closed one had its wait.
 *
 * HE_SEED repeats a walk, HE_ROUNDS makes more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "race/race.h"

#define STEPS 120
#define PER_FAMILY 6
#define FOREVER HE_MS(3600000)

/* --- chance -------------------------------------------------------------- */

static uint64_t dice;

static unsigned roll(unsigned sides)
{
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return (unsigned)((dice >> 20) % sides);
}

static bool one_in(unsigned n)
{
  return !roll(n);
}

/* --- the model ----------------------------------------------------------- */

/* An address is its family and number; a walk decides which have a source. */
struct name {
  enum he_family f;
  int i;
};

struct step {
  he_time_ns at;
  enum he_event_kind kind;
  enum he_family f;
  int names[PER_FAMILY];      /* ANSWER, REMEMBERED, without duplicates */
  int n;
  struct name name;           /* STARTED, NEXT */
  int attempt;
  int error;
};

struct try {
  struct name name;
  he_time_ns at;
  int step;                   /* in which it was started */
  bool native;                /* at the begin of that step; ours at its end */
  bool ahead;                 /* made out of its turn */
  int pace;                   /* how many turns there were by then; 0: it had
                                 none */
  he_time_ns delay;           /* after it */
};

struct model {
  struct he_race_config c;
  bool routed[HE_FAMILIES][PER_FAMILY];
  struct step h[STEPS + 3];
  int n;                      /* steps; the last is the present */
  struct try tries[STEPS * 2];
  int n_tries;
  int paces;
  int silent;
  bool waited;
  bool begun;
  bool over;
  char said[1024];            /* in the present step */
};

static void say(struct model *m, const char *verb, int a, int b)
{
  const size_t len = strlen(m->said);
  snprintf(m->said + len, sizeof(m->said) - len, "%s %d %d; ", verb, a, b);
}

static he_time_ns plus(he_time_ns a, he_time_ns b)
{
  return a == HE_NEVER || b == HE_NEVER ? HE_NEVER : a + b;
}

/* All of the following look at the first n steps only. */

static bool answered(const struct model *m, int n, enum he_family f)
{
  for(int i = 0; i < n; i++)
    if((m->h[i].kind == HE_EV_ANSWER || m->h[i].kind == HE_EV_UNANSWERED) &&
       m->h[i].f == f)
      return true;
  return !m->c.allowed[f];
}

/* Does step i tell a family's addresses? What is remembered counts until
   there is an answer. */
static bool tells(const struct model *m, int i, enum he_family f)
{
  return m->h[i].f == f && m->c.allowed[f] &&
         (m->h[i].kind == HE_EV_ANSWER ||
          (m->h[i].kind == HE_EV_REMEMBERED && !answered(m, i, f)));
}

static const struct step *last_answer(const struct model *m, int n,
                                      enum he_family f)
{
  for(int i = n - 1; i >= 0; i--)
    if(tells(m, i, f))
      return &m->h[i];
  return NULL;
}

/* Nothing of this family is waited for. */
static bool told(const struct model *m, int n, enum he_family f)
{
  return answered(m, n, f) || last_answer(m, n, f);
}

static int known(const struct model *m, int n, enum he_family f)
{
  const struct step *s = last_answer(m, n, f);
  return s ? s->n : 0;
}

/* Has the family an address with a route? */
static bool usable(const struct model *m, int n, enum he_family f)
{
  const struct step *s = last_answer(m, n, f);
  for(int i = 0; s && i < s->n; i++)
    if(m->routed[f][s->names[i]])
      return true;
  return false;
}

static bool was_tried(const struct model *m, struct name a)
{
  for(int i = 0; i < m->n_tries; i++)
    if(m->tries[i].name.f == a.f && m->tries[i].name.i == a.i)
      return true;
  return false;
}

/* The untried ones of a family, routed ones first; returns how many. */
static int in_line(const struct model *m, int n, enum he_family f,
                   int out[PER_FAMILY])
{
  const struct step *s = last_answer(m, n, f);
  int count = 0;
  for(int routed = 1; s && routed >= 0; routed--)
    for(int i = 0; i < s->n; i++) {
      const struct name a = { f, s->names[i] };
      if(m->routed[f][a.i] == (bool)routed && !was_tried(m, a))
        out[count++] = a.i;
    }
  return count;
}

static int untried(const struct model *m, int n, enum he_family f)
{
  int names[PER_FAMILY];
  return in_line(m, n, f, names);
}

/* What became of an attempt, and when. */
static enum he_attempt_state fate(const struct model *m, int n, int id,
                                  int *step)
{
  const struct try *t = &m->tries[id];
  for(int i = t->step; i < n; i++) {
    const struct step *s = &m->h[i];
    *step = i;
    if(i > t->step && s->attempt == id) {
      if(s->kind == HE_EV_CONNECTED)
        return HE_TRY_CONNECTED;
      if(s->kind == HE_EV_FAILED)
        return HE_TRY_FAILED;
      if(s->kind == HE_EV_GONE && t->native)
        return HE_TRY_GONE;
    }
    if(i > t->step && !t->native && s->at >= plus(t->at, m->c.attempt_timeout))
      return HE_TRY_TIMED_OUT;
  }
  *step = -1;
  return HE_TRY_RUNNING;
}

static int running(const struct model *m, int n)
{
  int count = 0;
  int step;
  for(int i = 0; i < m->n_tries; i++)
    count += fate(m, n, i, &step) == HE_TRY_RUNNING;
  return count;
}

/* Since when a family is silent. */
static he_time_ns silent_since(const struct model *m, int n, enum he_family f)
{
  he_time_ns since = 0;
  int count = 0;
  for(int i = 0; i < m->n_tries; i++) {
    int step;
    const enum he_attempt_state s = fate(m, n, i, &step);
    const he_time_ns enough = m->tries[i].at + m->c.attempt_delay;
    if(m->tries[i].name.f != f)
      continue;
    count++;
    if(s == HE_TRY_FAILED || (step >= 0 && m->h[step].at < enough))
      return HE_NEVER;
    if(enough > since)
      since = enough;
  }
  return count < 2 ? HE_NEVER : since;
}

/* The family whose turn it is; -1 when nothing is untried. `extra` attempts
   are imagined, the last of them of family `last`. */
static int turn(const struct model *m, int n, const int left[HE_FAMILIES],
                const int extra[HE_FAMILIES], int last)
{
  int tried[HE_FAMILIES] = { extra[0], extra[1] };
  int f;
  int best[HE_FAMILIES][PER_FAMILY];
  if(!left[HE_IPV6] && !left[HE_IPV4])
    return -1;
  for(int i = 0; i < m->n_tries; i++) {
    if(!m->tries[i].pace)
      continue;
    tried[m->tries[i].name.f]++;
    if(!extra[0] && !extra[1] && m->tries[i].pace == m->paces)
      last = (int)m->tries[i].name.f;
  }
  if(!left[HE_IPV6] || !left[HE_IPV4])
    return left[HE_IPV6] ? HE_IPV6 : HE_IPV4;
  if(m->silent >= 0)
    return !m->silent;
  if(tried[0] + tried[1]) {
    if(!tried[!last] && tried[last] < (int)m->c.first_family_count)
      return last;
    return !last;
  }
  f = m->c.preference == HE_PREFER_IPV4 ? HE_IPV4 : HE_IPV6;
  in_line(m, n, HE_IPV6, best[HE_IPV6]);
  in_line(m, n, HE_IPV4, best[HE_IPV4]);
  if(!m->routed[f][best[f][0]] && m->routed[!f][best[!f][0]])
    f = !f;
  return f;
}

static int turn_now(const struct model *m, int n)
{
  static const int none[HE_FAMILIES] = { 0, 0 };
  int names[PER_FAMILY];
  const int left[HE_FAMILIES] = { in_line(m, n, HE_IPV6, names),
                                  in_line(m, n, HE_IPV4, names) };
  return turn(m, n, left, none, 0);
}

static bool is_open(const struct model *m, int f)
{
  if(!m->c.beside || m->c.open[f])
    return true;
  for(int i = 0; i < m->n; i++)
    if(m->h[i].kind == HE_EV_OPEN && (int)m->h[i].f == f)
      return true;
  for(int i = 0; i < m->n_tries; i++)
    if(m->tries[i].native && (int)m->tries[i].name.f == f)
      return true;
  return false;
}

static bool other_began(const struct model *m)
{
  for(int i = 0; i < m->n_tries; i++)
    if(m->tries[i].native)
      return true;
  return false;
}

/* RFC 8305 section 3: may connecting begin by what was known after n steps? */
static bool ready(const struct model *m, int n)
{
  const int f = m->c.preference == HE_PREFER_IPV4 ? HE_IPV4 : HE_IPV6;
  const bool all = answered(m, n, HE_IPV6) && answered(m, n, HE_IPV4);
  const bool any = known(m, n, HE_IPV6) || known(m, n, HE_IPV4);
  he_time_ns start = HE_NEVER;
  he_time_ns first = HE_NEVER;
  for(int i = n - 1; i >= 0; i--) {
    const struct step *s = &m->h[i];
    if(s->kind == HE_EV_START)
      start = s->at;
    if(s->n && tells(m, i, s->f))
      first = s->at;
  }
  if(start == HE_NEVER)
    return false;
  if(usable(m, n, (enum he_family)f))
    return true;
  if(all)
    return m->c.beside || any;
  if(any && told(m, n, HE_IPV6) && told(m, n, HE_IPV4))
    return true;
  return usable(m, n, (enum he_family)!f) &&
         m->h[n - 1].at >= (first > start ? first : start) +
                           m->c.resolution_delay;
}

static bool racing(const struct model *m, int n)
{
  if(m->c.beside)
    return other_began(m);
  for(int i = 1; i <= n; i++)
    if(ready(m, i))
      return true;
  return false;
}

/* The attempt that had the last turn; the first one had one. */
static const struct try *last_turn(const struct model *m)
{
  int i = 0;
  while(m->tries[i].pace != m->paces)
    i++;
  return &m->tries[i];
}

/* The delay before the next turn. */
static he_time_ns gap(const struct model *m)
{
  he_time_ns sum = 0;
  if(m->c.beside || !m->c.first_delay)
    return m->c.attempt_delay;
  for(int i = 0; i < m->paces && sum < m->c.attempt_delay; i++)
    sum += m->c.first_delay;
  return sum < m->c.attempt_delay ? sum : m->c.attempt_delay;
}

/* When a closed family's wait ends. */
static he_time_ns wait_ends(const struct model *m)
{
  return last_turn(m)->at + m->c.attempt_delay + m->c.native_grace;
}

static void note_waited(struct model *m, int n, he_time_ns now)
{
  const int f = turn_now(m, n);
  if(m->n_tries && racing(m, n) && f >= 0 && !is_open(m, f) &&
     now >= wait_ends(m))
    m->waited = true;
}

static void end(struct model *m, const char *how, int a, int b)
{
  int step;
  /* An attempt that times out in the step that ends everything is as good as
     running. */
  for(int i = 0; i < m->n_tries; i++) {
    const enum he_attempt_state s = fate(m, m->n, i, &step);
    if(!m->tries[i].native &&
       (s == HE_TRY_RUNNING || s == HE_TRY_TIMED_OUT) &&
       fate(m, m->n - 1, i, &step) == HE_TRY_RUNNING)
      say(m, "cancel", i, 0);
  }
  for(int f = 0; f < HE_FAMILIES; f++)
    /* a start that comes with the end is not told of */
    for(int i = 0; i < m->n - 1; i++)
      if(m->h[i].kind == HE_EV_START && !answered(m, m->n, (enum he_family)f))
        say(m, "forget", f, 0);
  say(m, how, a, b);
  m->over = true;
}

/* Ours are 10 ms apart from any before. */
static he_time_ns gap_ends(const struct model *m)
{
  return m->n_tries ? m->tries[m->n_tries - 1].at + HE_MS(10) : 0;
}

/* Has a failure since the last turn made the next one urgent? */
static bool hurries(const struct model *m, int i, enum he_attempt_state s,
                    int step)
{
  const struct try *last = last_turn(m);
  const struct try *t = &m->tries[i];
  if((s != HE_TRY_FAILED && s != HE_TRY_TIMED_OUT) || t->ahead)
    return false;
  /* within a step theirs is started before time-outs are seen, ours after */
  return step > last->step ||
         (step == last->step && last->native && s == HE_TRY_TIMED_OUT);
}

/* When the attempt whose turn it is may start, and after a failure of the
   other one's: both not before *floor. */
static he_time_ns turn_at(const struct model *m, int *f, he_time_ns *floor)
{
  he_time_ns at = 0;
  bool hurry = false;
  int names[PER_FAMILY];
  *floor = 0;
  *f = turn_now(m, m->n);
  if(*f < 0 || m->c.passive || !racing(m, m->n) ||
     running(m, m->n) >= (int)m->c.max_attempts)
    return HE_NEVER;
  if(m->n_tries) {
    const struct try *last = last_turn(m);
    for(int i = 0; i < m->n_tries; i++) {
      int step;
      const enum he_attempt_state s = fate(m, m->n, i, &step);
      if(!hurries(m, i, s, step))
        continue;
      hurry = true;
      if(m->tries[i].native && m->h[step].at + m->c.native_grace > *floor)
        *floor = m->h[step].at + m->c.native_grace;
    }
    at = last->at + (hurry ? HE_MS(10) : gap(m));
  }
  if(at < gap_ends(m))
    at = gap_ends(m);
  if(at < *floor)
    at = *floor;
  if(!is_open(m, *f)) {
    *f = !*f;
    if(!is_open(m, *f) || !in_line(m, m->n, (enum he_family)*f, names))
      return HE_NEVER;
    if(!m->waited && at < wait_ends(m))
      at = wait_ends(m);
  }
  return at;
}

/* What jumps the queue, where it may be tried at all. */
static bool has_next(const struct model *m, struct name *out)
{
  int names[PER_FAMILY];
  int n;
  int i = m->n - 1;
  while(i >= 0 && m->h[i].kind != HE_EV_NEXT)
    i--;
  if(i < 0)
    return false;
  *out = m->h[i].name;
  n = in_line(m, m->n, out->f, names);
  for(i = 0; i < n; i++)
    if(names[i] == out->i)
      return true;
  return false;
}

/* When the next attempt may start, and which; `ahead`: out of its turn.
   HE_NEVER: not as things are. */
static he_time_ns next_start(const struct model *m, struct name *name,
                             bool *ahead)
{
  const he_time_ns now = m->h[m->n - 1].at;
  he_time_ns floor, before;
  struct name jumps;
  int names[PER_FAMILY];
  int f;
  he_time_ns at = turn_at(m, &f, &floor);
  *ahead = false;
  if(at != HE_NEVER) {
    in_line(m, m->n, (enum he_family)f, names);
    *name = (struct name){ (enum he_family)f, names[0] };
  }
  if(m->c.passive || !has_next(m, &jumps) ||
     !is_open(m, (int)jumps.f) || !racing(m, m->n) ||
     running(m, m->n) >= (int)m->c.max_attempts)
    return at;
  before = gap_ends(m) > floor ? gap_ends(m) : floor;
  if(before < now)
    before = now;
  if(m->n_tries && at - before < HE_MS(10))
    return at;
  *ahead = m->n_tries;
  *name = jumps;
  return before;
}

static void model_start(struct model *m, struct name name, bool native,
                        bool ahead)
{
  m->tries[m->n_tries] = (struct try){ name, m->h[m->n - 1].at, m->n - 1,
                                       native, ahead, 0, 0 };
  m->tries[m->n_tries].delay = m->c.attempt_delay;
  if(!ahead) {
    m->tries[m->n_tries].pace = ++m->paces;
    m->tries[m->n_tries].delay = gap(m);
  }
  if(!native)
    say(m, "connect", m->n_tries, (int)name.f * 10 + name.i);
  m->n_tries++;
}

static int last_error(const struct model *m)
{
  int error = HE_RACE_NO_ADDRESS;
  /* within a step the event comes first, then what time has brought */
  for(int k = 0; k < m->n; k++)
    for(int late = 0; late < 2; late++)
      for(int i = 0, step; i < m->n_tries; i++) {
        const enum he_attempt_state s = fate(m, m->n, i, &step);
        if(step == k && !late && s == HE_TRY_FAILED)
          error = m->h[k].error;
        if(step == k && late && s == HE_TRY_TIMED_OUT)
          error = ETIMEDOUT;
      }
  return error;
}

/* What time alone brings: time-outs, the beginning, a start, the end. */
static void model_settle(struct model *m)
{
  const he_time_ns now = m->h[m->n - 1].at;
  bool started = false;
  bool ahead;
  struct name name;
  int f;
  for(int i = 0; i < m->n_tries; i++) {
    int step;
    if(fate(m, m->n, i, &step) == HE_TRY_TIMED_OUT && step == m->n - 1)
      say(m, "cancel", i, 0);
  }
  for(int i = 0; i < m->n; i++)
    started |= m->h[i].kind == HE_EV_START;
  for(f = 0; f < HE_FAMILIES; f++)
    if(m->h[m->n - 1].kind == HE_EV_START &&
       !answered(m, m->n - 1, (enum he_family)f))
      say(m, "resolve", f, 0);
  if(m->c.beside && !m->begun && !other_began(m) && ready(m, m->n)) {
    say(m, "begin", 0, 0);
    m->begun = true;
  }
  note_waited(m, m->n, now);
  while(next_start(m, &name, &ahead) <= now)
    model_start(m, name, false, ahead);
  if(!m->c.beside && started && answered(m, m->n, HE_IPV6) &&
     answered(m, m->n, HE_IPV4) && !running(m, m->n) &&
     !untried(m, m->n, HE_IPV6) && !untried(m, m->n, HE_IPV4)) {
    say(m, "lost", last_error(m), 0);
    m->over = true;
  }
}

static void model_step(struct model *m, struct step s)
{
  int step;
  m->said[0] = 0;
  if(m->over)
    return;
  if(m->n) {
    const he_time_ns six = silent_since(m, m->n, HE_IPV6);
    const he_time_ns four = silent_since(m, m->n, HE_IPV4);
    if(m->silent < 0 && six <= s.at && six <= four)
      m->silent = HE_IPV6;
    else if(m->silent < 0 && four <= s.at)
      m->silent = HE_IPV4;
    note_waited(m, m->n, s.at);
  }
  if(s.kind == HE_EV_START)
    for(int i = 0; i < m->n; i++)
      if(m->h[i].kind == HE_EV_START)
        s.kind = HE_EV_TIME;
  if(s.kind != HE_EV_STARTED && s.attempt >= 0 &&
     fate(m, m->n, s.attempt, &step) != HE_TRY_RUNNING)
    s.kind = HE_EV_TIME;
  m->h[m->n++] = s;
  if(s.kind == HE_EV_STARTED)
    model_start(m, s.name, true, false);
  if(s.kind == HE_EV_STOP)
    end(m, "lost", ECANCELED, 0);
  else if(s.kind == HE_EV_CONNECTED)
    end(m, "won", s.attempt, 0);
  else if(s.at >= plus(m->h[0].at, m->c.total_timeout))
    end(m, "lost", ETIMEDOUT, 0);
  else
    model_settle(m);
}

/* --- the walk ------------------------------------------------------------ */

static struct he_addr addr_of(struct name a)
{
  struct he_addr addr = { .family = (uint8_t)a.f };
  if(a.f == HE_IPV6) {
    addr.ip[0] = 0x3f;
    addr.ip[1] = 0xff;
    addr.ip[15] = (uint8_t)(a.i + 1);
  }
  else {
    addr.ip[0] = 192;
    addr.ip[3] = (uint8_t)(a.i + 1);
  }
  return addr;
}

static int number_of(const struct he_addr *a)
{
  return (int)a->family * 10 + a->ip[a->family == HE_IPV6 ? 15 : 3] - 1;
}

/* What must hold whatever the model says. */
struct watch {
  bool ended;
  bool ours[STEPS * 2];         /* running */
  bool tried[HE_FAMILIES * 10];
  he_time_ns last_start;
};

static void watch(struct watch *w, const struct model *m, he_time_ns now,
                  const struct he_action *act)
{
  assert_false(w->ended);
  switch(act->kind) {
  case HE_ACT_CONNECT:
    assert_true(now - w->last_start >= HE_RACE_MIN_GAP);
    w->last_start = now;
    assert_false(w->tried[number_of(&act->addr)]);
    w->tried[number_of(&act->addr)] = true;
    w->ours[act->attempt] = true;
    assert_true(m->c.allowed[act->addr.family]);
    break;
  case HE_ACT_CANCEL:
    assert_true(w->ours[act->attempt]);
    w->ours[act->attempt] = false;
    break;
  case HE_ACT_WON:
  case HE_ACT_LOST:
    w->ended = true;
    for(int i = 0; i < STEPS * 2; i++)
      assert_false(w->ours[i]);
    break;
  case HE_ACT_RESOLVE:
  case HE_ACT_FORGET:
  case HE_ACT_BEGIN:
    break;
  }
}

static void drain(struct he_race *r, struct watch *w, const struct model *m,
                  he_time_ns now, char *got, size_t size)
{
  static const char *const verbs[] = { "resolve", "forget", "begin",
                                       "connect", "cancel", "won", "lost" };
  struct he_action act;
  *got = 0;
  while(he_race_next(r, &act)) {
    const size_t len = strlen(got);
    int a = act.attempt;
    int b = 0;
    watch(w, m, now, &act);
    if(act.kind == HE_ACT_RESOLVE || act.kind == HE_ACT_FORGET)
      a = (int)act.family;
    else if(act.kind == HE_ACT_BEGIN)
      a = 0;
    else if(act.kind == HE_ACT_LOST)
      a = act.error;
    else if(act.kind == HE_ACT_CONNECT)
      b = number_of(&act.addr);
    snprintf(got + len, size - len, "%s %d %d; ", verbs[act.kind], a, b);
  }
}

static void random_config(struct he_race_config *c, bool beside)
{
  static const int delays[] = { 10, 11, 50, 150 };
  static const int firsts[] = { 0, 10, 17, 50, 200 };
  const unsigned only = roll(8);
  *c = (struct he_race_config){
    .resolution_delay = HE_MS(one_in(4) ? 0 : 50),
    .attempt_delay = HE_MS(delays[roll(4)]),
    .first_delay = HE_MS(firsts[roll(5)]),
    .attempt_timeout = one_in(2) ? HE_NEVER : HE_MS(1 + roll(500)),
    .total_timeout = one_in(3) ? HE_MS(200 + roll(3000)) : HE_NEVER,
    .native_grace = HE_MS(one_in(4) ? 0 : roll(100)),
    .first_family_count = 1 + roll(3), .max_attempts = 1 + roll(7),
    .preference = (enum he_preference)roll(3), .beside = beside };
  c->passive = beside && one_in(8);
  c->allowed[HE_IPV6] = only != 1;
  c->allowed[HE_IPV4] = only != 2;
  c->open[HE_IPV6] = one_in(4);
  c->open[HE_IPV4] = one_in(4);
}

/* A random event, one that may happen now. */
static struct step random_step(const struct model *m)
{
  static const enum he_event_kind kinds[] = {
    HE_EV_ANSWER, HE_EV_ANSWER, HE_EV_UNANSWERED, HE_EV_STARTED,
    HE_EV_STARTED, HE_EV_FAILED, HE_EV_FAILED, HE_EV_FAILED, HE_EV_GONE,
    HE_EV_START, HE_EV_TIME, HE_EV_TIME, HE_EV_REMEMBERED };
  struct step s = { .kind = kinds[roll(13)], .attempt = -1,
                    .f = (enum he_family)roll(2), .error = 100 };
  if(one_in(40))
    s.kind = one_in(3) ? HE_EV_STOP : HE_EV_CONNECTED;
  else if(one_in(20))
    s.kind = HE_EV_OPEN;
  else if(one_in(8))
    s.kind = HE_EV_NEXT;
  if(s.kind == HE_EV_STARTED && !m->c.beside)
    s.kind = HE_EV_TIME;
  if(s.kind == HE_EV_STARTED || s.kind == HE_EV_NEXT)
    s.name = (struct name){ s.f, (int)roll(PER_FAMILY) };
  if(s.kind == HE_EV_CONNECTED || s.kind == HE_EV_FAILED ||
     s.kind == HE_EV_GONE) {
    if(m->n_tries) {
      s.attempt = (int)roll((unsigned)m->n_tries);
      s.error = 100 + (int)roll(20);
    }
    else
      s.kind = HE_EV_TIME;
  }
  if(s.kind == HE_EV_GONE && !m->tries[s.attempt].native)
    s.kind = HE_EV_TIME;
  if(s.kind == HE_EV_TIME)
    s.attempt = -1;
  if(s.kind == HE_EV_ANSWER || s.kind == HE_EV_REMEMBERED) {
    const int most = one_in(4) ? 0 : 1 + (int)roll(PER_FAMILY);
    for(int i = 0; i < most; i++) {
      const int name = (int)roll(PER_FAMILY);
      bool twice = false;
      for(int j = 0; j < s.n; j++)
        twice |= s.names[j] == name;
      if(!twice)
        s.names[s.n++] = name;
    }
  }
  return s;
}

static struct he_event event_of(const struct model *m, const struct step *s,
                                struct he_candidate *list)
{
  struct he_event ev = { .kind = s->kind, .family = s->f, .list = list,
                         .attempt = s->attempt, .error = s->error };
  ev.addr = addr_of(s->name);
  for(int i = 0; i < s->n; i++) {
    const struct name a = { s->f, s->names[i] };
    struct he_candidate c = { .addr = addr_of(a) };
    c.has_source = m->routed[a.f][a.i];
    c.source = c.addr;
    list[ev.n++] = c;
    if(s->names[i] & 1)
      list[ev.n++] = c;       /* a duplicate */
  }
  return ev;
}

/* The deadline is right: the model does nothing a nanosecond before it, and
   something (or a turn changes) at it. */
static void check_due(const struct model *m, he_time_ns now, he_time_ns due)
{
  struct model *probe = malloc(sizeof(*probe));
  struct step s = { .kind = HE_EV_TIME, .attempt = -1 };
  assert_non_null(probe);
  assert_true(due > now);
  s.at = due == HE_NEVER ? now + FOREVER : due - 1;
  if(s.at > now) {
    *probe = *m;
    model_step(probe, s);
    assert_string_equal(probe->said, "");
    assert_int_equal(probe->paces, m->paces);
  }
  if(due != HE_NEVER) {
    *probe = *m;
    s.at = due;
    model_step(probe, s);
    if(!probe->said[0])
      assert_true(probe->silent != m->silent || probe->paces != m->paces);
  }
  free(probe);
}

static void check_untried(const struct model *m, const struct he_race *r)
{
  struct he_candidate out[2 * PER_FAMILY];
  int names[HE_FAMILIES][PER_FAMILY];
  int at[HE_FAMILIES] = { 0, 0 };
  int left[HE_FAMILIES];
  int last = 0;
  const size_t n = he_race_untried(r, out, 2 * PER_FAMILY);
  for(int f = 0; f < HE_FAMILIES; f++)
    left[f] = in_line(m, m->n, (enum he_family)f, names[f]);
  assert_int_equal(n, untried(m, m->n, HE_IPV6) + untried(m, m->n, HE_IPV4));
  for(size_t i = 0; left[0] + left[1]; i++) {
    const int f = turn(m, m->n, left, at, last);
    assert_in_range(i, 0, n - 1);
    assert_int_equal(number_of(&out[i].addr), f * 10 + names[f][at[f]]);
    at[f]++;
    left[f]--;
    last = f;
  }
}

static bool lists(const struct step *s, int i)
{
  for(int j = 0; s && j < s->n; j++)
    if(s->names[j] == i)
      return true;
  return false;
}

/* Was it first tried for being remembered? */
static bool was_remembered(const struct model *m, struct name a)
{
  for(int i = 0; i < m->n_tries; i++)
    if(m->tries[i].name.f == a.f && m->tries[i].name.i == a.i) {
      const struct step *s = last_answer(m, m->tries[i].step + 1, a.f);
      return s && s->kind == HE_EV_REMEMBERED && lists(s, a.i);
    }
  return false;
}

static void check_known(const struct model *m, const struct he_race *r)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    const enum he_family family = (enum he_family)f;
    const struct step *s = last_answer(m, m->n, family);
    assert_int_equal(he_race_known(r, family), s ? s->n : 0);
    for(int i = 0; i < PER_FAMILY; i++) {
      const struct name name = { family, i };
      const struct he_addr a = addr_of(name);
      assert_int_equal(he_race_knows(r, &a),
                       lists(s, i) || was_remembered(m, name));
    }
  }
}

static void check_attempts(const struct model *m, const struct he_race *r)
{
  struct he_attempt_info info;
  int step;
  assert_int_equal(he_race_attempts(r), m->n_tries);
  for(int i = 0; i < m->n_tries && !m->over; i++) {
    const enum he_attempt_state s = fate(m, m->n, i, &step);
    assert_true(he_race_attempt(r, i, &info));
    assert_int_equal(info.state, s);
    assert_int_equal(info.native, m->tries[i].native);
    assert_true(info.started == m->tries[i].at);
    assert_true(info.delay == m->tries[i].delay);
    assert_true(info.ended == (step < 0 ? HE_NEVER : m->h[step].at));
  }
  assert_false(he_race_attempt(r, m->n_tries, &info));
}

/* One step of both; `s.at` is set. */
static void both(struct model *m, struct he_race *r, struct watch *w,
                 struct step s)
{
  struct he_candidate list[2 * PER_FAMILY];
  struct he_event ev = event_of(m, &s, list);
  char got[1024];
  if(s.attempt >= 0)
    w->ours[s.attempt] = false;
  he_race_handle(r, s.at, &ev);
  if(s.kind == HE_EV_STARTED && !m->over) {
    assert_int_equal(ev.attempt, m->n_tries);
    w->last_start = s.at;
  }
  drain(r, w, m, s.at, got, sizeof(got));
  model_step(m, s);
  assert_string_equal(got, m->said);
  assert_int_equal(he_race_over(r), m->over);
  check_attempts(m, r);
  if(m->over) {
    assert_true(he_race_due(r) == HE_NEVER);
    return;
  }
  check_known(m, r);
  check_untried(m, r);
  check_due(m, s.at, he_race_due(r));
}

static void walk(bool beside)
{
  struct model *m = calloc(1, sizeof(*m));
  struct watch w = { .last_start = -HE_MS(1000) };
  struct he_race *r;
  he_time_ns now = (he_time_ns)roll(1000);
  assert_non_null(m);
  random_config(&m->c, beside);
  m->silent = -1;
  for(int f = 0; f < HE_FAMILIES; f++)
    for(int i = 0; i < PER_FAMILY; i++)
      m->routed[f][i] = !one_in(6);
  r = he_race_new(&m->c);
  assert_non_null(r);
  if(!one_in(3))
    both(m, r, &w, (struct step){ .at = now, .kind = HE_EV_START,
                                  .attempt = -1 });
  for(int i = 0; i < STEPS && !w.ended; i++) {
    struct step s = { .kind = HE_EV_TIME, .attempt = -1 };
    const he_time_ns due = he_race_due(r);
    if(i && due != HE_NEVER && one_in(2))
      now = due;                       /* as a caller sleeps */
    else {
      he_time_ns pause = HE_MS(roll(40)) + one_in(2) * (he_time_ns)roll(9999);
      if(one_in(10))
        pause *= 10;                   /* as one that oversleeps */
      s = random_step(m);
      now = i && due != HE_NEVER && now + pause > due && !one_in(5) ? due :
            now + pause;
    }
    s.at = now;
    both(m, r, &w, s);
  }
  if(!w.ended)
    both(m, r, &w, (struct step){ .at = now, .kind = HE_EV_STOP,
                                  .attempt = -1 });
  assert_true(w.ended);
  both(m, r, &w, (struct step){ .at = now + HE_MS(1000), .kind = HE_EV_START,
                                .attempt = -1 });
  he_race_free(r);
  free(m);
}

static uint64_t first_seed;
static uint64_t seed;           /* of the present walk */
static long rounds;
static bool finished;

static void walks(bool beside)
{
  finished = false;
  for(long i = 0; i < rounds; i++) {
    seed = first_seed + (uint64_t)i;
    dice = (seed + 1) * 0x9e3779b97f4a7c15u;
    if(!dice)
      dice = 1;
    walk(beside);
  }
  finished = true;
}

/* A failed assertion does not come back to walks(). */
static int say_seed(void **state)
{
  (void)state;
  if(!finished)
    print_message("# again with HE_SEED=%llu HE_ROUNDS=1\n",
                  (unsigned long long)seed);
  return 0;
}

static void alone(void **state)
{
  (void)state;
  walks(false);
}

static void beside(void **state)
{
  (void)state;
  walks(true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(alone, say_seed),
    cmocka_unit_test_teardown(beside, say_seed)
  };
  const char *given = getenv("HE_SEED");
  const char *more = getenv("HE_ROUNDS");
  first_seed = given ? strtoull(given, NULL, 0) :
               (uint64_t)time(NULL) * 1000003u;
  rounds = more ? strtol(more, NULL, 0) : 300;
  print_message("# HE_SEED=%llu HE_ROUNDS=%ld\n",
                (unsigned long long)first_seed, rounds);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
