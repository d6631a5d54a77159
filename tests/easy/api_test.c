/* SPDX-License-Identifier: MIT */
/* api_test.c - what the public functions take, refuse and give out. */
#include "harness.h"

#include <string.h>

#undef curl_he_setopt
#undef curl_he_host_setopt
#undef curl_he_easy_setopt
#undef curl_he_easy_getinfo

struct range {
  const char *name;
  CURLHEoption option;
  long min;
  long max;
  bool zero;
};

static const struct range ranges[] = {
  { "CURLHEOPT_DELAY_MS", CURLHEOPT_DELAY_MS, 10, 2000, true },
  { "CURLHEOPT_RESOLUTION_DELAY_MS", CURLHEOPT_RESOLUTION_DELAY_MS, 0, 2000,
    true },
  { "CURLHEOPT_FIRST_FAMILY_COUNT", CURLHEOPT_FIRST_FAMILY_COUNT, 1, 8,
    false },
  { "CURLHEOPT_PREFERENCE", CURLHEOPT_PREFERENCE, 0, 2, true },
  { "CURLHEOPT_FAMILIES", CURLHEOPT_FAMILIES, 0, 2, true },
  { "CURLHEOPT_MAX_ATTEMPTS", CURLHEOPT_MAX_ATTEMPTS, 1, 64, false },
  { "CURLHEOPT_ATTEMPT_TIMEOUT_MS", CURLHEOPT_ATTEMPT_TIMEOUT_MS, 100, 600000,
    true },
  { "CURLHEOPT_CONNECTTIMEOUT_MS", CURLHEOPT_CONNECTTIMEOUT_MS, 100, 600000,
    true },
  { "CURLHEOPT_DELAY_MIN_MS", CURLHEOPT_DELAY_MIN_MS, 10, 2000, false },
  { "CURLHEOPT_DELAY_MAX_MS", CURLHEOPT_DELAY_MAX_MS, 10, 2000, false },
  { "CURLHEOPT_LEEWAY_MS", CURLHEOPT_LEEWAY_MS, 0, 2000, true },
  { "CURLHEOPT_HISTORY", CURLHEOPT_HISTORY, 0, 1, true },
  { "CURLHEOPT_HISTORY_VERDICT_S", CURLHEOPT_HISTORY_VERDICT_S, 10, 86400,
    false },
  { "CURLHEOPT_HISTORY_TIMES_S", CURLHEOPT_HISTORY_TIMES_S, 60, 2592000,
    false },
  { "CURLHEOPT_HISTORY_SIZE", CURLHEOPT_HISTORY_SIZE, 1, 65536, false },
  { "CURLHEOPT_PROFILE", CURLHEOPT_PROFILE, 0, 4, true },
  { "CURLHEOPT_RACER_CALLBACKS", CURLHEOPT_RACER_CALLBACKS, 0, 1, true },
  { "CURLHEOPT_LOOKUP", CURLHEOPT_LOOKUP, 0, 1, true },
};

/* It holds for a context as a whole. */
static bool contexts(CURLHEoption option)
{
  return option == CURLHEOPT_HISTORY_VERDICT_S ||
         option == CURLHEOPT_HISTORY_TIMES_S ||
         option == CURLHEOPT_HISTORY_SIZE;
}

static void test_range(void **state)
{
  const struct range *r = *state;
  const struct {
    long value;
    CURLHEcode code;
  } tries[] = {
    { r->min, CURL_HE_OK }, { r->max, CURL_HE_OK },
    { -1, CURL_HE_OK }, { -2, CURL_HE_BAD_OPTION },
    { r->max + 1, CURL_HE_BAD_OPTION },
    { 0x7fffffffffffffffL, CURL_HE_BAD_OPTION },
    { 0, r->zero ? CURL_HE_OK : CURL_HE_BAD_OPTION },
    { r->min > 1 ? r->min - 1 : -2, CURL_HE_BAD_OPTION },
  };
  CURLHE *he = curl_he_init();
  CURL *easy = curl_easy_init();
  assert_int_equal(curl_he_attach(he, easy), CURL_HE_OK);
  for(size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
    assert_int_equal(curl_he_setopt(he, r->option, tries[i].value),
                     tries[i].code);
    assert_int_equal(curl_he_easy_setopt(easy, (int)r->option,
                                         tries[i].value),
                     contexts(r->option) ? CURL_HE_WRONG_SCOPE :
                     tries[i].code);
    assert_int_equal(curl_he_host_setopt(he, "*.a", r->option,
                                         tries[i].value),
                     tries[i].code == CURL_HE_OK && contexts(r->option) ?
                     CURL_HE_WRONG_SCOPE : tries[i].code);
  }
  curl_easy_cleanup(easy);
  curl_he_free(he);
}

/* The delay of the second attempt, once it was set to this, then to that. */
static long delay_of(long context, long handle, long then)
{
  CURLHE *he = curl_he_init();
  struct client c;
  long delay;
  curl_he_setopt(he, CURLHEOPT_DELAY_MS, context);
  client_open(&c, BESIDE, "http://s1.lab.test/");
  curl_he_attach(he, c.easy);
  curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, handle);
  curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, then);
  assert_int_equal(client_go(&c), CURLE_OK);
  delay = info_long(c.easy, CURLHEINFO_DELAY_MS);
  client_close(&c);
  curl_he_free(he);
  return delay;
}

static void test_scopes(void **state)
{
  (void)state;
  assert_int_equal(delay_of(-1, -1, -1), 150);
  assert_int_equal(delay_of(400, -1, -1), 400);
  assert_int_equal(delay_of(400, 300, 300), 300);
  assert_int_equal(delay_of(400, 300, -1), 400);   /* back to the context's */
  assert_int_equal(delay_of(400, 300, 5), 300);    /* refused: as it was */
  assert_int_equal(delay_of(400, 300, 2001), 300);
  assert_int_equal(delay_of(5, -1, -1), 150);
}

static void test_unknown(void **state)
{
  static const int none[] = {
    CURLHEOPTTYPE_LONG, CURLHEOPTTYPE_LONG + 99, CURLHEOPTTYPE_OBJECTPOINT,
    CURLHEOPTTYPE_OBJECTPOINT + 99, CURLHEOPTTYPE_FUNCTIONPOINT + 99,
    9999, 59999, -1
  };
  CURL *easy = curl_easy_init();
  long value = -1;
  (void)state;
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  for(size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
    assert_int_equal(curl_he_easy_setopt(easy, none[i], 0L),
                     CURL_HE_UNKNOWN_OPTION);
    assert_int_equal(curl_he_setopt(NULL, (CURLHEoption)none[i], 0L),
                     CURL_HE_UNKNOWN_OPTION);
  }
  assert_int_equal(curl_he_easy_getinfo(easy, (CURLHEINFO)0, &value),
                   CURL_HE_UNKNOWN_OPTION);
  assert_int_equal(curl_he_easy_getinfo(easy, (CURLHEINFO)
                                        (CURLHEINFO_LONG + 99), &value),
                   CURL_HE_UNKNOWN_OPTION);
  assert_int_equal(value, -1);
  curl_easy_cleanup(easy);
}

static void test_pointers(void **state)
{
  CURL *easy = curl_easy_init();
  long value;
  (void)state;
  assert_int_equal(curl_he_setup(NULL), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_attach(NULL, NULL), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_detach(NULL), CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_perform(NULL), CURLE_BAD_FUNCTION_ARGUMENT);
  assert_int_equal(curl_he_easy_setopt(NULL, CURLHEOPT_DELAY_MS, 100L),
                   CURL_HE_BAD_POINTER);
  assert_int_equal(curl_he_easy_getinfo(NULL, CURLHEINFO_DELAY_MS, &value),
                   CURL_HE_BAD_POINTER);
  curl_he_detach(easy);   /* whatever was at this address before */
  assert_int_equal(curl_he_detach(easy), CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_easy_setopt(easy, CURLHEOPT_DELAY_MS, 100L),
                   CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_easy_setopt(easy, CURLOPT_URL, "x"),
                   CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_DELAY_MS, &value),
                   CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_DELAY_MS, NULL),
                   CURL_HE_BAD_POINTER);
  curl_easy_cleanup(easy);
}

/* libcurl's own refusal is passed on, and the value not remembered. */
static void test_libcurl_refuses(void **state)
{
  struct client c;
  (void)state;
  client_open(&c, BESIDE, "http://s9.lab.test/");
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLOPT_IPRESOLVE, 99L),
                   CURL_HE_LIBCURL_REFUSED);
  assert_int_equal(curl_he_easy_setopt(c.easy, CURLOPT_LOCALPORT, 99999L),
                   CURL_HE_LIBCURL_REFUSED);
  assert_int_equal(curl_he_easy_setopt(c.easy,
                                       CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 5L),
                   CURL_HE_BAD_OPTION);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_attempts(&c, "L 198.19.9.1 0, C 198.19.9.2 150");
  client_close(&c);
}

static void test_info_before_any_race(void **state)
{
  static const CURLHEINFO numbers[] = {
    CURLHEINFO_ATTEMPTS, CURLHEINFO_DELAY_MS, CURLHEINFO_HANDED_OVER
  };
  static const CURLHEINFO times[] = {
    CURLHEINFO_RESOLVE_TIME_T, CURLHEINFO_CONNECT_TIME_T
  };
  CURL *easy = curl_easy_init();
  struct curl_he_steps race;
  (void)state;
  assert_int_equal(curl_he_setup(easy), CURL_HE_OK);
  for(size_t i = 0; i < 3; i++)
    assert_int_equal(info_long(easy, numbers[i]), 0);
  for(size_t i = 0; i < 2; i++) {
    curl_off_t value = -1;
    assert_int_equal(curl_he_easy_getinfo(easy, times[i], &value),
                     CURL_HE_OK);
    assert_int_equal(value, 0);
  }
  assert_null(info_string(easy, CURLHEINFO_WINNER));
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  assert_int_equal(race.count, 0);
  assert_null(race.host);
  curl_easy_cleanup(easy);
}

static void test_times(void **state)
{
  const enum mode *mode = *state;
  curl_off_t resolve = -1, connect = -1;
  struct client c;
  client_open(&c, *mode, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  curl_he_easy_getinfo(c.easy, CURLHEINFO_RESOLVE_TIME_T, &resolve);
  curl_he_easy_getinfo(c.easy, CURLHEINFO_CONNECT_TIME_T, &connect);
  if(*mode == RESOLVING)
    assert_in_range(resolve, 15000, 500000);
  else
    assert_int_equal(resolve, 0);
  assert_in_range(connect, 165000, 800000);
  client_close(&c);
}

static void test_words(void **state)
{
  const curl_he_version_info_data *v = curl_he_version_info();
  const char *unknown = curl_he_strerror(CURL_HE_LAST);
  (void)state;
  assert_non_null(unknown);
  assert_string_equal(curl_he_strerror((CURLHEcode)999), unknown);
  for(int i = 0; i < CURL_HE_LAST; i++) {
    const char *text = curl_he_strerror((CURLHEcode)i);
    assert_string_not_equal(text, "");
    assert_string_not_equal(text, unknown);
    for(int k = 0; k < i; k++)
      assert_string_not_equal(text, curl_he_strerror((CURLHEcode)k));
  }
  assert_int_equal(v->age, 1);
  assert_string_equal(v->version, CURL_HE_VERSION);
  assert_int_equal(v->version_num, CURL_HE_VERSION_NUM);
  assert_string_equal(v->libcurl_version,
                      curl_version_info(CURLVERSION_NOW)->version);
  assert_string_equal(v->poller, "epoll");
  assert_string_equal(v->resolver, "system");
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
    suite_add(&s, test_range, &ranges[i], "the range of %s", ranges[i].name);
  suite_add(&s, test_scopes, NULL, "handle beats context beats built-in");
  suite_add(&s, test_unknown, NULL, "unknown options and infos");
  suite_add(&s, test_pointers, NULL, "NULL, and handles not set up");
  suite_add(&s, test_libcurl_refuses, NULL, "what libcurl refuses");
  suite_add(&s, test_info_before_any_race, NULL, "infos before any race");
  for(size_t m = 0; m < 2; m++)
    suite_add(&s, test_times, &modes[m], "times, %s", mode_name(modes[m]));
  suite_add(&s, test_words, NULL, "words and versions");
  return suite_run(&s, "api");
}
