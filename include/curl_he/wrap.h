/* SPDX-License-Identifier: MIT */
#ifndef CURL_HE_WRAP_H
#define CURL_HE_WRAP_H
/* wrap.h - curl-he sees a program's easy handles, told at compile time.
 *
 *     #include <curl/curl.h>
 *     #include <curl_he/wrap.h>
 *
 * From here on in this file curl_easy_init(), curl_easy_setopt(),
 * curl_easy_reset(), curl_easy_duphandle(), curl_easy_cleanup(),
 * curl_multi_add_handle(), curl_multi_remove_handle() and curl_multi_cleanup()
 * mean the functions below. Each does what libcurl's does, and returns what
 * that returns; curl-he remembers of the call what matters to it. A handle that
 * is seen from its curl_easy_init() on is a known handle (libcurl-he-known(3)).
 *
 * A program that links the shared library before libcurl does not need this
 * header: the shared library has these functions under libcurl's names, too.
 * It is for static linking, and for wherever symbols are not looked up in link
 * order. Then each file that makes handles, or sets options, has to include
 * it: `-include curl_he/wrap.h` on the compiler's command line does that.
 *
 * For C and C++. libcurl's checks of option types (<curl/typecheck-gcc.h>)
 * stay in force with GCC and clang. */
#include <curl_he/curl_he.h>

#ifdef __cplusplus
extern "C" {
#endif

/* libcurl's contracts hold for all of these: arguments, results, ownership,
   threads. */

/* curl_easy_init(); the handle is known, unless memory is short. Never
   blocks, but the first call in a process may load libcurl.so.4, if the
   program has no libcurl. */
CURL_HE_EXTERN CURL *curl_he_wrap_init(void);

/* curl_easy_setopt(). Of a known handle, what matters for connects is copied.
   Where curl_he_setup() was called, socket callbacks are kept for curl-he's
   own to call, and CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS counts as
   CURLHEOPT_DELAY_MS, from 10 to 2000. As for libcurl, not from several
   threads at once. A socket callback of a handle that was set up: waits until
   curl-he's thread has left the one before it. */
CURL_HE_EXTERN CURLcode curl_he_wrap_setopt(CURL *easy, CURLoption option,
                                            ...);

/* curl_easy_reset(). Nothing that was set holds any longer, and curl-he is off
   the handle: call curl_he_setup() again. Waits as curl_he_detach() does. */
CURL_HE_EXTERN void curl_he_wrap_reset(CURL *easy);

/* curl_easy_duphandle(); as curl_he_duphandle(). */
CURL_HE_EXTERN CURL *curl_he_wrap_duphandle(CURL *easy);

/* curl_easy_cleanup(). What curl-he has of the handle is gone with the
   handle. Waits as curl_he_detach() does. */
CURL_HE_EXTERN void curl_he_wrap_cleanup(CURL *easy);

/* curl_multi_add_handle(). */
CURL_HE_EXTERN CURLMcode curl_he_wrap_multi_add_handle(CURLM *multi,
                                                       CURL *easy);

/* curl_multi_remove_handle(). A race in libcurl's lookup ends, for libcurl
   waits for that. */
CURL_HE_EXTERN CURLMcode curl_he_wrap_multi_remove_handle(CURLM *multi,
                                                          CURL *easy);

/* curl_multi_cleanup(). The races of its handles end likewise. */
CURL_HE_EXTERN CURLMcode curl_he_wrap_multi_cleanup(CURLM *multi);

/* The names. GCC and clang let a function that was declared, and not used yet,
   have another symbol: so libcurl's own macros, C++, and pointers to these
   functions mean the functions above, too. */
#ifndef CURL_HE_WRAP_NO_NAMES
#ifdef __GNUC__

#define CURL_HE_WRAP_STRING_(x) #x
#define CURL_HE_WRAP_STRING(x) CURL_HE_WRAP_STRING_(x)
#define CURL_HE_WRAP_SYMBOL(name) \
  __asm__(CURL_HE_WRAP_STRING(__USER_LABEL_PREFIX__) "curl_he_wrap_" #name)

CURL *curl_easy_init(void) CURL_HE_WRAP_SYMBOL(init);
CURLcode (curl_easy_setopt)(CURL *easy, CURLoption option, ...)
  CURL_HE_WRAP_SYMBOL(setopt);
void curl_easy_reset(CURL *easy) CURL_HE_WRAP_SYMBOL(reset);
CURL *curl_easy_duphandle(CURL *easy) CURL_HE_WRAP_SYMBOL(duphandle);
void curl_easy_cleanup(CURL *easy) CURL_HE_WRAP_SYMBOL(cleanup);
CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
  CURL_HE_WRAP_SYMBOL(multi_add_handle);
CURLMcode curl_multi_cleanup(CURLM *multi)
  CURL_HE_WRAP_SYMBOL(multi_cleanup);
CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy)
  CURL_HE_WRAP_SYMBOL(multi_remove_handle);

#else

#undef curl_easy_setopt
#define curl_easy_init      curl_he_wrap_init
#define curl_easy_setopt    curl_he_wrap_setopt
#define curl_easy_reset     curl_he_wrap_reset
#define curl_easy_duphandle curl_he_wrap_duphandle
#define curl_easy_cleanup   curl_he_wrap_cleanup
#define curl_multi_add_handle curl_he_wrap_multi_add_handle
#define curl_multi_cleanup  curl_he_wrap_multi_cleanup
#define curl_multi_remove_handle curl_he_wrap_multi_remove_handle

#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
