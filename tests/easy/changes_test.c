/* SPDX-License-Identifier: MIT */
/* changes_test.c - what was learned, when the world changes: another network
 * (scenario 20), IPv6 that heals (21) and that dies. By libcurl's transfers
 * alone, as an application makes them. */
#include "taught.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- another network (20) -- */

/* Its addresses are what makes a network: the routes and servers stay. The
   kernel tells before `ip` ends; curl-he's thread has heard soon after. */
static void move(const char *from, const char *to, const char *from6,
                 const char *to6)
{
  char line[400];
  snprintf(line, sizeof(line),
           "ip addr add %s/24 dev lab0 && ip addr del %s/24 dev lab0 && "
           "ip -6 addr add %s/64 dev lab0 nodad && "
           "ip -6 addr del %s/64 dev lab0 && "
           "ip route replace default dev lab0", to, from, to6, from6);
  assert_int_equal(system(line), 0);
  pause_ms(300);
}

#define AWAY_V4 "198.18.7.2"
#define AWAY_V6 "3fff:c:0:7::2"

static void go_away(void)
{
  move(LAB_CLIENT_V4, AWAY_V4, LAB_CLIENT_V6, AWAY_V6);
}

static void go_home(void)
{
  move(AWAY_V4, LAB_CLIENT_V4, AWAY_V6, LAB_CLIENT_V6);
}

/* Which of the two addresses of s9 works. */
static void s9_works(const char *good, const char *dead)
{
  assert_int_equal(lab_rule(good, "pass"), 0);
  assert_int_equal(lab_rule(dead, "drop"), 0);
}

static void expect_s9(enum mode mode, const char *winner, const char *script)
{
  struct client c;
  client_open(&c, mode, taught_url("s9"));
  taught_go(&c);
  expect_winner(&c, winner);
  if(script && obeys(mode, script))
    expect_attempts(&c, script);
  client_close(&c);
}

/* What home taught is wrong elsewhere, and is not used there; and what
   elsewhere teaches, is not at home. */
static void test_another_network(void **state)
{
  const enum mode *mode = *state;
  remember();
  teach(*mode, "s9");
  expect_s9(*mode, "198.19.9.2", "L 198.19.9.2 0");
  go_away();
  expect_s9(*mode, "198.19.9.2", "L 198.19.9.1 0, C 198.19.9.2 150");
  s9_works("198.19.9.1", "198.19.9.2");
  expect_s9(*mode, "198.19.9.1", NULL);   /* a probe may know by now */
  expect_s9(*mode, "198.19.9.1", "L 198.19.9.1 0");
  go_home();
  s9_works("198.19.9.2", "198.19.9.1");
  expect_s9(*mode, "198.19.9.2", "L 198.19.9.2 0");
}

/* -- IPv6 that heals (21), and that dies -- */

static bool uses_ipv6(enum mode mode, const char *host, const char *address)
{
  struct client c;
  const char *winner;
  bool yes;
  client_open(&c, mode, taught_url(host));
  taught_go(&c);
  winner = info_string(c.easy, CURLHEINFO_WINNER);
  assert_non_null(winner);
  yes = !strcmp(winner, address);
  client_close(&c);
  return yes;
}

/* Probes find out, and no transfer has to: with curl_he_perform() IPv4 is
   first as long as IPv6 is in disgrace. */
static void test_heals(void **state)
{
  const enum mode *mode = *state;
  bool back = false;
  remember();
  condemn_ipv6(*mode);
  assert_false(uses_ipv6(*mode, "s2", "3fff:102::1"));
  assert_int_equal(lab_rule("3fff:102::1", "pass"), 0);
  for(int i = 0; i < 60 && !back; i++) {
    pause_ms(500);
    back = uses_ipv6(*mode, "s2", "3fff:102::1");
  }
  assert_true(back);
  assert_true(uses_ipv6(*mode, "s2", "3fff:102::1"));
}

/* It was good, and is gone: the next transfer waits for a delay, the one after
   that for less. */
static void test_dies(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  remember();
  for(int i = 0; i < 4; i++)
    teach(*mode, "s1");
  assert_int_equal(lab_rule("3fff:101::1", "drop"), 0);
  client_open(&c, *mode, taught_url("s1"));
  taught_go(&c);
  expect_winner(&c, "198.19.1.1");
  expect_attempts(&c, "L 3fff:101::1 0, L 198.19.1.1 50");
  client_close(&c);
  for(int i = 0; i < 2; i++)
    assert_false(uses_ipv6(*mode, "s1", "3fff:101::1"));
}

int main(void)
{
  static const struct mode_test tests[] = {
    { test_another_network, "another network, and home again" },
    { test_heals, "IPv6 heals" },
    { test_dies, "IPv6 dies" },
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  return suite_run(&s, "changes");
}
