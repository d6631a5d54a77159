/* SPDX-License-Identifier: MIT */
#ifndef HE_ENGINE_H
#define HE_ENGINE_H
/* engine.h - what the two parts of the preload module say to each other.
 *
 * The front is in every process: it exports libcurl's names, and hands each
 * call on. The engine is libcurl-he.so: the front loads it at the first easy
 * handle.
 * Neither links libcurl. */
#include <curl/curl.h>
#include <netdb.h>
#include <stdbool.h>

/* What libcurl-he.so exports for the front; the number is this agreement's. */
#define HE_ENGINE curl_he_engine_0
#define HE_ENGINE_NAME "curl_he_engine_0"

typedef int (*he_front_getaddrinfo)(const char *node, const char *service,
                                    const struct addrinfo *hints,
                                    struct addrinfo **res);

/* One libcurl of the process, as the front found it. A program may have two. */
struct he_flavour {
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
  void (*easy_reset)(CURL *easy);
  CURL *(*easy_duphandle)(CURL *easy);
  void (*easy_cleanup)(CURL *easy);
  CURLcode (*easy_perform)(CURL *easy);
  CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_cleanup)(CURLM *multi);
};

/* The functions behind those of the front's that have such a name. */
struct he_front {
  he_front_getaddrinfo getaddrinfo;
  he_front_getaddrinfo pass_on;   /* a call that is none of the engine's: the
                                     same, or another engine's. On the thread
                                     of that call */
  void *(*dlsym)(void *handle, const char *name);
};

/* What an engine says of a libcurl. */
enum he_met {
  HE_MET,                     /* it is this engine's, from now on */
  HE_MET_ANOTHER,             /* the engine has another one */
  HE_MET_REFUSED              /* its handles are passed on */
};

/* What the engine does for the front. The same functions as libcurl's. */
struct he_engine {
  /* Called before all else. Keeps `front`, the same one each time. Takes the
     loader's lock: nobody calls this with a lock of his own. Any thread; again
     is fine. */
  enum he_met (*meet)(const struct he_front *front,
                      const struct he_flavour *libcurl);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
  void (*easy_reset)(CURL *easy);
  CURL *(*easy_duphandle)(CURL *easy);
  void (*easy_cleanup)(CURL *easy);
  CURLcode (*easy_perform)(CURL *easy);
  CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_cleanup)(CURLM *multi);
  he_front_getaddrinfo getaddrinfo;
};

#endif
