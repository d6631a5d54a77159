/* SPDX-License-Identifier: MIT */
#ifndef HE_SENTENCES_H
#define HE_SENTENCES_H
/* sentences.h - what a picture says in words; the same in all forms. Each
 * writes a plain string, cut to fit. */
#include "draw.h"

/* "41.2 ms", "21.14 s"; "none" of HE_NEVER_US. */
#define HE_TIME_SIZE 24
const char *he_say_time(char *out, int64_t us);

/* What came of the race: "connected in 41.2 ms, over IPv6, to 2001:db8::1" */
void he_say_story(char *out, size_t size, const struct he_story *s);
/* "2 addresses after 20.3 ms" */
void he_say_asked(char *out, size_t size, const struct he_asked *a);
/* "AAAA", "A", "AAAA and A" */
const char *he_say_question(const struct he_asked *a);
/* "connected after 20.1 ms"; "no answer in 170.2 ms" */
void he_say_tried(char *out, size_t size, const struct he_story *s,
                  const struct he_tried *t);
/* "from 71.0 ms, delay 50 ms (cold), address remembered" */
void he_say_start(char *out, size_t size, const struct he_tried *t);
/* The delays in force, as attempts began: "50 ms (cold), 100 ms, 150 ms"; "":
   none was told. */
void he_say_delays(char *out, size_t size, const struct he_story *s);
/* "tried once", "tried 7 times", of the word "tried" */
const char *he_say_times(char *out, size_t size, const char *word,
                         unsigned long n);
/* "IPv6", "IPv4", "?" */
const char *he_say_family(int family);
/* What history has of an address: "good, connects in 20 ms, failed once" */
void he_say_remembered(char *out, size_t size, const struct he_recalled *m);
/* "min 40.1, median 40.9, p95 41.0, max 190.2 ms"; of one time at least */
void he_say_spread(char *out, size_t size, const struct he_spread *s);

#endif
