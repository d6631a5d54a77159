/* SPDX-License-Identifier: MIT */
/* rrset_test.c - whom an inquiry asks, whom it does not, and what is known from
 * before. The upstreams are the test's own: those of https:// do what their
 * paths say up to a dot, and write down what they were asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "messages.h"
#include "base/clock.h"
#include "options/resolvers.h"
#include "resolve/chosen.h"
#include "resolve/inquiry.h"
#include "resolve/message.h"
#include "resolve/rrset.h"

/* -- the test's own upstreams -- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char heard[4096];      /* "good a.test/1 ..." */
static struct he_upstream_question *held[64];
static size_t held_n;
static bool all_fail;         /* from now on */

struct fake {
  struct he_task task;        /* first */
  const struct he_upstream *u;
};

static void give(struct he_upstream_question *q, const char *does)
{
  struct message m;
  const bool four = q->type == HE_DNS_A;
  uint32_t ttl = 60;
  sscanf(q->name, "ttl%u.", &ttl);
  message_begin(&m, q->name, q->type);
  if(!strcmp(does, "servfail"))
    message_flag(&m, 2);
  else if(!strcmp(does, "refused"))
    message_flag(&m, 5);
  else if(!strcmp(does, "nonsense"))
    m.len = 5;
  else if(!strncmp(q->name, "none", 4) || !strncmp(q->name, "no", 2)) {
    if(strncmp(q->name, "none", 4))
      message_flag(&m, 3);
    if(strstr(q->name, "soa"))
      message_soa(&m, ttl, 50);
  }
  else {
    message_address(&m, q->name, ttl, four ? "192.0.2.1" : "2001:db8::1");
    if(!strncmp(q->name, "private", 7))
      message_address(&m, q->name, ttl, four ? "10.0.0.1" : "fc00::1");
  }
  q->done(q, HE_UPSTREAM_ANSWERED, m.bytes, m.len);
}

static void fake_mail(struct he_task *t, struct he_mail *mail, he_time_ns now)
{
  static const struct { const char *does; enum he_upstream_verdict v; } says[] =
  {
    { "silent", HE_UPSTREAM_SILENT }, { "away", HE_UPSTREAM_UNREACHABLE },
    { "unproven", HE_UPSTREAM_UNPROVEN }, { "gone", HE_UPSTREAM_GONE },
    { "confused", HE_UPSTREAM_CONFUSED }
  };
  struct fake *f = (struct fake *)t;
  const char *path = strrchr(f->u->url, '/') + 1;
  struct he_upstream_question *q = (struct he_upstream_question *)mail;
  char does[32];
  bool holds;
  size_t n;
  (void)now;
  snprintf(does, sizeof(does), "%.*s", (int)strcspn(path, ".?"), path);
  if(!q->wanted(q)) {
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
    return;
  }
  pthread_mutex_lock(&lock);
  n = strlen(heard);
  snprintf(heard + n, sizeof(heard) - n, "%s%s %s/%d", n ? ", " : "", does,
           q->name, (int)q->type);
  if(all_fail)
    snprintf(does, sizeof(does), "silent");
  holds = !strcmp(does, "held");
  if(holds)
    held[held_n++] = q;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  if(holds)
    return;
  for(size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
    if(!strcmp(does, says[i].does)) {
      q->done(q, says[i].v, NULL, 0);
      return;
    }
  }
  give(q, does);
}

/* What is held is given back, as channels do. */
static void fake_ended(struct he_task *t, he_time_ns now)
{
  (void)t, (void)now;
  for(;;) {
    struct he_upstream_question *q;
    pthread_mutex_lock(&lock);
    q = held_n ? held[--held_n] : NULL;
    pthread_mutex_unlock(&lock);
    if(!q)
      return;
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
  }
}

static void fake_buried(struct he_task *t)
{
  (void)t;
}

static void fake_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops task_ops = {
  .mail = fake_mail, .ended = fake_ended, .buried = fake_buried,
  .destroy = fake_destroy
};

static bool alone;            /* nobody else may have he_inquiry_lock */
static bool prepared;         /* while alone */

/* fork() may take its turn here: it wants that lock. */
static void fake_prepare(void)
{
  if(!alone)
    return;
  assert_int_equal(pthread_mutex_trylock(&he_inquiry_lock), 0);
  pthread_mutex_unlock(&he_inquiry_lock);
  prepared = true;
}

static struct he_upstream_channel *fake_create(struct he_racer *r,
                                               const struct he_upstream *u)
{
  struct fake *f = calloc(1, sizeof(*f));
  he_task_init(&f->task, r, &task_ops);
  f->u = u;
  return (struct he_upstream_channel *)f;
}

static void fake_unref(struct he_upstream_channel *c)
{
  if(c)
    he_task_unref(&((struct fake *)c)->task);
}

static bool fake_usable(const struct he_upstream_channel *c,
                        const struct he_racer *r)
{
  return ((const struct fake *)c)->task.racer == r;
}

static bool fake_ask(struct he_upstream_channel *c,
                     struct he_upstream_question *q)
{
  return he_racer_post(&q->mail, &((struct fake *)c)->task, 0);
}

static const struct he_upstream_ops fake = {
  fake_create, fake_unref, fake_usable, fake_ask, fake_prepare
};

/* The latest that is held, when there is one. */
static struct he_upstream_question *take_held(void)
{
  struct he_upstream_question *q;
  pthread_mutex_lock(&lock);
  while(!held_n)
    pthread_cond_wait(&changed, &lock);
  q = held[--held_n];
  pthread_mutex_unlock(&lock);
  return q;
}

/* -- asking -- */

struct asked {
  unsigned answers;
  struct he_rrset r;
};

static void on_done(void *arg, const struct he_rrset *r)
{
  struct asked *a = arg;
  pthread_mutex_lock(&lock);
  a->answers++;
  a->r = *r;
  a->r.message = NULL;        /* valid until the return */
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static long number_of(const char *text)
{
  struct he_upstreams u;
  const char *why;
  size_t at;
  if(!he_resolvers_read(text, strlen(text), &u, &at, &why))
    fail_msg("%s: %zu: %s", text, at, why);
  return he_resolvers_number(&u);
}

static void await(struct asked *a)
{
  pthread_mutex_lock(&lock);
  while(!a->answers)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

static const char *words(const struct he_rrset *r)
{
  static const char *const states[] = {
    "found", "none", "no name", "failed", "silent", "unproven", "gone"
  };
  return states[r->state];
}

#define UP(does) "https://192.0.2.1/" does "?x"
#define NEXT " " UP("good")

static struct he_rrset last;

static const char *ask(const char *value, const char *name,
                       enum he_dns_type type)
{
  struct asked a = { .answers = 0 };
  struct he_rrset_query *q = he_rrset_ask(number_of(value), name, type,
                                          on_done, &a);
  assert_non_null(q);
  await(&a);
  he_rrset_close(q);
  assert_int_equal(a.answers, 1);
  last = a.r;
  return words(&a.r);
}

static void expect_heard(const char *want)
{
  char now[sizeof(heard)];
  pthread_mutex_lock(&lock);
  memcpy(now, heard, sizeof(now));
  *heard = 0;
  pthread_mutex_unlock(&lock);
  assert_string_equal(now, want);
}

static struct he_racer *racer;

static int setup(void **state)
{
  (void)state;
  he_upstream_register(HE_UPSTREAM_HTTPS, &fake);
  all_fail = prepared = alone = false;
  *heard = 0;
  racer = he_racer_get();
  return racer ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  he_racer_put(racer);
  he_chosen_flush();
  assert_int_equal(threads_left(0), 0);
  return 0;
}

/* -- the order -- */

static const struct {
  const char *value;
  const char *name;
  const char *said;
  const char *heard;
} orders[] = {
  { UP("good"), "A.test.", "found", "good a.test/1" },
  { UP("good"), "none.soa", "none", "good none.soa/1" },
  { UP("good"), "no.soa", "no name", "good no.soa/1" },
  { UP("good") NEXT, "no.test", "no name", "good no.test/1" },
  { UP("good.a") NEXT, "none.test", "none", "good none.test/1" },
  { UP("servfail") NEXT, "a.test", "found", "servfail a.test/1, good "
    "a.test/1" },
  { UP("refused") NEXT, "a.test", "found", "refused a.test/1, good a.test/1" },
  { UP("nonsense") NEXT, "a.test", "found", "nonsense a.test/1, good "
    "a.test/1" },
  { UP("confused") NEXT, "a.test", "found", "confused a.test/1, good "
    "a.test/1" },
  { UP("silent") NEXT, "a.test", "found", "silent a.test/1, good a.test/1" },
  { UP("away") NEXT, "a.test", "found", "away a.test/1, good a.test/1" },
  { UP("away") " " UP("silent") " " UP("servfail") NEXT, "a.test", "found",
    "away a.test/1, silent a.test/1, servfail a.test/1, good a.test/1" },
  { UP("away") " fixed:192.0.2.9", "a.test", "found", "away a.test/1" },
  /* nobody else is asked */
  { UP("unproven") NEXT, "a.test", "unproven", "unproven a.test/1" },
  { UP("gone") NEXT, "a.test", "gone", "gone a.test/1" },
  { UP("unproven") "&opportunistic=yes" NEXT, "a.test", "found",
    "unproven a.test/1, good a.test/1" },
  /* what is said in the end */
  { UP("away"), "a.test", "silent", "away a.test/1" },
  { UP("servfail") " " UP("away"), "a.test", "failed",
    "servfail a.test/1, away a.test/1" },
  { UP("unproven") "&opportunistic=yes " UP("away"), "a.test", "unproven",
    "unproven a.test/1, away a.test/1" },
  /* nobody's business */
  { UP("good") NEXT, "x.onion", "no name", "" },
  { UP("good"), "x.onio\\n", "no name", "" },   /* c-ares drops a backslash */
  { UP("good"), "printer.local", "no name", "" },
  { UP("good"), "localhost", "no name", "" },
  { UP("good"), "192.0.2.1", "no name", "" },
  { UP("good") " fixed:192.0.2.9", "x.onion", "found", "" },
  { UP("good"), "", "no name", "" },
  { UP("good"), ".", "no name", "" },
};

/* Every upstream of the value is prepared before the first one is asked. */
static void test_prepared(void **state)
{
  (void)state;
  alone = true;
  ask("fixed:192.0.2.9 " UP("good"), "a.test", HE_DNS_A);
  assert_true(prepared);
}

static void test_order(void **state)
{
  (void)state;
  for(size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
    const char *got = ask(orders[i].value, orders[i].name, HE_DNS_A);
    if(strcmp(got, orders[i].said))
      fail_msg("%s of %s: %s", orders[i].name, orders[i].value, got);
    expect_heard(orders[i].heard);
    he_rrset_flush();
  }
#ifdef HE_OPENSSL
  assert_string_equal(ask("tls://192.0.2.1?name=a", "x.onion", HE_DNS_A),
                      "no name");
  /* there is nothing that could ask by TLS here */
  assert_string_equal(ask("tls://192.0.2.1?name=a", "a.test", HE_DNS_A),
                      "gone");
#endif
#ifdef HE_CARES
  assert_string_equal(ask("dns://192.0.2.1", "x.onion", HE_DNS_A), "no name");
#endif
}

/* One that says nothing for long is asked on while the next one is asked, too;
   what it says then is told nobody, but is remembered. */
static void test_patience(void **state)
{
  const he_time_ns before = he_clock_now();
  (void)state;
  assert_string_equal(ask(UP("held") " " UP("servfail") NEXT, "a.test",
                          HE_DNS_A), "found");
  assert_true(he_clock_now() - before >= HE_MS(2900));
  expect_heard("held a.test/1, servfail a.test/1, good a.test/1");
  give(take_held(), "good");
}

/* A failure of the one that is asked next does not end it. */
static void test_late(void **state)
{
  const long number = number_of(UP("held") " " UP("away"));
  struct asked a = { .answers = 0 };
  struct he_rrset_query *q = he_rrset_ask(number, "a.test", HE_DNS_A, on_done,
                                          &a);
  (void)state;
  pthread_mutex_lock(&lock);
  while(!strstr(heard, "away"))
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  sleep_ms(50);
  assert_int_equal(a.answers, 0);
  give(take_held(), "good");
  await(&a);
  assert_string_equal(words(&a.r), "found");
  he_rrset_close(q);
}

/* -- joining, and what is known -- */

#define CROWD 50
static void test_joined(void **state)
{
  const long number = number_of(UP("held"));
  static struct asked a[2][CROWD];
  static struct he_rrset_query *q[2][CROWD];
  (void)state;
  for(int i = 0; i < CROWD; i++) {
    q[0][i] = he_rrset_ask(number, i % 2 ? "A.test" : "a.test.", HE_DNS_A,
                           on_done, &a[0][i]);
    q[1][i] = he_rrset_ask(number, "a.test", HE_DNS_AAAA, on_done, &a[1][i]);
  }
  pthread_mutex_lock(&lock);
  while(held_n < 2)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  he_rrset_close(q[0][7]);    /* who leaves stops nobody */
  he_rrset_close(q[1][0]);
  give(take_held(), "good");
  give(take_held(), "good");
  for(int f = 0; f < 2; f++)
    for(int i = 0; i < CROWD; i++) {
      const bool left = (f == 0 && i == 7) || (f == 1 && i == 0);
      assert_int_equal(a[f][i].answers, !left);
      if(!left)
        he_rrset_close(q[f][i]);
    }
  expect_heard("held a.test/1, held a.test/28");
}

static void test_known(void **state)
{
  const struct he_upstreams *u;
  (void)state;
  assert_string_equal(ask(UP("good"), "a.test", HE_DNS_A), "found");
  assert_int_equal(last.ttl, 60);
  u = he_resolvers_upstreams(number_of(UP("good")));
  assert_ptr_equal(last.from, &u->list[0]);
  assert_string_equal(ask(UP("good"), "a.TEST", HE_DNS_A), "found");
  assert_true(last.ttl >= 50 && last.ttl <= 60);
  assert_ptr_equal(last.from, &u->list[0]);
  expect_heard("good a.test/1");
  ask(UP("good.b"), "a.test", HE_DNS_A);      /* another value */
  expect_heard("good a.test/1");
  ask(UP("good"), "ttl0.test", HE_DNS_A);
  ask(UP("good"), "ttl0.test", HE_DNS_A);
  expect_heard("good ttl0.test/1, good ttl0.test/1");
  ask(UP("good"), "no.soa", HE_DNS_A);
  assert_int_equal(last.ttl, 50);
  assert_string_equal(ask(UP("good"), "no.soa", HE_DNS_A), "no name");
  ask(UP("good"), "none.soa", HE_DNS_A);
  assert_string_equal(ask(UP("good"), "none.soa", HE_DNS_A), "none");
  expect_heard("good no.soa/1, good none.soa/1");
  ask(UP("good"), "no.test", HE_DNS_A);       /* nobody says for how long */
  ask(UP("good"), "no.test", HE_DNS_A);
  expect_heard("good no.test/1, good no.test/1");
  ask(UP("servfail"), "a.test", HE_DNS_A);
  ask(UP("servfail"), "a.test", HE_DNS_A);
  expect_heard("servfail a.test/1, servfail a.test/1");
  he_rrset_flush();
  ask(UP("good"), "a.test", HE_DNS_A);
  expect_heard("good a.test/1");
}

/* RFC 8767, where the value allows it. */
static void test_stale(void **state)
{
  static const char lasting[] = UP("good") "&stale=allow";
  (void)state;
  ask(lasting, "ttl1.test", HE_DNS_A);
  ask(UP("good"), "ttl1.test", HE_DNS_A);
  expect_heard("good ttl1.test/1, good ttl1.test/1");
  sleep_ms(1100);
  pthread_mutex_lock(&lock);
  all_fail = true;
  pthread_mutex_unlock(&lock);
  assert_string_equal(ask(UP("good"), "ttl1.test", HE_DNS_A), "silent");
  assert_string_equal(ask(lasting, "ttl1.test", HE_DNS_A), "found");
  assert_true(last.stale);
  assert_int_equal(last.ttl, 30);
  expect_heard("good ttl1.test/1, good ttl1.test/1");
  /* there is no hurry to try again */
  assert_string_equal(ask(lasting, "ttl1.test", HE_DNS_A), "found");
  assert_true(last.stale);
  expect_heard("");
}

static void test_stale_late(void **state)
{
  static const char lasting[] = UP("held") "&stale=allow";
  struct asked a = { .answers = 0 };
  struct he_rrset_query *q = he_rrset_ask(number_of(lasting), "ttl1.test",
                                          HE_DNS_A, on_done, &a);
  he_time_ns before;
  (void)state;
  give(take_held(), "good");
  he_rrset_close(q);
  assert_int_equal(a.answers, 1);
  sleep_ms(1100);
  before = he_clock_now();
  assert_string_equal(ask(lasting, "ttl1.test", HE_DNS_A), "found");
  assert_true(last.stale);
  assert_true(he_clock_now() - before >= HE_MS(1700));
  give(take_held(), "good");               /* late, and kept */
  assert_string_equal(ask(lasting, "ttl1.test", HE_DNS_A), "found");
  assert_false(last.stale);
}

/* -- addresses -- */

struct addresses {
  unsigned answers;
  int error;
  size_t n;
};

static void on_answer(void *arg, enum he_family family, int error,
                      struct he_candidate *list, size_t n)
{
  struct addresses *a = arg;
  (void)family;
  free(list);
  pthread_mutex_lock(&lock);
  a->answers++;
  a->error = error;
  a->n = n;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* How many there are, or an error. */
static int addresses(const struct he_resolver *r, const char *host)
{
  struct addresses a = { .answers = 0 };
  struct he_query *q = he_resolver_ask(r, host, 80, HE_IPV4, false, on_answer,
                                       &a);
  assert_non_null(q);
  pthread_mutex_lock(&lock);
  while(!a.answers)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  r->close(q);
  assert_int_equal(a.answers, 1);
  return a.error ? a.error : (int)a.n;
}

static int addresses_of(const char *value, const char *host)
{
  return addresses(he_chosen(number_of(value)), host);
}

static void test_addresses(void **state)
{
  (void)state;
  assert_int_equal(addresses_of(UP("good"), "private.test"), 2);
  assert_int_equal(addresses_of(UP("good") "&private=refuse", "private.test"),
                   -4);       /* EAI_FAIL */
  assert_int_equal(addresses_of(UP("good") "&private=refuse", "a.test"), 1);
  assert_int_equal(addresses_of(UP("unproven") NEXT, "a.test"),
                   HE_EAI_UNPROVEN);
  assert_int_equal(addresses_of("fixed:192.0.2.1,192.0.2.2,::1", "x.onion"),
                   2);
  assert_int_equal(addresses_of(UP("good"), "192.0.2.3"), 1);
  assert_int_equal(addresses_of(UP("good"), "localhost"), 1);
  *heard = 0;
  assert_int_equal(addresses_of(UP("good") "&search=corp.test", "short"), 1);
  assert_int_equal(addresses_of(UP("good") "&search=corp.test", "a.b"), 1);
  assert_int_equal(addresses_of(UP("good") "&search=corp.test", "tld."), 1);
  expect_heard("good short.corp.test/1, good a.b/1, good tld/1");
  assert_int_equal(addresses(he_chosen(HE_RESOLVERS_REFUSED), "a.test"), -4);
  expect_heard("");
}

/* -- the racer ends, and fork -- */

static void test_ends(void **state)
{
  const long number = number_of(UP("held"));
  struct asked a = { .answers = 0 };
  struct he_rrset_query *q;
  int status;
  pid_t child;
  (void)state;
  ask(UP("good"), "known.test", HE_DNS_A);
  q = he_rrset_ask(number, "a.test", HE_DNS_A, on_done, &a);
  pthread_mutex_lock(&lock);
  while(!held_n)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  child = fork_with_threads();
  if(!child) {
    struct he_racer *mine = he_racer_get();
    bool ok = true;
    *heard = 0;
    ok = !strcmp(ask(UP("good"), "b.test", HE_DNS_A), "found") && ok;
    ok = !strcmp(ask(UP("good"), "known.test", HE_DNS_A), "found") && ok;
    ok = !strcmp(heard, "good b.test/1") && ok;
    he_rrset_close(q);
    he_racer_put(mine);
    he_chosen_flush();
    _exit(!ok);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(a.answers, 0);
  he_racer_put(racer);
  assert_int_equal(a.answers, 1);
  assert_string_equal(words(&a.r), "gone");
  he_rrset_close(q);
  racer = he_racer_get();
  assert_string_equal(ask(UP("good"), "b.test", HE_DNS_A), "found");
}

static void *hammer(void *arg)
{
  static const char *const values[] = {
    UP("good"), UP("servfail") NEXT, UP("away"), UP("unproven"),
    UP("good") "&stale=allow", "fixed:192.0.2.1"
  };
  static const char *const names[] = {
    "a.test", "b.test", "ttl0.test", "ttl1.test", "no.test", "none.soa",
    "x.onion"
  };
  uint64_t dice = *(uint64_t *)arg;
  size_t bad = 0;
  for(unsigned i = rounds(4000); i; i--) {
    struct asked a = { .answers = 0 };
    struct he_rrset_query *q = he_rrset_ask(
      number_of(values[roll_of(&dice, 6)]), names[roll_of(&dice, 7)],
      roll_of(&dice, 2) ? HE_DNS_A : HE_DNS_AAAA, on_done, &a);
    unsigned answers;
    if(roll_of(&dice, 4) == 0)
      await(&a);
    if(roll_of(&dice, 500) == 0)
      he_rrset_flush();
    he_rrset_close(q);
    pthread_mutex_lock(&lock);
    *heard = 0;
    answers = a.answers;
    pthread_mutex_unlock(&lock);
    bad += !q || answers > 1;
  }
  return (void *)bad;
}

static void test_hammer(void **state)
{
  pthread_t thread[4];
  uint64_t dice[4];
  (void)state;
  for(int i = 0; i < 4; i++) {
    dice[i] = new_dice();
    assert_int_equal(0, pthread_create(&thread[i], NULL, hammer, &dice[i]));
  }
  for(int i = 0; i < 4; i++) {
    void *bad;
    pthread_join(thread[i], &bad);
    assert_null(bad);
  }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(test_prepared), TEST(test_order), TEST(test_patience),
    TEST(test_late), TEST(test_joined), TEST(test_known), TEST(test_stale),
    TEST(test_stale_late), TEST(test_addresses), TEST(test_ends),
    TEST(test_hammer)
  };
  test_seed();
  count_start();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
