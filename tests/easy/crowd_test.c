/* SPDX-License-Identifier: MIT */
/* crowd_test.c - fifty threads to one slow host at once, and one more who comes
 * after them. */
#include "harness.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CROWD 50

struct one {
  pthread_t thread;
  const char *url;
  enum mode mode;
  CURLcode rc;
  char body[256];
};

static void *visit_once(void *arg)
{
  struct one *o = arg;
  struct client c;
  client_open(&c, o->mode, o->url);
  o->rc = client_go(&c);
  snprintf(o->body, sizeof(o->body), "%s", c.body);
  client_close(&c);
  return NULL;
}

static void crowd(enum mode mode, const char *url, const char *winner)
{
  static struct one all[CROWD];
  char body[64];
  remember();
  snprintf(body, sizeof(body), "hello from %s\n", winner);
  memset(all, 0, sizeof(all));
  for(int i = 0; i < CROWD; i++) {
    all[i].url = url;
    all[i].mode = mode;
    assert_int_equal(pthread_create(&all[i].thread, NULL, visit_once,
                                    &all[i]), 0);
  }
  for(int i = 0; i < CROWD; i++)
    pthread_join(all[i].thread, NULL);
  for(int i = 0; i < CROWD; i++) {
    assert_int_equal(all[i].rc, CURLE_OK);
    assert_string_equal(all[i].body, body);
  }
}

static void test_threads(void **state)
{
  (void)state;
  crowd(BESIDE, "http://s8.lab.test/", "198.19.8.4");
}

/* IPv6 is in doubt, as all have seen: IPv4 need not wait for the delay. */
static void test_second_family(void **state)
{
  struct client c;
  (void)state;
  crowd(BESIDE, "http://s22.lab.test/", "198.19.22.1");
  client_open(&c, BESIDE, "http://s22.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.22.1");
  if(libcurl_walks())
    expect_attempts(&c, "L 3fff:122::1 0, L 198.19.22.1 10");
  /* which holds for this connect only */
  client_url(&c, "http://s2.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "L 3fff:102::1 0, L 198.19.2.1 150");
  client_close(&c);
}

/* curl_he_perform() says in which order: one SYN. */
static void test_performed(void **state)
{
  struct client c;
  long dead;
  (void)state;
  crowd(BESIDE, "http://s9.lab.test/", "198.19.9.2");
  dead = lab_syns("198.19.9.1");
  client_open(&c, RESOLVING, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  if(!libcurl_races()) {
    assert_int_equal(lab_syns("198.19.9.1"), dead);
    expect_attempts(&c, "L 198.19.9.2 0");
  }
  client_close(&c);
}

/* What the others have learned is wrong by now: libcurl gets the other address
   when it asks again, and none is lost. */
static void test_outdated(void **state)
{
  struct client c;
  (void)state;
  crowd(BESIDE, "http://s9.lab.test/", "198.19.9.2");
  assert_int_equal(lab_rule("198.19.9.2", "reset"), 0);
  assert_int_equal(lab_rule("198.19.9.1", "pass"), 0);
  client_open(&c, BESIDE, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.1");
  if(!libcurl_races()) {
    expect_attempts(&c, "L 198.19.9.2 0, L 198.19.9.1 20");
    assert_int_equal(steps(c.easy, CURL_HE_STEP_WON), 1);
  }
  /* and the next connect is a race of its own */
  client_url(&c, "http://s1.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "L 3fff:101::1 0");
  client_close(&c);
}

/* One question for each family, however many wait for the answer. */
static void test_one_question(void **state)
{
  (void)state;
  crowd(RESOLVING, "http://s22.lab.test/", "198.19.22.1");
  assert_int_equal(dns_queries(), 2);
}

/* Another context knows nothing of it. */
static void test_partition(void **state)
{
  CURLHE *he = curl_he_init();
  struct client c;
  (void)state;
  assert_non_null(he);
  crowd(BESIDE, "http://s9.lab.test/", "198.19.9.2");
  client_open(&c, BESIDE, "http://s9.lab.test/");
  assert_int_equal(curl_he_attach(he, c.easy), CURL_HE_OK);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  client_close(&c);
  curl_he_free(he);
}

int main(void)
{
  struct suite s = { NULL, 0 };
  suite_add(&s, test_threads, NULL, "fifty threads at once");
  suite_add(&s, test_second_family, NULL,
            "after them, the second family at once");
  suite_add(&s, test_performed, NULL, "after them, by curl_he_perform()");
  suite_add(&s, test_outdated, NULL, "after them, and all is different now");
  suite_add(&s, test_one_question, NULL,
            "fifty threads at once, by curl_he_perform()");
  suite_add(&s, test_partition, NULL, "after them, in another context");
  return suite_run(&s, "crowd");
}
