/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_NAMES_H
#define HE_TEST_NAMES_H
/* names.h - names of the test's own, without a name server: the program's
 * getaddrinfo() takes the place of the C library's, for libcurl and curl-he
 * alike. It knows names that end in ".life.test", and leaves the others to the
 * C library. */
#include <stdbool.h>

/* What all these names mean from now on: IPv4 addresses, in this order, with
   blanks between. A static string. */
void names_mean(const char *addresses);

/* How long an answer takes. */
void names_take(unsigned ms);

/* While on, none is answered but such as begin with "quick.". */
void names_hang(bool on);

/* How often they were asked for, and by how many at the same time. */
unsigned names_asked(void);
unsigned names_most(void);

#endif
