/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_REAL_H
#define HE_TEST_REAL_H
/* real.h - a real libcurl on loopback. Names are the test's own (names.h); the
 * first address of each is silent unless said otherwise, so that every
 * transfer is a race. For tests with cmocka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl_he/curl_he.h>
#include <sys/types.h>

#include "common.h"
#include "names.h"

#define SILENT "127.0.0.2"
#define GOOD "127.0.0.3"
#define SILENT2 "127.0.0.4"

bool network(void);
void no_network(void);

/* A handle for a name that no cache knows, for the first time or again. */
CURL *new_easy(long timeout_ms);
void aim(CURL *e, long timeout_ms);
/* The same host for many: libcurl has it in its cache from the second on. */
void aim_at(CURL *e, const char *host);

/* False with libcurl 8.16 and later, which race by themselves. */
bool he_is_needed(void);

void print_race(CURL *e);
/* The last race of e was won by curl-he, where it is needed. */
void assert_raced(CURL *e);

/* Everything of curl-he's goes with its last context. */
void assert_nothing_left(void);

/* Sockets that only curl-he has: they have high numbers. The second waits up
   to ten seconds for them to go. Those that know the network count apart: they
   stay as long as a context that has learned. */
unsigned own_sockets(void);
unsigned own_sockets_left(void);
unsigned own_netlinks(void);
/* Descriptors of its poller. */
unsigned own_others(void);

/* Sockets of this network that are in SYN-SENT to this address, at the test's
   port, after up to ten seconds in which they may go. */
unsigned syn_sent_to(const char *ip);

/* Drives a multi handle for so long, or until all is done. */
void drive(CURLM *m, unsigned ms);

/* How a child ended: its exit code, 128 and the signal's number; or HUNG, if it
   had to be killed, for its time was over. */
#define HUNG -1
int end_of(pid_t pid, int limit_ms);
/* With exit code 0, within 30 seconds? */
bool ends_well(pid_t pid);

#endif
