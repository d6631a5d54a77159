/* SPDX-License-Identifier: MIT */
#ifndef EASY_HARNESS_H
#define EASY_HARNESS_H
/* harness.h - what the tests with a real libcurl in the laboratory share: a
 * client in one of three modes, what it found out, and what the network saw.
 * A test fails by cmocka's assertions, so all but client_*() is for the thread
 * that runs the tests.
 *
 * Tests look at what was tried, by whom, when, and at what is left behind;
 * never at how fast anything was. */
#include "../lab/labctl.h"
#include "../lab/scenarios.h"
#include "libcurls.h"

#include <curl_he/curl_he.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum mode {
  ALONE,       /* libcurl, of which curl-he knows nothing */
  BESIDE,      /* curl_he_setup(), then curl_easy_perform() */
  RESOLVING    /* curl_he_setup(), then curl_he_perform() */
};
const char *mode_name(enum mode mode);

/* How an option of libcurl is set: behind curl-he's back, or through
   curl_he_easy_setopt(), on an unknown handle; by curl_easy_setopt() on a
   known one. */
enum way { UNDECLARED, DECLARED, SEEN };
const char *way_name(enum way way);

/* -- a client -- */

enum sight { KNOWN, UNKNOWN };

struct client {
  CURL *easy;
  enum mode mode;
  enum sight sight;    /* whether curl-he sees its calls of libcurl */
  char body[256];      /* the beginning of the last answer */
  size_t size;         /* of all of it */
  char error[CURL_ERROR_SIZE];
};

/* A handle for this URL, with the laboratory's certificate authority. */
void client_open(struct client *c, enum mode mode, const char *url);
/* The same, of which curl-he has seen neither curl_easy_init() nor any option;
   client_close() and client_reset() it does not see either. */
void client_open_unknown(struct client *c, enum mode mode, const char *url);
/* As this way of setting options wants it. */
void client_open_for(struct client *c, enum way way, enum mode mode,
                     const char *url);
/* curl_easy_reset(), and what that takes off but for URL and hooks. */
void client_reset(struct client *c);
void client_url(struct client *c, const char *url);
CURLcode client_go(struct client *c);
void client_close(struct client *c);

void pause_ms(long ms);

/* All in one: the result of a transfer with a handle of its own. */
CURLcode visit(enum mode mode, const char *url);

/* Sets an option of libcurl; all ways are the same where the client is ALONE
   or KNOWN. */
#define client_set(c, way, option, value) do { \
    if((way) == DECLARED && (c)->mode != ALONE) \
      assert_int_equal((curl_he_easy_setopt)((c)->easy, (int)(option), \
                                             (value)), CURL_HE_OK); \
    else \
      assert_int_equal(((c)->sight == UNKNOWN ? libcurls_own()->setopt : \
                        (curl_easy_setopt))((c)->easy, (option), (value)), \
                       CURLE_OK); \
  } while(0)

/* -- what came of it -- */

long info_long(CURL *easy, CURLHEINFO info);
const char *info_string(CURL *easy, CURLHEINFO info);

/* Steps of this kind in the handle's last race. */
size_t steps(CURL *easy, CURLHEstep kind);
size_t own_attempts(CURL *easy);   /* curl-he's among them */
/* How many attempts ran, at the most, when one of curl-he's began; that one
   among them. */
unsigned most_at_once(CURL *easy);
void print_race(CURL *easy);

size_t unsent(CURL *easy);         /* attempts that had no route: no SYN */

/* The attempts of the last race, in order, and when each began, ms after the
 * first: "L 3fff:106::1 0, L 198.19.6.1 150, C 198.19.6.2 300"; "L": by
 * libcurl, "C": by curl-he, where libcurl does not race by itself. Who makes
 * any but the first depends on which answer came first where curl-he resolves:
 * there it is not looked at. ", ..." at the end: and more by libcurl. */
void expect_attempts(struct client *c, const char *script);

/* The answer is from this address, and curl-he and libcurl know it. */
void expect_winner(struct client *c, const char *address);

/* -- what the network saw -- */

/* Packets that the client sent since the last lab_reset(). */
void print_packets(void);
long dns_queries(void);
long syns_to_servers(void);

/* Where SYNs went to, each address once, sorted, a blank after each. */
struct addresses {
  char text[1024];
};
void syn_addresses(struct addresses *out);
/* Every address of a is one of b. */
bool addresses_within(const struct addresses *a, const struct addresses *b);

/* -- around each test -- */

/* The network as in the table, its record empty; the default context is a new
   one that remembers nothing, so that races are cold, and curl-he's thread is
   there. */
int set_up(void **state);
/* From now on the default context has a history, empty at first. */
void remember(void);
/* And knows where this leads when nothing steers the transfer. */
void know(enum mode mode, const char *url);
/* Within a second no socket is left in SYN-SENT, and no descriptor that was
   not there at set_up(). */
int tear_down(void **state);
void expect_nothing_left(void);

/* Skips the test where curl-he was built without races beside libcurl's own
   connects. */
void needs_beside(void);

/* -- tests from tables -- */

struct suite {
  struct CMUnitTest *tests;
  size_t count;
};
/* A test with its name, made as by printf(), and its state. */
void suite_add(struct suite *s, CMUnitTestFunction run, const void *state,
               const char *format, ...)
  __attribute__((format(printf, 4, 5)));
/* Each of the tests with curl_easy_perform(), then each with
   curl_he_perform(): the state is the enum mode. */
struct mode_test {
  CMUnitTestFunction run;
  const char *what;
};
void suite_add_modes(struct suite *s, const struct mode_test *tests, size_t n);
int suite_run(const struct suite *s, const char *name);

#endif
