/* SPDX-License-Identifier: MIT */
/* aside_test.c - nowhere libcurl would not go: where options pin a transfer to
 * some addresses, a family or an interface, curl-he's SYNs go only where those
 * of libcurl alone go, and the result is the same. Each option is set behind
 * curl-he's back, and through it. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 500L

struct pin {
  const char *what;
  const char *url;
  CURLoption option;
  long number;
  const char *text;        /* of a string, or the only entry of a list */
  bool list;
  enum way least;
};

static const struct pin pins[] = {
  { "CURLOPT_RESOLVE to a dead address of the host", "http://s9.lab.test/",
    CURLOPT_RESOLVE, 0, "s9.lab.test:80:198.19.9.1", true, UNDECLARED },
  { "CURLOPT_RESOLVE to the dead ones of many", "http://half.lab.test/",
    CURLOPT_RESOLVE, 0, "half.lab.test:80:198.19.56.1,[3fff:156::1]", true,
    UNDECLARED },
  { "CURLOPT_RESOLVE to another host's address", "http://s6.lab.test/",
    CURLOPT_RESOLVE, 0, "s6.lab.test:80:198.19.52.1", true, UNDECLARED },
  { "CURLOPT_RESOLVE of every host", "http://s9.lab.test/",
    CURLOPT_RESOLVE, 0, "*:80:198.19.9.1", true, UNDECLARED },
  { "CURLOPT_CONNECT_TO another host", "http://s6.lab.test/",
    CURLOPT_CONNECT_TO, 0, "s6.lab.test:80:s2.lab.test:80", true, UNDECLARED },
  /* not declared, it looks like any other connect to the host */
  { "CURLOPT_CONNECT_TO a dead address of the host", "http://s9.lab.test/",
    CURLOPT_CONNECT_TO, 0, "s9.lab.test:80:198.19.9.1:80", true, DECLARED },
  { "CURLOPT_IPRESOLVE IPv4, all of it dead", "http://half.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4, NULL, false, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv4", "http://s6.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4, NULL, false, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv6, all of it dead", "http://s6.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V6, NULL, false, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv6", "http://half.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V6, NULL, false, UNDECLARED },
  { "CURLOPT_INTERFACE, an IPv4 address", "http://s9.lab.test/",
    CURLOPT_INTERFACE, 0, LAB_CLIENT_V4, false, UNDECLARED },
  { "CURLOPT_INTERFACE, an IPv6 address", "http://half.lab.test/",
    CURLOPT_INTERFACE, 0, LAB_CLIENT_V6, false, UNDECLARED },
  { "CURLOPT_INTERFACE, a device", "http://s9.lab.test/",
    CURLOPT_INTERFACE, 0, "if!lab0", false, UNDECLARED },
  { "CURLOPT_LOCALPORT", "http://s9.lab.test/",
    CURLOPT_LOCALPORT, 0, NULL, false, UNDECLARED },
};

/* A port of its own for each run: the last one's may be in TIME_WAIT. */
static long next_port(void)
{
  static long port = 42000;
  return port++;
}

static void apply(struct client *c, enum way way, const struct pin *pin,
                  struct curl_slist *list)
{
  if(pin->list)
    client_set(c, way, pin->option, list);
  else if(pin->text)
    client_set(c, way, pin->option, pin->text);
  else if(pin->option == CURLOPT_LOCALPORT)
    client_set(c, way, CURLOPT_LOCALPORT, next_port());
  else
    client_set(c, way, pin->option, pin->number);
}

/* libcurl alone shows where it may go: long enough for all of it. */
static long connect_ms(enum mode mode)
{
  return mode == ALONE && libcurl_spends_short_timeouts() ? 3 * CONNECT_MS :
         CONNECT_MS;
}

static CURLcode go_pinned(const struct pin *pin, enum mode mode, enum way way,
                          struct addresses *went)
{
  struct client c;
  struct curl_slist *list = NULL;
  CURLcode rc;
  if(pin->list)
    list = curl_slist_append(NULL, pin->text);
  client_open(&c, mode, pin->url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS,
             connect_ms(mode));
  apply(&c, way, pin, list);
  lab_reset();
  rc = client_go(&c);
  syn_addresses(went);
  client_close(&c);
  curl_slist_free_all(list);
  return rc;
}

/* How far libcurl's own walk of the addresses comes in the time it has is not
   the same each time. */
static bool same_end(CURLcode a, CURLcode b)
{
  return a == b || (a == CURLE_OK && b == CURLE_OPERATION_TIMEDOUT) ||
         (a == CURLE_OPERATION_TIMEDOUT && b == CURLE_OK);
}

static void test_pin(void **state)
{
  const struct pin *pin = *state;
  struct addresses alone, went;
  CURLcode rc = go_pinned(pin, ALONE, UNDECLARED, &alone);
  for(int mode = BESIDE; mode <= RESOLVING; mode++) {
    /* curl_he_perform() must be told of this one, says its contract */
    bool told = mode == RESOLVING && pin->option == CURLOPT_IPRESOLVE;
    for(int way = told ? (int)DECLARED : (int)pin->least; way <= DECLARED;
        way++) {
      CURLcode same = go_pinned(pin, (enum mode)mode, (enum way)way,
                                &went);
      if(!same_end(same, rc) || !addresses_within(&went, &alone))
        fail_msg("%s, %s: result %d, SYNs to %s; libcurl alone: %d, %s",
                 mode_name((enum mode)mode), way_name((enum way)way),
                 (int)same, went.text, (int)rc, alone.text);
    }
  }
}

/* Where another transfer has asked for the host's addresses, an option that
   was declared still holds. */
static void test_pin_after_others(void **state)
{
  const struct pin *pin = *state;
  struct addresses alone, went;
  CURLcode rc = go_pinned(pin, ALONE, UNDECLARED, &alone);
  for(int mode = BESIDE; mode <= RESOLVING; mode++) {
    assert_int_equal(visit(BESIDE, pin->url), CURLE_OK);
    assert_int_equal(go_pinned(pin, (enum mode)mode, DECLARED, &went), rc);
    if(!addresses_within(&went, &alone))
      fail_msg("%s: SYNs to %s; libcurl alone: %s",
               mode_name((enum mode)mode), went.text, alone.text);
  }
}

/* An entry for one host says nothing of another, nor of another port. */
static void test_other_hosts_pin(void **state)
{
  static const char *const others[] = {
    "s1.lab.test:80:198.19.1.1", "s9.lab.test:443:198.19.9.1",
    "-s9.lab.test:80", "9.lab.test:80:198.19.9.1", NULL
  };
  const enum mode *mode = *state;
  struct curl_slist *list = NULL;
  struct client c;
  for(size_t i = 0; others[i]; i++)
    list = curl_slist_append(list, others[i]);
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, DECLARED, CURLOPT_RESOLVE, list);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "198.19.9.2");
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  client_close(&c);
  curl_slist_free_all(list);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++)
    suite_add(&s, test_pin, &pins[i], "%s", pins[i].what);
  for(size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++) {
    if(pins[i].option == CURLOPT_RESOLVE)
      suite_add(&s, test_pin_after_others, &pins[i], "%s, seen before",
                pins[i].what);
  }
  for(size_t m = 0; m < 2; m++)
    suite_add(&s, test_other_hosts_pin, &modes[m],
              "CURLOPT_RESOLVE of other hosts, by %s", mode_name(modes[m]));
  return suite_run(&s, "aside");
}
