/* SPDX-License-Identifier: MIT */
#ifndef EASY_LIBCURLS_H
#define EASY_LIBCURLS_H
/* libcurls.h - in what the libcurl at hand connects differently from others,
 * by its version at run time. Tests expect one thing, or another, by these. */
#include <curl/curl.h>
#include <stdbool.h>

/* A new attempt each interval, the families in turn, earlier ones left
   running (8.16.0 and later). Then the racer adds nothing to what libcurl was
   given, and hands nothing over. Before, a family's addresses are tried one
   after the other. */
bool libcurl_races(void);

/* A family beside the other, whose HE timer is read when connecting begins
   (7.88.0 to 8.15.0). */
bool libcurl_walks(void);

/* The first attempt goes to an IPv6 address where there is one, whatever the
   system's order, and also where there is no route to it (8.10.0 and later).
   Before, it goes to the first address. */
bool libcurl_begins_with_ipv6(void);

/* An address gets all of a connect time-out of 600 ms or less, and the next of
   its family none (8.3.0 to 8.15.0). Before, it gets half of what is left, as
   it does of longer ones. */
bool libcurl_spends_short_timeouts(void);

/* A and AAAA are asked apart, and connecting begins before both are in (8.20.0
   and later). Before, it waits for both. */
bool libcurl_resolves_apart(void);

/* CURLOPT_IPRESOLVE holds for addresses of CURLOPT_RESOLVE, and of libcurl's
   cache, too (7.77.0 and later). Before, it is about what is asked for. */
bool libcurl_keeps_to_families(void);

/* A child of fork() may clean up a handle that it has inherited (before 8.20.0,
   whose threads for resolving are waited for, and stayed in the parent). */
bool libcurl_outlives_fork(void);

/* Losers, and attempts that had their time, are closed without the close
   callback (7.88.0 to 8.1.2). */
bool libcurl_closes_silently(void);

/* An easy handle that is cleaned up before it is removed from its multi handle
   leaves descriptors open: two of its lookup, or the socket that connects
   (before 7.88.0; libcurl alone does, too). */
bool libcurl_loses_sockets(void);

/* An easy handle whose transfer is over, in a multi handle that is cleaned up,
   is of no more use: it keeps pointers into that (8.1.0 to 8.13.0; with libcurl
   alone, too, which may crash). */
bool libcurl_strands_done(void);

/* SOCKS4, to which libcurl gives an address, reaches a host that has an IPv6
   address, too (7.78.0 and later). */
bool libcurl_socks4_picks_ipv4(void);

/* The progress callback is called while a connection is made (before
   8.20.0). */
bool libcurl_reports_connecting(void);

/* Where a request for a socket was turned down it asks for the next address in
   the same moment. */
bool libcurl_goes_on_at_once(void);

bool libcurl_has_http2(void);

/* -- libcurl behind curl-he's back -- */

/* The functions that libcurl-he exports, too, as libcurl has them: a handle
   that they make is an unknown one, and curl-he does not see what they do. */
struct libcurls_own {
  __typeof__(curl_easy_init) *init;
  CURLcode (*setopt)(CURL *, CURLoption, ...);
  __typeof__(curl_easy_reset) *reset;
  __typeof__(curl_easy_duphandle) *duphandle;
  __typeof__(curl_easy_cleanup) *cleanup;
};
const struct libcurls_own *libcurls_own(void);

#endif
