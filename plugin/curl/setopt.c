/* SPDX-License-Identifier: MIT */
/* setopt.c - curl-he's own options, of each scope. A value is checked before
 * anything is changed. */
#include "curl/apply.h"
#include "curl/default.h"
#include "curl/history_file.h"
#include "curl/tell.h"

#include <stdarg.h>
#include <string.h>

#undef curl_he_setopt
#undef curl_he_host_setopt
#undef curl_he_easy_setopt

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
  return he_history_file_set(he, va_arg(ap, const char *));
}

CURLHEcode curl_he_setopt(CURLHE *context, CURLHEoption option, ...)
{
  CURLHE *he = he_default_check(context);
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
    he_context_limit_history(he);
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
  CURLHE *he = he_default_check(context);
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
    he_context_limit_history(he);
  va_end(ap);
  return rules_code(result);
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
  h->figures = false;   /* a reset that was not seen came before this call */
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
      code = he_apply_option(h, option, &before);
  }
  else
    code = he_tell_declared(h, option, ap);
  va_end(ap);
  he_handle_put(h);
  return code;
}
