/* SPDX-License-Identifier: MIT */
/* setopt.c - options, curl-he's own and those of libcurl that it has to know
 * of. A value is checked, or taken by libcurl, before anything is changed. */
#include "curl/ahead.h"
#include "curl/callbacks.h"
#include "curl/history.h"
#include "curl/interpose.h"
#include "curl/progress.h"

#include <stdarg.h>
#include <string.h>

#undef curl_he_setopt
#undef curl_he_host_setopt
#undef curl_he_easy_setopt

/* -- curl-he's own -- */

/* The table's numbers are those of the public header. */
#define SAME_NUMBER(name, number, ...) \
  _Static_assert((int)CURLHEOPT_##name == (number), #name);
HE_OPTION_TABLE(SAME_NUMBER)

static CURLHEcode set_own(struct he_options *options, struct he_tracer *tracer,
                          enum he_option which, va_list ap)
{
  if(which < HE_OPTIONS)
    return he_options_set(options, which, va_arg(ap, long)) ? CURL_HE_OK :
           CURL_HE_BAD_OPTION;
  if(which == HE_OPT_TRACEFUNCTION)
    tracer->fn = va_arg(ap, curl_he_trace_callback);
  else if(which == HE_OPT_TRACEDATA)
    tracer->data = va_arg(ap, void *);
  return CURL_HE_OK;
}

static CURLHEcode set_file(CURLHE *he, va_list ap)
{
  return he_history_set_file(he, va_arg(ap, const char *));
}

CURLHEcode curl_he_setopt(CURLHE *context, CURLHEoption option, ...)
{
  CURLHE *he = he_context_check(context);
  enum he_option which;
  CURLHEcode code;
  va_list ap;
  if(!he)
    return context ? CURL_HE_BAD_POINTER : CURL_HE_NO_MEMORY;
  if(!he_option_find((int)option, &which))
    return CURL_HE_UNKNOWN_OPTION;
  va_start(ap, option);
  if(which == HE_OPT_HISTORY_FILE) {
    code = set_file(he, ap);
    va_end(ap);
    return code;
  }
  pthread_mutex_lock(&he_contexts_lock);
  code = set_own(&he->rules[HE_SOURCE_PROGRAM].every, &he->tracer,
                 which, ap);
  pthread_mutex_unlock(&he_contexts_lock);
  he_options_changed();
  if(!code && he_option_contexts(which))
    he_history_set_limits(he);
  va_end(ap);
  return code;
}

static CURLHEcode rules_code(enum he_rules_result result)
{
  switch(result) {
  case HE_RULES_OK:
    return CURL_HE_OK;
  case HE_RULES_FULL:
    return CURL_HE_TOO_MANY_RULES;
  case HE_RULES_NO_MEMORY:
    return CURL_HE_NO_MEMORY;
  case HE_RULES_BAD_VALUE:
    return CURL_HE_BAD_OPTION;
  case HE_RULES_BAD_SCOPE:
    break;
  }
  return CURL_HE_WRONG_SCOPE;
}

CURLHEcode curl_he_host_setopt(CURLHE *context, const char *pattern,
                               CURLHEoption option, ...)
{
  CURLHE *he = he_context_check(context);
  char host[HE_PATTERN_SIZE];
  enum he_option which;
  enum he_rules_result result;
  const char *why;
  size_t at;
  va_list ap;
  if(!he)
    return context ? CURL_HE_BAD_POINTER : CURL_HE_NO_MEMORY;
  if(!pattern)
    return CURL_HE_BAD_POINTER;
  if(!he_pattern_read(pattern, strlen(pattern), host, &at, &why))
    return CURL_HE_BAD_PATTERN;
  if(!he_option_find((int)option, &which))
    return CURL_HE_UNKNOWN_OPTION;
  if(which >= HE_OPTIONS)     /* a rule holds numbers alone */
    return CURL_HE_WRONG_SCOPE;
  va_start(ap, option);
  pthread_mutex_lock(&he_contexts_lock);
  result = he_rules_set(&he->rules[HE_SOURCE_PROGRAM], host, which,
                        va_arg(ap, long));
  he_context_rules_changed(he);
  pthread_mutex_unlock(&he_contexts_lock);
  he_options_changed();
  if(result == HE_RULES_OK && he_option_contexts(which))
    he_history_set_limits(he);
  va_end(ap);
  return rules_code(result);
}

/* What libcurl has to be told of a curl-he option. */
static CURLHEcode apply(struct he_handle *h, int option,
                        const struct he_options *before)
{
  CURLcode rc = CURLE_OK;
  if(option == CURLHEOPT_FAMILIES)
    rc = he_hooks_set_families(h);
  else if(option == CURLHEOPT_RACER_CALLBACKS)
    he_handle_quit_app(h);
  else if(option < CURLHEOPTTYPE_OBJECTPOINT)
    rc = he_hooks_set_delay(h);   /* several have a say in it */
  if(rc) {
    h->options = *before;
    h->settled.generation = 0;
    h->peer.epoch = 0;
    return CURL_HE_LIBCURL_REFUSED;
  }
  return CURL_HE_OK;
}

/* -- libcurl's -- */

bool he_tell_matters(int option)
{
  return option == CURLOPT_URL || option == CURLOPT_RTSP_SERVER_CSEQ ||
         he_declared_keeps(option);
}

/* The callback goes to where curl-he's own hook finds it; the hook stays. */
static void chain(struct he_handle *h, struct he_declared *d, int option,
                  const union he_value *v)
{
  if(he_declared_sockets(option))
    he_handle_quit_app(h);
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

/* What follows for a handle that was set up. */
static void follow(struct he_handle *h, int option, const union he_value *v)
{
  if(option == CURLOPT_IPRESOLVE)
    he_options_set(&h->options, HE_OPT_FAMILIES, v->number);
  else if(option == CURLOPT_RTSP_SERVER_CSEQ)
    h->mark = 0;   /* the application needs its place */
  else if(he_declared_progress(option))
    he_progress_set(h);
  else if(option == CURLOPT_URL && he_context_has_hosts(h->he))
    he_hooks_set_host(h);   /* another host may have other rules */
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

static void unsettle(struct he_handle *h)
{
  h->figures = false;   /* whatever the handle was, this is said of it now */
  h->settled.generation = 0;
  h->peer.epoch = 0;
}

/* Some of libcurl's options are curl-he's as well. */
static void unsettle_for(struct he_handle *h, int option)
{
  const uint64_t generation = h->settled.generation;
  unsettle(h);
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
  return apply(h, CURLHEOPT_DELAY_MS, &before) ? CURLE_BAD_FUNCTION_ARGUMENT :
         CURLE_OK;
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
    he_handle_limits(h);
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

static CURLHEcode set_libcurls(struct he_handle *h, int option, va_list ap)
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
    return apply(h, CURLHEOPT_DELAY_MS, &before);
  }
  code = code_of(tell(h->easy, d, h, option, &v));
  if(!code)
    he_declared_share(d, option);
  return code;
}

CURLHEcode curl_he_easy_setopt(CURL *easy, int option, ...)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  CURLHEcode code;
  va_list ap;
  if(!easy)
    return CURL_HE_BAD_POINTER;
  if(!h)
    return CURL_HE_NOT_SET_UP;
  va_start(ap, option);
  unsettle(h);
  if(option >= CURLHEOPTTYPE_LONG) {
    struct he_options before = h->options;
    enum he_option which;
    if(!he_option_find(option, &which))
      code = CURL_HE_UNKNOWN_OPTION;
    else if(!(he_option_row(which)->scopes & HE_SCOPE_HANDLE))
      code = CURL_HE_WRONG_SCOPE;
    else
      code = set_own(&h->options, &h->tracer, which, ap);
    if(!code)
      code = apply(h, option, &before);
  }
  else
    code = set_libcurls(h, option, ap);
  va_end(ap);
  he_handle_put(h);
  return code;
}
