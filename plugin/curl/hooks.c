/* SPDX-License-Identifier: MIT */
/* hooks.c - libcurl calls curl-he, and curl-he the application. */
#include "curl/hooks.h"
#include "curl/ahead.h"
#include "curl/ech.h"
#include "curl/apply.h"
#include "curl/callbacks.h"
#include "curl/known.h"
#include "curl/waiting.h"

/* -- progress -- */

/* The record of a known handle is libcurl's clientp. It lives as long as the
   easy handle, whether curl-he is still set up on that or not. */

/* Of the older callback; its name warns in later headers. */
#define PROGRESSFUNCTION ((CURLoption)(CURLOPTTYPE_FUNCTIONPOINT + 56))

/* What libcurl takes for "go on with your own progress meter". */
#define GO_ON 0x10000001

static int heed(const struct he_known *k, int says)
{
  struct he_handle *h = NULL;
  if(says && says != GO_ON)
    h = he_handle_of(k->easy);
  if(h)
    he_tasks_stop_lookup(&h->tasks);
  he_handle_put(h);
  return says;
}

static int on_xferinfo(void *clientp, curl_off_t dltotal, curl_off_t dlnow,
                       curl_off_t ultotal, curl_off_t ulnow)
{
  const struct he_known *k = clientp;
  return heed(k, k->declared.xferinfo(k->declared.progress_data, dltotal,
                                      dlnow, ultotal, ulnow));
}

static int on_progress(void *clientp, double dltotal, double dlnow,
                       double ultotal, double ulnow)
{
  const struct he_known *k = clientp;
  return heed(k, k->declared.progress(k->declared.progress_data, dltotal,
                                      dlnow, ultotal, ulnow));
}

static void set_progress(struct he_handle *h, curl_xferinfo_callback xferinfo,
                         curl_progress_callback progress, void *data)
{
  const struct he_declared *d = he_handle_declared(h);
  if(!h->known)
    return;
  if(d->xferinfo)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, xferinfo);
  if(d->progress)
    curl_easy_setopt(h->easy, PROGRESSFUNCTION, progress);
  if(d->xferinfo || d->progress)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, data);
}

void he_hooks_progress(struct he_handle *h)
{
  set_progress(h, on_xferinfo, on_progress, h->record);
}

/* -- all -- */

CURLcode he_hooks_set(struct he_handle *h)
{
  CURL *e = h->easy;
  void *number = (void *)h->id;
  CURLcode rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, he_on_opensocket);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, he_on_sockopt);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, he_on_closesocket);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION,
                          he_on_resolver_start);
  if(!rc)
    rc = he_apply_host(h);
  if(!rc)
    he_hooks_progress(h);
  return rc;
}

void he_hooks_reset(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  CURL *e = h->easy;
  curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, d->opensocket);
  curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, d->opensocket_data);
  curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, d->sockopt);
  curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, d->sockopt_data);
  curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, d->closesocket);
  curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, d->closesocket_data);
  curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, d->resolver_start);
  curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, d->resolver_start_data);
  curl_easy_setopt(e, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,
                   d->happy_eyeballs_ms >= 0 ? d->happy_eyeballs_ms :
                   (long)CURL_HET_DEFAULT);
  he_ahead_leave_names(h);
  he_ech_forget(h);
  he_waiting_disarm(h);
  set_progress(h, d->xferinfo, d->progress, d->progress_data);
  if(h->known && h->confined)
    curl_easy_setopt(e, CURLOPT_IPRESOLVE, d->ipresolve >= 0 ? d->ipresolve :
                     (long)CURL_IPRESOLVE_WHATEVER);
}
