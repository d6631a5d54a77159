/* SPDX-License-Identifier: MIT */
/* lab_seen_test.c - what curl-he lab makes of packets, and of expectations, by
 * packets that are written down here: no network, no time. */
#include "lab/expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* A packet at a time in ms, to or from an address and the client's port. */
static struct lab_packet tcp(double ms, const char *addr, unsigned port,
                             unsigned flags, unsigned payload, char fate)
{
  struct lab_packet p;
  const bool heard = fate == 'h';
  memset(&p, 0, sizeof(p));
  p.time_ns = 1000000000 + (int64_t)(ms * 1e6);
  snprintf(heard ? p.src : p.dst, sizeof(p.dst), "%s", addr);
  snprintf(heard ? p.dst : p.src, sizeof(p.dst), "client");
  p.sport = heard ? 80 : port;
  p.dport = heard ? port : 80;
  p.proto = 6;
  p.flags = flags;
  p.payload = payload;
  p.fate = fate;
  strcpy(p.name, "-");
  return p;
}

static struct lab_packet dns(double ms, const char *name, unsigned type,
                             int answers)
{
  struct lab_packet p = tcp(ms, "198.18.0.53", 5000, 0, 0,
                            answers < 0 ? 's' : 'h');
  p.proto = 17;
  p.type = type;
  p.answers = answers < 0 ? 0 : (unsigned)answers;
  snprintf(p.name, sizeof(p.name), "%s", name);
  return p;
}

static void read_all(struct he_lab_seen *s, const char *scenario,
                     const struct lab_packet *p, size_t n)
{
  const struct lab_scenario *of = lab_scenario_named(scenario);
  assert_non_null(of);
  he_lab_seen_begin(s, of);
  for(size_t i = 0; i < n; i++)
    he_lab_seen_packet(s, &p[i]);
  he_lab_seen_end(s);
}

#define READ(s, scenario, p) \
  read_all(s, scenario, p, sizeof(p) / sizeof(*(p)))

static void close_to(double got, double wanted)
{
  if(got < wanted - 0.01 || got > wanted + 0.01)
    fail_msg("%f is not %f", got, wanted);
}

#define V6 "3fff:106::1"
#define V4_1 "198.19.6.1"
#define V4_2 "198.19.6.2"

/* Scenario 6 as curl-he does it. */
static void fill_usual(struct he_lab_seen *s)
{
  const struct lab_packet p[] = {
    dns(0, "other.lab.test", 1, -1),
    dns(10, "s6.lab.test", 28, -1),
    dns(11, "S6.lab.test", 1, -1),
    dns(30, "s6.lab.test", 28, 1),
    dns(31, "s6.lab.test", 1, 2),
    tcp(32, V6, 40000, SYN, 0, 'l'),
    tcp(82, V4_1, 40001, SYN, 0, 'l'),
    tcp(100, "198.19.1.1", 40002, SYN, 0, 's'),
    tcp(182, V4_2, 40003, SYN, 0, 's'),
    tcp(202, V4_2, 40003, SYN | ACK, 0, 'h'),
    tcp(202, V4_2, 40003, ACK, 0, 's'),
    tcp(203, V4_2, 40003, PSH | ACK, 90, 's'),
    tcp(223, V4_2, 40003, PSH | ACK, 300, 'h'),
    tcp(224, V4_2, 40003, FIN | ACK, 0, 's')
  };
  READ(s, "one-a-works", p);
}

static void test_usual(void **state)
{
  struct he_lab_seen s;
  (void)state;
  fill_usual(&s);
  assert_int_equal(s.ntries, 3);
  assert_int_equal(s.syns, 3);
  assert_int_equal(s.winner, 2);
  assert_string_equal(s.tries[0].label, "v6");
  assert_string_equal(s.tries[1].label, "v4.1");
  assert_string_equal(s.tries[2].label, "v4.2");
  assert_int_equal(s.tries[0].end, HE_LAB_SILENT);
  assert_int_equal(s.tries[2].end, HE_LAB_CONNECTED);
  close_to(he_lab_connect_ms(&s), 192);
  close_to(he_lab_wait_ms(&s), 2);
  close_to(he_lab_delay_ms(&s, 1), 50);
  close_to(he_lab_delay_ms(&s, 2), 100);
  assert_int_equal(s.asked[HE_LAB_A].answers, 2);
}

static void test_repeated_syn(void **state)
{
  const struct lab_packet p[] = {
    tcp(0, V6, 40000, SYN, 0, 'l'),
    tcp(1000, V6, 40000, SYN, 0, 'l'),
    tcp(1500, V6, 40009, SYN, 0, 'r')
  };
  struct he_lab_seen s;
  (void)state;
  READ(&s, "one-a-works", p);
  assert_int_equal(s.ntries, 2);
  assert_int_equal(s.tries[0].syns, 2);
  assert_int_equal(s.tries[1].end, HE_LAB_REFUSED);
  assert_int_equal(s.winner, -1);
  assert_true(he_lab_connect_ms(&s) < 0);
  assert_true(he_lab_wait_ms(&s) < 0);
  close_to(he_lab_at_ms(&s, s.tries[0].at_ns), 0);
}

/* Large packets are lost: the first one connects, says something, and is never
   answered. */
static void test_answered_one_wins(void **state)
{
  const struct lab_packet p[] = {
    tcp(0, V6, 40000, SYN, 0, 's'),
    tcp(20, V6, 40000, ACK, 0, 's'),
    tcp(21, V6, 40000, PSH | ACK, 500, 's'),
    tcp(270, V4_1, 40001, SYN, 0, 's'),
    tcp(290, V4_1, 40001, ACK, 0, 's'),
    tcp(291, V4_1, 40001, PSH | ACK, 500, 's'),
    tcp(311, V4_1, 40001, PSH | ACK, 1400, 'h')
  };
  struct he_lab_seen s;
  (void)state;
  READ(&s, "one-a-works", p);
  assert_int_equal(s.winner, 1);
  close_to(he_lab_connect_ms(&s), 290);
}

/* A socket that was closed when the answer came: the kernel resets. */
static void test_late_answer(void **state)
{
  const struct lab_packet p[] = {
    tcp(0, V6, 40000, SYN, 0, 's'),
    tcp(600, V6, 40000, RST, 0, 's')
  };
  struct he_lab_seen s;
  (void)state;
  READ(&s, "one-a-works", p);
  assert_int_equal(s.tries[0].end, HE_LAB_SILENT);
  assert_int_equal(s.winner, -1);
}

static void test_more_than_there_is_room_for(void **state)
{
  struct he_lab_seen s;
  (void)state;
  he_lab_seen_begin(&s, lab_scenario_named("6"));
  for(unsigned i = 0; i < HE_LAB_TRIES + 5; i++) {
    const struct lab_packet p = tcp(i, V6, 40000 + i, SYN, 0, 'l');
    he_lab_seen_packet(&s, &p);
  }
  he_lab_seen_end(&s);
  assert_int_equal(s.ntries, HE_LAB_TRIES);
  assert_true(s.more);
}

/* -- expectations -- */

static bool read_text(struct he_lab_expect *e, const char *text)
{
  char name[] = "/tmp/lab_seen_test.XXXXXX";
  const int fd = mkstemp(name);
  bool ok;
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  ok = he_lab_expect_read(e, name);
  unlink(name);
  return ok;
}

static void test_wrong_expectations(void **state)
{
  static const char *const wrong[] = {
    "", "# only words\n", "nowhere exit=0\n", "* exits=0\n", "* exit\n",
    "* exit=\n", "* exit=x\n", "* exit=1e999\n", "* order<v6\n",
    "* connect_ms<none\n", "* exit=0 syns\n", "* =1\n"
  };
  struct he_lab_expect e;
  (void)state;
  for(size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    if(read_text(&e, wrong[i]))
      fail_msg("\"%s\" was read", wrong[i]);
    he_lab_expect_free(&e);
  }
  assert_false(he_lab_expect_read(&e, "/nowhere/to/be/found"));
}

static void test_expectations(void **state)
{
  static const struct {
    const char *check;
    bool holds;
  } all[] = {
    { "connect_ms<=192.5", true }, { "connect_ms<=191", false },
    { "connect_ms>=191", true }, { "connect_ms=none", false },
    { "connect_ms!=none", true }, { "syns=3", true }, { "syns!=3", false },
    { "syns<3", false }, { "syns>2", true }, { "tries<4", true },
    { "order=v6,v4.1,v4.2", true }, { "order=v6,v4,v4", true },
    { "order=v6,v4", false }, { "order=v6,v4,v4,v4", false },
    { "order=v6,v4.2,v4.1", false }, { "order!=v6", true },
    { "winner=v4", true }, { "winner=v4.2", true }, { "winner=v6", false },
    { "asks=AAAA,A", true }, { "exit=0", true }, { "left=1", true },
    { "delay_ms<=50", true }, { "longest_delay_ms>99", true },
    { "aaaa_ms>=20", true }, { "a_ms>20", false }
  };
  struct he_lab_run *run = calloc(1, sizeof(*run));
  struct he_lab_result r = { lab_scenario_named("6"), run, 1 };
  (void)state;
  assert_non_null(run);
  fill_usual(&run->seen);
  run->left = 1;
  for(size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
    struct he_lab_expect e;
    char text[128], got[HE_LAB_WORD];
    snprintf(text, sizeof(text), "# first\n6 \t%s # so it is\n",
             all[i].check);
    assert_true(read_text(&e, text));
    assert_int_equal(e.n, 1);
    assert_int_equal(e.list[0].line, 2);
    assert_true(he_lab_check_about(&e.list[0], r.scenario));
    assert_false(he_lab_check_about(&e.list[0], lab_scenario_named("2")));
    if(he_lab_check_holds(&e.list[0], &r, got, sizeof(got)) != all[i].holds)
      fail_msg("%s: %s", all[i].check, got);
    he_lab_expect_free(&e);
  }
  free(run);
}

/* The median of a time; all else in every run. */
static void test_several_runs(void **state)
{
  struct he_lab_run *runs = calloc(3, sizeof(*runs));
  struct he_lab_result r = { lab_scenario_named("6"), runs, 3 };
  struct he_lab_expect e;
  char got[HE_LAB_WORD];
  (void)state;
  assert_non_null(runs);
  runs[0].took_ms = 900;
  runs[1].took_ms = 100;
  runs[2].took_ms = 200;
  runs[2].status = 7;
  fill_usual(&runs[1].seen);
  runs[0].seen.winner = runs[2].seen.winner = -1;
  assert_true(read_text(&e, "* took_ms<=200 took_ms<200 exit=0 exit<=7 "
                        "connect_ms=none\n"));
  assert_true(he_lab_check_holds(&e.list[0], &r, got, sizeof(got)));
  assert_false(he_lab_check_holds(&e.list[1], &r, got, sizeof(got)));
  assert_false(he_lab_check_holds(&e.list[2], &r, got, sizeof(got)));
  assert_string_equal(got, "7");
  assert_true(he_lab_check_holds(&e.list[3], &r, got, sizeof(got)));
  assert_true(he_lab_check_holds(&e.list[4], &r, got, sizeof(got)));
  assert_ptr_equal(he_lab_typical(&r), &runs[0]);
  he_lab_expect_free(&e);
  free(runs);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_usual),
    cmocka_unit_test(test_repeated_syn),
    cmocka_unit_test(test_answered_one_wins),
    cmocka_unit_test(test_late_answer),
    cmocka_unit_test(test_more_than_there_is_room_for),
    cmocka_unit_test(test_wrong_expectations),
    cmocka_unit_test(test_expectations),
    cmocka_unit_test(test_several_runs)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
