/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ALONE_H
#define BENCH_ALONE_H
/* alone.h - curl-he left out. A program that links libcurl-he has libcurl's
 * setopt and getaddrinfo() led through it, whether its handles are set up or
 * not. So what stands for libcurl alone is the same source, built with ALONE
 * and linked without libcurl-he. Include it after curl_he.h. */
#ifdef ALONE
#define curl_he_setup(easy) CURL_HE_OK
#define curl_he_perform(easy) curl_easy_perform(easy)
#define curl_he_strerror(rc) ((void)(rc), "")
#define curl_he_default() ((CURLHE *)NULL)
#define curl_he_free(he) ((void)(he))
#endif
#endif
