/* SPDX-License-Identifier: MIT */
/* setup.c - a handle comes under curl-he's care, and leaves it. */
#include "curl/default.h"
#include "curl/hooks.h"

CURLHEcode curl_he_attach(CURLHE *context, CURL *easy)
{
  struct he_handle *h;
  CURLHE *he;
  CURLHEcode code = he_default_find(context, &he);
  if(!easy || code == CURL_HE_BAD_POINTER)
    return CURL_HE_BAD_POINTER;
  if(!he_libcurl_version())
    return CURL_HE_NO_LIBCURL;
  if(he_libcurl_version() < CURL_HE_LIBCURL_MIN)
    return CURL_HE_LIBCURL_TOO_OLD;
  if(code)
    return code;
  h = he_handle_new(he, easy, &he_declared_none);
  if(!h)
    return CURL_HE_NO_MEMORY;
  if(he_hooks_set(h)) {
    he_hooks_reset(h);
    he_handle_forget(h);
    code = CURL_HE_LIBCURL_REFUSED;
  }
  he_handle_put(h);
  return code;
}

CURLHEcode curl_he_setup(CURL *easy)
{
  return curl_he_attach(NULL, easy);
}

/* Sets a handle up as `h` is. */
static bool set_up_like(CURL *easy, const struct he_handle *h)
{
  struct he_handle *mine = he_handle_new(h->he, easy, he_handle_declared(h));
  bool ok = mine != NULL;
  if(ok) {
    mine->options = h->options;
    mine->tracer = h->tracer;
    mine->confined = h->confined;   /* libcurl has copied the option */
    ok = !he_hooks_set(mine);
  }
  if(mine && !ok)
    he_handle_forget(mine);
  he_handle_put(mine);
  return ok;
}

/* libcurl has its copy read the list anew, which curl_he_perform() may have
   taken off the original. */
static void lend_list(CURL *copy, const struct he_declared *d)
{
  if(d->resolve_lent)
    curl_easy_setopt(copy, CURLOPT_RESOLVE, d->resolve_lent);
}

/* libcurl's copy has the hooks of the original, with its number. */
CURL *curl_he_duphandle(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  struct he_known *k = easy ? he_known_checked(easy) : NULL;
  CURL *copy = easy ? curl_easy_duphandle(easy) : NULL;
  if(copy && k)
    he_known_add(copy, &k->declared);
  if(copy && (k || h))
    lend_list(copy, k ? &k->declared : he_handle_declared(h));
  if(copy && h && !set_up_like(copy, h)) {
    he_known_forget(copy);
    curl_easy_cleanup(copy);
    copy = NULL;
  }
  he_handle_put(h);
  return copy;
}

CURLHEcode curl_he_detach(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  if(!easy)
    return CURL_HE_BAD_POINTER;
  if(!h)
    return CURL_HE_NOT_SET_UP;
  he_hooks_reset(h);
  he_handle_forget(h);
  he_handle_put(h);
  return CURL_HE_OK;
}
