/* SPDX-License-Identifier: MIT */
/* lookup_many_test.c - thousands of lookups at once, with as many descriptors
 * as the system gives, and with few: none fails that succeeds with libcurl
 * alone. HE_QUICK=1 makes fewer. */
#include "fleet.h"
#include "pool.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct amount {
  int transfers;
  int quick;            /* with HE_QUICK */
  int a_host;           /* transfers to each host */
  rlim_t descriptors;   /* 0: all that the system gives */
};

static int transfers_of(const struct amount *a)
{
  return getenv("HE_QUICK") ? a->quick : a->transfers;
}

static rlim_t set_limit(rlim_t soft)
{
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = soft && soft < limit.rlim_max ? soft : limit.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit.rlim_cur;
}

static void add(struct fleet *f, struct member *m, enum mode mode, int host)
{
  char url[80];
  snprintf(url, sizeof(url), "http://n%d%s.well.lab.test/", host,
           mode == ALONE ? "a" : "");
  fleet_add(f, m, mode, url);
  curl_easy_setopt(m->c.easy, CURLOPT_FORBID_REUSE, 1L);
}

/* How many fail. */
static int run(const struct amount *a, enum mode mode)
{
  const int n = transfers_of(a);
  struct member *m = calloc((size_t)n, sizeof(*m));
  const rlim_t limit = set_limit(a->descriptors);
  struct fleet f;
  int failed = 0;
  assert_non_null(m);
  fleet_open(&f);
  /* a lookup takes two descriptors of libcurl's, and a connect two */
  curl_multi_setopt(f.t.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                    (long)limit / 8);
  pool_widen(f.t.multi, (size_t)n / 4);
  for(int i = 0; i < n; i++)
    add(&f, &m[i], mode, i / a->a_host);
  fleet_run(&f, -1);
  for(int i = 0; i < n; i++) {
    if(m[i].result && !failed++)
      print_message("# %s: %s\n", mode_name(mode), m[i].c.error);
    fleet_remove(&f, &m[i]);
    client_close(&m[i].c);
  }
  fleet_close(&f);
  free(m);
  set_limit(0);
  return failed;
}

static void test_amount(void **state)
{
  const struct amount *a = *state;
  const int failed = run(a, BESIDE);
  if(failed) {
    const int alone = run(a, ALONE);
    print_message("# %d failed, with libcurl alone %d\n", failed, alone);
    assert_in_range(failed, 0, alone);
  }
}

int main(void)
{
  static const struct amount amounts[] = {
    { 10000, 2000, 5, 0 },
    { 2000, 500, 1, 1024 },
    { 2000, 500, 500, 1024 },
    { 500, 200, 1, 256 },
  };
  struct suite s = { NULL, 0 };
  fleet_warm_up();
  for(size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++) {
    const struct amount *a = &amounts[i];
    suite_add(&s, test_amount, a, "%d lookups, %d a host, %d descriptors",
              transfers_of(a), a->a_host, (int)a->descriptors);
  }
  return suite_run(&s, "many lookups");
}
