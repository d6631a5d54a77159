/* SPDX-License-Identifier: MIT */
/* front.c - the names of libcurl's that programs call, and getaddrinfo().
 *
 * Each of libcurl's names is there once for each symbol version that libcurls
 * have: a program of one flavour must not be led to the other. A call is handed
 * to the engine, or, where that is not there or must not be, to the libcurl that
 * it was for. */
#include "flavours.h"
#include "load.h"

#include <errno.h>
#include <stdarg.h>

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

static struct server server_of(const void *caller, const char *version,
                               bool first)
{
  struct server s = { NULL, NULL };
  bool inside;
  s.libcurl = he_flavour_of(caller, version, &inside);
  if(s.libcurl && !inside)
    s.engine = he_engine_for(s.libcurl, first);
  return s;
}

static CURL *init(const void *caller, const char *version)
{
  const struct server s = server_of(caller, version, true);
  if(s.engine)
    return s.engine->easy_init();
  return s.libcurl ? s.libcurl->easy_init() : NULL;
}

/* On this machine's calling convention a pointer carries whatever option
   there is. */
static CURLcode setopt(const void *caller, const char *version, CURL *easy,
                       CURLoption option, void *value)
{
  const struct server s = server_of(caller, version, false);
  if(s.engine)
    return s.engine->easy_setopt(easy, option, value);
  return s.libcurl ? s.libcurl->easy_setopt(easy, option, value) :
         CURLE_FAILED_INIT;
}

static void reset(const void *caller, const char *version, CURL *easy)
{
  const struct server s = server_of(caller, version, false);
  if(s.engine)
    s.engine->easy_reset(easy);
  else if(s.libcurl)
    s.libcurl->easy_reset(easy);
}

static CURL *duphandle(const void *caller, const char *version, CURL *easy)
{
  const struct server s = server_of(caller, version, false);
  if(s.engine)
    return s.engine->easy_duphandle(easy);
  return s.libcurl ? s.libcurl->easy_duphandle(easy) : NULL;
}

static void cleanup(const void *caller, const char *version, CURL *easy)
{
  const struct server s = server_of(caller, version, false);
  if(s.engine)
    s.engine->easy_cleanup(easy);
  else if(s.libcurl)
    s.libcurl->easy_cleanup(easy);
}

static CURLMcode add(const void *caller, const char *version, CURLM *multi,
                     CURL *easy)
{
  /* libcurl's own curl_easy_perform() calls this, too: its handle is known */
  bool inside;
  const struct he_flavour *f = he_flavour_of(caller, version, &inside);
  const struct he_engine *e = f ? he_engine_for(f, false) : NULL;
  if(e)
    return e->multi_add_handle(multi, easy);
  return f ? f->multi_add_handle(multi, easy) : CURLM_INTERNAL_ERROR;
}

static CURLMcode remove_handle(const void *caller, const char *version,
                               CURLM *multi, CURL *easy)
{
  bool inside;
  const struct he_flavour *f = he_flavour_of(caller, version, &inside);
  const struct he_engine *e = f ? he_engine_for(f, false) : NULL;
  if(e)
    return e->multi_remove_handle(multi, easy);
  return f ? f->multi_remove_handle(multi, easy) : CURLM_INTERNAL_ERROR;
}

static CURLMcode multi_cleanup(const void *caller, const char *version,
                               CURLM *multi)
{
  const struct server s = server_of(caller, version, false);
  if(s.engine)
    return s.engine->multi_cleanup(multi);
  return s.libcurl ? s.libcurl->multi_cleanup(multi) : CURLM_INTERNAL_ERROR;
}

/* -- the exported names -- */

#define EXPORT(symbol, name, at) \
  __asm__(".symver " #symbol "," name at)
#define PUBLIC __attribute__((visibility("default")))

#define DEFINE(v, text) \
  static const char version_##v[] = text; \
  PUBLIC CURL *he_##v##_init(void); \
  PUBLIC CURL *he_##v##_init(void) \
  { \
    return init(CALLER, version_##v); \
  } \
  PUBLIC CURLcode he_##v##_setopt(CURL *easy, CURLoption option, ...); \
  PUBLIC CURLcode he_##v##_setopt(CURL *easy, CURLoption option, ...) \
  { \
    void *value; \
    va_list ap; \
    va_start(ap, option); \
    value = va_arg(ap, void *); \
    va_end(ap); \
    return setopt(CALLER, version_##v, easy, option, value); \
  } \
  PUBLIC void he_##v##_reset(CURL *easy); \
  PUBLIC void he_##v##_reset(CURL *easy) \
  { \
    reset(CALLER, version_##v, easy); \
  } \
  PUBLIC CURL *he_##v##_duphandle(CURL *easy); \
  PUBLIC CURL *he_##v##_duphandle(CURL *easy) \
  { \
    return duphandle(CALLER, version_##v, easy); \
  } \
  PUBLIC void he_##v##_cleanup(CURL *easy); \
  PUBLIC void he_##v##_cleanup(CURL *easy) \
  { \
    cleanup(CALLER, version_##v, easy); \
  } \
  PUBLIC CURLMcode he_##v##_add(CURLM *multi, CURL *easy); \
  PUBLIC CURLMcode he_##v##_add(CURLM *multi, CURL *easy) \
  { \
    return add(CALLER, version_##v, multi, easy); \
  } \
  PUBLIC CURLMcode he_##v##_remove(CURLM *multi, CURL *easy); \
  PUBLIC CURLMcode he_##v##_remove(CURLM *multi, CURL *easy) \
  { \
    return remove_handle(CALLER, version_##v, multi, easy); \
  } \
  PUBLIC CURLMcode he_##v##_multi_cleanup(CURLM *multi); \
  PUBLIC CURLMcode he_##v##_multi_cleanup(CURLM *multi) \
  { \
    return multi_cleanup(CALLER, version_##v, multi); \
  } \
  EXPORT(he_##v##_init, "curl_easy_init", AT_##v); \
  EXPORT(he_##v##_setopt, "curl_easy_setopt", AT_##v); \
  EXPORT(he_##v##_reset, "curl_easy_reset", AT_##v); \
  EXPORT(he_##v##_duphandle, "curl_easy_duphandle", AT_##v); \
  EXPORT(he_##v##_cleanup, "curl_easy_cleanup", AT_##v); \
  EXPORT(he_##v##_add, "curl_multi_add_handle", AT_##v); \
  EXPORT(he_##v##_remove, "curl_multi_remove_handle", AT_##v); \
  EXPORT(he_##v##_multi_cleanup, "curl_multi_cleanup", AT_##v);

/* References without a version go to the default one. */
#define AT_none "@@CURL_HE_NONE"
#define AT_curl_4 "@CURL_4"
#define AT_openssl_3 "@CURL_OPENSSL_3"
#define AT_openssl_4 "@CURL_OPENSSL_4"
#define AT_gnutls_3 "@CURL_GNUTLS_3"
#define AT_gnutls_4 "@CURL_GNUTLS_4"
#define AT_nss_3 "@CURL_NSS_3"
#define AT_nss_4 "@CURL_NSS_4"

VERSIONS(DEFINE)

PUBLIC int getaddrinfo(const char *restrict node,
                       const char *restrict service,
                       const struct addrinfo *restrict hints,
                       struct addrinfo **restrict res)
{
  const he_front_getaddrinfo f = he_engine_getaddrinfo();
  if(f)
    return f(node, service, hints, res);
  errno = ENOSYS;
  return EAI_SYSTEM;
}
