/* SPDX-License-Identifier: MIT */
/* store.c - what opening a store and looking up the first record take, as a
 * process does before its first transfer; medians, in microseconds.
 *
 *   store
 *
 * The file is in the page cache, as it is with a program that runs often. */
#include "base/clock.h"
#include "engine/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMES 101
#define LIMITS { 4096, 4u << 20 }
#define VALUE 300        /* bytes, about what a host takes */
#define BATCH 16

static char path[4096];

static double us_since(he_time_ns start)
{
  return (double)(he_clock_now() - start) / 1e3;
}

static struct he_store *open_or_end(void)
{
  const struct he_store_limits limits = LIMITS;
  char why[256];
  struct he_store *s = he_store_open(path, &limits, why, sizeof(why));
  if(s && !*why)
    return s;
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static int by_size(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static double median(double *took)
{
  qsort(took, TIMES, sizeof(*took), by_size);
  return took[TIMES / 2];
}

static size_t key_of(char *key, size_t size, unsigned i)
{
  return (size_t)snprintf(key, size, "network %u host%u.example.com", i % 3,
                          i * 2654435761u);
}

/* `n` records from number `from` on, in batches. */
static void fill(struct he_store *s, unsigned from, unsigned n)
{
  static const char value[VALUE];
  for(unsigned i = from; i < from + n; i += BATCH) {
    struct he_store_record r[BATCH];
    char key[BATCH][64];
    for(unsigned j = 0; j < BATCH; j++) {
      r[j] = (struct he_store_record) { key[j], 0, value, VALUE, i };
      r[j].key_len = key_of(key[j], sizeof(key[j]), i + j);
    }
    if(he_store_put(s, r, BATCH, NULL, NULL) != HE_STORE_OK)
      exit(1);
  }
}

static void measure(unsigned hosts)
{
  double opened[TIMES], first[TIMES], next[TIMES], wrote[TIMES];
  for(unsigned i = 0; i < TIMES; i++) {
    char key[64], value[VALUE];
    size_t len = sizeof(value);
    size_t key_len = key_of(key, sizeof(key), i * 37 % (hosts ? hosts : 1));
    he_time_ns start = he_clock_now();
    struct he_store *s = open_or_end();
    opened[i] = us_since(start);
    start = he_clock_now();
    he_store_get(s, key, key_len, value, &len, NULL);
    first[i] = us_since(start);
    start = he_clock_now();
    he_store_get(s, key, key_len, value, &len, NULL);
    next[i] = us_since(start);
    start = he_clock_now();
    if(hosts)
      fill(s, i * 16 % hosts, BATCH);     /* they are there already */
    wrote[i] = us_since(start);
    he_store_close(s);
  }
  printf("%6u %10.1f %10.1f %10.1f %10.1f\n", hosts, median(opened),
         median(first), median(next), median(wrote));
}

int main(void)
{
  static const unsigned hosts[] = { 0, 64, 1024, 4096 };
  const char *tmp = getenv("TMPDIR");
  char dir[2048];
  unsigned have = 0;
  snprintf(dir, sizeof(dir), "%s/he-bench.XXXXXX", tmp ? tmp : "/tmp");
  if(!mkdtemp(dir))
    return 1;
  snprintf(path, sizeof(path), "%s/store", dir);
  printf("us:\n hosts       open  first get   next get  put of 16\n");
  for(unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    struct he_store *s = open_or_end();
    fill(s, have, hosts[i] - have);
    have = hosts[i];
    he_store_close(s);
    measure(have);
  }
  unlink(path);
  rmdir(dir);
  return 0;
}
