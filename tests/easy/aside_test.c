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
  enum way least;          /* how it has to be set at the least ... */
  enum way least_seen;     /* ... where the host's name was asked for before */
};

static const struct pin pins[] = {
  { "CURLOPT_RESOLVE to a dead address of the host", "http://s9.lab.test/",
    CURLOPT_RESOLVE, 0, "s9.lab.test:80:198.19.9.1", true, UNDECLARED,
    DECLARED },
  { "CURLOPT_RESOLVE to the dead ones of many", "http://half.lab.test/",
    CURLOPT_RESOLVE, 0, "half.lab.test:80:198.19.56.1,[3fff:156::1]", true,
    UNDECLARED, DECLARED },
  { "CURLOPT_RESOLVE to another host's address", "http://s6.lab.test/",
    CURLOPT_RESOLVE, 0, "s6.lab.test:80:198.19.52.1", true, UNDECLARED,
    UNDECLARED },
  { "CURLOPT_RESOLVE of every host", "http://s9.lab.test/",
    CURLOPT_RESOLVE, 0, "*:80:198.19.9.1", true, UNDECLARED, DECLARED },
  { "CURLOPT_CONNECT_TO another host", "http://s6.lab.test/",
    CURLOPT_CONNECT_TO, 0, "s6.lab.test:80:s2.lab.test:80", true, UNDECLARED,
    UNDECLARED },
  /* not declared, it looks like any other connect to the host */
  { "CURLOPT_CONNECT_TO a dead address of the host", "http://s9.lab.test/",
    CURLOPT_CONNECT_TO, 0, "s9.lab.test:80:198.19.9.1:80", true, DECLARED,
    DECLARED },
  { "CURLOPT_IPRESOLVE IPv4, all of it dead", "http://half.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4, NULL, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv4", "http://s6.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4, NULL, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv6, all of it dead", "http://s6.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V6, NULL, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_IPRESOLVE IPv6", "http://half.lab.test/",
    CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V6, NULL, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_INTERFACE, an IPv4 address", "http://s9.lab.test/",
    CURLOPT_INTERFACE, 0, LAB_CLIENT_V4, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_INTERFACE, an IPv6 address", "http://half.lab.test/",
    CURLOPT_INTERFACE, 0, LAB_CLIENT_V6, false, UNDECLARED, UNDECLARED },
  { "CURLOPT_INTERFACE, a device", "http://s9.lab.test/",
    CURLOPT_INTERFACE, 0, "if!lab0", false, UNDECLARED, UNDECLARED },
  { "CURLOPT_LOCALPORT", "http://s9.lab.test/",
    CURLOPT_LOCALPORT, 0, NULL, false, UNDECLARED, UNDECLARED },
};

/* Ports of its own for each run: the last one's may be in TIME_WAIT. As many as
   there may be attempts at once. */
#define PORTS 4L

static long next_ports(void)
{
  static long port = 42000;
  port += PORTS;
  return port;
}

static void apply(struct client *c, enum way way, const struct pin *pin,
                  struct curl_slist *list)
{
  if(pin->list)
    client_set(c, way, pin->option, list);
  else if(pin->text)
    client_set(c, way, pin->option, pin->text);
  else if(pin->option == CURLOPT_LOCALPORT) {
    client_set(c, way, CURLOPT_LOCALPORT, next_ports());
    client_set(c, way, CURLOPT_LOCALPORTRANGE, PORTS);
  }
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
  client_open_for(&c, way, mode, pin->url);
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

struct alone {
  CURLcode rc;
  struct addresses went;
};

static struct alone go_alone(const struct pin *pin)
{
  struct alone a;
  a.rc = go_pinned(pin, ALONE, UNDECLARED, &a.went);
  return a;
}

static void expect_same(const struct pin *pin, const struct alone *alone,
                        enum mode mode, enum way way)
{
  struct addresses went;
  CURLcode rc = go_pinned(pin, mode, way, &went);
  if(!same_end(rc, alone->rc) || !addresses_within(&went, &alone->went))
    fail_msg("%s, %s: result %d, SYNs to %s; libcurl alone: %d, %s",
             mode_name(mode), way_name(way), (int)rc, went.text,
             (int)alone->rc, alone->went.text);
}

/* What the host's addresses are, and which of them are good, is known from a
   transfer that was free to go anywhere: of just now, before anything of it is
   probed. */
static void know_anew(const struct pin *pin, enum mode mode)
{
  assert_int_equal(curl_he_history_forget(curl_he_default(), NULL),
                   CURL_HE_OK);
  know(mode, pin->url);
}

static void expect_pinned(const struct pin *pin, bool known)
{
  struct alone alone = go_alone(pin);
  for(int mode = BESIDE; mode <= RESOLVING; mode++) {
    enum way least = known ? pin->least_seen : pin->least;
    /* curl_he_perform() must be told of this one, says its contract */
    if(mode == RESOLVING && pin->option == CURLOPT_IPRESOLVE)
      least = DECLARED;
    if(known)
      know_anew(pin, (enum mode)mode);
    for(int way = (int)least; way <= SEEN; way++)
      expect_same(pin, &alone, (enum mode)mode, (enum way)way);
  }
}

static void test_pin(void **state)
{
  expect_pinned(*state, false);
}

static void test_pin_remembered(void **state)
{
  expect_pinned(*state, true);
}

/* Where another transfer has asked for the host's addresses, an option that
   was declared still holds. */
static void test_pin_after_others(void **state)
{
  const struct pin *pin = *state;
  struct alone alone = go_alone(pin);
  for(int mode = BESIDE; mode <= RESOLVING; mode++) {
    struct addresses went;
    for(int way = DECLARED; way <= SEEN; way++) {
      assert_int_equal(visit(BESIDE, pin->url), CURLE_OK);
      assert_int_equal(go_pinned(pin, (enum mode)mode, (enum way)way, &went),
                       alone.rc);
      if(!addresses_within(&went, &alone.went))
        fail_msg("%s, %s: SYNs to %s; libcurl alone: %s",
                 mode_name((enum mode)mode), way_name((enum way)way),
                 went.text, alone.went.text);
    }
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
  for(size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++) {
    suite_add(&s, test_pin, &pins[i], "%s", pins[i].what);
    suite_add(&s, test_pin_remembered, &pins[i], "%s, with a history",
              pins[i].what);
  }
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
