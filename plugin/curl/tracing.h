/* SPDX-License-Identifier: MIT */
#ifndef HE_TRACING_H
#define HE_TRACING_H
/* tracing.h - where a context's races leave their traces: CURLHEOPT_TRACE_FILE,
 * or CURL_HE_TRACE in the environment. Any thread. */
#include "curl/context.h"
#include "trace/trail.h"

/* A new context begins with what the environment says. */
void he_tracing_begin(CURLHE *he);

/* CURLHEOPT_TRACE_FILE; the environment counts no more. */
CURLHEcode he_tracing_set(CURLHE *he, const char *path);

/* CURLHEOPT_TRACE_SIZE may be another one. */
void he_tracing_limit(CURLHE *he);
/* The configuration was read: likewise, and the trace tells what was wrong. */
void he_tracing_heed(CURLHE *he);

/* Has the trace ended, and why? */
bool he_tracing_trouble(CURLHE *he, char why[HE_SINK_WHY]);

/* The number of the network that the host is in, 0: not known. */
uint64_t he_tracing_network(CURLHE *he);

/* For a race that is about to begin, with a reference; NULL: no trace is
   wanted. */
struct he_trail *he_tracing_trail(CURLHE *he);

#endif
