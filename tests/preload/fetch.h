/* SPDX-License-Identifier: MIT */
#ifndef HE_FETCH_H
#define HE_FETCH_H
/* fetch.h - one transfer, for programs under the preload module. */
#include <curl/curl.h>
#include <stdbool.h>

#undef curl_easy_setopt

/* Where the functions come from: the linker, or dlsym(). */
struct libcurl {
  CURL *(*init)(void);
  CURLcode (*setopt)(CURL *easy, CURLoption option, ...);
  CURLcode (*perform)(CURL *easy);
  void (*cleanup)(CURL *easy);
};

/* Of an object that dlopen() gave, or RTLD_DEFAULT. False: not all are
   there. */
bool libcurl_in(struct libcurl *out, void *object);

/* Gets the page, with a handle of its own; true: it is a laboratory's page. */
bool fetch(const struct libcurl *c, const char *url);

/* The same in so many threads, at once. */
bool fetch_in_threads(const struct libcurl *c, const char *url, unsigned n);

#endif
