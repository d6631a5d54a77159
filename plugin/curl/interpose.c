/* SPDX-License-Identifier: MIT */
/* interpose.c - the functions of wrap.h, and in the shared library the names
 * of libcurl that lead to them.
 *
 * These names have no version: the references of programs, and of libcurl
 * itself, are to versions of libcurl's, and only a definition without any
 * satisfies them. What libcurl calls for handles of its own arrives here, too,
 * and is handed on. */
#define CURL_HE_WRAP_NO_NAMES
#include <curl_he/wrap.h>

#include "curl/known.h"
#include "curl/outlook.h"
#include "curl/tell.h"

#include <stdarg.h>

/* PIC is defined where the shared library is compiled. */
#if defined(PIC) && !defined(HE_DISABLE_INTERPOSE)
#define HE_INTERPOSE
#define CALLED_BY_LIBCURL he_libcurl_has(__builtin_return_address(0))
#else
#define CALLED_BY_LIBCURL false
#endif

CURL *curl_he_wrap_init(void)
{
  CURL *easy = curl_easy_init();
  if(easy && !CALLED_BY_LIBCURL) {
    he_handle_forget_of(easy);   /* one whose end was not seen */
    he_known_add(easy, &he_declared_none);
  }
  return easy;
}

CURLcode curl_he_wrap_setopt(CURL *easy, CURLoption option, ...)
{
  struct he_known *k = NULL;
  union he_value v;
  va_list ap;
  va_start(ap, option);
  he_value_read((int)option, ap, &v);
  va_end(ap);
  if(easy && he_tell_matters((int)option))
    k = he_known_of(easy);
  return k ? he_tell(k, (int)option, &v) :
         he_value_set(easy, (int)option, &v);
}

/* curl-he is off the handle, known or not. */
static void leave(CURL *easy, const struct he_known *k)
{
  if(!k || __atomic_load_n(&k->set_up, __ATOMIC_RELAXED))
    he_handle_forget_of(easy);
}

void curl_he_wrap_reset(CURL *easy)
{
  struct he_known *k = easy ? he_known_of(easy) : NULL;
  if(easy)
    leave(easy, k);
  curl_easy_reset(easy);
  if(k) {
    he_declared_clear(&k->declared);
    if(k->mark)   /* no libcurl was seen to lose it, but one might */
      k->mark = he_mark_set(easy);
  }
}

CURL *curl_he_wrap_duphandle(CURL *easy)
{
  return CALLED_BY_LIBCURL ? curl_easy_duphandle(easy) :
         curl_he_duphandle(easy);
}

/* Once libcurl has freed it, another thread may get a new handle at the same
   address: by then nothing is found there. */
void curl_he_wrap_cleanup(CURL *easy)
{
  if(easy) {
    he_handle_forget_of(easy);
    he_known_forget(easy);
  }
  curl_easy_cleanup(easy);
}

static void end_transfer(CURL *easy)
{
  struct he_handle *h = he_handle_of(easy);
  if(h) {
    he_tasks_stop_lookup(&h->tasks);
    he_outlook_delivered(h);
  }
  he_handle_put(h);
}

/* libcurl itself calls this, and the next one, in each curl_easy_perform(). */
CURLMcode curl_he_wrap_multi_add_handle(CURLM *multi, CURL *easy)
{
  he_known_joins(easy, multi, CALLED_BY_LIBCURL);
  return curl_multi_add_handle(multi, easy);
}

CURLMcode curl_he_wrap_multi_remove_handle(CURLM *multi, CURL *easy)
{
  const struct he_known *k = easy ? he_known_of(easy) : NULL;
  if(k && __atomic_load_n(&k->set_up, __ATOMIC_RELAXED))
    end_transfer(easy);
  return curl_multi_remove_handle(multi, easy);
}

/* What libcurl itself cleans up has no handle in it. */
CURLMcode curl_he_wrap_multi_cleanup(CURLM *multi)
{
  if(multi && !CALLED_BY_LIBCURL)
    he_crowd_stop(multi);
  return curl_multi_cleanup(multi);
}

#ifdef HE_INTERPOSE

#undef curl_multi_add_handle
#undef curl_multi_cleanup
#undef curl_multi_remove_handle
#undef curl_easy_init
#undef curl_easy_setopt
#undef curl_easy_reset
#undef curl_easy_duphandle
#undef curl_easy_cleanup

#define EXPORT(name) \
  CURL_HE_EXTERN __typeof__(curl_he_wrap_##name) \
  curl_easy_##name __attribute__((alias("curl_he_wrap_" #name)))

EXPORT(init);
EXPORT(setopt);
EXPORT(reset);
EXPORT(duphandle);
EXPORT(cleanup);

CURL_HE_EXTERN CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
  __attribute__((alias("curl_he_wrap_multi_add_handle")));
CURL_HE_EXTERN CURLMcode curl_multi_cleanup(CURLM *multi)
  __attribute__((alias("curl_he_wrap_multi_cleanup")));
CURL_HE_EXTERN CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy)
  __attribute__((alias("curl_he_wrap_multi_remove_handle")));

#endif
