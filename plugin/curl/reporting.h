/* SPDX-License-Identifier: MIT */
#ifndef HE_REPORTING_H
#define HE_REPORTING_H
/* reporting.h - what curl-he run --check is told of libcurl, handles and
 * connects (base/report.h). Nothing is done where nobody asks. */
#include "curl/handle.h"

/* A curl_he_trace_callback: tells why a race that has begun stands aside. */
void he_reporting_step(CURL *easy, const char *host, int port,
                       const struct curl_he_step *step, void *data);

/* The libcurl behind curl-he; again is nothing. Any thread. */
void he_reporting_libcurl(void);

/* What follows: on the thread that uses the handle. */
void he_reporting_handle(CURL *easy);

/* libcurl asks for a socket after a race in its lookup, of this connect, or
   NULL. */
void he_reporting_ahead(struct he_handle *h, const struct he_connect *c);

/* libcurl asks for the first socket of this connect, for the offered address;
   NULL: the connect is none of curl-he's, and it may not be the first. */
void he_reporting_beside(struct he_handle *h, const struct he_addr *offered,
                         const struct he_connect *c);

#endif
