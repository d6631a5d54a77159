/* SPDX-License-Identifier: MIT */
/* share_model.c - how many connects to healthy hosts stay on IPv6, and what
 * they cost, in virtual time: the race and the history as they are, against a
 * model of a path (tests/unit/shares.h).
 *
 *   share_model [CONNECTS]
 *
 * In each row the delays of curl-he stand beside fixed ones of 150 and 250 ms
 * (CURLHEOPT_DELAY_MS), which the same history orders addresses for. */
#include "unit/shares.h"

#include <stdio.h>
#include <stdlib.h>

#define CONNECTS 50000
#define FIXED 3

static const int rtts[] = { 5, 20, 60, 120, 250 };
static const double losses[] = { 0, 0.005, 0.01 };
static const long fixed_ms[FIXED] = { 0, 150, 250 };
static unsigned connects = CONNECTS;

static const char *const titles[] = {
  [SHARES_COLD] = "Cold: nothing is known",
  [SHARES_NETWORK] = "With memory, of other hosts on the network alone",
  [SHARES_HOST] = "With memory of the host"
};

static double thousand(unsigned n, unsigned of)
{
  return of ? 1000.0 * n / of : 0;
}

static bool print_cell(const struct shares_path *path,
                       enum shares_known known, long fixed)
{
  const struct shares_case c = { .path = *path, .fixed_ms = fixed,
                                 .known = known, .connects = connects,
                                 .seed = 1 };
  struct shares s;
  if(!shares_run(&c, &s))
    return false;
  printf(" | %6.1f %6.1f %6.0f %5.0f", thousand(s.ipv6, s.connects),
         thousand(s.whole_ipv6, s.whole), thousand(s.syns, s.connects),
         thousand(s.abandoned, s.connects));
  return true;
}

static bool print_row(const struct shares_path *path, enum shares_known known)
{
  bool ok = true;
  printf("%4d %4.1f", (int)(path->rtt / HE_MS(1)), 100 * path->loss);
  for(int i = 0; ok && i < FIXED; i++)
    ok = print_cell(path, known, fixed_ms[i]);
  puts("");
  return ok;
}

static void print_head(const char *title)
{
  printf("\n%s\n          | %-26s | %-26s | %s\n rtt loss", title,
         "curl-he's delays", "150 ms fixed", "250 ms fixed");
  for(int i = 0; i < FIXED; i++)
    printf(" | %6s %6s %6s %5s", "IPv6", "whole", "SYNs", "aband");
  puts("");
}

/* The network that the laboratory has, too (share.c). */
static bool print_laboratory(void)
{
  struct shares_path path = { .rtt = HE_MS(20), .even = HE_MS(10) };
  bool ok = true;
  print_head("The laboratory's network, by the model, with memory of the "
             "host");
  for(size_t l = 1; ok && l < sizeof(losses) / sizeof(*losses); l++) {
    path.loss = losses[l];
    ok = print_row(&path, SHARES_HOST);
  }
  return ok;
}

static void print_legend(void)
{
  printf("MODEL, virtual time: %u connects a cell to healthy hosts\n"
         "rtt    round trip, ms, to both families; each packet comes later, "
         "by 1 ms and 1 %% of\n       the round trip in the mean "
         "(exponential)\n"
         "loss   of each packet, each way, %%; a lost packet costs a SYN, "
         "whoever sends it, so\n       that at 1 %% 1,020 are the least\n"
         "Per 1,000 connects (the cells of a table have the same luck):\n"
         "IPv6   that came about over IPv6\n"
         "SYNs   of all attempts, those sent again included\n"
         "aband  attempts that did not win\n"
         "Per 1,000 whose handshake over IPv6 loses nothing:\n"
         "whole  that came about over IPv6\n", connects);
}

int main(int argc, char **argv)
{
  bool ok = true;
  if(argc > 1)
    connects = (unsigned)strtoul(argv[1], NULL, 10);
  if(!connects) {
    fputs("usage: share_model [CONNECTS]\n", stderr);
    return 2;
  }
  print_legend();
  for(int k = SHARES_COLD; ok && k <= SHARES_HOST; k++) {
    print_head(titles[k]);
    for(size_t r = 0; ok && r < sizeof(rtts) / sizeof(*rtts); r++)
      for(size_t l = 0; ok && l < sizeof(losses) / sizeof(*losses); l++) {
        const struct shares_path path = shares_path(HE_MS(rtts[r]),
                                                    losses[l]);
        ok = print_row(&path, (enum shares_known)k);
      }
  }
  ok = ok && print_laboratory();
  if(!ok)
    fputs("share_model: no memory\n", stderr);
  return ok ? 0 : 1;
}
