/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "log_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *host_of(unsigned i)
{
  static char host[64];
  snprintf(host, sizeof(host), "host%u.example", i);
  return host;
}

static struct he_addr address_of(unsigned i)
{
  struct he_addr a = { .family = i % 2 ? HE_IPV4 : HE_IPV6, .port = 443 };
  a.ip[0] = 0x20;
  a.ip[1] = (uint8_t)(i >> 16);
  a.ip[2] = (uint8_t)(i >> 8);
  a.ip[3] = (uint8_t)i;
  return a;
}

static unsigned times_of(unsigned i)
{
  return 1 + i % 3;
}

struct he_history *history_new(void)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_history_limits_usual(&limits);
  limits.max_hosts = HE_LOG_HOSTS_MAX;
  h = he_history_new(&limits);
  assert_non_null(h);
  return h;
}

struct he_bytes lines_of(unsigned from, unsigned to)
{
  struct he_bytes out = { NULL, 0, 0 };
  struct he_history *h = history_new();
  struct he_record r;
  for(unsigned i = from; i < to; i++) {
    struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                            .addr = address_of(i),
                            .handshake = HE_MS(20 + i % 50) };
    for(unsigned n = times_of(i); n; n--)
      assert_true(he_history_learn(h, NETWORK, host_of(i), &o,
                                   he_clock_now()));
    /* hosts before networks */
    assert_true(he_history_take(h, &r, he_clock_now(), he_log_wall_ms()));
    assert_true(he_bytes_add(&out, r.line, r.len));
    assert_true(he_bytes_add(&out, "\n", 1));
  }
  he_history_free(h);
  return out;
}

struct he_bytes line_of(unsigned i)
{
  return lines_of(i, i + 1);
}

struct he_log *log_of(const char *path)
{
  struct he_log *log = he_log_new(path);
  assert_non_null(log);
  return log;
}

void add_well(struct he_log *log, unsigned from, unsigned to)
{
  struct he_bytes lines = lines_of(from, to);
  char why[HE_LOG_WHY];
  bool ok = he_log_add(log, lines.at, lines.len, why);
  free(lines.at);
  assert_string_equal(why, "");
  assert_true(ok);
}

void absorb_line(void *ctx, const char *line, size_t len)
{
  he_history_absorb(ctx, line, len, he_clock_now(), he_log_wall_ms());
}

struct he_history *history_at(const char *path)
{
  const uint64_t network = NETWORK;
  struct he_history *h = history_new();
  struct he_log *log = log_of(path);
  char why[HE_LOG_WHY];
  bool ok = he_log_read(log, why);
  assert_string_equal(why, "");
  assert_true(ok);
  he_log_take(log, &network, absorb_line, h);
  he_log_free(log);
  return h;
}

struct counted {
  unsigned from, to, n;
};

static bool count_one(const struct he_history_view *v, void *data)
{
  struct counted *c = data;
  struct he_addr a;
  unsigned i;
  if(v->network != NETWORK || sscanf(v->host, "host%u.example", &i) != 1 ||
     strcmp(v->host, host_of(i)) || i < c->from || i >= c->to)
    return true;
  a = address_of(i);
  c->n += v->addr.family == a.family &&
          !memcmp(v->addr.ip, a.ip, sizeof(a.ip)) &&
          v->successes == times_of(i);
  return true;
}

unsigned count(const struct he_history *h, unsigned from, unsigned to)
{
  struct counted c = { from, to, 0 };
  he_history_foreach(h, count_one, &c, he_clock_now());
  return c.n;
}

bool has(const struct he_history *h, unsigned i)
{
  return count(h, i, i + 1) == 1;
}

unsigned count_at(const char *path, unsigned from, unsigned to)
{
  struct he_history *h = history_at(path);
  unsigned n = count(h, from, to);
  he_history_free(h);
  return n;
}
