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
  switch(option) {
  case CURLOPT_IPRESOLVE:
    he_options_set(&h->options, HE_OPT_FAMILIES, v->number);
    h->settled.generation = 0;
    break;
  case CURLOPT_URL:
    if(he_context_has_hosts(h->he))
      he_apply_host(h);   /* another host may have other rules */
    break;
  case CURLOPT_TIMEOUT:
  case CURLOPT_TIMEOUT_MS:
  case CURLOPT_CONNECTTIMEOUT:
  case CURLOPT_CONNECTTIMEOUT_MS:
    he_limits_changed(h);
    break;
  default:
    if(he_declared_progress(option))
      he_hooks_progress(h);
  }
}

/* `h`: where the handle was set up, else NULL. */
static CURLcode tell(struct he_known *k, struct he_handle *h, int option,
                     const union he_value *v)
{
  CURLcode rc;
  if(h && he_declared_hooks(option)) {
    /* curl-he's own hook stays, and finds the application's here */
    he_tasks_quit_app(&h->tasks);
    he_declared_put(&k->declared, option, v, NULL);
    return CURLE_OK;
  }
  rc = keep(k->easy, &k->declared, option, v);
  if(!rc && option == CURLOPT_RTSP_SERVER_CSEQ)
    k->mark = 0;   /* the application needs its place */
  if(!rc && h)
    follow(h, option, v);
  return rc;
}

/* libcurl takes any number here. */
static CURLcode tell_delay(struct he_handle *h, const union he_value *v)
{
  struct he_options before = h->options;
  if(v->number < 0)
    return he_value_set(h->easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, v);
  he_declared_put(&h->record->declared, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, v,
                  NULL);
  he_handle_told_delay(h, v->number);
  return he_apply_option(h, CURLHEOPT_DELAY_MS, &before) ?
         CURLE_BAD_FUNCTION_ARGUMENT : CURLE_OK;
}

CURLcode he_tell(struct he_known *k, int option, const union he_value *v)
{
  struct he_handle *h = NULL;
  CURLcode rc;
  if(__atomic_load_n(&k->set_up, __ATOMIC_RELAXED))
    h = he_handle_of(k->easy);
  if(h && option == CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS)
    rc = tell_delay(h, v);
  else
    rc = tell(k, h, option, v);
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
  struct he_declared *d = &h->record->declared;
  union he_value v;
  CURLHEcode code;
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
  code = code_of(tell(h->record, h, option, &v));
  if(!code)
    he_declared_share(d, option);
  return code;
}
