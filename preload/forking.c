/* SPDX-License-Identifier: MIT */
/* forking.c - two counters. Each side says that it begins, then looks at the
 * other one's: so at least one of them sees the other. */
#include "forking.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#define MILLISECONDS 250

static int loading, forking;  /* atomic */

static bool is_any(const int *counter)
{
  return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

static void add(int *counter, int n)
{
  __atomic_add_fetch(counter, n, __ATOMIC_SEQ_CST);
}

static void nap(void)
{
  const struct timespec millisecond = { 0, 1000000 };
  nanosleep(&millisecond, NULL);
}

void he_forking_loads(void)
{
  add(&loading, 1);
  for(int i = 0; i < MILLISECONDS && is_any(&forking); i++) {
    add(&loading, -1);
    nap();
    add(&loading, 1);
  }
}

void he_forking_loaded(void)
{
  add(&loading, -1);
}

static void before(void)
{
  add(&forking, 1);
  for(int i = 0; i < MILLISECONDS && is_any(&loading); i++)
    nap();
}

static void in_parent(void)
{
  add(&forking, -1);
}

/* The other threads are not here. */
static void in_child(void)
{
  loading = 0;
  forking = 0;
}

void he_forking_watch(void)
{
  pthread_atfork(before, in_parent, in_child);
}
