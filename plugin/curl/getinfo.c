/* SPDX-License-Identifier: MIT */
/* getinfo.c - what came of a handle's last race. The trace is the one record of
 * a race: every figure is computed from it. */
#include "curl/getinfo.h"
#include "curl/known.h"
#include "curl/report.h"

#include <stdarg.h>
#include <stdlib.h>

#undef curl_he_easy_getinfo

/* How long connecting took as libcurl has seen it. 0: it did not connect;
   HE_NEVER: it does not say. Where a TLS handshake has failed, libcurl may tell
   the time without the port, or the port without the time. */
static he_time_ns took(CURL *easy)
{
  curl_off_t looked_up = 0, connected = 0;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  if(connected > looked_up)
    return 1000 * (connected - looked_up);
  return port > 0 ? HE_NEVER : 0;
}

void he_getinfo_sync(struct he_handle *h)
{
  struct he_job *j = he_tasks_job(&h->tasks);
  if(j)
    he_job_sync(j, took(h->easy));
  he_job_unref(j);
}

static void tell_of_job(struct he_handle *h, struct he_job *j,
                        struct he_told *t)
{
  const struct he_job_config *c = he_job_config(j);
  t->host = c->host;
  t->port = c->port;
  t->delay = c->race.attempt_delay;
  he_job_sync(j, took(h->easy));
  t->steps = he_job_steps(j, &t->n);
}

static void tell_of_lookup(struct he_lookup *l, struct he_told *t)
{
  he_time_ns began;
  t->host = he_lookup_host(l, &t->port, &began);
  t->delay = t->host ? he_lookup_config(l)->race.attempt_delay : 0;
  t->steps = he_lookup_steps(l, &t->n);
}

static CURLHEcode get(struct he_handle *h, CURLHEINFO info, void *out)
{
  struct he_job *j = he_tasks_job(&h->tasks);
  struct he_lookup *l = he_tasks_lookup(&h->tasks);
  struct he_told t = { .host = NULL, .known = h->known };
  CURLHEcode code = CURL_HE_NO_MEMORY;
  if(l && !h->passed)
    tell_of_lookup(l, &t);
  if(j && !t.host) {          /* no later race has begun */
    free(t.steps);
    tell_of_job(h, j, &t);
  }
  if(t.steps || !t.n)
    code = he_report_give(&h->report, &t, info, out);
  free(t.steps);
  he_job_unref(j);
  he_lookup_unref(l);
  return code;
}

CURLHEcode curl_he_easy_getinfo(CURL *easy, CURLHEINFO info, ...)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  CURLHEcode code = CURL_HE_BAD_POINTER;
  va_list ap;
  void *out;
  va_start(ap, info);
  out = va_arg(ap, void *);
  va_end(ap);
  if(easy && !h) {
    code = CURL_HE_NOT_SET_UP;
    if(info == CURLHEINFO_KNOWN && out) {   /* of any handle */
      *(long *)out = he_known_checked(easy) != NULL;
      code = CURL_HE_OK;
    }
  }
  else if(h && out)
    code = get(h, info, out);
  he_handle_put(h);
  return code;
}
