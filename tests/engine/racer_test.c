/* SPDX-License-Identifier: MIT */
/* racer_test.c - the mailbox under fire: every mail once, in the order of its
 * sender, by its time; and racers that come and go leave nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "base/clock.h"
#include "net/racer.h"

#define SENDERS 6
#define TASKS 12
/* Far more than any machine needs, far less than a lost wake-up takes. */
#define TOO_LATE HE_MS(5000)

/* What went wrong on threads that must not fail a test themselves. */
static unsigned wrong_order, wrong_time, alive, delivered, ended;

static void add(unsigned *n, unsigned more)
{
  __atomic_add_fetch(n, more, __ATOMIC_SEQ_CST);
}

static unsigned value(unsigned *n)
{
  return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static bool value_of(bool *b)
{
  return __atomic_load_n(b, __ATOMIC_SEQ_CST);
}

struct box {
  struct he_task task;        /* first */
  unsigned last[SENDERS];
  he_time_ns due;             /* HE_NEVER: the timer is not set */
  bool timed;                 /* sets its timer now and then */
  uint64_t dice;
};

struct letter {
  struct he_mail mail;        /* first */
  unsigned sender;
  unsigned number;            /* from 1, of this sender */
  he_time_ns by;
  bool retire;
};

/* the racer's thread's: one mailbox, so a sender's order holds over all */
static unsigned last_of[SENDERS];
static bool one_racer;

static void check_due(struct box *b, he_time_ns now)
{
  if(b->due != HE_NEVER && now - b->due > TOO_LATE)
    add(&wrong_time, 1);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct box *b = (struct box *)t;
  struct letter *l = (struct letter *)m;
  if(one_racer ? l->number != last_of[l->sender] + 1 :
     l->number <= b->last[l->sender])
    add(&wrong_order, 1);
  if(l->by != HE_NEVER && now - l->by > TOO_LATE)
    add(&wrong_time, 1);
  if(one_racer)
    last_of[l->sender] = l->number;
  b->last[l->sender] = l->number;
  check_due(b, now);
  if(b->timed && !roll_of(&b->dice, 3)) {
    b->due = HE_NEVER;
    if(roll_of(&b->dice, 4))
      b->due = now + (he_time_ns)roll_of(&b->dice, 20000000);
    he_task_wake_at(t, b->due);
  }
  if(l->retire)
    he_task_retire(t);
  free(l);
  add(&delivered, 1);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct box *b = (struct box *)t;
  if(b->due == HE_NEVER || now < b->due)
    add(&wrong_time, 1);
  check_due(b, now);
  b->due = HE_NEVER;
}

static void on_expected(struct he_task *t, he_time_ns now)
{
  struct box *b = (struct box *)t;
  check_due(b, now);
  if(now < b->due)
    add(&wrong_time, 1);
  b->due = HE_NEVER;
  add(&delivered, 1);
}

static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)t;
  (void)now;
  add(&ended, 1);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  free(t);
  add(&alive, (unsigned)-1);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .expected = on_expected,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

static struct box *new_box(struct he_racer *r, bool timed)
{
  struct box *b = calloc(1, sizeof(*b));
  if(!b)
    abort();
  he_task_init(&b->task, r, &ops);
  b->due = HE_NEVER;
  b->timed = timed;
  b->dice = new_dice();
  add(&alive, 1);
  return b;
}

static bool post(struct box *b, unsigned sender, unsigned number,
                 he_time_ns by, bool retire)
{
  struct letter *l = calloc(1, sizeof(*l));
  if(!l)
    abort();
  l->sender = sender;
  l->number = number;
  l->by = by;
  l->retire = retire;
  if(he_racer_post(&l->mail, &b->task, by))
    return true;
  free(l);
  return false;
}

static bool delivered_all(unsigned n)
{
  for(int ms = 0; value(&delivered) < n && ms < 20000; ms++)
    sleep_ms(1);
  return value(&delivered) == n;
}

static int start(void **state)
{
  (void)state;
  wrong_order = wrong_time = delivered = ended = 0;
  memset(last_of, 0, sizeof(last_of));
  one_racer = true;
  return 0;
}

/* -- many to many -- */

struct sender {
  pthread_t thread;
  unsigned number;
  unsigned letters;
  struct box **boxes;
  uint64_t dice;
};

static void *send_all(void *arg)
{
  struct sender *s = arg;
  for(unsigned i = 1; i <= s->letters; i++) {
    he_time_ns by = he_clock_now();
    switch(roll_of(&s->dice, 3)) {
    case 0:
      by += (he_time_ns)roll_of(&s->dice, 30000000);
      break;
    case 1:
      by += (he_time_ns)roll_of(&s->dice, 100000);
      break;
    }
    if(!post(s->boxes[roll_of(&s->dice, TASKS)], s->number, i, by, false))
      add(&wrong_order, 1);
    if(!roll_of(&s->dice, 50))
      sleep_ms(roll_of(&s->dice, 3));
  }
  return NULL;
}

static void many_to_many(void **state)
{
  struct he_racer *r = he_racer_get();
  struct box *boxes[TASKS];
  struct sender senders[SENDERS];
  unsigned letters = rounds(10000);
  (void)state;
  assert_non_null(r);
  for(int i = 0; i < TASKS; i++)
    boxes[i] = new_box(r, i % 2);
  for(unsigned i = 0; i < SENDERS; i++) {
    senders[i] = (struct sender){ .number = i, .letters = letters,
                                  .boxes = boxes, .dice = new_dice() };
    assert_int_equal(0, pthread_create(&senders[i].thread, NULL, send_all,
                                       &senders[i]));
  }
  for(int i = 0; i < SENDERS; i++)
    pthread_join(senders[i].thread, NULL);
  assert_true(delivered_all(SENDERS * letters));
  for(int i = 0; i < TASKS; i++) {
    /* half of them are left for the racer's end to find */
    if(i % 2)
      assert_true(post(boxes[i], 0, letters + 1 + (unsigned)i / 2,
                       he_clock_now(), true));
    he_task_unref(&boxes[i]->task);
  }
  he_racer_put(r);
  assert_int_equal(value(&ended), TASKS / 2);
  assert_int_equal(value(&alive), 0);
  assert_int_equal(value(&delivered), SENDERS * letters + TASKS / 2);
  assert_int_equal(value(&wrong_order), 0);
  assert_int_equal(value(&wrong_time), 0);
}

/* -- one at a time, so that the thread sleeps before each: a wake-up that is
   lost is seen -- */

static void one_by_one(void **state)
{
  struct he_racer *r = he_racer_get();
  struct box *b;
  unsigned n = rounds(1500);
  (void)state;
  assert_non_null(r);
  b = new_box(r, true);
  for(unsigned i = 1; i <= n; i++) {
    he_time_ns by = he_clock_now() + (he_time_ns)roll(1500000);
    if(!roll(4)) {
      /* a lazy letter, and one that overtakes its alarm, not its place */
      assert_true(post(b, 0, i++, he_clock_now() + HE_MS(60000), false));
    }
    assert_true(post(b, 0, i, by, false));
    assert_true(delivered_all(i));
    if(roll(2))
      sleep_ms(1);
  }
  he_task_unref(&b->task);
  he_racer_put(r);
  assert_int_equal(value(&alive), 0);
  assert_int_equal(value(&wrong_order), 0);
  assert_int_equal(value(&wrong_time), 0);
}

/* Lazy mail waits, and is there at the end all the same. */
static void lazy(void **state)
{
  struct he_racer *r = he_racer_get();
  struct box *b;
  (void)state;
  assert_non_null(r);
  b = new_box(r, false);
  assert_true(post(b, 0, 1, he_clock_now() + HE_MS(3600000), false));
  sleep_ms(50);
  assert_int_equal(value(&delivered), 0);
  he_racer_put(r);
  assert_int_equal(value(&delivered), 1);
  /* nobody will ever deliver this one */
  assert_false(post(b, 0, 2, he_clock_now(), false));
  he_task_unref(&b->task);
  assert_int_equal(value(&alive), 0);
}

/* -- expected tasks: those that withdraw are never looked at, the others once,
   in time; also when the racer has gone to sleep for good in between -- */

static void *expect_all(void *arg)
{
  struct sender *s = arg;
  for(unsigned i = 0; i < s->letters; i++) {
    struct box *b = s->boxes[i];
    he_time_ns wait = (he_time_ns)roll_of(&s->dice, 30000000);
    b->due = he_clock_now() + wait;
    if(!he_racer_expect(&b->task, b->due))
      add(&wrong_order, 1);
    if(roll_of(&s->dice, 2)) {
      /* may be too late, and then it is looked at */
      he_racer_withdraw(&b->task);
      add(&ended, 1);
    }
    if(!roll_of(&s->dice, 50))
      sleep_ms(roll_of(&s->dice, 3));
    if(!roll_of(&s->dice, 400))
      sleep_ms(250);
  }
  return NULL;
}

static void expected(void **state)
{
  struct he_racer *r = he_racer_get();
  struct sender senders[3];
  unsigned n = rounds(2000);
  (void)state;
  assert_non_null(r);
  for(unsigned i = 0; i < 3; i++) {
    senders[i] = (struct sender){ .letters = n, .dice = new_dice() };
    senders[i].boxes = calloc(n, sizeof(struct box *));
    assert_non_null(senders[i].boxes);
    for(unsigned k = 0; k < n; k++)
      senders[i].boxes[k] = new_box(r, false);
    assert_int_equal(0, pthread_create(&senders[i].thread, NULL, expect_all,
                                       &senders[i]));
  }
  for(int i = 0; i < 3; i++)
    pthread_join(senders[i].thread, NULL);
  for(int ms = 0; value(&delivered) + value(&ended) < 3 * n && ms < 20000;
      ms++)
    sleep_ms(1);
  assert_in_range(value(&delivered), 3 * n - value(&ended), 3 * n);
  for(int i = 0; i < 3; i++) {
    for(unsigned k = 0; k < n; k++)
      he_task_unref(&senders[i].boxes[k]->task);
    free(senders[i].boxes);
  }
  he_racer_put(r);
  assert_int_equal(value(&alive), 0);
  assert_int_equal(value(&wrong_order), 0);
  assert_int_equal(value(&wrong_time), 0);
}

/* One that nobody withdraws is let go with the racer. */
static void expected_too_late(void **state)
{
  struct he_racer *r = he_racer_get();
  struct box *b;
  (void)state;
  assert_non_null(r);
  b = new_box(r, false);
  assert_true(he_racer_expect(&b->task, he_clock_now() + HE_MS(3600000)));
  assert_false(he_racer_expect(&b->task, he_clock_now()));
  he_racer_put(r);
  assert_int_equal(value(&delivered), 0);
  assert_false(he_racer_expect(&b->task, he_clock_now()));
  he_task_unref(&b->task);
  assert_int_equal(value(&alive), 0);
}

/* -- a task that always has something to do, now -- */

struct busy {
  struct he_task task;        /* first */
  he_time_ns until;
  bool stop;                  /* atomic, as what follows */
  bool stopped;               /* before `until` */
  bool over;
};

static void busy_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  free(m);
  he_task_wake_at(t, now);
}

static void busy_due(struct he_task *t, he_time_ns now)
{
  struct busy *b = (struct busy *)t;
  const bool stop = value_of(&b->stop);
  if(!stop && now < b->until) {
    he_task_wake_at(t, now);
    return;
  }
  __atomic_store_n(&b->stopped, stop, __ATOMIC_SEQ_CST);
  __atomic_store_n(&b->over, true, __ATOMIC_SEQ_CST);
}

static const struct he_task_ops busy_ops = {
  .mail = busy_mail,
  .due = busy_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* The others have their mail and what they expect meanwhile. */
static void busy(void **state)
{
  struct he_racer *r = he_racer_get();
  struct busy *b = calloc(1, sizeof(*b));
  struct he_mail *m = calloc(1, sizeof(*m));
  struct box *other;
  (void)state;
  assert_non_null(r);
  assert_non_null(b);
  assert_non_null(m);
  he_task_init(&b->task, r, &busy_ops);
  add(&alive, 1);
  b->until = he_clock_now() + TOO_LATE;
  other = new_box(r, false);
  assert_true(he_racer_post(m, &b->task, 0));
  sleep_ms(20);
  assert_true(post(other, 0, 1, he_clock_now(), false));
  assert_true(delivered_all(1));
  other->due = he_clock_now();
  assert_true(he_racer_expect(&other->task, other->due));
  assert_true(delivered_all(2));
  __atomic_store_n(&b->stop, true, __ATOMIC_SEQ_CST);
  while(!value_of(&b->over))
    sleep_ms(1);
  assert_true(value_of(&b->stopped));
  he_task_unref(&b->task);
  he_task_unref(&other->task);
  he_racer_put(r);
  assert_int_equal(value(&alive), 0);
  assert_int_equal(value(&wrong_time), 0);
}

/* -- racers come and go -- */

struct user {
  pthread_t thread;
  unsigned rounds;
  uint64_t dice;
  unsigned sender;
  unsigned posted;
};

static void *use_racers(void *arg)
{
  struct user *u = arg;
  for(unsigned i = 0; i < u->rounds; i++) {
    struct he_racer *r = he_racer_get();
    unsigned letters = roll_of(&u->dice, 4);
    if(!r)
      abort();
    if(roll_of(&u->dice, 8)) {
      struct box *b = calloc(1, sizeof(*b));
      if(!b)
        abort();
      he_task_init(&b->task, r, &ops);
      b->due = HE_NEVER;
      add(&alive, 1);
      for(unsigned k = 0; k < letters; k++) {
        he_time_ns by = he_clock_now() +
          (he_time_ns)roll_of(&u->dice, 2) * 1000000000;
        if(!post(b, u->sender, ++u->posted, by, !roll_of(&u->dice, 3)))
          add(&wrong_order, 1);
      }
      if(roll_of(&u->dice, 2)) {
        he_task_unref(&b->task);
        he_racer_put(r);
      }
      else {
        /* as a callback that is late: the racer may be gone */
        struct letter *l = calloc(1, sizeof(*l));
        if(!l)
          abort();
        he_racer_put(r);
        l->sender = u->sender;
        l->number = u->posted + 1;
        l->by = HE_NEVER;
        if(he_racer_post(&l->mail, &b->task, he_clock_now()))
          u->posted++;
        else
          free(l);
        he_task_unref(&b->task);
      }
    }
    else
      he_racer_put(r);
  }
  return NULL;
}

/* Two racers may live at once here, the old one at its end: a sender's order
   holds for each box alone. */
static void come_and_go(void **state)
{
  struct user users[4];
  unsigned posted = 0;
  (void)state;
  one_racer = false;
  for(unsigned i = 0; i < 4; i++) {
    users[i] = (struct user){ .rounds = rounds(2500), .dice = new_dice(),
                              .sender = i };
    assert_int_equal(0, pthread_create(&users[i].thread, NULL, use_racers,
                                       &users[i]));
  }
  for(int i = 0; i < 4; i++) {
    pthread_join(users[i].thread, NULL);
    posted += users[i].posted;
  }
  assert_int_equal(value(&alive), 0);
  assert_int_equal(value(&delivered), posted);
  assert_int_equal(value(&wrong_order), 0);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

/* -- a socket that is watched for both -- */

struct reader {
  struct he_task task;        /* first */
  struct he_watch watch;
  int fd;                     /* the task's end of a pair */
  bool watched;
  unsigned called;            /* atomic, as what follows */
  unsigned read;
  bool reads;
  bool writes;
};

static struct reader *reader_of(struct he_watch *w)
{
  return (struct reader *)((char *)w - offsetof(struct reader, watch));
}

/* Reads and writes all that goes: so it is called again for news only. */
static void reader_ready(struct he_watch *w, he_time_ns now)
{
  struct reader *r = reader_of(w);
  char bytes[4096];
  ssize_t n;
  (void)now;
  while(value_of(&r->reads) && (n = read(r->fd, bytes, sizeof(bytes))) > 0)
    add(&r->read, (unsigned)n);
  memset(bytes, 0, sizeof(bytes));
  while(value_of(&r->writes) && write(r->fd, bytes, sizeof(bytes)) > 0)
    ;
  add(&r->called, 1);
}

/* Mail: what to wait for has changed. */
static void reader_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct reader *r = (struct reader *)t;
  (void)now;
  if(!value_of(&r->reads) && !value_of(&r->writes)) {
    he_task_unwatch(t, &r->watch, r->fd);
    r->watched = false;
  }
  else
    r->watched = he_task_await(t, &r->watch, r->fd, value_of(&r->reads),
                               value_of(&r->writes), r->watched);
  free(m);
  add(&delivered, 1);
}

static const struct he_task_ops reader_ops = {
  .mail = reader_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

static void wait_for(struct reader *r, bool reads, bool writes)
{
  struct he_mail *m = calloc(1, sizeof(*m));
  const unsigned before = value(&delivered);
  assert_non_null(m);
  __atomic_store_n(&r->reads, reads, __ATOMIC_SEQ_CST);
  __atomic_store_n(&r->writes, writes, __ATOMIC_SEQ_CST);
  assert_true(he_racer_post(m, &r->task, 0));
  assert_true(delivered_all(before + 1));
}

static void sum_reaches(unsigned *sum, unsigned n)
{
  for(int ms = 0; value(sum) < n && ms < 20000; ms++)
    sleep_ms(1);
  assert_true(value(sum) >= n);
}

/* Nothing is to be read and nothing to be written: nobody is called. */
static void is_quiet(struct reader *r)
{
  unsigned before;
  sleep_ms(20);
  before = value(&r->called);
  sleep_ms(50);
  assert_int_equal(value(&r->called), before);
}

static void drain(int fd)
{
  char bytes[4096];
  while(read(fd, bytes, sizeof(bytes)) > 0)
    ;
}

static void both(void **state)
{
  struct he_racer *racer = he_racer_get();
  struct reader *r = calloc(1, sizeof(*r));
  int pair[2];
  unsigned before;
  (void)state;
  assert_non_null(r);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair),
                   0);
  he_task_init(&r->task, racer, &reader_ops);
  add(&alive, 1);
  r->watch.ready = reader_ready;
  r->fd = pair[0];
  wait_for(r, true, false);
  is_quiet(r);
  assert_int_equal(value(&r->called), 0);
  assert_int_equal(write(pair[1], "a", 1), 1);
  sum_reaches(&r->called, 1);
  assert_int_equal(value(&r->read), 1);
  wait_for(r, true, true);            /* there is room */
  sum_reaches(&r->called, 2);
  is_quiet(r);
  before = value(&r->called);
  assert_int_equal(write(pair[1], "b", 1), 1);
  sum_reaches(&r->called, before + 1);
  assert_int_equal(value(&r->read), 2);
  drain(pair[1]);                     /* there is room again */
  sum_reaches(&r->called, before + 2);
  is_quiet(r);
  wait_for(r, false, true);
  before = value(&r->called);
  assert_int_equal(write(pair[1], "c", 1), 1);
  is_quiet(r);
  assert_int_equal(value(&r->called), before);
  drain(pair[1]);
  sum_reaches(&r->called, before + 1);
  assert_int_equal(value(&r->read), 2);
  wait_for(r, false, false);
  wait_for(r, true, false);           /* what came meanwhile */
  sum_reaches(&r->read, 3);
  wait_for(r, false, false);
  close(pair[1]);
  he_task_unref(&r->task);
  he_racer_put(racer);
  close(pair[0]);
  assert_int_equal(value(&alive), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(both, start),
    cmocka_unit_test_setup(many_to_many, start),
    cmocka_unit_test_setup(one_by_one, start),
    cmocka_unit_test_setup(lazy, start),
    cmocka_unit_test_setup(expected, start),
    cmocka_unit_test_setup(expected_too_late, start),
    cmocka_unit_test_setup(busy, start),
    cmocka_unit_test_setup(come_and_go, start)
  };
  test_seed();
  count_start();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
