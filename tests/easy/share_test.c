/* SPDX-License-Identifier: MIT */
/* share_test.c - what connects teach on a shaky network does not drive healthy
 * hosts from IPv6. */
#include "harness.h"
#include "many.h"

#define CONNECTS 3000
/* Few, so that a busy machine does not look like a slow network: an IPv6
   handshake has 100 ms before IPv4 has its turn. */
#define THREADS 16
#define LIMIT_S 100

/* Half a percent is lost each way, the SYN or what answers it: of a hundred
   first attempts over IPv6 one has no answer in time, and IPv4 wins, as it
   should. Of 3,000 that is 30, of a standard deviation of 5.5, and a few more
   where history acts upon two losses in a row. 60, where 98 % ends, is four
   deviations from that: what history adds to the losses shows, and the luck of
   a run does not. */
#define NETWORK "rtt=20 jitter=10 loss=0.5"
#define WANTED (CONNECTS * 98 / 100)

static void test_share(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  const struct many m = {
    .setup = true,
    .perform = mode == RESOLVING ? curl_he_perform : curl_easy_perform,
    .threads = THREADS, .connects = CONNECTS, .limit_s = LIMIT_S
  };
  struct many_came came;
  remember();
  assert_true(many_rule(NETWORK));
  assert_true(many_go(&m, &came));
  print_message("%s: %u by IPv6, %u by IPv4, %u failed, %ld SYNs\n",
                mode_name(mode), came.ipv6, came.ipv4, came.failed,
                came.syns);
  assert_int_equal(came.failed, 0);
  assert_int_equal(came.ipv6 + came.ipv4, CONNECTS);
  assert_true(came.ipv6 >= WANTED);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < 2; i++)
    suite_add(&s, test_share, &modes[i], "%d connects, by %s", CONNECTS,
              mode_name(modes[i]));
  return suite_run(&s, "share");
}
