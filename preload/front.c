/* SPDX-License-Identifier: MIT */
/* front.c - the names of libcurl's that programs call, and getaddrinfo().
 *
 * Each of libcurl's names is there once for each symbol version that libcurls
 * have: a program of one flavour must not be led to the other. A call is
 * handed to the engine, or, where that is not there or must not be, to the
 * libcurl that it was for. */
#include "flavours.h"
#include "forking.h"
#include "load.h"
#include "loader.h"
#include "base/report.h"

#include <stdarg.h>
#include <string.h>

#undef curl_easy_setopt

#define VERSIONS(X) \
  X(none, "") \
  X(curl_4, "CURL_4") \
  X(openssl_3, "CURL_OPENSSL_3") \
  X(openssl_4, "CURL_OPENSSL_4") \
  X(gnutls_3, "CURL_GNUTLS_3") \
  X(gnutls_4, "CURL_GNUTLS_4") \
  X(nss_3, "CURL_NSS_3") \
  X(nss_4, "CURL_NSS_4")

#define CALLER __builtin_return_address(0)

/* Who serves a call: both NULL where no libcurl is found at all. */
struct server {
  const struct he_engine *engine;
  const struct he_flavour *libcurl;
};

static struct server server_of(const void *caller,
                               const struct he_origin *origin, bool first)
{
  struct server s = { NULL, NULL };
  bool inside;
  s.libcurl = he_flavour_of(caller, origin, &inside);
  if(s.libcurl && !inside)
    s.engine = he_engine_for(s.libcurl, first);
  return s;
}

static CURL *init(const void *caller, const struct he_origin *origin)
{
  const struct server s = server_of(caller, origin, true);
  if(s.engine)
    return s.engine->easy_init();
  return s.libcurl ? s.libcurl->easy_init() : NULL;
}

/* A pointer carries a long, too. On a machine of 32 bits it does not carry a
   curl_off_t. */
static CURLcode setopt(const void *caller, const struct he_origin *origin,
                       CURL *easy, CURLoption option, va_list *value)
{
  const struct server s = server_of(caller, origin, false);
  CURLcode (*call)(CURL *easy, CURLoption option, ...) =
    s.engine ? s.engine->easy_setopt :
    s.libcurl ? s.libcurl->easy_setopt : NULL;
  if(!call)
    return CURLE_FAILED_INIT;
  if(option / 10000 == CURLOPTTYPE_OFF_T / 10000)
    return call(easy, option, va_arg(*value, curl_off_t));
  return call(easy, option, va_arg(*value, void *));
}

static void reset(const void *caller, const struct he_origin *origin,
                  CURL *easy)
{
  const struct server s = server_of(caller, origin, false);
  if(s.engine)
    s.engine->easy_reset(easy);
  else if(s.libcurl)
    s.libcurl->easy_reset(easy);
}

static CURL *duphandle(const void *caller, const struct he_origin *origin,
                       CURL *easy)
{
  const struct server s = server_of(caller, origin, false);
  if(s.engine)
    return s.engine->easy_duphandle(easy);
  return s.libcurl ? s.libcurl->easy_duphandle(easy) : NULL;
}

static void cleanup(const void *caller, const struct he_origin *origin,
                    CURL *easy)
{
  const struct server s = server_of(caller, origin, false);
  if(s.engine)
    s.engine->easy_cleanup(easy);
  else if(s.libcurl)
    s.libcurl->easy_cleanup(easy);
}

static CURLcode perform(const void *caller, const struct he_origin *origin,
                        CURL *easy)
{
  const struct server s = server_of(caller, origin, false);
  if(s.engine)
    return s.engine->easy_perform(easy);
  return s.libcurl ? s.libcurl->easy_perform(easy) : CURLE_FAILED_INIT;
}

static CURLMcode add(const void *caller, const struct he_origin *origin,
                     CURLM *multi, CURL *easy)
{
  /* libcurl's own curl_easy_perform() calls this, too: its handle is known */
  bool inside;
  const struct he_flavour *f = he_flavour_of(caller, origin, &inside);
  const struct he_engine *e = f ? he_engine_for(f, false) : NULL;
  if(e)
    return e->multi_add_handle(multi, easy);
  return f ? f->multi_add_handle(multi, easy) : CURLM_INTERNAL_ERROR;
}

static CURLMcode remove_handle(const void *caller,
                               const struct he_origin *origin, CURLM *multi,
                               CURL *easy)
{
  bool inside;
  const struct he_flavour *f = he_flavour_of(caller, origin, &inside);
  const struct he_engine *e = f ? he_engine_for(f, false) : NULL;
  if(e)
    return e->multi_remove_handle(multi, easy);
  return f ? f->multi_remove_handle(multi, easy) : CURLM_INTERNAL_ERROR;
}

static CURLMcode multi_cleanup(const void *caller,
                               const struct he_origin *origin, CURLM *multi)
{
  const struct server s = server_of(caller, origin, false);
  if(s.engine)
    return s.engine->multi_cleanup(multi);
  return s.libcurl ? s.libcurl->multi_cleanup(multi) : CURLM_INTERNAL_ERROR;
}

/* -- the exported names -- */

#define PUBLIC __attribute__((visibility("default")))

#define DEFINE(v, text, slot) \
  static const struct he_origin origin_##v = { text, slot }; \
  PUBLIC CURL *he_##v##_easy_init(void); \
  PUBLIC CURL *he_##v##_easy_init(void) \
  { \
    return init(CALLER, &origin_##v); \
  } \
  PUBLIC CURLcode he_##v##_easy_setopt(CURL *easy, CURLoption option, ...); \
  PUBLIC CURLcode he_##v##_easy_setopt(CURL *easy, CURLoption option, ...) \
  { \
    CURLcode code; \
    va_list ap; \
    va_start(ap, option); \
    code = setopt(CALLER, &origin_##v, easy, option, &ap); \
    va_end(ap); \
    return code; \
  } \
  PUBLIC void he_##v##_easy_reset(CURL *easy); \
  PUBLIC void he_##v##_easy_reset(CURL *easy) \
  { \
    reset(CALLER, &origin_##v, easy); \
  } \
  PUBLIC CURL *he_##v##_easy_duphandle(CURL *easy); \
  PUBLIC CURL *he_##v##_easy_duphandle(CURL *easy) \
  { \
    return duphandle(CALLER, &origin_##v, easy); \
  } \
  PUBLIC void he_##v##_easy_cleanup(CURL *easy); \
  PUBLIC void he_##v##_easy_cleanup(CURL *easy) \
  { \
    cleanup(CALLER, &origin_##v, easy); \
  } \
  PUBLIC CURLcode he_##v##_easy_perform(CURL *easy); \
  PUBLIC CURLcode he_##v##_easy_perform(CURL *easy) \
  { \
    return perform(CALLER, &origin_##v, easy); \
  } \
  PUBLIC CURLMcode he_##v##_multi_add_handle(CURLM *multi, CURL *easy); \
  PUBLIC CURLMcode he_##v##_multi_add_handle(CURLM *multi, CURL *easy) \
  { \
    return add(CALLER, &origin_##v, multi, easy); \
  } \
  PUBLIC CURLMcode he_##v##_multi_remove_handle(CURLM *multi, CURL *easy); \
  PUBLIC CURLMcode he_##v##_multi_remove_handle(CURLM *multi, CURL *easy) \
  { \
    return remove_handle(CALLER, &origin_##v, multi, easy); \
  } \
  PUBLIC CURLMcode he_##v##_multi_cleanup(CURLM *multi); \
  PUBLIC CURLMcode he_##v##_multi_cleanup(CURLM *multi) \
  { \
    return multi_cleanup(CALLER, &origin_##v, multi); \
  }

#define FUNCTIONS(X, v) \
  X(v, easy_init) \
  X(v, easy_setopt) \
  X(v, easy_reset) \
  X(v, easy_duphandle) \
  X(v, easy_cleanup) \
  X(v, easy_perform) \
  X(v, multi_add_handle) \
  X(v, multi_remove_handle) \
  X(v, multi_cleanup)

#define EXPORT(v, name) \
  __asm__(".symver he_" #v "_" #name ",curl_" #name AT_##v);
#define ENTRY(v, text) \
  DEFINE(v, text, 0) \
  FUNCTIONS(EXPORT, v)

/* References without a version go to the default one. */
#define AT_none "@@CURL_HE_NONE"
#define AT_curl_4 "@CURL_4"
#define AT_openssl_3 "@CURL_OPENSSL_3"
#define AT_openssl_4 "@CURL_OPENSSL_4"
#define AT_gnutls_3 "@CURL_GNUTLS_3"
#define AT_gnutls_4 "@CURL_GNUTLS_4"
#define AT_nss_3 "@CURL_NSS_3"
#define AT_nss_4 "@CURL_NSS_4"

VERSIONS(ENTRY)

/* -- what dlsym() says -- */

#define SLOT(n) DEFINE(slot##n, NULL, n)
SLOT(0) SLOT(1) SLOT(2) SLOT(3) SLOT(4) SLOT(5) SLOT(6) SLOT(7)

struct name {
  const char *name;
  he_function function[HE_FLAVOURS];
};

#define IN(n, name) (he_function)he_slot##n##_##name
#define NAME(v, name) { \
  "curl_" #name, { IN(0, name), IN(1, name), IN(2, name), IN(3, name), \
                   IN(4, name), IN(5, name), IN(6, name), IN(7, name) } },

void *he_front_function(void *handle, const char *name, const void *found)
{
  static const struct name names[] = { FUNCTIONS(NAME, ) };
  unsigned slot;
  void *p = NULL;
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    if(!strcmp(names[i].name, name) && he_flavour_slot(handle, found, &slot))
      memcpy(&p, &names[i].function[slot], sizeof(p));
  }
  return p;
}

PUBLIC int getaddrinfo(const char *restrict node,
                       const char *restrict service,
                       const struct addrinfo *restrict hints,
                       struct addrinfo **restrict res)
{
  return he_engines_getaddrinfo(node, service, hints, res);
}

/* Before main(): who checks a program is told of each process. */
__attribute__((constructor))
static void begin(void)
{
  he_forking_watch();
  he_load_begin();
  he_report_begin();
  he_report(HE_REPORT_PROCESS, NULL);
}
