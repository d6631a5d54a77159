/* SPDX-License-Identifier: MIT */
/* hooks.c - libcurl calls curl-he, and curl-he the application. */
#include "curl/hooks.h"
#include "curl/ahead.h"
#include "curl/apply.h"
#include "curl/callbacks.h"
#include "curl/progress.h"

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
    he_progress_set(h);
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
  he_progress_reset(h);
  if(h->known && h->confined)
    curl_easy_setopt(e, CURLOPT_IPRESOLVE, d->ipresolve >= 0 ? d->ipresolve :
                     (long)CURL_IPRESOLVE_WHATEVER);
}
