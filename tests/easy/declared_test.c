/* SPDX-License-Identifier: MIT */
/* declared_test.c - what a handle was told, as a value: copies are whole and
 * its own, and each allocation may fail. */
#include "curl/declared.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Allocations that are there, and how many more succeed; -1: all. */
static long held, left = -1;

static bool allowed(void)
{
  if(!left)
    return false;
  left -= left > 0;
  held++;
  return true;
}

static void *get(size_t size)
{
  return allowed() ? malloc(size) : NULL;
}

static void *get_zeros(size_t n, size_t size)
{
  return allowed() ? calloc(n, size) : NULL;
}

static void *resize(void *p, size_t size)
{
  return p ? realloc(p, size) : get(size);
}

static void drop(void *p)
{
  free(p);   /* __wrap_free() */
}

static char *duplicate(const char *text)
{
  char *copy = get(strlen(text) + 1);
  return copy ? strcpy(copy, text) : NULL;
}

/* of declared.c; lists are libcurl's, which has the above itself */
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
  return duplicate(text);
}

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
  held -= p != NULL;
  __real_free(p);
}

static bool put(struct he_declared *d, CURLoption option, union he_value v)
{
  void *copy;
  if(!he_value_copy((int)option, &v, &copy))
    return false;
  he_declared_put(d, (int)option, &v, copy);
  return true;
}

static bool put_text(struct he_declared *d, CURLoption option,
                     const char *text)
{
  char lent[64] = "";
  bool ok;
  if(text)
    strcpy(lent, text);
  ok = put(d, option, (union he_value){ .pointer = text ? lent : NULL });
  memset(lent, 'x', sizeof(lent));
  return ok;
}

static bool put_number(struct he_declared *d, CURLoption option, long n)
{
  return put(d, option, (union he_value){ .number = n });
}

static bool put_list(struct he_declared *d, CURLoption option,
                     struct curl_slist *list)
{
  return put(d, option, (union he_value){ .pointer = list });
}

static void fill(struct he_declared *d, struct curl_slist *list)
{
  assert_true(put_text(d, CURLOPT_PROXY, "http://proxy.test"));
  assert_true(put_text(d, CURLOPT_INTERFACE, "eth0"));
  assert_true(put_text(d, CURLOPT_DOH_URL, "https://doh.test/"));
  assert_true(put_list(d, CURLOPT_RESOLVE, list));
  assert_true(put_list(d, CURLOPT_CONNECT_TO, list));
  assert_true(put_number(d, CURLOPT_TIMEOUT, 7));
  assert_true(put_number(d, CURLOPT_SSL_VERIFYHOST, 0));
}

static void expect_filled(const struct he_declared *d)
{
  assert_string_equal(d->proxy_url, "http://proxy.test");
  assert_true(he_declared_proxy(d) && d->interface && d->doh);
  assert_false(he_declared_pre_proxy(d) || d->verify_host || d->local_port);
  assert_string_equal(d->resolve->data, "a");
  assert_string_equal(d->resolve->next->data, "b");
  assert_null(d->resolve->next->next);
  assert_string_equal(d->connect_to->next->data, "b");
  assert_int_equal(d->timeout_ms, 7000);
}

static struct curl_slist *two(void)
{
  return curl_slist_append(curl_slist_append(NULL, "a"), "b");
}

static void test_whole(void **state)
{
  struct he_declared d = he_declared_none, copy;
  struct curl_slist *list = two();
  (void)state;
  fill(&d, list);
  memset(list->data, 'x', 1);
  curl_slist_free_all(list);
  expect_filled(&d);
  assert_true(he_declared_copy(&copy, &d));
  he_declared_clear(&d);
  assert_memory_equal(&d, &he_declared_none, sizeof(d));
  expect_filled(&copy);
  he_declared_clear(&copy);
  assert_int_equal(held, 0);
}

static void test_defaults(void **state)
{
  struct he_declared d = he_declared_none;
  (void)state;
  assert_true(put_text(&d, CURLOPT_PROXY, ""));
  assert_false(he_declared_proxy(&d));
  assert_string_equal(d.proxy_url, "");
  assert_true(put_text(&d, CURLOPT_PROXY, NULL));
  assert_null(d.proxy_url);
  assert_true(put_number(&d, CURLOPT_CONNECTTIMEOUT, LONG_MAX));
  assert_int_equal(d.connecttimeout_ms, LONG_MAX);
  assert_int_equal(held, 0);
}

static void test_memory(void **state)
{
  struct he_declared d = he_declared_none, copy;
  struct curl_slist *list = two();
  long n = 0, before;
  bool ok;
  (void)state;
  fill(&d, list);
  curl_slist_free_all(list);
  before = held;
  do {
    left = n++;
    ok = he_declared_copy(&copy, &d);
    left = -1;
    if(!ok)
      assert_memory_equal(&copy, &he_declared_none, sizeof(copy));
    else
      expect_filled(&copy);
    he_declared_clear(&copy);
    assert_int_equal(held, before);
  } while(!ok);
  assert_in_range(n, 5, 100);
  left = 0;
  assert_false(put_text(&d, CURLOPT_NOPROXY, "x"));
  left = -1;
  expect_filled(&d);
  he_declared_clear(&d);
  assert_int_equal(held, 0);
}

/* Only what the table has is kept, by type and number. */
static void test_options(void **state)
{
  (void)state;
  assert_true(he_declared_keeps(CURLOPT_PROXY));
  assert_false(he_declared_keeps(CURLOPT_PROXY % 10000));
  assert_false(he_declared_keeps(CURLOPT_VERBOSE));
  assert_false(he_declared_keeps(-1));
  assert_false(he_declared_keeps(0));
  assert_false(he_declared_keeps(0x7fffffff));
  assert_true(he_declared_hooks(CURLOPT_OPENSOCKETDATA));
  assert_false(he_declared_hooks(CURLOPT_XFERINFODATA));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_whole),
    cmocka_unit_test(test_defaults),
    cmocka_unit_test(test_memory),
    cmocka_unit_test(test_options)
  };
  curl_global_init_mem(CURL_GLOBAL_ALL, get, drop, resize, duplicate,
                       get_zeros);
  held = 0;
  return cmocka_run_group_tests_name("declared", tests, NULL, NULL) ? 1 : 0;
}
