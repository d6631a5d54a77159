/* SPDX-License-Identifier: MIT */
/* perform.c - a transfer, and once more where its address was to blame. */
#include "base/clock.h"
#include "curl/again.h"
#include "curl/apply.h"
#include "curl/doubt.h"
#include "curl/getinfo.h"
#include "curl/limits.h"
#include "curl/resolving.h"
#include "curl/settled.h"
#include "resolve/gai.h"

/* libcurl's own lookup races, where there is one. */
static CURLcode perform_ahead(struct he_handle *h, struct he_connect *before)
{
  return before ? he_resolving_anew(h, he_connect_config(before)->host,
                                    he_connect_config(before)->port) :
                  curl_easy_perform(h->easy);
}

static void end_silence(struct he_handle *h)
{
  he_silence_free(h->performing.silence);
  h->performing.silence = NULL;
}

/* The next address is tried once, if it is another one: history knows, or the
   resolver. */
static CURLcode perform_twice(struct he_handle *h,
                              CURLcode (*once)(struct he_handle *h,
                                               struct he_connect *before))
{
  CURLcode rc;
  struct he_connect *c;
  h->performing.again = true;
  rc = once(h, NULL);
  h->performing.again = false;
  c = he_tasks_race(&h->tasks);
  if(he_again_may_help(h, c, rc)) {
    end_silence(h);
    he_limits_set(h, he_clock_now() - h->performing.began);
    rc = once(h, c);
    he_limits_set(h, 0);
  }
  end_silence(h);
  h->performing.afresh = false;
  he_connect_unref(c);
  return rc;
}

static CURLcode perform_best(struct he_handle *h)
{
  const struct he_peer *p = he_settled_peer(h);
  if(p && he_doubt_races_ahead(h, p))
    return perform_twice(h, perform_ahead);
  return he_resolving_may(h) ? perform_twice(h, he_resolving_perform) :
         curl_easy_perform(h->easy);
}

CURLcode curl_he_perform(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_current(easy) : NULL;
  CURLcode rc;
  if(!easy)
    return CURLE_BAD_FUNCTION_ARGUMENT;
  if(!h) {
    CURLHEcode code = curl_he_setup(easy);
    if(code)
      return code == CURL_HE_NO_MEMORY ? CURLE_OUT_OF_MEMORY :
             CURLE_FAILED_INIT;
    h = he_handle_of(easy);
  }
  else
    he_apply_host(h);
  if(h) {
    h->performing.began = he_clock_now();
    he_policy_unref(he_gai_policy());   /* this call may wait for a disk */
  }
  rc = h ? perform_best(h) : curl_easy_perform(easy);
  if(h) {
    he_getinfo_sync(h);             /* before the race is called off */
    he_tasks_quit_app(&h->tasks);   /* nothing of the race is left then */
  }
  he_handle_put(h);
  return rc;
}
