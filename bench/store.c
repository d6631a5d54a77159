/* SPDX-License-Identifier: MIT */
/* store.c - what the history's file takes, as a process has it that begins;
 * medians, in microseconds.
 *
 *   store
 *
 * read: all of it into a history. add 16: as many hosts' lines added. anew:
 * the file written anew, fsync() included. The file is in the page cache, as
 * it is with a program that runs often. */
#include "base/clock.h"
#include "historian/fold.h"
#include "historian/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMES 51
#define BATCH 16
#define NETWORK 0x1122334455667788u

static char path[4096];

static void end(const char *why)
{
  fprintf(stderr, "store: %s\n", why);
  exit(1);
}

static double us_since(he_time_ns start)
{
  return (double)(he_clock_now() - start) / 1e3;
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

static struct he_history *history(void)
{
  struct he_history_limits limits;
  struct he_history *h;
  he_history_limits_usual(&limits);
  h = he_history_new(&limits);
  if(!h)
    end("no memory");
  return h;
}

static const char *host_of(unsigned i)
{
  static char host[64];
  snprintf(host, sizeof(host), "host%u.example.com", i * 2654435761u);
  return host;
}

/* Two addresses a family, each of which has connected. */
static void learn(struct he_history *h, unsigned i)
{
  he_time_ns now = he_clock_now();
  for(unsigned a = 0; a < 4; a++) {
    struct he_outcome o = { .kind = HE_OUTCOME_CONNECTED,
                            .handshake = HE_MS(20) };
    o.addr.family = a % 2 ? HE_IPV4 : HE_IPV6;
    o.addr.ip[0] = 0x20;
    o.addr.ip[3] = (uint8_t)a;
    he_history_answer(h, NETWORK, host_of(i), (enum he_family)o.addr.family,
                      &o.addr, 1, 60, now);
    he_history_learn(h, NETWORK, host_of(i), &o, now);
  }
}

/* The lines of `n` hosts from number `from` on. */
static struct he_bytes lines_of(unsigned from, unsigned n)
{
  struct he_bytes out = { NULL, 0, 0 };
  struct he_history *h = history();
  struct he_record r;
  for(unsigned i = from; i < from + n; i++)
    learn(h, i);
  while(he_history_take(h, &r, he_clock_now(), he_log_wall_ms()))
    if(!he_bytes_add(&out, r.line, r.len) || !he_bytes_add(&out, "\n", 1))
      end("no memory");
  he_history_free(h);
  return out;
}

static void absorb(void *ctx, const char *line, size_t len)
{
  he_history_absorb(ctx, line, len, he_clock_now(), he_log_wall_ms());
}

static struct he_log *open_log(void)
{
  struct he_log *log = he_log_new(path);
  if(!log)
    end("no memory");
  return log;
}

static void read_or_end(struct he_log *log)
{
  char why[HE_LOG_WHY];
  if(!he_log_read(log, why))
    end(why);
}

static void add_or_end(struct he_log *log, const struct he_bytes *lines)
{
  char why[HE_LOG_WHY];
  if(!he_log_add(log, lines->at ? lines->at : "", lines->len, why))
    end(why);
}

static double read_all(void)
{
  struct he_history *h = history();
  struct he_log *log = open_log();
  const uint64_t network = NETWORK;
  he_time_ns start = he_clock_now();
  double took;
  read_or_end(log);
  he_log_take(log, &network, absorb, h);
  took = us_since(start);
  he_log_free(log);
  he_history_free(h);
  return took;
}

/* By a process that has read all before. */
static double add_some(const struct he_bytes *lines)
{
  struct he_log *log = open_log();
  he_time_ns start;
  double took;
  read_or_end(log);
  start = he_clock_now();
  add_or_end(log, lines);
  took = us_since(start);
  he_log_free(log);
  return took;
}

static double write_anew(void)
{
  struct he_log *log = open_log();
  char why[HE_LOG_WHY];
  he_time_ns start;
  double took;
  read_or_end(log);
  start = he_clock_now();
  if(!he_log_forget(log, "nobody.example", why))
    end(why);
  took = us_since(start);
  he_log_free(log);
  return took;
}

static void measure(unsigned hosts)
{
  double all[TIMES], added[TIMES], anew[TIMES];
  struct he_bytes some = lines_of(0, hosts ? BATCH : 0);
  struct stat st;
  for(unsigned i = 0; i < TIMES; i++) {
    all[i] = read_all();
    added[i] = add_some(&some);
    anew[i] = write_anew();
  }
  free(some.at);
  if(stat(path, &st))
    end("no file");
  printf("%6u %8lld %9.1f %9.1f %9.1f\n", hosts, (long long)st.st_size,
         median(all), median(added), median(anew));
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
  snprintf(path, sizeof(path), "%s/history.log", dir);
  printf("us:\n hosts    bytes      read    add 16      anew\n");
  for(unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    struct he_bytes lines = lines_of(have, hosts[i] - have);
    struct he_log *log = open_log();
    add_or_end(log, &lines);
    he_log_free(log);
    free(lines.at);
    have = hosts[i];
    measure(have);
  }
  unlink(path);
  rmdir(dir);
  return 0;
}
