/* SPDX-License-Identifier: MIT */
/* engine.c - curl-he for programs that know nothing of it. The preload module's
 * front leads their calls here: each easy handle is known from its first call
 * on, and set up in it. */
#define CURL_HE_WRAP_NO_NAMES
#include <curl_he/wrap.h>

#include "base/report.h"
#include "curl/context.h"
#include "curl/engine.h"
#include "curl/files.h"
#include "curl/libcurl.h"
#include "curl/perform.h"
#include "curl/reporting.h"
#include "lookup/lookup.h"

#include <pthread.h>
#include <string.h>

#ifdef PIC

static const struct he_front *offered; /* atomic; always the same one */
static he_front_getaddrinfo lookup;    /* set once; NULL: not here */
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The default context may write of this libcurl in a trace: so libcurl is met
   before. */
static void begin_lookup(void)
{
  const struct he_front *front = __atomic_load_n(&offered, __ATOMIC_ACQUIRE);
  const he_front_getaddrinfo behind =
    __atomic_load_n(&front->getaddrinfo, __ATOMIC_ACQUIRE);
  CURLHE *he;
  he_files_preloaded();
  he = curl_he_default();
  if(he && he_context_off(he))
    he_report(HE_REPORT_UNSERVED, "off by the configuration", NULL);
  else
    lookup = he_lookup_preload(behind, front->pass_on);
  if(lookup && he_report_wanted())
    curl_he_setopt(he, CURLHEOPT_TRACEFUNCTION, he_reporting_step);
}

static void begin(void)
{
  he_report_begin();
  if(he_libcurl_version() >= CURL_HE_LIBCURL_MIN)
    begin_lookup();
  else {
    he_reporting_libcurl();
    he_report(HE_REPORT_UNSERVED, "this libcurl is too old", NULL);
  }
}

static enum he_met meet(const struct he_front *front,
                        const struct he_flavour *libcurl)
{
  void *function;
  memcpy(&function, &libcurl->easy_init, sizeof(function));
  if(!he_libcurl_use(function, front->dlsym))
    return HE_MET_ANOTHER;
  __atomic_store_n(&offered, front, __ATOMIC_RELEASE);
  pthread_once(&once, begin);
  if(!lookup)
    return HE_MET_REFUSED;
  he_reporting_libcurl();
  return HE_MET;
}

/* A handle that cannot be set up works as without curl-he. */
static void set_up(CURL *easy)
{
  const CURLHEcode code = curl_he_setup(easy);
  he_reporting_handle(easy);
  if(code)
    he_report(HE_REPORT_UNSERVED, curl_he_strerror(code), NULL);
}

static CURL *init(void)
{
  CURL *easy = curl_he_wrap_init();
  if(easy)
    set_up(easy);
  return easy;
}

static void reset(CURL *easy)
{
  curl_he_wrap_reset(easy);
  if(easy)
    curl_he_setup(easy);
}

static CURL *duphandle(CURL *easy)
{
  CURL *copy = curl_he_wrap_duphandle(easy);
  if(copy)
    he_reporting_handle(copy);
  return copy;
}

static int call(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **res)
{
  return lookup(node, service, hints, res);
}

extern const struct he_engine HE_ENGINE
  __attribute__((visibility("default")));
const struct he_engine HE_ENGINE = {
  .meet = meet,
  .easy_init = init,
  .easy_setopt = curl_he_wrap_setopt,
  .easy_reset = reset,
  .easy_duphandle = duphandle,
  .easy_cleanup = curl_he_wrap_cleanup,
  .easy_perform = he_perform,
  .multi_add_handle = curl_he_wrap_multi_add_handle,
  .multi_remove_handle = curl_he_wrap_multi_remove_handle,
  .multi_cleanup = curl_he_wrap_multi_cleanup,
  .getaddrinfo = call
};

#endif
