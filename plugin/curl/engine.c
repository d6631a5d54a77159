/* SPDX-License-Identifier: MIT */
/* engine.c - curl-he for programs that know nothing of it. The preload module's
 * front leads their calls here: each easy handle is known from its first call
 * on, and set up in it. */
#define CURL_HE_WRAP_NO_NAMES
#include <curl_he/wrap.h>

#include "curl/engine.h"
#include "curl/libcurl.h"
#include "lookup/lookup.h"

#include <string.h>

#ifdef PIC

static const struct he_front *front;
static he_front_getaddrinfo lookup;

static bool begin(const struct he_front *f)
{
  front = f;
  lookup = he_lookup_preload(f->getaddrinfo, f->pass_on);
  return lookup != NULL;
}

static bool meet(const struct he_flavour *libcurl)
{
  void *function;
  memcpy(&function, &libcurl->easy_init, sizeof(function));
  return he_libcurl_use(function, front->dlsym) &&
         he_libcurl_version() >= CURL_HE_LIBCURL_MIN;
}

/* A handle that cannot be set up works as without curl-he. */
static CURL *init(void)
{
  CURL *easy = curl_he_wrap_init();
  if(easy)
    curl_he_setup(easy);
  return easy;
}

static void reset(CURL *easy)
{
  curl_he_wrap_reset(easy);
  if(easy)
    curl_he_setup(easy);
}

static int call(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **res)
{
  return lookup(node, service, hints, res);
}

extern const struct he_engine HE_ENGINE
  __attribute__((visibility("default")));
const struct he_engine HE_ENGINE = {
  .begin = begin,
  .meet = meet,
  .easy_init = init,
  .easy_setopt = curl_he_wrap_setopt,
  .easy_reset = reset,
  .easy_duphandle = curl_he_wrap_duphandle,
  .easy_cleanup = curl_he_wrap_cleanup,
  .multi_add_handle = curl_he_wrap_multi_add_handle,
  .multi_remove_handle = curl_he_wrap_multi_remove_handle,
  .multi_cleanup = curl_he_wrap_multi_cleanup,
  .getaddrinfo = call
};

#endif
