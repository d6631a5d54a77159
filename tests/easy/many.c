/* SPDX-License-Identifier: MIT */
#include "many.h"
#include "../lab/labctl.h"
#include "../lab/scenarios.h"

#include <curl_he/curl_he.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct work {
  const struct many *m;
  int64_t end_ns;
  atomic_uint next;     /* connect to be made */
  atomic_uint ipv6, ipv4, failed;
  atomic_int error;
};

static const char *name_of(unsigned host)
{
  static _Thread_local char name[32];
  snprintf(name, sizeof(name), "m%02u.lab.test", host);
  return name;
}

/* -- the network ------------------------------------------------------- */

static bool set_rule(const struct lab_address *list, const char *words)
{
  for(; list->addr; list++)
    if(lab_rule(list->addr, words ? words : ""))
      return false;
  return true;
}

bool many_rule(const char *words)
{
  unsigned i;
  for(i = 0; i < MANY_HOSTS; i++) {
    const struct lab_scenario *s = lab_scenario_host(name_of(i));
    if(!s || !set_rule(s->v6, words) || !set_rule(s->v4, words))
      return false;
  }
  return true;
}

static long syns(void)
{
  long sum = 0;
  unsigned i;
  for(i = 0; i < MANY_HOSTS; i++)
    sum += lab_syns_host(name_of(i));
  return sum;
}

/* -- the connects ------------------------------------------------------ */

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

static CURL *new_handle(bool setup)
{
  CURL *easy = curl_easy_init();
  if(!easy)
    return NULL;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  if(setup && curl_he_setup(easy)) {
    curl_easy_cleanup(easy);
    return NULL;
  }
  return easy;
}

static void connect_once(struct work *w, CURL *easy, unsigned host)
{
  char url[64];
  char *ip = NULL;
  CURLcode rc;
  snprintf(url, sizeof(url), "http://%s/", name_of(host));
  curl_easy_setopt(easy, CURLOPT_URL, url);
  rc = w->m->perform(easy);
  if(rc) {
    atomic_fetch_add(&w->failed, 1);
    atomic_store(&w->error, (int)rc);
    return;
  }
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  atomic_fetch_add(ip && strchr(ip, ':') ? &w->ipv6 : &w->ipv4, 1);
}

static void *work(void *arg)
{
  struct work *w = arg;
  CURL *easy = new_handle(w->m->setup);
  unsigned i;
  while(easy && (i = atomic_fetch_add(&w->next, 1)) < w->m->connects &&
        lab_now_ns() < w->end_ns)
    connect_once(w, easy, i % MANY_HOSTS);
  curl_easy_cleanup(easy);
  return easy ? arg : NULL;
}

bool many_go(const struct many *m, struct many_came *came)
{
  struct work w = {
    .m = m, .end_ns = lab_now_ns() + (int64_t)(m->limit_s * 1e9)
  };
  pthread_t threads[MANY_THREADS];
  long before = syns();
  unsigned n = 0;
  unsigned went = 0;
  while(n < m->threads && n < MANY_THREADS &&
        !pthread_create(&threads[n], NULL, work, &w))
    n++;
  for(unsigned i = 0; i < n; i++) {
    void *well = NULL;
    pthread_join(threads[i], &well);
    went += well != NULL;
  }
  came->ipv6 = w.ipv6;
  came->ipv4 = w.ipv4;
  came->failed = w.failed;
  came->error = (CURLcode)w.error;
  came->syns = syns() - before;
  return went == m->threads && before >= 0;
}
