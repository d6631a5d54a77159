/* SPDX-License-Identifier: MIT */
#ifndef MULTI_POOL_H
#define MULTI_POOL_H
/* pool.h - how many lookups libcurl makes at once. */
#include <curl/curl.h>
#include <stddef.h>

/* From 8.20 on a multi handle has a pool of 20 threads for lookups, by itself:
   this many. Before, each lookup has a thread of its own. */
static inline void pool_widen(CURLM *multi, size_t threads)
{
#if LIBCURL_VERSION_NUM >= 0x081400
  curl_multi_setopt(multi, CURLMOPT_RESOLVE_THREADS_MAX, (long)threads);
#else
  (void)multi, (void)threads;
#endif
}

#endif
