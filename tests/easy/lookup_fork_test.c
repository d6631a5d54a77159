/* SPDX-License-Identifier: MIT */
/* lookup_fork_test.c - fork() while races run in lookups: the child races by
 * itself, the parent's races go on. */
#include "harness.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACES 8

struct racing {
  pthread_t thread;
  struct client c;
  CURLcode rc;
};

static void *go(void *arg)
{
  struct racing *r = arg;
  r->rc = client_go(&r->c);
  return NULL;
}

/* Races to one host that take 0.6 s. */
static void begin(struct racing *r)
{
  for(int i = 0; i < RACES; i++) {
    client_open(&r[i].c, BESIDE, "http://s8.lab.test/");
    assert_int_equal(pthread_create(&r[i].thread, NULL, go, &r[i]), 0);
  }
}

static void end(struct racing *r)
{
  for(int i = 0; i < RACES; i++) {
    pthread_join(r[i].thread, NULL);
    assert_int_equal(r[i].rc, CURLE_OK);
    expect_winner(&r[i].c, "198.19.8.4");
    client_close(&r[i].c);
  }
}

/* In the child no assertion may fail, for cmocka would go on with the tests:
   0, or what went wrong. */
static int be_child(const char *url, const char *body)
{
  struct client c;
  int wrong = 0;
  client_open(&c, BESIDE, url);
  if(client_go(&c) || strcmp(c.body, body))
    wrong = 1;
  else if(own_attempts(c.easy) != steps(c.easy, CURL_HE_STEP_START))
    wrong = 2;
  client_close(&c);
  return wrong;
}

static void expect_child(pid_t child)
{
  int status = -1;
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* At any moment: while names are resolved, while attempts run, as they end.
   Even the host that the parent races to. */
static void test_fork(void **state)
{
  static struct racing r[RACES];
  pid_t children[12];
  (void)state;
  memset(r, 0, sizeof(r));
  begin(r);
  for(int i = 0; i < 12; i++) {
    children[i] = fork();
    if(!children[i])
      _exit(i % 2 ? be_child("http://s2.lab.test/", "hello from 198.19.2.1\n") :
            be_child("http://s8.lab.test/", "hello from 198.19.8.4\n"));
    pause_ms(i < 4 ? 2 : 70);
  }
  for(int i = 0; i < 12; i++)
    expect_child(children[i]);
  end(r);
}

/* The child frees what it inherited in the middle of a race. */
static void test_inherited(void **state)
{
  CURLM *multi = curl_multi_init();
  struct client c;
  int running = 1;
  pid_t child;
  (void)state;
  client_open(&c, BESIDE, "http://s8.lab.test/");
  curl_multi_add_handle(multi, c.easy);
  for(int i = 0; i < 10; i++) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 10, NULL);
  }
  child = fork();
  if(!child) {
    curl_he_detach(c.easy);
    _exit(be_child("http://s2.lab.test/", "hello from 198.19.2.1\n"));
  }
  while(running) {
    curl_multi_perform(multi, &running);
    curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
  expect_child(child);
  expect_winner(&c, "198.19.8.4");
  curl_multi_remove_handle(multi, c.easy);
  client_close(&c);
  curl_multi_cleanup(multi);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  suite_add(&s, test_fork, NULL, "fork() in the middle of races");
  suite_add(&s, test_inherited, NULL, "a child detaches what it inherited");
  return suite_run(&s, "fork() and lookups");
}
