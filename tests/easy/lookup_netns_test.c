/* SPDX-License-Identifier: MIT */
/* lookup_netns_test.c - a thread that has gone to a network namespace of its
 * own: its races run there, nothing that was learned elsewhere counts, and
 * nothing is sent from where curl-he's thread is. */
#include "harness.h"
#include "listener.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the thread's namespace packets to any but its own addresses come back to
   it, and are dropped; in the test's own the laboratory sees them. */
#define HOSTS \
  "127.0.0.1 here.test\n" \
  "10.9.8.7 half.test\n192.168.9.1 half.test\n" \
  "10.9.8.7 away.test\n198.19.1.1 away.test\n"

static void command(const char *line)
{
  assert_int_equal(system(line), 0);
}

static void be_elsewhere(void)
{
  assert_int_equal(unshare(CLONE_NEWNET), 0);
  command("ip link set lo up && ip addr add 10.9.8.1/32 dev lo && "
          "ip route add local 192.168.9.1 dev lo src 10.9.8.1 && "
          "ip route add default dev lo");
}

struct visit {
  const char *host;
  long lookup;             /* CURLHEOPT_LOOKUP */
  CURLcode rc;
  struct client c;
};

static void go_there(struct visit *v)
{
  struct listener l;
  char url[64];
  be_elsewhere();
  listener_any(&l);
  snprintf(url, sizeof(url), "http://%s:%d/", v->host, l.port);
  client_open(&v->c, BESIDE, url);
  client_set(&v->c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
  curl_he_easy_setopt(v->c.easy, CURLHEOPT_LOOKUP, v->lookup);
  v->rc = client_go(&v->c);
  listener_stop(&l);
}

static void *in_thread(void *arg)
{
  go_there(arg);
  return NULL;
}

/* The thread is over, and with it its namespace. */
static void run(struct visit *v)
{
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, in_thread, v), 0);
  pthread_join(thread, NULL);
}

static void expect_there(struct visit *v, const char *attempts)
{
  if(v->rc)
    print_race(v->c.easy);
  assert_int_equal(v->rc, CURLE_OK);
  assert_string_equal(v->c.body, LISTENER_SAYS);
  expect_attempts(&v->c, attempts);
  assert_int_equal(own_attempts(v->c.easy),
                   steps(v->c.easy, CURL_HE_STEP_START));
  assert_int_equal(info_long(v->c.easy, CURLHEINFO_HANDED_OVER), 1);
  assert_int_equal(syns_to_servers(), 0);
  client_close(&v->c);
}

static void test_there(void **state)
{
  struct visit v = { .host = "here.test", .lookup = 1 };
  (void)state;
  run(&v);
  expect_there(&v, "C 127.0.0.1 0");
}

static void test_raced_there(void **state)
{
  struct visit v = { .host = "half.test", .lookup = 1 };
  (void)state;
  run(&v);
  expect_there(&v, "C 10.9.8.7 0, C 192.168.9.1 50");
}

/* Nothing is sent in the wrong network, by whoever connects. */
static void test_not_here(void **state)
{
  const long *lookup = *state;
  struct visit v = { .host = "away.test", .lookup = *lookup };
  run(&v);
  assert_int_not_equal(v.rc, CURLE_OK);
  assert_int_equal(syns_to_servers(), 0);
  if(!*lookup)
    assert_int_equal(own_attempts(v.c.easy), 0);
  client_close(&v.c);
}

/* -- history -- */

static int count_host(const struct curl_he_history_entry *r, void *clientp)
{
  unsigned *n = clientp;
  *n += !strcmp(r->host, "half.test");
  return 0;
}

/* It learns nothing there, and what is known here makes no difference. */
static void test_history(void **state)
{
  struct visit v = { .host = "half.test", .lookup = 1 };
  unsigned n = 0;
  (void)state;
  know(BESIDE, "http://s2.lab.test/");
  lab_reset();
  for(int i = 0; i < 2; i++) {
    run(&v);
    expect_there(&v, "C 10.9.8.7 0, C 192.168.9.1 50");
  }
  assert_int_equal(curl_he_history_foreach(curl_he_default(), count_host, &n),
                   CURL_HE_OK);
  assert_int_equal(n, 0);
}

int main(void)
{
  static const long lookups[] = { 1, 0 };
  struct suite s = { NULL, 0 };
  int fd = open("/etc/hosts", O_WRONLY | O_APPEND | O_CLOEXEC);
  if(fd < 0 || write(fd, HOSTS, strlen(HOSTS)) < 0)
    return 1;
  close(fd);
  suite_add(&s, test_there, NULL, "a race in the thread's namespace");
  suite_add(&s, test_raced_there, NULL, "a silent address there");
  suite_add(&s, test_not_here, &lookups[0], "nothing here");
  suite_add(&s, test_not_here, &lookups[1], "nothing here, beside libcurl");
  suite_add(&s, test_history, NULL, "no history");
  return suite_run(&s, "network namespaces");
}
