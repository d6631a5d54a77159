/* SPDX-License-Identifier: MIT */
/* setopt.c - curl-he's own options, of each scope. A value is checked before
 * anything is changed. */
#include "curl/apply.h"
#include "curl/default.h"
#include "curl/files.h"
#include "curl/tell.h"
#include "curl/tracing.h"
#include "options/resolvers.h"

#include <stdarg.h>
#include <string.h>

#undef curl_he_setopt
#undef curl_he_host_setopt
#undef curl_he_easy_setopt

/* The table's numbers are those of the public header. */
#define SAME_NUMBER(name, number, ...) \
  _Static_assert((int)CURLHEOPT_##name == (number), #name);
HE_OPTION_TABLE(SAME_NUMBER)

/* The number that a resolver's text has among the options; NULL: unset. */
static CURLHEcode read_resolver(const char *text, long *number)
{
  struct he_upstreams upstreams;
  const char *why;
  size_t at;
  *number = HE_UNSET;
  if(!text)
    return CURL_HE_OK;
  if(!he_resolvers_read(text, strlen(text), &upstreams, &at, &why))
    return CURL_HE_BAD_OPTION;
  *number = he_resolvers_number(&upstreams);
  return *number < 0 ? CURL_HE_NO_MEMORY : CURL_HE_OK;
}

/* The value of an option that is kept as a number. */
static CURLHEcode read_number(enum he_option which, va_list *ap, long *number)
{
  if(which == HE_OPT_RESOLVER)
    return read_resolver(va_arg(*ap, const char *), number);
  *number = va_arg(*ap, long);
  return CURL_HE_OK;
}

static CURLHEcode set_number(struct he_options *options, enum he_option which,
                             va_list *ap)
{
  long number;
  const CURLHEcode code = read_number(which, ap, &number);
  if(code)
    return code;
  return he_options_set(options, which, number) ? CURL_HE_OK :
         CURL_HE_BAD_OPTION;
}

static CURLHEcode set_own(struct he_options *options, struct he_tracer *tracer,
                          enum he_option which, va_list *ap)
{
  if(which < HE_OPTIONS)
    return set_number(options, which, ap);
  if(which == HE_OPT_TRACEFUNCTION)
    tracer->fn = va_arg(*ap, curl_he_trace_callback);
  else if(which == HE_OPT_TRACEDATA)
    tracer->data = va_arg(*ap, void *);
  return CURL_HE_OK;
}

/* After a change, without the lock. */
static void heed(CURLHE *he, enum he_option which)
{
  he_options_changed();
  if(he_option_contexts(which))
    he_context_limit_history(he);
  if(which == HE_OPT_TRACE_SIZE)
    he_tracing_limit(he);
}

CURLHEcode curl_he_setopt(CURLHE *context, CURLHEoption option, ...)
{
  enum he_option which;
  va_list ap;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(code)
    return code;
  if(!he_option_find((int)option, &which))
    return CURL_HE_UNKNOWN_OPTION;
  va_start(ap, option);
  if(which == HE_OPT_HISTORY_FILE || which == HE_OPT_TRACE_FILE) {
    const char *path = va_arg(ap, const char *);
    code = which == HE_OPT_TRACE_FILE ? he_tracing_set(he, path) :
           he_history_file_set(he, path);
    va_end(ap);
    return code;
  }
  pthread_mutex_lock(&he_contexts_lock);
  code = set_own(&he->rules[HE_SOURCE_PROGRAM].every, &he->tracer,
                 which, &ap);
  pthread_mutex_unlock(&he_contexts_lock);
  va_end(ap);
  if(!code)
    heed(he, which);
  return code;
}

static const CURLHEcode codes[] = {
  [HE_RULES_OK] = CURL_HE_OK,
  [HE_RULES_FULL] = CURL_HE_TOO_MANY_RULES,
  [HE_RULES_NO_MEMORY] = CURL_HE_NO_MEMORY,
  [HE_RULES_BAD_VALUE] = CURL_HE_BAD_OPTION,
  [HE_RULES_BAD_SCOPE] = CURL_HE_WRONG_SCOPE
};

CURLHEcode curl_he_host_setopt(CURLHE *context, const char *pattern,
                               CURLHEoption option, ...)
{
  char host[HE_PATTERN_SIZE];
  enum he_option which;
  enum he_rules_result result;
  const char *why;
  size_t at;
  long number;
  va_list ap;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(code)
    return code;
  if(!pattern)
    return CURL_HE_BAD_POINTER;
  if(!he_pattern_read(pattern, strlen(pattern), host, &at, &why))
    return CURL_HE_BAD_PATTERN;
  if(!he_option_find((int)option, &which))
    return CURL_HE_UNKNOWN_OPTION;
  if(which >= HE_OPTIONS)     /* rules hold what has a number for a value */
    return CURL_HE_WRONG_SCOPE;
  va_start(ap, option);
  code = read_number(which, &ap, &number);
  va_end(ap);
  if(code)
    return code;
  pthread_mutex_lock(&he_contexts_lock);
  result = he_rules_set(&he->rules[HE_SOURCE_PROGRAM], host, which, number);
  pthread_mutex_unlock(&he_contexts_lock);
  if(result == HE_RULES_OK)
    heed(he, which);
  return codes[result];
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
      code = set_own(&h->options, &h->tracer, which, &ap);
    if(!code)
      code = he_apply_option(h, option, &before);
  }
  else
    code = he_tell_declared(h, option, ap);
  va_end(ap);
  he_handle_put(h);
  return code;
}
