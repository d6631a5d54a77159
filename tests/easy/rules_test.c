/* SPDX-License-Identifier: MIT */
/* rules_test.c - what host rules, profiles and the configuration do to a race.
 * Which rule a host gets is tests/unit/rules_test.c's. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rule {
  const char *pattern;    /* "handle", "context": no rule but these scopes */
  CURLHEoption option;
  long value;
};

struct effect {
  const char *what;
  const char *url;
  struct rule rules[4];
  enum mode least;
  CURLcode rc;
  long connect_ms;          /* CURLOPT_CONNECTTIMEOUT_MS; 0: none */
  bool walked;              /* libcurl comes to its second address within that,
                               or time is up */
  const char *attempts;     /* NULL: not looked at */
  unsigned at_once;         /* curl-he adds none beyond this many; 0: not
                               looked at */
  const char *winner;
};

#define S9(ms) "L 198.19.9.1 0, C 198.19.9.2 " #ms

static const struct effect effects[] = {
  { .what = "a rule for the host", .url = "http://s9.lab.test/",
    .rules = { { "s9.lab.test", CURLHEOPT_DELAY_MS, 400 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "a rule for the host, as others write it",
    .url = "http://S9.LAB.test/",
    .rules = { { "s9.Lab.Test.", CURLHEOPT_DELAY_MS, 400 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "a rule for other hosts", .url = "http://s9.lab.test/",
    .rules = { { "s8.lab.test", CURLHEOPT_DELAY_MS, 400 },
               { "*.s9.lab.test", CURLHEOPT_DELAY_MS, 600 } },
    .attempts = S9(150), .winner = "198.19.9.2" },
  { .what = "the host before its domain", .url = "http://s9.lab.test/",
    .rules = { { "s9.lab.test", CURLHEOPT_DELAY_MS, 400 },
               { "*.lab.test", CURLHEOPT_DELAY_MS, 700 },
               { "*.test", CURLHEOPT_DELAY_MS, 1000 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "the longest domain", .url = "http://s9.lab.test/",
    .rules = { { "*.test", CURLHEOPT_DELAY_MS, 1000 },
               { "*.lab.test", CURLHEOPT_DELAY_MS, 400 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "a rule before the context", .url = "http://s9.lab.test/",
    .rules = { { "*.lab.test", CURLHEOPT_DELAY_MS, 400 },
               { "context", CURLHEOPT_DELAY_MS, 700 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "the handle before a rule", .url = "http://s9.lab.test/",
    .rules = { { "s9.lab.test", CURLHEOPT_DELAY_MS, 700 },
               { "handle", CURLHEOPT_DELAY_MS, 400 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "a rule, libcurl's second family", .url = "http://s2.lab.test/",
    .rules = { { "*.lab.test", CURLHEOPT_DELAY_MS, 400 } },
    .attempts = "L 3fff:102::1 0, L 198.19.2.1 400",
    .winner = "198.19.2.1" },
  { .what = "a lower bound", .url = "http://s9.lab.test/",
    .rules = { { "s9.lab.test", CURLHEOPT_DELAY_MIN_MS, 400 } },
    .attempts = S9(400), .winner = "198.19.9.2" },
  { .what = "two attempts at once, by a rule", .url = "http://many.lab.test/",
    .rules = { { "many.lab.test", CURLHEOPT_MAX_ATTEMPTS, 2 } },
    .rc = CURLE_OPERATION_TIMEDOUT, .connect_ms = 600,
    .at_once = 2 },
  { .what = "IPv4 only, by a rule", .url = "http://s1.lab.test/",
    .rules = { { "s1.lab.test", CURLHEOPT_FAMILIES, CURL_HE_FAMILIES_IPV4 } },
    .attempts = "L 198.19.1.1 0", .winner = "198.19.1.1" },
  { .what = "IPv4 preferred, by a rule", .url = "http://s1.lab.test/",
    .rules = { { "s1.lab.test", CURLHEOPT_PREFERENCE, CURL_HE_PREFER_IPV4 } },
    .least = RESOLVING,
    .attempts = "L 198.19.1.1 0", .winner = "198.19.1.1" },
  { .what = "profile rfc8305", .url = "http://s9.lab.test/",
    .rules = { { "context", CURLHEOPT_PROFILE, CURL_HE_PROFILE_RFC8305 } },
    .attempts = S9(250), .winner = "198.19.9.2" },
  { .what = "profile rfc8305, libcurl's second family, by the handle",
    .url = "http://s2.lab.test/",
    .rules = { { "handle", CURLHEOPT_PROFILE, CURL_HE_PROFILE_RFC8305 } },
    .attempts = "L 3fff:102::1 0, L 198.19.2.1 250",
    .winner = "198.19.2.1" },
  /* libcurl has given its first up before curl-he makes one */
  { .what = "profile loopback: one at a time",
    .url = "http://s9.lab.test/",
    .rules = { { "s9.lab.test", CURLHEOPT_PROFILE,
                 CURL_HE_PROFILE_LOOPBACK } },
    .connect_ms = 500, .walked = true, .at_once = 1, .winner = "198.19.9.2" },
  { .what = "profile cloudflare: four at once",
    .url = "http://many.lab.test/",
    .rules = { { "*.test", CURLHEOPT_PROFILE, CURL_HE_PROFILE_CLOUDFLARE } },
    .rc = CURLE_OPERATION_TIMEDOUT, .connect_ms = 1200,
    .at_once = 4 },
};

struct param {
  const struct effect *e;
  enum mode mode;
};

static void set(CURLHE *he, CURL *easy, const struct rule *r)
{
  CURLHEcode code;
  if(!strcmp(r->pattern, "handle"))
    code = (curl_he_easy_setopt)(easy, (int)r->option, r->value);
  else if(!strcmp(r->pattern, "context"))
    code = (curl_he_setopt)(he, r->option, r->value);
  else
    code = (curl_he_host_setopt)(he, r->pattern, r->option, r->value);
  assert_int_equal(code, CURL_HE_OK);
}

static CURLcode result_of(const struct effect *e)
{
  return e->walked && libcurl_spends_short_timeouts() ?
         CURLE_OPERATION_TIMEDOUT : e->rc;
}

static void test_effect(void **state)
{
  const struct param *p = *state;
  CURLHE *he = curl_he_init();
  struct client c;
  client_open(&c, p->mode, p->e->url);
  /* what is libcurl's part of a rule is set with the handle */
  for(size_t i = 0; i < 4 && p->e->rules[i].pattern; i++) {
    if(strcmp(p->e->rules[i].pattern, "handle"))
      set(he, c.easy, &p->e->rules[i]);
  }
  curl_he_attach(he, c.easy);
  for(size_t i = 0; i < 4 && p->e->rules[i].pattern; i++) {
    if(!strcmp(p->e->rules[i].pattern, "handle"))
      set(he, c.easy, &p->e->rules[i]);
  }
  if(p->e->connect_ms)
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, p->e->connect_ms);
  assert_int_equal(client_go(&c), result_of(p->e));
  if(p->e->attempts)
    expect_attempts(&c, p->e->attempts);
  if(p->e->at_once && !libcurl_races())
    assert_true(most_at_once(c.easy) <= p->e->at_once);
  if(p->e->winner && !result_of(p->e))
    expect_winner(&c, p->e->winner);
  client_close(&c);
  curl_he_free(he);
}

/* -- on a live handle -- */

static void go(struct client *c, const char *attempts)
{
  assert_int_equal(client_go(c), CURLE_OK);
  expect_attempts(c, attempts);
}

/* The name is in libcurl's cache by now. Where libcurl makes all attempts, it
   has to be told of another delay, as of its second family's. */
static void tell_libcurl(struct client *c)
{
  if(libcurl_races())
    client_set(c, DECLARED, CURLOPT_URL, "http://s9.lab.test/");
}

/* From the next connect on. */
static void test_live(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
  go(&c, S9(150));
  assert_int_equal(curl_he_host_setopt(NULL, "s9.lab.test",
                                       CURLHEOPT_DELAY_MS, 500L),
                   CURL_HE_OK);
  tell_libcurl(&c);
  go(&c, S9(500));
  assert_int_equal(curl_he_host_setopt(NULL, "s9.lab.test",
                                       CURLHEOPT_DELAY_MS, -1L),
                   CURL_HE_OK);
  /* without rules the URL says nothing, and libcurl keeps what it was told
     until it asks for the name again */
  if(*mode == RESOLVING || !libcurl_races())
    go(&c, S9(150));
  client_close(&c);
}

/* From host to host and back, each with its own delay for libcurl's second
   family. curl_easy_perform() needs to be told of the URL, for a cached name
   calls nobody. */
static void test_from_host_to_host(void **state)
{
  static const char *const s2 = "L 3fff:102::1 0, L 198.19.2.1 300";
  static const char *const s5 = "L 3fff:105::1 0, L 198.19.5.1 100";
  const enum mode *mode = *state;
  enum way way = *mode == BESIDE ? DECLARED : UNDECLARED;
  struct client c;
  curl_he_host_setopt(NULL, "s2.lab.test", CURLHEOPT_DELAY_MS, 300L);
  curl_he_host_setopt(NULL, "s5.lab.test", CURLHEOPT_DELAY_MS, 100L);
  client_open(&c, *mode, "http://s2.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
  go(&c, s2);
  client_set(&c, way, CURLOPT_URL, "http://s5.lab.test/");
  go(&c, s5);
  client_set(&c, way, CURLOPT_URL, "http://s2.lab.test/");
  go(&c, s2);
  client_set(&c, way, CURLOPT_URL, "http://s5.lab.test/");
  go(&c, s5);
  client_close(&c);
}

/* The rule is that of the host which is connected to. */
static void test_redirect(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  curl_he_host_setopt(NULL, "s2.lab.test", CURLHEOPT_DELAY_MS, 400L);
  curl_he_host_setopt(NULL, "s1.lab.test", CURLHEOPT_DELAY_MS, 800L);
  client_open(&c, *mode, "http://s1.lab.test/redirect?to="
              "http://s2.lab.test/");
  client_set(&c, UNDECLARED, CURLOPT_FOLLOWLOCATION, 1L);
  go(&c, "L 3fff:102::1 0, L 198.19.2.1 400");
  client_close(&c);
}

/* A rule that rules out a family is undone for the next host. */
static void test_families_undone(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  curl_he_host_setopt(NULL, "s1.lab.test", CURLHEOPT_FAMILIES,
                      CURL_HE_FAMILIES_IPV4);
  client_open(&c, *mode, "http://s1.lab.test/");
  go(&c, "L 198.19.1.1 0");
  client_set(&c, DECLARED, CURLOPT_URL, "http://s2.lab.test/");
  go(&c, "L 3fff:102::1 0, L 198.19.2.1 150");
  client_close(&c);
}

/* What the application itself has set is left alone where no rule speaks. */
static void test_ipresolve_stays(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  curl_he_host_setopt(NULL, "s2.lab.test", CURLHEOPT_DELAY_MS, 400L);
  client_open(&c, *mode, "http://s1.lab.test/");
  client_set(&c, *mode == RESOLVING ? DECLARED : UNDECLARED,
             CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
  client_set(&c, DECLARED, CURLOPT_URL, "http://s1.lab.test/");
  go(&c, "L 198.19.1.1 0");
  client_close(&c);
}

/* -- configuration -- */

static void test_environment(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  setenv("CURL_HE_OPTIONS", "*.lab.test delay=800; s9.lab.test delay=400",
         1);
  curl_he_free(curl_he_default());
  client_open(&c, *mode, "http://s9.lab.test/");
  curl_he_setopt(NULL, CURLHEOPT_HISTORY, 0L);   /* the context is a new one */
  unsetenv("CURL_HE_OPTIONS");
  client_set(&c, UNDECLARED, CURLOPT_FORBID_REUSE, 1L);
  go(&c, S9(400));
  curl_he_setopt(NULL, CURLHEOPT_DELAY_MS, 600L);   /* the program's */
  tell_libcurl(&c);
  go(&c, S9(600));
  client_close(&c);
}

static void test_file(void **state)
{
  const enum mode *mode = *state;
  char path[] = "/tmp/he-rules.XXXXXX", said[CURL_HE_ERROR_SIZE];
  int fd = mkstemp(path);
  FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
  struct client c;
  assert_non_null(f);
  fputs("s9.lab.test profile=rfc8305 max-attempts=0\n"
        "*.lab.test  delay=400ms # of these, this one holds\n", f);
  fclose(f);
  assert_int_equal(curl_he_load_config(NULL, path, said, sizeof(said)),
                   CURL_HE_BAD_CONFIG);
  unlink(path);
  assert_non_null(strstr(said, ":1:42: 0: wants 1 to 64"));
  client_open(&c, *mode, "http://s9.lab.test/");
  go(&c, S9(400));
  client_close(&c);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static struct param params[2 * sizeof(effects) / sizeof(*effects)];
  struct param *p = params;
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    const char *mode = mode_name(modes[m]);
    for(size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++, p++) {
      p->e = &effects[i];
      p->mode = modes[m];
      if(modes[m] >= effects[i].least)
        suite_add(&s, test_effect, p, "%s, %s", effects[i].what, mode);
    }
    suite_add(&s, test_live, &modes[m], "a rule while a handle lives, %s",
              mode);
    suite_add(&s, test_from_host_to_host, &modes[m], "from host to host, %s",
              mode);
    suite_add(&s, test_redirect, &modes[m], "a redirect, %s", mode);
    suite_add(&s, test_families_undone, &modes[m],
              "families ruled out for one host only, %s", mode);
    suite_add(&s, test_ipresolve_stays, &modes[m],
              "the application's CURLOPT_IPRESOLVE, %s", mode);
    suite_add(&s, test_environment, &modes[m], "CURL_HE_OPTIONS, %s", mode);
    suite_add(&s, test_file, &modes[m], "a file, %s", mode);
  }
  return suite_run(&s, "rules");
}
