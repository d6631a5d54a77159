/* SPDX-License-Identifier: MIT */
/* setopt.c - options, curl-he's own and those of libcurl that it has to know
 * of. A value is checked, or taken by libcurl, before anything is changed. */
#include "glue/callbacks.h"
#include "glue/history.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#undef curl_he_setopt
#undef curl_he_host_setopt
#undef curl_he_easy_setopt

/* -- curl-he's own -- */

static bool long_option(int option, enum he_option *out)
{
  switch(option) {
  case CURLHEOPT_DELAY_MS:
    *out = HE_OPT_DELAY_MS;
    return true;
  case CURLHEOPT_RESOLUTION_DELAY_MS:
    *out = HE_OPT_RESOLUTION_DELAY_MS;
    return true;
  case CURLHEOPT_FIRST_FAMILY_COUNT:
    *out = HE_OPT_FIRST_FAMILY_COUNT;
    return true;
  case CURLHEOPT_PREFERENCE:
    *out = HE_OPT_PREFERENCE;
    return true;
  case CURLHEOPT_FAMILIES:
    *out = HE_OPT_FAMILIES;
    return true;
  case CURLHEOPT_MAX_ATTEMPTS:
    *out = HE_OPT_MAX_ATTEMPTS;
    return true;
  case CURLHEOPT_ATTEMPT_TIMEOUT_MS:
    *out = HE_OPT_ATTEMPT_TIMEOUT_MS;
    return true;
  case CURLHEOPT_CONNECTTIMEOUT_MS:
    *out = HE_OPT_CONNECTTIMEOUT_MS;
    return true;
  case CURLHEOPT_DELAY_MIN_MS:
    *out = HE_OPT_DELAY_MIN_MS;
    return true;
  case CURLHEOPT_DELAY_MAX_MS:
    *out = HE_OPT_DELAY_MAX_MS;
    return true;
  case CURLHEOPT_LEEWAY_MS:
    *out = HE_OPT_LEEWAY_MS;
    return true;
  case CURLHEOPT_HISTORY:
    *out = HE_OPT_HISTORY;
    return true;
  case CURLHEOPT_HISTORY_VERDICT_S:
    *out = HE_OPT_HISTORY_VERDICT_S;
    return true;
  case CURLHEOPT_HISTORY_TIMES_S:
    *out = HE_OPT_HISTORY_TIMES_S;
    return true;
  case CURLHEOPT_HISTORY_SIZE:
    *out = HE_OPT_HISTORY_SIZE;
    return true;
  case CURLHEOPT_PROFILE:
    *out = HE_OPT_PROFILE;
    return true;
  case CURLHEOPT_RACER_CALLBACKS:
    *out = HE_OPT_RACER_CALLBACKS;
    return true;
  case CURLHEOPT_LOOKUP:
    *out = HE_OPT_LOOKUP;
    return true;
  }
  return false;
}

static CURLHEcode set_own(struct he_options *options, struct he_tracer *tracer,
                          int option, va_list ap)
{
  enum he_option which;
  if(long_option(option, &which))
    return he_options_set(options, which, va_arg(ap, long)) ? CURLHE_SUCCESS :
           CURLHE_BAD_OPTION;
  switch(option) {
  case CURLHEOPT_TRACEFUNCTION:
    tracer->fn = va_arg(ap, curl_he_trace_callback);
    return CURLHE_SUCCESS;
  case CURLHEOPT_TRACEDATA:
    tracer->data = va_arg(ap, void *);
    return CURLHE_SUCCESS;
  }
  return CURLHE_UNKNOWN_OPTION;
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
    return context ? CURLHE_BAD_POINTER : CURLHE_NO_MEMORY;
  va_start(ap, option);
  if(option == CURLHEOPT_HISTORY_FILE) {
    code = set_file(he, ap);
    va_end(ap);
    return code;
  }
  pthread_mutex_lock(&he_contexts_lock);
  code = set_own(&he->rules[HE_SOURCE_PROGRAM].every, &he->tracer,
                 (int)option, ap);
  pthread_mutex_unlock(&he_contexts_lock);
  he_options_changed();
  if(!code && long_option((int)option, &which) && he_option_contexts(which))
    he_history_set_limits(he);
  va_end(ap);
  return code;
}

static CURLHEcode rules_code(enum he_rules_result result)
{
  switch(result) {
  case HE_RULES_OK:
    return CURLHE_SUCCESS;
  case HE_RULES_FULL:
    return CURLHE_TOO_MANY_RULES;
  case HE_RULES_NO_MEMORY:
    return CURLHE_NO_MEMORY;
  case HE_RULES_BAD_VALUE:
    return CURLHE_BAD_OPTION;
  case HE_RULES_BAD_SCOPE:
    break;
  }
  return CURLHE_WRONG_SCOPE;
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
    return context ? CURLHE_BAD_POINTER : CURLHE_NO_MEMORY;
  if(!pattern)
    return CURLHE_BAD_POINTER;
  if(!he_pattern_read(pattern, strlen(pattern), host, &at, &why))
    return CURLHE_BAD_PATTERN;
  if(!long_option((int)option, &which))
    return option == CURLHEOPT_TRACEFUNCTION ||
           option == CURLHEOPT_TRACEDATA || option == CURLHEOPT_HISTORY_FILE
           ? CURLHE_WRONG_SCOPE : CURLHE_UNKNOWN_OPTION;
  va_start(ap, option);
  pthread_mutex_lock(&he_contexts_lock);
  result = he_rules_set(&he->rules[HE_SOURCE_PROGRAM], host, which,
                        va_arg(ap, long));
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
    return CURLHE_LIBCURL_REFUSED;
  }
  return CURLHE_SUCCESS;
}

/* -- libcurl's -- */

union value {
  long number;
  void *pointer;
  void (*function)(void);
  curl_off_t offset;
};

/* Reads the value as the option's type has it; false: there is no such
   type. */
static bool read_value(int option, va_list ap, union value *v)
{
  switch(option / 10000) {
  case CURLOPTTYPE_LONG / 10000:
    v->number = va_arg(ap, long);
    return true;
  case CURLOPTTYPE_OBJECTPOINT / 10000:
  case CURLOPTTYPE_OBJECTPOINT / 10000 + 3:   /* blobs */
    v->pointer = va_arg(ap, void *);
    return true;
  case CURLOPTTYPE_FUNCTIONPOINT / 10000:
    v->function = va_arg(ap, void (*)(void));
    return true;
  case CURLOPTTYPE_OFF_T / 10000:
    v->offset = va_arg(ap, curl_off_t);
    return true;
  }
  return false;
}

static CURLHEcode forward(CURL *easy, int option, const union value *v)
{
  CURLcode rc = CURLE_UNKNOWN_OPTION;
  CURLoption o = (CURLoption)option;
  switch(option / 10000) {
  case CURLOPTTYPE_LONG / 10000:
    rc = (curl_easy_setopt)(easy, o, v->number);
    break;
  case CURLOPTTYPE_OBJECTPOINT / 10000:
  case CURLOPTTYPE_OBJECTPOINT / 10000 + 3:
    rc = (curl_easy_setopt)(easy, o, v->pointer);
    break;
  case CURLOPTTYPE_FUNCTIONPOINT / 10000:
    rc = (curl_easy_setopt)(easy, o, v->function);
    break;
  case CURLOPTTYPE_OFF_T / 10000:
    rc = (curl_easy_setopt)(easy, o, v->offset);
    break;
  }
  if(rc == CURLE_UNKNOWN_OPTION)
    return CURLHE_UNKNOWN_OPTION;
  return rc ? CURLHE_LIBCURL_REFUSED : CURLHE_SUCCESS;
}

/* The application's callbacks: kept here, for curl-he's own are in libcurl and
   call them. */
static bool chain(struct he_declared *d, int option, const union value *v)
{
  switch(option) {
  case CURLOPT_OPENSOCKETFUNCTION:
    d->opensocket = (curl_opensocket_callback)v->function;
    return true;
  case CURLOPT_OPENSOCKETDATA:
    d->opensocket_data = v->pointer;
    return true;
  case CURLOPT_SOCKOPTFUNCTION:
    d->sockopt = (curl_sockopt_callback)v->function;
    return true;
  case CURLOPT_SOCKOPTDATA:
    d->sockopt_data = v->pointer;
    return true;
  case CURLOPT_CLOSESOCKETFUNCTION:
    d->closesocket = (curl_closesocket_callback)v->function;
    return true;
  case CURLOPT_CLOSESOCKETDATA:
    d->closesocket_data = v->pointer;
    return true;
  case CURLOPT_RESOLVER_START_FUNCTION:
    d->resolver_start = (curl_resolver_start_callback)v->function;
    return true;
  case CURLOPT_RESOLVER_START_DATA:
    d->resolver_start_data = v->pointer;
    return true;
  }
  return false;
}

/* Those that the racer calls, too? */
static bool sockets(int option)
{
  switch(option) {
  case CURLOPT_OPENSOCKETFUNCTION:
  case CURLOPT_OPENSOCKETDATA:
  case CURLOPT_SOCKOPTFUNCTION:
  case CURLOPT_SOCKOPTDATA:
  case CURLOPT_CLOSESOCKETFUNCTION:
  case CURLOPT_CLOSESOCKETDATA:
    return true;
  }
  return false;
}

static bool says(const union value *v)
{
  const char *text = v->pointer;
  return text && *text;
}

/* What matters for where a connect may go, and for who is known to answer. */
static void remember(struct he_handle *h, struct he_declared *d, int option,
                     const union value *v)
{
  switch(option) {
  case CURLOPT_PROXY:
    d->proxy = says(v);
    break;
  case CURLOPT_PRE_PROXY:
    d->pre_proxy = says(v);
    break;
  case CURLOPT_INTERFACE:
    d->interface = says(v);
    break;
  case CURLOPT_LOCALPORT:
    d->localport = v->number != 0;
    break;
  case CURLOPT_DOH_URL:
    d->doh = says(v);
    break;
  case CURLOPT_CONNECT_TO:
    d->connect_to = v->pointer != NULL;
    break;
  case CURLOPT_UNIX_SOCKET_PATH:
  case CURLOPT_ABSTRACT_UNIX_SOCKET:
    d->unix_socket = says(v);
    break;
  case CURLOPT_RESOLVE:
    d->resolve = v->pointer;
    break;
  case CURLOPT_SSL_VERIFYPEER:
    d->any_peer = !v->number;
    break;
  case CURLOPT_SSL_VERIFYHOST:
    d->any_host = !v->number;
    break;
  case CURLOPT_TIMEOUT:
    d->timeout_ms = v->number > LONG_MAX / 1000 ? LONG_MAX : v->number * 1000;
    break;
  case CURLOPT_TIMEOUT_MS:
    d->timeout_ms = v->number;
    break;
  case CURLOPT_CONNECTTIMEOUT:
    d->connecttimeout_ms = v->number > LONG_MAX / 1000 ? LONG_MAX :
                           v->number * 1000;
    break;
  case CURLOPT_CONNECTTIMEOUT_MS:
    d->connecttimeout_ms = v->number;
    break;
  case CURLOPT_IPRESOLVE:
    he_options_set(&h->options, HE_OPT_FAMILIES, v->number);
    break;
  }
}

static CURLHEcode set_libcurls(struct he_handle *h, int option, va_list ap)
{
  struct he_declared *d;
  union value v;
  CURLHEcode code;
  bool chained;
  if(!read_value(option, ap, &v))
    return CURLHE_UNKNOWN_OPTION;
  d = he_handle_declare(h);
  if(!d)
    return CURLHE_NO_MEMORY;
  if(sockets(option))
    he_handle_quit_app(h);
  he_handles_lock();
  chained = chain(d, option, &v);
  he_handles_unlock();
  if(chained)
    return CURLHE_SUCCESS;
  if(option == CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS) {
    struct he_options before = h->options;
    if(!he_options_set(&h->options, HE_OPT_DELAY_MS, v.number))
      return CURLHE_BAD_OPTION;
    return apply(h, CURLHEOPT_DELAY_MS, &before);
  }
  code = forward(h->easy, option, &v);
  if(!code)
    remember(h, d, option, &v);
  if(!code && option == CURLOPT_URL && he_context_has_hosts(h->he))
    he_hooks_set_host(h);   /* another host may have other rules */
  return code;
}

CURLHEcode curl_he_easy_setopt(CURL *easy, int option, ...)
{
  struct he_handle *h = easy ? he_handle_of(easy) : NULL;
  CURLHEcode code;
  va_list ap;
  if(!easy)
    return CURLHE_BAD_POINTER;
  if(!h)
    return CURLHE_NOT_SET_UP;
  h->figures = false;   /* whatever the handle was, this is said of it now */
  va_start(ap, option);
  h->settled.generation = 0;
  h->peer.epoch = 0;
  if(option >= CURLHEOPTTYPE_LONG) {
    struct he_options before = h->options;
    enum he_option which;
    if(option == CURLHEOPT_HISTORY_FILE ||
       (long_option(option, &which) && he_option_contexts(which)))
      code = CURLHE_WRONG_SCOPE;
    else
      code = set_own(&h->options, &h->tracer, option, ap);
    if(!code)
      code = apply(h, option, &before);
  }
  else
    code = set_libcurls(h, option, ap);
  va_end(ap);
  he_handle_put(h);
  return code;
}
