/* SPDX-License-Identifier: MIT */
/* names.c - names UPSTREAM cold|kept|many N: asks an upstream, as
 * CURLHEOPT_RESOLVER has it, for names in lab.test.
 *   cold   N times with nothing connected: the median, in ms
 *   kept   N times over one connection, one after another: the same
 *   many   N names at once over one connection: all of it in ms, the longest
 *          time without an answer, and microseconds of processor time an
 *          answer */
#include "base/clock.h"
#include "options/resolvers.h"
#include "resolve/upstream.h"
#include "upstream/tls.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct asked {
  struct he_upstream_question q;       /* first */
  char name[32];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned answers;
static he_time_ns last_answer, longest;

static void die(const char *why)
{
  fprintf(stderr, "names: %s\n", why);
  exit(1);
}

static void on_done(struct he_upstream_question *q, enum he_upstream_verdict v,
                    const unsigned char *message, size_t len)
{
  const he_time_ns now = he_clock_now();
  (void)q;
  (void)message;
  (void)len;
  if(v != HE_UPSTREAM_ANSWERED) {
    fprintf(stderr, "names: verdict %d\n", (int)v);
    exit(1);
  }
  pthread_mutex_lock(&lock);
  if(last_answer && now - last_answer > longest)
    longest = now - last_answer;
  last_answer = now;
  answers++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static bool is_wanted(struct he_upstream_question *q)
{
  (void)q;
  return true;
}

static void ask(struct he_upstream_channel *c, struct asked *a, unsigned n)
{
  snprintf(a->name, sizeof(a->name), "n%u.lab.test", n);
  a->q.name = a->name;
  a->q.type = HE_DNS_A;
  a->q.done = on_done;
  a->q.wanted = is_wanted;
  if(!he_upstream_tls_ops.ask(c, &a->q))
    die("cannot ask");
}

static void wait_for(unsigned n)
{
  pthread_mutex_lock(&lock);
  while(answers < n)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double ms_since(he_time_ns began)
{
  return (double)(he_clock_now() - began) / 1e6;
}

/* One question, and how long it took. */
static double ask_one(struct he_upstream_channel *c)
{
  struct asked a;
  const unsigned before = answers;
  const he_time_ns began = he_clock_now();
  ask(c, &a, 1);
  wait_for(before + 1);
  return ms_since(began);
}

static void one_by_one(const struct he_upstream *u, bool cold, unsigned n)
{
  double *took = calloc(n, sizeof(*took));
  struct he_upstream_channel *c = NULL;
  struct he_racer *r = NULL;
  if(!took)
    die("no memory");
  for(unsigned i = 0; i < n; i++) {
    if(!c) {
      r = he_racer_get();
      c = he_upstream_tls_ops.create(r, u);
      if(!c)
        die("no channel");
      if(!cold)
        ask_one(c);
    }
    took[i] = ask_one(c);
    if(cold || i + 1 == n) {
      he_upstream_tls_ops.unref(c);
      he_racer_put(r);
      c = NULL;
    }
  }
  qsort(took, n, sizeof(*took), by_size);
  printf("%.1f\n", took[n / 2]);
  free(took);
}

static double processor_us(void)
{
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static void at_once(const struct he_upstream *u, unsigned n)
{
  struct asked *a = calloc(n, sizeof(*a));
  struct he_racer *r = he_racer_get();
  struct he_upstream_channel *c = he_upstream_tls_ops.create(r, u);
  he_time_ns began;
  double used;
  if(!a || !c)
    die("no memory");
  ask_one(c);
  used = processor_us();
  began = last_answer = he_clock_now();
  longest = 0;
  for(unsigned i = 0; i < n; i++)
    ask(c, &a[i], i);
  wait_for(n + 1);
  printf("%.1f %.1f %.1f\n", ms_since(began), (double)longest / 1e6,
         (processor_us() - used) / n);
  he_upstream_tls_ops.unref(c);
  he_racer_put(r);
  free(a);
}

int main(int argc, char **argv)
{
  static struct he_upstreams all;
  const unsigned n = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
  const char *why;
  size_t at;
  if(!n)
    die("UPSTREAM cold|kept|many N");
  if(!he_resolvers_read(argv[1], strlen(argv[1]), &all, &at, &why))
    die(why);
  if(all.n != 1 || all.list[0].kind != HE_UPSTREAM_TLS)
    die("wants one tls://");
  he_upstream_tls_register();
  if(!strcmp(argv[2], "many"))
    at_once(&all.list[0], n);
  else
    one_by_one(&all.list[0], !strcmp(argv[2], "cold"), n);
  return 0;
}
