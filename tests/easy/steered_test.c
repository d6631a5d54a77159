/* SPDX-License-Identifier: MIT */
/* steered_test.c - what steers a connect, or the resolving before it, in ways
 * that show late or hardly at all: DNS over HTTPS, alternative services, FTP,
 * CURLOPT_CONNECT_TO an address, CURLOPT_RESOLVE of a name seen before,
 * options that a late answer must not pass by, and answers that vary.
 *
 * The handles are unknown: of a known one curl-he sees what is not declared,
 * too. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen {
  CURLcode rc;
  long queries;
  struct addresses syns;
};

static void note(struct seen *s, CURLcode rc)
{
  s->rc = rc;
  s->queries = dns_queries();
  syn_addresses(&s->syns);
}

static void expect_within(const char *what, const struct seen *here,
                          const struct seen *alone)
{
  if(!addresses_within(&here->syns, &alone->syns))
    fail_msg("%s: SYNs to %s; libcurl alone: %s", what, here->syns.text,
             alone->syns.text);
}

/* -- DNS over HTTPS -- */

#define DOH_URL "https://doh.lab.test:8443/dns-query"

static struct seen by_https(const char *url, enum mode mode, enum way way)
{
  struct client c;
  struct seen s;
  client_open_unknown(&c, mode, url);
  client_set(&c, way, CURLOPT_DOH_URL, DOH_URL);
  lab_reset();
  note(&s, client_go(&c));
  client_close(&c);
  return s;
}

/* The DoH server's name is asked for, A and AAAA; and where libcurl asks for
   each apart, by each of its two DoH transfers, if one is not in time for the
   other's answer. */
static void expect_doh_queries(const struct seen *here,
                               const struct seen *alone)
{
  if(!libcurl_resolves_apart())
    assert_int_equal(here->queries, alone->queries);
  else if(here->queries > 4 || alone->queries > 4)
    fail_msg("%ld queries; libcurl alone: %ld", here->queries,
             alone->queries);
}

/* The name server hears of the DoH server's name, and of none else. */
static void doh(enum mode mode, bool known)
{
  struct seen alone = by_https("http://s2.lab.test/", ALONE, UNDECLARED);
  struct seen here;
  if(known)
    know(mode, "http://s2.lab.test/");
  here = by_https("http://s2.lab.test/", mode, DECLARED);
  assert_int_equal(alone.rc, CURLE_OK);
  assert_int_equal(here.rc, CURLE_OK);
  expect_doh_queries(&here, &alone);
  expect_within("DoH, declared", &here, &alone);
}

static void test_doh(void **state)
{
  const enum mode *mode = *state;
  doh(*mode, false);
}

static void test_doh_of_known(void **state)
{
  const enum mode *mode = *state;
  doh(*mode, true);
}

/* Not told of it, curl-he may ask the system's resolver, and race what that
   and the DoH server agree on. */
static void test_doh_undeclared(void **state)
{
  struct seen servers = by_https("http://s2.lab.test/", ALONE, UNDECLARED);
  struct seen here = by_https("http://s9.lab.test/", BESIDE, UNDECLARED);
  (void)state;
  assert_int_equal(servers.rc, CURLE_OK);
  assert_int_equal(here.rc, CURLE_OK);
  strcat(servers.syns.text, "198.19.9.1 198.19.9.2 ");
  expect_within("DoH, not declared", &here, &servers);
}

/* -- alternative services -- */

static const char *const services[] = {
  "h1 two.lab.test 443 h1 s2.lab.test 443",    /* another host, half dead */
  "h1 two.lab.test 443 h1 two.lab.test 1443",  /* another port, that refuses */
};

static struct seen by_service(const char *service, enum mode mode,
                              enum way way)
{
  char path[64];
  struct client c;
  struct seen s;
  FILE *f;
  snprintf(path, sizeof(path), "/run/altsvc.%d", (int)getpid());
  f = fopen(path, "w");
  assert_non_null(f);
  fprintf(f, "%s \"20991231 00:00:00\" 0 0\n", service);
  fclose(f);
  client_open_unknown(&c, mode, "https://two.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_HTTP_VERSION,
             (long)CURL_HTTP_VERSION_1_1);
  client_set(&c, way, CURLOPT_ALTSVC_CTRL,
             (long)(CURLALTSVC_READONLYFILE | CURLALTSVC_H1));
  client_set(&c, way, CURLOPT_ALTSVC, path);
  lab_reset();
  note(&s, client_go(&c));
  client_close(&c);
  unlink(path);
  return s;
}

static void altsvc(enum mode mode, bool known)
{
  for(size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
    struct seen alone = by_service(services[i], ALONE, UNDECLARED);
    /* it has gone to the service, or this shows nothing */
    assert_int_equal(alone.rc, i ? CURLE_COULDNT_CONNECT : CURLE_OK);
    if(known)
      know(mode, "https://two.lab.test/");
    for(int way = UNDECLARED; way <= DECLARED; way++) {
      struct seen here = by_service(services[i], mode, (enum way)way);
      assert_int_equal(here.rc, alone.rc);
      expect_within(services[i], &here, &alone);
    }
  }
}

static void test_altsvc(void **state)
{
  const enum mode *mode = *state;
  altsvc(*mode, false);
}

static void test_altsvc_of_known(void **state)
{
  const enum mode *mode = *state;
  altsvc(*mode, true);
}

/* -- FTP -- */

static int note_data(const struct lab_packet *p, void *user)
{
  struct addresses *a = user;
  size_t len = strlen(a->text);
  if(p->proto == 6 && (p->flags & 18) == 2 && p->dport != LAB_FTP_PORT)
    snprintf(a->text + len, sizeof(a->text) - len, "%s ", p->dst);
  return 0;
}

/* The control connection is raced; the one for data goes where libcurl has it
   go, once. */
static void test_ftp(void **state)
{
  const enum mode *mode = *state;
  struct addresses data = { "" };
  struct client c;
  client_open_unknown(&c, *mode, "ftp://s9.lab.test:2121/file");
  lab_reset();
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_string_equal(c.body, "a file by FTP\n");
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  assert_true(lab_packets(note_data, &data) >= 0);
  assert_string_equal(data.text, "198.19.9.2 ");
  client_close(&c);
}

/* -- CURLOPT_CONNECT_TO an address, not declared -- */

static const struct {
  const char *url;
  const char *to;
} detours[] = {
  { "http://s9.lab.test/", "s9.lab.test:80:198.19.9.1:80" },
  { "http://s9.lab.test/", "s9.lab.test:80:198.19.9.1:1080" },
  { "http://s9.lab.test:1080/", "s9.lab.test:1080:198.19.9.1:80" },
  { "http://s7.lab.test/", "s7.lab.test:80:[3fff:107::2]:80" },
};

/* Twice: the second time the address is in libcurl's cache. */
static struct seen by_detour(size_t i, enum mode mode)
{
  struct curl_slist *list = curl_slist_append(NULL, detours[i].to);
  struct client c;
  struct seen s;
  client_open_unknown(&c, mode, detours[i].url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 600L);
  client_set(&c, UNDECLARED, CURLOPT_CONNECT_TO, list);
  lab_reset();
  client_go(&c);
  note(&s, client_go(&c));
  client_close(&c);
  curl_slist_free_all(list);
  return s;
}

/* That an address needs no resolving shows in the time that it takes, unless
   the machine takes this thread's away just then: three tries. */
static void test_connect_to(void **state)
{
  const enum mode *mode = *state;
  for(size_t i = 0; i < sizeof(detours) / sizeof(*detours); i++) {
    struct seen alone = by_detour(i, ALONE), here;
    int tries = 0;
    assert_int_equal(alone.rc, CURLE_OPERATION_TIMEDOUT);
    do {
      set_up(NULL);
      here = by_detour(i, *mode);
    } while(!addresses_within(&here.syns, &alone.syns) && ++tries < 3);
    if(here.rc != alone.rc)
      fail_msg("%s: %d, not %d", detours[i].to, (int)here.rc, (int)alone.rc);
    expect_within(detours[i].to, &here, &alone);
  }
}

/* curl-he cannot see a transfer end in vain: its race lasts a little longer. */
static void let_race_end(void)
{
  pause_ms(500);
}

/* -- CURLOPT_RESOLVE of a name that was resolved before, not declared -- */

static struct seen by_entry(enum mode mode, bool same_handle)
{
  struct curl_slist *list =
    curl_slist_append(NULL, "s7.lab.test:80:[3fff:107::2],198.19.7.1");
  struct client c, other;
  struct seen s;
  client_open_unknown(&other, mode == ALONE ? ALONE : BESIDE,
                      "http://s7.lab.test/");
  client_set(&other, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 300L);
  client_go(&other);
  if(same_handle)
    c = other;
  else
    client_open_unknown(&c, mode, "http://s7.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_WRITEDATA, &c);
  client_set(&c, UNDECLARED, CURLOPT_ERRORBUFFER, c.error);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 1200L);
  client_set(&c, UNDECLARED, CURLOPT_RESOLVE, list);
  c.mode = mode;
  let_race_end();
  lab_reset();
  note(&s, client_go(&c));
  client_close(&c);
  if(!same_handle)
    client_close(&other);
  curl_slist_free_all(list);
  return s;
}

static void test_resolve_after_lookup(void **state)
{
  const enum mode *mode = *state;
  for(int same = 0; same < 2; same++) {
    struct seen alone = by_entry(ALONE, same), here = by_entry(*mode, same);
    assert_int_equal(alone.rc, CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(here.rc, alone.rc);
    expect_within(same ? "the same handle" : "another handle", &here, &alone);
  }
}

/* -- a late answer, and an option that was not declared -- */

struct late {
  const char *what;
  const char *url;
  CURLoption option;
  long number;
  const char *text;
};

static const struct late late[] = {
  { "CURLOPT_INTERFACE, an IPv4 address, AAAA late",
    "http://late6.lab.test/", CURLOPT_INTERFACE, 0, LAB_CLIENT_V4 },
  { "CURLOPT_INTERFACE, an IPv6 address, A late",
    "http://late4.lab.test/", CURLOPT_INTERFACE, 0, LAB_CLIENT_V6 },
  { "CURLOPT_INTERFACE, a device, AAAA late",
    "http://late6.lab.test/", CURLOPT_INTERFACE, 0, "if!lab0" },
  { "CURLOPT_LOCALPORT, A late",
    "http://late4.lab.test/", CURLOPT_LOCALPORT, 0, NULL },
  { "CURLOPT_IPRESOLVE IPv6, AAAA late",
    "http://late6.lab.test/", CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V6, NULL },
  { "CURLOPT_IPRESOLVE IPv4, A late",
    "http://late4.lab.test/", CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4, NULL },
};

/* A port that was used stays taken for a while. */
static long next_port(void)
{
  static long port = 43500;
  return port++;
}

static struct seen by_late(const struct late *l, enum mode mode, enum way way,
                           size_t *own)
{
  struct client c;
  struct seen s;
  client_open_unknown(&c, mode, l->url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2500L);
  if(l->text)
    client_set(&c, way, l->option, l->text);
  else
    client_set(&c, way, l->option, l->number ? l->number : next_port());
  lab_reset();
  note(&s, client_go(&c));
  *own = mode == ALONE ? 0 : own_attempts(c.easy);
  client_close(&c);
  return s;
}

/* Does CURLOPT_IPRESOLVE hold for the addresses that curl_he_perform() gives
   libcurl? That it is to be declared is that function's contract. */
static bool is_kept(const struct late *l, int way)
{
  return l->option != CURLOPT_IPRESOLVE || way == DECLARED ||
         libcurl_keeps_to_families();
}

static void test_late(void **state)
{
  const struct late *l = *state;
  size_t own;
  struct seen alone = by_late(l, ALONE, UNDECLARED, &own);
  for(int way = UNDECLARED; way <= DECLARED; way++) {
    struct seen here = by_late(l, RESOLVING, (enum way)way, &own);
    if(!is_kept(l, way))
      continue;
    assert_int_equal(own, 0);
    if(l->option == CURLOPT_IPRESOLVE || way == DECLARED) {
      assert_int_equal(here.rc, alone.rc);
      expect_within(way_name((enum way)way), &here, &alone);
    }
  }
}

/* What is_kept() goes by: libcurl alone, with an address of the family that it
   may not use. */
static void test_families_alone(void **state)
{
  struct curl_slist *list = curl_slist_append(NULL, "he.test:80:198.19.2.1");
  struct client c;
  (void)state;
  client_open_unknown(&c, ALONE, "http://he.test/");
  client_set(&c, UNDECLARED, CURLOPT_RESOLVE, list);
  client_set(&c, UNDECLARED, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
  assert_int_equal(client_go(&c) == CURLE_OK, !libcurl_keeps_to_families());
  client_close(&c);
  curl_slist_free_all(list);
}

/* The first transfer had to begin with IPv4 alone, and libcurl's cache has no
   more; the second may use IPv6 alone. */
static CURLcode by_cached_half(enum way way, struct client *c)
{
  client_open_unknown(c, RESOLVING, "http://late6.lab.test/");
  assert_int_equal(client_go(c), CURLE_OK);
  expect_winner(c, "3fff:169::1");
  client_set(c, way, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
  client_set(c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
  return client_go(c);
}

static void test_late_cached(void **state)
{
  (void)state;
  for(int way = UNDECLARED; way <= DECLARED; way++) {
    struct client c;
    assert_int_equal(by_cached_half((enum way)way, &c), CURLE_OK);
    expect_winner(&c, "3fff:169::1");
    client_close(&c);
    pause_ms(1300);   /* so long is an answer that came kept */
  }
}

/* -- answers that vary -- */

/* libcurl has one address, which is slow; curl-he's resolver says two, then
   one. To make libcurl ask for another would be its end. */
static void test_varying(void **state)
{
  (void)state;
  for(int i = 0; i < 3; i++) {
    struct client c;
    client_open_unknown(&c, BESIDE, "http://varies.lab.test/");
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
    if(client_go(&c)) {
      print_race(c.easy);
      fail_msg("transfer %d: %s", i, c.error);
    }
    assert_int_equal(steps(c.easy, CURL_HE_STEP_PROVOKED), 0);
    client_close(&c);
  }
}

int main(void)
{
  static const struct mode_test ftp = { test_ftp, "FTP" };
  static const struct mode_test tests[] = {
    { test_doh, "DNS over HTTPS, declared" },
    { test_altsvc, "alternative services" },
    { test_connect_to, "CURLOPT_CONNECT_TO an address, not declared" },
    { test_resolve_after_lookup, "CURLOPT_RESOLVE after a lookup" },
    { test_doh_of_known, "DNS over HTTPS, the host known" },
    { test_altsvc_of_known, "alternative services, the host known" },
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  if(!access("/usr/lib/python3/dist-packages/pyftpdlib", F_OK))
    suite_add_modes(&s, &ftp, 1);
  suite_add(&s, test_doh_undeclared, NULL, "DNS over HTTPS, not declared");
  for(size_t i = 0; i < sizeof(late) / sizeof(*late); i++)
    suite_add(&s, test_late, &late[i], "%s", late[i].what);
  suite_add(&s, test_families_alone, NULL,
            "CURLOPT_IPRESOLVE IPv6, libcurl alone given IPv4");
  suite_add(&s, test_late_cached, NULL,
            "CURLOPT_IPRESOLVE IPv6, AAAA late, IPv4 cached");
  suite_add(&s, test_varying, NULL, "answers that vary");
  return suite_run(&s, "steered");
}
