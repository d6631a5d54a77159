/* SPDX-License-Identifier: MIT */
#ifndef HE_TRACING_H
#define HE_TRACING_H
/* tracing.h - where a context's races leave their traces: CURLHEOPT_TRACE_FILE,
 * else CURL_HE_TRACE in the environment, else the key trace-file in
 * CURL_HE_OPTIONS, else that in the configuration file. Any thread. */
#include "curl/context.h"
#include "trace/trail.h"

/* A new context begins with what CURL_HE_TRACE says; "": no trace. */
void he_tracing_begin(CURLHE *he);

/* CURLHEOPT_TRACE_FILE; the environment counts no more, nor does a file. */
CURLHEcode he_tracing_set(CURLHE *he, const char *path);

/* The configuration was read: begins the file that is said now. False without
   memory, and the trace goes where it went. */
bool he_tracing_follow(CURLHE *he);

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
