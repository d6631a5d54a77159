/* SPDX-License-Identifier: MIT */
#ifndef EASY_TAUGHT_H
#define EASY_TAUGHT_H
/* taught.h - for tests of what connects teach: hosts of the laboratory, by the
 * first part of their names, after remember(). */
#include "harness.h"

const char *taught_url(const char *host);   /* by http; until the next call */

/* Succeeds, by a connect of its own. What came of it is known, and learned,
   when this returns. */
void taught_go(struct client *c);

/* The same, with a handle of its own. */
void teach(enum mode mode, const char *host);

/* IPv6 of s2 has been in vain twice, with no connect in between: a verdict. */
void condemn_ipv6(enum mode mode);

/* Does libcurl make these attempts, where curl-he would have them? One that
   races gets an order of the families from curl_he_perform() alone, and has no
   HE timer that would begin its second family sooner. */
bool obeys(enum mode mode, const char *script);

#endif
