/* SPDX-License-Identifier: MIT */
/* add_test.c - curl_he_multi_add(), where libcurl's lookups are not raced:
 * known and unknown handles, the system's resolver and a configured one. Built
 * once for each event loop. */
#include "../easy/cold.h"
#include "fleet.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A call of libcurl that waits for a late answer takes longer. */
#define BLOCKED_NS 400000000

#define ROWS (sizeof(table) / sizeof(*table))

enum { BY_SYSTEM, BY_CHOSEN };

struct how {
  enum sight sight;
  int resolver;
};

static const struct how hows[] = {
  { KNOWN, BY_SYSTEM }, { UNKNOWN, BY_SYSTEM }, { KNOWN, BY_CHOSEN },
  { UNKNOWN, BY_CHOSEN }
};
#define HOWS (sizeof(hows) / sizeof(*hows))

static void choose(const struct how *how)
{
  if(how->resolver == BY_CHOSEN)
    assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_RESOLVER,
                                    "dns://" LAB_DNS_V4), CURL_HE_OK);
}

static void join(struct fleet *f, struct member *m)
{
  m->done = false;
  assert_int_equal(curl_he_multi_add(f->t.multi, m->c.easy), CURLM_OK);
}

static void open_member(struct member *m, const struct how *how,
                        const char *url)
{
  client_open_for(&m->c, how->sight == KNOWN ? SEEN : UNDECLARED, BESIDE,
                  url);
  client_set(&m->c, UNDECLARED, CURLOPT_PRIVATE, m);
}

static void add_host(struct fleet *f, struct member *m, const struct how *how,
                     const char *host)
{
  char url[64];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  open_member(m, how, url);
  join(f, m);
}

static void leave(struct fleet *f, struct member *m)
{
  fleet_remove(f, m);
  client_close(&m->c);
}

static long syns_of(const char *host)
{
  char name[64];
  snprintf(name, sizeof(name), "%s.lab.test", host);
  return lab_syns_host(name);
}

static void expect_raced(struct member *m)
{
  CURL *e = m->c.easy;
  if(!m->done || m->result ||
     own_attempts(e) != steps(e, CURL_HE_STEP_START) ||
     info_long(e, CURLHEINFO_HANDED_OVER) != 1)
    print_race(e);
  assert_true(m->done);
  if(m->result)
    fail_msg("%s: %s", curl_easy_strerror(m->result), m->c.error);
  assert_int_equal(own_attempts(e), steps(e, CURL_HE_STEP_START));
  assert_int_equal(info_long(e, CURLHEINFO_HANDED_OVER), 1);
  assert_int_equal(steps(e, CURL_HE_STEP_WON), 1);
}

static void expect_row(struct member *m, const struct expected *e)
{
  expect_raced(m);
  expect_attempts(&m->c, e->attempts);
  expect_winner(&m->c, e->winner);
  assert_int_equal(syns_of(e->host) + (long)unsent(m->c.easy),
                   steps(m->c.easy, CURL_HE_STEP_START));
}

/* Every scenario, all at once in one multi handle. */
static void test_together(void **state)
{
  const struct how *how = *state;
  static struct member m[ROWS];
  struct fleet f;
  choose(how);
  watch_reset();
  fleet_open(&f);
  for(size_t i = 0; i < ROWS; i++)
    add_host(&f, &m[i], how, table[i].host);
  fleet_run(&f, -1);
  assert_int_equal(f.done, ROWS);
  for(size_t i = 0; i < ROWS; i++)
    expect_row(&m[i], &table[i]);
  assert_in_range(watch_longest_ns(), 1, BLOCKED_NS);
  assert_int_equal(watch_refused(), 0);
  for(size_t i = 0; i < ROWS; i++)
    leave(&f, &m[i]);
  fleet_close(&f);
}

/* -- what fails -- */

/* libcurl is past its lookup: of a host without an address it cannot say so. */
static CURLcode as_here(CURLcode alone)
{
  return alone == CURLE_COULDNT_RESOLVE_HOST ? CURLE_COULDNT_CONNECT : alone;
}

static void test_failing(void **state)
{
  static const char *const hosts[] = { "s17", "s18", "servfail", "none" };
  enum { N = sizeof(hosts) / sizeof(*hosts) };
  const struct how *how = *state;
  static struct member m[N][2];
  struct fleet f;
  choose(how);
  fleet_open(&f);
  for(size_t i = 0; i < N; i++) {
    char url[64];
    snprintf(url, sizeof(url), "http://%s.lab.test/", hosts[i]);
    open_member(&m[i][0], how, url);
    client_set(&m[i][0].c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
    join(&f, &m[i][0]);
    fleet_open_member(&m[i][1], ALONE, url);
    client_set(&m[i][1].c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
    fleet_join(&f, &m[i][1]);
  }
  fleet_run(&f, -1);
  for(size_t i = 0; i < N; i++) {
    curl_off_t with = 0, without = 0;
    assert_true(m[i][0].done && m[i][1].done);
    if(m[i][0].result != as_here(m[i][1].result))
      fail_msg("%s: %d, alone %d", hosts[i], m[i][0].result, m[i][1].result);
    curl_easy_getinfo(m[i][0].c.easy, CURLINFO_TOTAL_TIME_T, &with);
    curl_easy_getinfo(m[i][1].c.easy, CURLINFO_TOTAL_TIME_T, &without);
    assert_in_range(with, 0, without + 500000);
    assert_null(info_string(m[i][0].c.easy, CURLHEINFO_WINNER));
    leave(&f, &m[i][0]);
    leave(&f, &m[i][1]);
  }
  fleet_close(&f);
}

/* -- what needs no race, and what comes after one -- */

static void go(struct fleet *f, struct member *m)
{
  join(f, m);
  fleet_run(f, -1);
  assert_true(m->done);
  if(m->result)
    fail_msg("%s: %s", curl_easy_strerror(m->result), m->c.error);
  fleet_remove(f, m);
}

/* A connection that is kept is used. Afterwards the handle races again. */
static void test_reused(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct fleet f;
  long connects = -1;
  choose(how);
  fleet_open(&f);
  open_member(&m, how, "http://s2.lab.test/");
  go(&f, &m);
  lab_reset();
  go(&f, &m);
  curl_easy_getinfo(m.c.easy, CURLINFO_NUM_CONNECTS, &connects);
  assert_int_equal(connects, 0);
  assert_int_equal(questions_for("s2"), 0);
  client_set(&m.c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
  go(&f, &m);
  expect_raced(&m);
  assert_string_equal(info_string(m.c.easy, CURLHEINFO_WINNER), "198.19.2.1");
  client_close(&m.c);
  fleet_close(&f);
}

/* Nothing is left in libcurl's cache that others would trip over: another
   handle, and the same one without curl-he. */
static void test_not_poisoned(void **state)
{
  const struct how *how = *state;
  struct member m, other;
  struct fleet f;
  fleet_open(&f);
  add_host(&f, &m, how, "s5");
  fleet_open_member(&other, ALONE, "http://s5.lab.test/");
  fleet_join(&f, &other);
  fleet_run(&f, -1);
  assert_int_equal(m.result, CURLE_OK);
  assert_int_equal(other.result, CURLE_OK);
  fleet_remove(&f, &m);
  client_reset(&m.c);
  client_set(&m.c, UNDECLARED, CURLOPT_PRIVATE, &m);
  client_set(&m.c, UNDECLARED, CURLOPT_FRESH_CONNECT, 1L);
  client_url(&m.c, "http://s1.lab.test/");
  fleet_join(&f, &m);
  fleet_run(&f, -1);
  assert_int_equal(m.result, CURLE_OK);
  leave(&f, &m);
  leave(&f, &other);
  fleet_close(&f);
}

/* A redirect to another host is raced, too. */
static void test_redirected(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct fleet f;
  choose(how);
  fleet_open(&f);
  open_member(&m, how, "http://s1.lab.test/redirect?to=http://s6.lab.test/");
  client_set(&m.c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  go(&f, &m);
  expect_winner(&m.c, "198.19.6.2");
  expect_raced(&m);
  client_close(&m.c);
  fleet_close(&f);
}

/* The system's name server hears of nobody. */
static int count_other(const struct lab_packet *p, void *user)
{
  *(long *)user += p->dport == 53 && strcmp(p->dst, LAB_DNS_V4);
  return 0;
}

static void name_servers(const char *address)
{
  FILE *f = fopen("/etc/resolv.conf", "w");
  assert_non_null(f);
  fprintf(f, "nameserver %s\noptions timeout:1 attempts:1\n", address);
  assert_int_equal(fclose(f), 0);
}

static void test_not_leaked(void **state)
{
  const struct how *how = *state;
  struct member m;
  struct fleet f;
  long others = 0;
  name_servers("198.18.0.54");
  choose(how);
  fleet_open(&f);
  open_member(&m, how, "http://s1.lab.test/redirect?to=http://s2.lab.test/");
  client_set(&m.c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  go(&f, &m);
  expect_winner(&m.c, "198.19.2.1");
  assert_true(lab_packets(count_other, &others) >= 0);
  assert_int_equal(others, 0);
  client_close(&m.c);
  fleet_close(&f);
  name_servers(LAB_DNS_V4);
}

/* -- many -- */

/* The first address of each is silent. */
static void test_many(void **state)
{
  enum { N = 200 };
  const struct how *how = *state;
  static struct member m[N];
  struct fleet f;
  choose(how);
  watch_reset();
  fleet_open(&f);
  for(int i = 0; i < N; i++) {
    char host[32];
    snprintf(host, sizeof(host), "n%d.silent", i);
    add_host(&f, &m[i], how, host);
  }
  fleet_run(&f, -1);
  for(int i = 0; i < N; i++) {
    expect_raced(&m[i]);
    expect_winner(&m[i].c, "198.19.74.1");
    leave(&f, &m[i]);
  }
  assert_int_equal(watch_refused(), 0);
  fleet_close(&f);
}

/* -- what is not waited for -- */

/* libcurl asks for IPv6 alone, whether curl-he knows of it or not. */
static void test_ipv6_only(void **state)
{
  const struct how *how = *state;
  static const enum way ways[] = { DECLARED, UNDECLARED };
  choose(how);
  for(size_t i = 0; i < 3; i++) {
    struct member m;
    struct fleet f;
    fleet_open(&f);
    open_member(&m, how, "http://v6only.lab.test/");
    if(i < 2)
      client_set(&m.c, ways[i], CURLOPT_IPRESOLVE,
                 (long)CURL_IPRESOLVE_V6);
    else
      assert_int_equal((curl_he_easy_setopt)(m.c.easy, CURLHEOPT_FAMILIES,
                                             (long)CURL_HE_FAMILIES_IPV6),
                       CURLE_OK);
    client_set(&m.c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
    go(&f, &m);
    expect_winner(&m.c, "3fff:150::1");
    expect_raced(&m);
    client_close(&m.c);
    fleet_close(&f);
  }
}

/* A literal, and what is named by CURLOPT_RESOLVE, go as they would. */
static void test_plain(void **state)
{
  const struct how *how = *state;
  struct curl_slist *list =
    curl_slist_append(NULL, "s6.lab.test:80:198.19.6.2");
  struct member m;
  struct fleet f;
  fleet_open(&f);
  open_member(&m, how, "http://198.19.1.1/");
  go(&f, &m);
  client_url(&m.c, "http://s6.lab.test/");
  client_set(&m.c, DECLARED, CURLOPT_RESOLVE, list);
  go(&f, &m);
  assert_int_equal(questions_for("s6"), 0);
  client_close(&m.c);
  fleet_close(&f);
  curl_slist_free_all(list);
}

/* A list of the application's holds, though the handle had stand-ins before. */
static void test_named_later(void **state)
{
  const struct how *how = *state;
  struct curl_slist *list =
    curl_slist_append(NULL, "s6.lab.test:80:198.19.1.1");
  struct member m;
  struct fleet f;
  for(int i = 0; i < 2; i++) {
    char *peer = NULL;
    fleet_open(&f);
    open_member(&m, how, "http://s2.lab.test/");
    client_set(&m.c, DECLARED, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
    go(&f, &m);
    client_url(&m.c, "http://s6.lab.test/");
    client_set(&m.c, how->sight == KNOWN ? SEEN : DECLARED, CURLOPT_RESOLVE,
               list);
    if(i)
      assert_int_equal(curl_he_detach(m.c.easy), CURL_HE_OK);
    if(i)
      fleet_join(&f, &m);
    else
      join(&f, &m);
    fleet_run(&f, -1);
    assert_int_equal(m.result, CURLE_OK);
    curl_easy_getinfo(m.c.easy, CURLINFO_PRIMARY_IP, &peer);
    assert_string_equal(peer, "198.19.1.1");
    assert_int_equal(questions_for("s6"), 0);
    leave(&f, &m);
    fleet_close(&f);
  }
  curl_slist_free_all(list);
}

static void test_arguments(void **state)
{
  struct member m;
  struct fleet f;
  (void)state;
  fleet_open(&f);
  fleet_open_member(&m, ALONE, "http://s1.lab.test/");
  assert_int_equal(curl_he_multi_add(f.t.multi, NULL), CURLM_BAD_EASY_HANDLE);
  assert_int_equal(curl_he_multi_add(NULL, m.c.easy), CURLM_BAD_HANDLE);
  join(&f, &m);
  assert_int_equal(curl_he_multi_add(f.t.multi, m.c.easy),
                   curl_multi_add_handle(f.t.multi, m.c.easy));
  fleet_run(&f, -1);
  expect_raced(&m);           /* it was set up */
  leave(&f, &m);
  fleet_close(&f);
}

int main(void)
{
  static const struct {
    CMUnitTestFunction run;
    const char *what;
  } each[] = {
    { test_together, "all scenarios" },
    { test_failing, "what fails" },
    { test_reused, "a connection that is kept" },
    { test_not_poisoned, "others find nothing" },
    { test_redirected, "a redirect" },
    { test_many, "200 hosts" },
    { test_ipv6_only, "IPv6 alone" },
    { test_plain, "nothing to wait for" },
    { test_named_later, "a list that is set later" },
  };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  for(size_t i = 0; i < HOWS; i++) {
    const char *sight = hows[i].sight == KNOWN ? "known" : "unknown";
    const char *by = hows[i].resolver == BY_SYSTEM ? "system" : "dns://";
    for(size_t t = 0; t < sizeof(each) / sizeof(*each); t++)
      suite_add(&s, each[t].run, &hows[i], "%s, %s, %s", each[t].what, sight,
                by);
    if(hows[i].resolver == BY_CHOSEN)
      suite_add(&s, test_not_leaked, &hows[i], "who is asked, %s", sight);
  }
  suite_add(&s, test_arguments, NULL, "arguments");
  return suite_run(&s, "curl_he_multi_add, " HE_LOOP);
}
