/* SPDX-License-Identifier: MIT */
/* keeping.c - a history with its keeper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "keeping.h"

#include <errno.h>
#include <string.h>

void life_begin(struct life *l, const char *path)
{
  struct he_history_limits limits;
  he_history_limits_usual(&limits);
  l->racer = he_racer_get();
  assert_non_null(l->racer);
  l->recall = he_recall_new(&limits);
  assert_non_null(l->recall);
  l->keeper = he_keeper_new(l->racer, l->recall);
  assert_non_null(l->keeper);
  if(path)
    assert_true(he_keeper_store(l->keeper, path));
}

void life_end(struct life *l)
{
  assert_true(he_keeper_end(l->keeper, HE_MS(20000)));
  he_keeper_unref(l->keeper);
  he_racer_put(l->racer);
  he_recall_unref(l->recall);
}

uint64_t network_of(struct life *l)
{
  uint64_t network;
  he_recall_open(l->recall, &network);
  he_recall_close(l->recall, false);
  return network;
}

/* Until the number is known: a second and more where all is slow. */
uint64_t wait_network(struct life *l)
{
  he_time_ns since = he_clock_now();
  while(!network_of(l) && elapsed_ms(since) < 20000)
    sleep_ms(1);
  assert_true(network_of(l));
  return network_of(l);
}

void life_read(struct life *l)
{
  he_time_ns since = he_clock_now();
  while(he_recall_pending(l->recall) && elapsed_ms(since) < 20000)
    sleep_ms(1);
  assert_false(he_recall_pending(l->recall));
}

void life_learn(struct life *l, const char *host, struct he_outcome o)
{
  uint64_t network;
  struct he_history *h = he_recall_open(l->recall, &network);
  assert_true(he_history_learn(h, network, host, &o, he_clock_now()));
  he_recall_close(l->recall, true);
}

void life_connected(struct life *l, const char *host,
                      const struct he_addr *a, he_time_ns handshake)
{
  struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED, .addr = *a,
                          .handshake = handshake };
  life_learn(l, host, o);
}

void life_refused(struct life *l, const char *host, const struct he_addr *a)
{
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED, .addr = *a,
                          .error = ECONNREFUSED };
  life_learn(l, host, o);
}

void life_answered(struct life *l, const char *host,
                     const struct he_addr *list, size_t n)
{
  uint64_t network;
  struct he_history *h = he_recall_open(l->recall, &network);
  assert_true(he_history_answer(h, network, host,
                                (enum he_family)list[0].family, list, n, 0,
                                he_clock_now()));
  he_recall_close(l->recall, true);
}

/* What is known of an address: HE_RANK_GOOD for nothing. */
struct looked {
  const char *host;
  const struct he_addr *addr;
  struct he_history_view found;
  bool any;
};

static bool look_at(const struct he_history_view *v, void *data)
{
  struct looked *l = data;
  if(!strcmp(v->host, l->host) && v->addr.family == l->addr->family &&
     !memcmp(v->addr.ip, l->addr->ip, sizeof(v->addr.ip))) {
    l->found = *v;
    l->any = true;
  }
  return !l->any;
}

bool known(struct life *l, const char *host, const struct he_addr *a,
                  struct he_history_view *out)
{
  uint64_t network;
  struct looked seen = { .host = host, .addr = a };
  struct he_history *h = he_recall_open(l->recall, &network);
  he_history_foreach(h, look_at, &seen, he_clock_now());
  he_recall_close(l->recall, false);
  if(out)
    *out = seen.found;
  return seen.any;
}

enum he_rank rank_of(struct life *l, const char *host,
                            const struct he_addr *a)
{
  struct he_history_view v;
  return known(l, host, a, &v) ? v.rank : HE_RANK_GOOD;
}

void nothing_left(void **state)
{
  (void)state;
  assert_int_equal(threads_left(0), 0);
}
