/* SPDX-License-Identifier: MIT */
#ifndef HE_STAMP_H
#define HE_STAMP_H
/* stamp.h - who wrote a line of a trace, and when. Any thread. */
#include "trace/json.h"

/* Who writes: the version of curl-he and of libcurl, static. */
void he_stamp_introduce(const char *curl_he, const char *libcurl);

/* Begins a line: version, event, process, and a time of base/clock.h as that
   and as what clocks on walls said. */
void he_stamp_begin(struct he_json *j, const char *event, he_time_ns at);

/* A race's name: no other one has it, in no process. */
#define HE_STAMP_RACE 48
void he_stamp_race(uint64_t number, char out[HE_STAMP_RACE]);

/* The first line a process writes to a file; returns its length. */
size_t he_stamp_hello(char line[HE_JSON_LINE]);
/* So many lines were lost; `words`: for people. */
size_t he_stamp_dropped(char line[HE_JSON_LINE], unsigned count, bool words);

#endif
