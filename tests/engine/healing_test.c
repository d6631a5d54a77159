/* SPDX-License-Identifier: MIT */
/* healing_test.c - what was learned dead comes back by itself (scenario 21),
 * and what was learned in one network waits there (scenario 20). Inside the
 * laboratory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "base/clock.h"
#include "folder.h"
#include "keeping.h"
#include "../lab/labctl.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOST "s2.lab.test"
#define SIX "3fff:102::1"
#define FOUR "198.19.2.1"

/* -- scenario 21 -- */

static void silent(struct life *l, const struct he_addr *a)
{
  struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED, .addr = *a,
                          .pending = HE_MS(300), .delay = HE_MS(150),
                          .winner = HE_MS(20) };
  sleep_ms(400);            /* two that overlapped would count once */
  life_learn(l, HOST, o);
}

/* Waits for so many SYNs to the dead address; how many there are. */
static long wait_syns(long n)
{
  he_time_ns since = he_clock_now();
  while(lab_syns(SIX) < n && elapsed_ms(since) < 30000)
    sleep_ms(20);
  return lab_syns(SIX);
}

static void heals(void **state)
{
  struct he_addr six = addr_of(SIX, 80), four = addr_of(FOUR, 80);
  struct life l;
  he_time_ns since;
  (void)state;
  assert_int_equal(lab_reset(), 0);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  life_answered(&l, HOST, &six, 1);
  life_answered(&l, HOST, &four, 1);
  life_connected(&l, HOST, &four, HE_MS(20));
  silent(&l, &six);
  silent(&l, &six);
  assert_int_equal(rank_of(&l, HOST, &six), HE_RANK_BAD);
  /* it is tried, at nobody's cost, and is dead: three SYNs, no more */
  assert_int_equal(wait_syns(3), 3);
  assert_int_equal(rank_of(&l, HOST, &six), HE_RANK_BAD);
  assert_int_equal(lab_rule(SIX, "rtt=20"), 0);
  since = he_clock_now();
  while(rank_of(&l, HOST, &six) == HE_RANK_BAD && elapsed_ms(since) < 30000)
    sleep_ms(20);
  assert_int_equal(rank_of(&l, HOST, &six), HE_RANK_GOOD);
  assert_int_equal(lab_syns(SIX), 4);
  assert_int_equal(lab_syns(FOUR), 0);
  life_end(&l);
  assert_int_equal(lab_restore(), 0);
}

/* The end of the racer is the end of its probes. */
static void nothing_is_left(void **state)
{
  struct he_addr six = addr_of(SIX, 80), four = addr_of(FOUR, 80);
  struct life l;
  (void)state;
  assert_int_equal(lab_reset(), 0);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  wait_network(&l);
  life_answered(&l, HOST, &six, 1);
  life_answered(&l, HOST, &four, 1);
  life_connected(&l, HOST, &four, HE_MS(20));
  silent(&l, &six);         /* one loss alone is looked into */
  assert_int_equal(wait_syns(1), 1);
  assert_int_equal(lab_syn_sent(), 1);
  life_end(&l);
  assert_int_equal(lab_syn_sent(), 0);
}

/* -- scenario 20 -- */

static void ip(const char *arguments)
{
  char line[256];
  snprintf(line, sizeof(line), "ip %s", arguments);
  assert_int_equal(system(line), 0);
}

static void go_away(void)
{
  ip("addr del 198.18.0.2/24 dev lab0");
  ip("addr add 198.18.7.2/16 dev lab0");
  ip("route replace default dev lab0");
}

static void come_home(void)
{
  ip("addr del 198.18.7.2/16 dev lab0");
  ip("addr add 198.18.0.2/24 dev lab0");
  ip("route replace default dev lab0");
}

/* Until the number is no longer, or is again, `id`. */
static uint64_t wait_move(struct life *l, uint64_t id, bool there)
{
  he_time_ns since = he_clock_now();
  while((network_of(l) == id) != there && elapsed_ms(since) < 30000)
    sleep_ms(5);
  assert_true((network_of(l) == id) == there);
  return network_of(l);
}

static void moves(void **state)
{
  struct he_addr six = addr_of(SIX, 80), four = addr_of(FOUR, 80);
  struct life one, two;
  uint64_t home, away, epoch;
  (void)state;
  life_begin(&one, NULL);
  life_begin(&two, NULL);
  he_recall_want(one.recall);
  he_recall_want(two.recall);
  home = wait_network(&one);
  assert_int_equal(wait_network(&two), home);
  life_connected(&one, HOST, &four, HE_MS(20));
  life_refused(&one, HOST, &six);
  epoch = he_recall_epoch(one.recall);
  go_away();
  away = wait_move(&one, home, false);
  assert_int_equal(wait_move(&two, home, false), away);
  assert_true(he_recall_epoch(one.recall) != epoch);
  {
    uint64_t network;
    struct he_history *h = he_recall_open(one.recall, &network);
    assert_false(he_history_has(h, network, HOST));
    assert_true(he_history_has(h, home, HOST));
    he_recall_close(one.recall, false);
  }
  come_home();
  wait_move(&one, home, true);
  wait_move(&two, home, true);
  assert_int_equal(rank_of(&one, HOST, &six), HE_RANK_BAD);
  life_end(&one);
  life_end(&two);
}

/* What the file knows of a network is read when the host comes there. */
static void file_of_a_network(void **state)
{
  struct he_addr four = addr_of(FOUR, 80);
  const char *path = (folder_new(), folder_path("h.log"));
  struct life l;
  uint64_t home;
  he_time_ns since;
  (void)state;
  life_begin(&l, path);
  home = wait_network(&l);
  life_connected(&l, HOST, &four, HE_MS(20));
  life_end(&l);
  go_away();
  life_begin(&l, path);
  assert_true(wait_network(&l) != home);
  life_read(&l);
  assert_false(known(&l, HOST, &four, NULL));
  come_home();
  wait_move(&l, home, true);
  since = he_clock_now();
  while(!known(&l, HOST, &four, NULL) && elapsed_ms(since) < 30000)
    sleep_ms(5);
  assert_true(known(&l, HOST, &four, NULL));
  life_end(&l);
  folder_free();
}

/* -- without netlink -- */

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static bool forbid_netlink(void)
{
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    ALLOW,
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
             offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0),
    ALLOW,
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
  };
  struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
         !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Says that it knows its number, then goes on asking until it changes. */
static void sandboxed(int out)
{
  struct life l;
  uint64_t id;
  he_time_ns since = he_clock_now();
  if(!forbid_netlink())
    _exit(77);
  life_begin(&l, NULL);
  he_recall_want(l.recall);
  id = wait_network(&l);
  if(write(out, "", 1) != 1)
    _exit(1);
  while(network_of(&l) == id && elapsed_ms(since) < 30000) {
    he_recall_want(l.recall);   /* as each connect does */
    sleep_ms(20);
  }
  if(network_of(&l) == id)
    _exit(2);
  life_end(&l);
  _exit(0);
}

static void sandbox(void **state)
{
  int out[2], status;
  char byte;
  pid_t pid;
  (void)state;
  assert_int_equal(pipe(out), 0);
  pid = fork();
  if(!pid)
    sandboxed(out[1]);
  close(out[1]);
  assert_int_equal(read(out[0], &byte, 1), 1);
  go_away();
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  come_home();
  close(out[0]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(heals),
    cmocka_unit_test(nothing_is_left),
    cmocka_unit_test(moves),
    cmocka_unit_test(file_of_a_network),
    cmocka_unit_test(sandbox)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
