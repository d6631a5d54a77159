/* SPDX-License-Identifier: MIT */
/* apply.c - libcurl reads its HE timer and CURLOPT_IPRESOLVE before curl-he is
 * called for a connect whose name is cached. So both are set ahead. */
#include "curl/apply.h"
#include "curl/hetimer.h"
#include "curl/settled.h"

static long wanted_families(struct he_handle *h)
{
  return he_settled_option(h, he_settled_rule_host(h), HE_OPT_FAMILIES);
}

CURLcode he_apply_families(struct he_handle *h)
{
  const long families = wanted_families(h);
  h->confined = families != CURL_HE_FAMILIES_ANY;
  return curl_easy_setopt(h->easy, CURLOPT_IPRESOLVE, families);
}

CURLcode he_apply_host(struct he_handle *h)
{
  CURLcode rc = he_hetimer_begin(h, false);   /* for a cached name */
  /* what the application has set stays, where curl-he's options say nothing,
     and said nothing before */
  if(!rc && (h->confined || wanted_families(h)))
    rc = he_apply_families(h);
  return rc;
}

CURLHEcode he_apply_option(struct he_handle *h, int option,
                           const struct he_options *before)
{
  CURLcode rc = CURLE_OK;
  h->settled.generation = 0;
  if(option == CURLHEOPT_FAMILIES)
    rc = he_apply_families(h);
  else if(option == CURLHEOPT_RACER_CALLBACKS)
    he_tasks_quit_app(&h->tasks);
  else if(option < CURLHEOPTTYPE_OBJECTPOINT)
    rc = he_hetimer_set_delay(h);   /* several have a say in it */
  if(rc) {
    h->options = *before;
    h->settled.generation = 0;
    return CURL_HE_LIBCURL_REFUSED;
  }
  return CURL_HE_OK;
}
