/* SPDX-License-Identifier: MIT */
/* tls_life_test.c - connections that are kept, and processes that fork, exit
 * or have enough of curl-he. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "dotask.h"
#include "upstream/tls.h"

/* A child that calls exit() has what its parent's threads had allocated, and
   LeakSanitizer does not know of it. */
static bool is_child;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
  return is_child;
}

static const struct dot_config good = { .mode = DOT_ANSWERS };

static void wait_for_none(struct dot_server *s)
{
  for(int ms = 0; dot_seen(s).open && ms < 30000; ms++)
    sleep_ms(1);
  assert_int_equal(dot_seen(s).open, 0);
}

/* Nobody asks any more: the connection is closed, politely, and the next
   question gets a new one. */
static void idle(void **state)
{
  struct dot_server *s = dot_start(NULL, &good);
  struct asker a;
  (void)state;
  asker_init(&a, s);
  asker_start(&a);
  assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
  wait_for_none(s);
  assert_int_equal(dot_seen(s).goodbyes, 1);
  assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(dot_seen(s).resumed, 1);
  asker_end(&a);
  dot_stop(s);
}

/* The racer ends with a question under way. */
static void racer_ends(void **state)
{
  static const enum dot_mode modes[] = { DOT_MUTE, DOT_HANGS };
  (void)state;
  for(int i = 0; i < 2; i++) {
    const struct dot_config config = { .mode = modes[i] };
    struct dot_server *s = dot_start(NULL, &config);
    struct asker a;
    struct asked q;
    asker_init(&a, s);
    asker_start(&a);
    asker_send(&a, &q, "x.test");
    while(!(modes[i] == DOT_MUTE ? dot_seen(s).queries : dot_seen(s).accepted))
      sleep_ms(1);
    he_racer_put(a.racer);
    assert_int_equal(q.called, 1);
    assert_int_equal(q.verdict, HE_UPSTREAM_GONE);
    assert_false(he_upstream_tls_ops.usable(a.channel, a.racer));
    he_upstream_tls_ops.unref(a.channel);
    wait_for_none(s);
    dot_stop(s);
  }
}

/* It ends at any moment: of the handshake, of a proof. */
static void racer_ends_anywhere(void **state)
{
  struct dot_server *s = dot_start(NULL, &good);
  (void)state;
  for(unsigned i = 0; i < rounds(200); i++) {
    struct asker a;
    struct asked q;
    asker_init(&a, s);
    asker_start(&a);
    asker_send(&a, &q, "x.test");
    usleep(roll(4000));
    asker_end(&a);
    assert_int_equal(q.called, 1);
  }
  wait_for_none(s);
  dot_stop(s);
}

static int ended(pid_t child)
{
  int status;
  while(waitpid(child, &status, 0) < 0)
    assert_int_equal(errno, EINTR);
  return status;
}

/* A child asks over a connection of its own, and ends. The parent's goes
   on. */
static void forked(void **state)
{
  struct dot_server *s = dot_start(NULL, &good);
  struct asker a;
  pid_t child;
  (void)state;
  asker_init(&a, s);
  asker_start(&a);
  assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
  child = fork_with_threads();
  if(!child) {
    struct asker mine = a;
    struct asked q;
    bool ok;
    is_child = true;
    asker_start(&mine);
    asker_send(&mine, &q, "y.test");
    ok = asked_wait(&q) == HE_UPSTREAM_ANSWERED;
    he_racer_put(a.racer);
    asker_end(&mine);
    exit(ok ? 0 : 1);         /* with all that is done at exit() */
  }
  assert_int_equal(ended(child), 0);
  sleep_ms(20);
  assert_int_equal(dot_seen(s).goodbyes, 1);   /* the child's own */
  assert_int_equal(dot_seen(s).open, 1);
  assert_int_equal(asker_ask(&a, "z.test"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(dot_seen(s).accepted, 2);
  asker_end(&a);
  dot_stop(s);
}

/* A server in a process of its own. It calls OpenSSL whenever it likes, and
   would leave locks of OpenSSL's to children of this process. */
static pid_t serve_elsewhere(const struct dot_config *c, struct he_addr *addr)
{
  int ends[2];
  pid_t server;
  assert_non_null(dot_authority());    /* made once, for both */
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  server = fork_with_threads();
  if(!server) {
    *addr = dot_addr(dot_start(NULL, c));
    if(write(ends[1], addr, sizeof(*addr)) != sizeof(*addr))
      _exit(1);
    for(;;)
      pause();
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], addr, sizeof(*addr)), sizeof(*addr));
  close(ends[0]);
  return server;
}

static void end_server(pid_t server)
{
  assert_int_equal(kill(server, SIGKILL), 0);
  assert_int_equal(ended(server), SIGKILL);
}

/* Forks while TLS is at work: no child hangs for a lock that it got locked. */
static void forked_anywhere(void **state)
{
  const struct dot_config each = { .mode = DOT_ONE_EACH };
  struct he_addr addr;
  const pid_t server = serve_elsewhere(&each, &addr);
  struct asker a;
  (void)state;
  asker_init_at(&a, &addr);
  asker_start(&a);
  for(unsigned i = 0; i < rounds(50); i++) {
    struct asked q;
    pid_t child;
    asker_send(&a, &q, "x.test");
    usleep(roll(3000));
    child = fork_with_threads();
    if(!child) {
      struct asker mine = a;
      struct asked own;
      alarm(60);
      asker_start(&mine);
      asker_send(&mine, &own, "y.test");
      _exit(asked_wait(&own) != HE_UPSTREAM_ANSWERED);
    }
    assert_int_equal(asked_wait(&q), HE_UPSTREAM_ANSWERED);
    assert_int_equal(ended(child), 0);
  }
  asker_end(&a);
  end_server(server);
}

/* exit() while the racer is at work: OpenSSL has taken itself down by then. */
static void exits(void **state)
{
  struct he_addr addr;
  const pid_t server = serve_elsewhere(&good, &addr);
  struct asker a;
  (void)state;
  asker_init_at(&a, &addr);
  for(unsigned i = 0; i < rounds(50); i++) {
    const unsigned us = roll(8000);
    pid_t child = fork_with_threads();
    if(!child) {
      static struct asked q[2000];
      is_child = true;
      alarm(60);
      asker_start(&a);
      for(unsigned n = 0; n < 2000; n++)
        asker_send(&a, &q[n], "x.test");
      usleep(us);
      exit(0);
    }
    assert_int_equal(ended(child), 0);
  }
  end_server(server);
}

/* Other servers are asked meanwhile, one after another over connections that
   come and go, and fork() and exit() wait for nothing. */
static void ends_while_a_disk_hangs(struct dot_server *s)
{
  struct asker other;
  pid_t child;
  for(int i = 0; i < 3; i++) {
    asker_init(&other, s);
    asker_start(&other);
    if(asker_ask(&other, "x.test") != HE_UPSTREAM_ANSWERED)
      _exit(1);
    asker_end(&other);
  }
  child = fork();
  if(!child)
    _exit(0);
  exit(ended(child) ? 2 : 0);
}

/* The file of authorities is one that never ends, as on a disk that does not
   answer. */
static void a_disk_hangs(void **state)
{
  struct dot_server *s = dot_start(NULL, &good);
  char folder[] = "/tmp/he-tls-XXXXXX";
  struct asker a;
  pid_t child;
  (void)state;
  assert_non_null(mkdtemp(folder));
  asker_init(&a, s);
  snprintf(a.upstream->ca, sizeof(a.upstream->ca), "%s/ca.pem", folder);
  assert_int_equal(mkfifo(a.upstream->ca, 0600), 0);
  child = fork_with_threads();
  if(!child) {
    static struct asked q;
    is_child = true;
    alarm(60);
    asker_start(&a);
    asker_send(&a, &q, "x.test");
    while(open(a.upstream->ca, O_WRONLY | O_NONBLOCK) < 0)
      usleep(1000);           /* nobody reads it yet */
    ends_while_a_disk_hangs(s);
  }
  assert_int_equal(ended(child), 0);
  assert_int_equal(unlink(a.upstream->ca), 0);
  assert_int_equal(rmdir(folder), 0);
  dot_stop(s);
}

static void nothing_left(void **state)
{
  (void)state;
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(racer_ends), cmocka_unit_test(racer_ends_anywhere),
    cmocka_unit_test(forked), cmocka_unit_test(forked_anywhere),
    cmocka_unit_test(exits), cmocka_unit_test(a_disk_hangs),
    cmocka_unit_test(idle), cmocka_unit_test(nothing_left)
  };
  int failed;
  test_seed();
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  dot_end();
  return failed;
}
