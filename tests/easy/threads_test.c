/* SPDX-License-Identifier: MIT */
/* threads_test.c - threads with a handle each, all at once. */
#include "harness.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS 8
#define ROUNDS 3

struct worker {
  pthread_t thread;
  enum mode mode;
  bool own_context;
  unsigned number;
  char wrong[160];     /* what was, or empty */
};

struct param {
  enum mode mode;
  bool own_context;
};

/* Half a dead host and half a healthy one, turn about. */
static void round_trip(struct worker *w, struct client *c, unsigned turn)
{
  bool dead = turn % 2;
  CURLcode rc;
  client_url(c, dead ? "http://s6.lab.test/" : "http://s1.lab.test/");
  rc = client_go(c);
  if(rc || strcmp(c->body, dead ? "hello from 198.19.6.2\n" :
                  "hello from 3fff:101::1\n"))
    snprintf(w->wrong, sizeof(w->wrong), "thread %u, turn %u: %d, %.100s",
             w->number, turn, (int)rc, c->body);
}

static void *work(void *arg)
{
  struct worker *w = arg;
  CURLHE *he = w->own_context ? curl_he_init() : NULL;
  for(unsigned i = 0; i < ROUNDS; i++) {
    struct client c;
    client_open(&c, w->mode, "");
    if(he)
      curl_he_attach(he, c.easy);
    round_trip(w, &c, w->number + i);
    round_trip(w, &c, w->number + i + 1);
    if(i % 2)
      curl_he_detach(c.easy);
    client_close(&c);
  }
  curl_he_free(he);
  return NULL;
}

static void test_threads(void **state)
{
  const struct param *p = *state;
  struct worker workers[THREADS];
  memset(workers, 0, sizeof(workers));
  for(unsigned i = 0; i < THREADS; i++) {
    workers[i].mode = p->mode;
    workers[i].own_context = p->own_context;
    workers[i].number = i;
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work,
                                    &workers[i]), 0);
  }
  for(unsigned i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  for(unsigned i = 0; i < THREADS; i++)
    assert_string_equal(workers[i].wrong, "");
}

int main(void)
{
  static const struct param params[] = {
    { BESIDE, false }, { BESIDE, true },
    { RESOLVING, false }, { RESOLVING, true },
  };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < sizeof(params) / sizeof(*params); i++)
    suite_add(&s, test_threads, &params[i], "%d threads, %s, by %s", THREADS,
              params[i].own_context ? "a context each" : "one context",
              mode_name(params[i].mode));
  return suite_run(&s, "threads");
}
