/* SPDX-License-Identifier: MIT */
/* tell.c - libcurl takes a value, or nothing is changed. */
#include "curl/tell.h"
#include "curl/apply.h"
#include "curl/hooks.h"
#include "curl/limits.h"
#include "curl/settled.h"

bool he_tell_matters(int option)
{
  return option == CURLOPT_URL || option == CURLOPT_RTSP_SERVER_CSEQ ||
         he_declared_keeps(option);
}

/* The callback goes to where curl-he's own hook finds it; the hook stays. */
static void chain(struct he_handle *h, struct he_declared *d, int option,
                  const union he_value *v)
{
  he_tasks_quit_app(&h->tasks);
  he_handles_lock();
  he_declared_put(d, option, v, NULL);
  he_handles_unlock();
}

/* Keeps what libcurl takes. */
static CURLcode keep(CURL *easy, struct he_declared *d, int option,
                     const union he_value *v)
{
  void *copy;
  CURLcode rc;
  if(!he_value_copy(option, v, &copy))
    return CURLE_OUT_OF_MEMORY;
  rc = he_value_set(easy, option, v);
  if(rc)
    he_value_drop(option, copy);
  else
    he_declared_put(d, option, v, copy);
  return rc;
}

/* What else changes for a handle that was set up. */
static void follow(struct he_handle *h, int option, const union he_value *v)
{
  if(option == CURLOPT_IPRESOLVE)
    he_options_set(&h->options, HE_OPT_FAMILIES, v->number);
  else if(option == CURLOPT_RTSP_SERVER_CSEQ)
    h->mark = 0;   /* the application needs its place */
  else if(he_declared_progress(option))
    he_hooks_progress(h);
  else if(option == CURLOPT_URL && he_context_has_hosts(h->he))
    he_apply_host(h);   /* another host may have other rules */
}

/* `d`: what the handle was told, `h`: where it was set up, else NULL. */
static CURLcode tell(CURL *easy, struct he_declared *d, struct he_handle *h,
                     int option, const union he_value *v)
{
  CURLcode rc;
  if(h && he_declared_hooks(option)) {
    chain(h, d, option, v);
    return CURLE_OK;
  }
  rc = keep(easy, d, option, v);
  if(!rc && h)
    follow(h, option, v);
  return rc;
}

/* Some of libcurl's options are curl-he's as well. */
static void unsettle_for(struct he_handle *h, int option)
{
  const uint64_t generation = h->settled.generation;
  he_settled_drop(h);
  if(option != CURLOPT_IPRESOLVE &&
     option != CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS)
    h->settled.generation = generation;
}

/* libcurl takes any number here. */
static CURLcode tell_delay(struct he_handle *h, struct he_declared *d,
                           const union he_value *v)
{
  struct he_options before = h->options;
  if(v->number < 0)
    return he_value_set(h->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, v);
  he_declared_put(d, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, v, NULL);
  he_handle_told_delay(h, v->number);
  return he_apply_option(h, CURLHEOPT_DELAY_MS, &before) ?
         CURLE_BAD_FUNCTION_ARGUMENT : CURLE_OK;
}

static bool is_limit(int option)
{
  return option == CURLOPT_TIMEOUT || option == CURLOPT_TIMEOUT_MS ||
         option == CURLOPT_CONNECTTIMEOUT ||
         option == CURLOPT_CONNECTTIMEOUT_MS;
}

CURLcode he_tell(struct he_known *k, int option, const union he_value *v)
{
  struct he_handle *h = NULL;
  CURLcode rc;
  if(__atomic_load_n(&k->set_up, __ATOMIC_RELAXED))
    h = he_handle_of(k->easy);
  if(h)
    unsettle_for(h, option);
  if(h && option == CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS)
    rc = tell_delay(h, &k->declared, v);
  else
    rc = tell(k->easy, &k->declared, h, option, v);
  if(!rc && option == CURLOPT_RTSP_SERVER_CSEQ)
    k->mark = 0;
  if(h && is_limit(option))
    he_limits_changed(h);
  he_handle_put(h);
  return rc;
}

static CURLHEcode code_of(CURLcode rc)
{
  if(rc == CURLE_UNKNOWN_OPTION)
    return CURL_HE_UNKNOWN_OPTION;
  if(rc == CURLE_OUT_OF_MEMORY)
    return CURL_HE_NO_MEMORY;
  return rc ? CURL_HE_LIBCURL_REFUSED : CURL_HE_OK;
}

CURLHEcode he_tell_declared(struct he_handle *h, int option, va_list ap)
{
  struct he_declared *d = he_handle_declare(h);
  union he_value v;
  CURLHEcode code;
  if(!d)
    return CURL_HE_NO_MEMORY;
  he_value_read(option, ap, &v);
  if(option == CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS) {
    struct he_options before = h->options;
    if(!he_options_set(&h->options, HE_OPT_DELAY_MS, v.number))
      return CURL_HE_BAD_OPTION;
    if(v.number <= 0)
      v.number = he_declared_none.happy_eyeballs_ms;
    he_declared_put(d, option, &v, NULL);
    return he_apply_option(h, CURLHEOPT_DELAY_MS, &before);
  }
  code = code_of(tell(h->easy, d, h, option, &v));
  if(!code)
    he_declared_share(d, option);
  return code;
}
