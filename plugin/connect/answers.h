/* SPDX-License-Identifier: MIT */
#ifndef HE_ANSWERS_H
#define HE_ANSWERS_H
/* answers.h - what is remembered of the answers that a name had: whether they
 * are always as many.
 *
 * libcurl's own list of addresses cannot be read. That it has one more is only
 * as sure as that a name server which is asked twice says the same twice.
 *
 * A table of fixed size for the whole process, of use to the racer's thread
 * alone: no lock. A name that is pushed out of its slot is asked about
 * again. */
#include "base/base.h"

#define HE_ANSWERS_MEMORY HE_MS(600000)

struct he_answers {
  uint64_t key;
  size_t count[HE_FAMILIES];        /* what two answers agreed on */
  he_time_ns agreed[HE_FAMILIES];   /* when; 0: never */
  he_time_ns varied;                /* when answers differed; 0: never */
};

/* The name's entry, an empty one where there was none; never NULL. `partition`
   keeps apart what must not know of each other. */
struct he_answers *he_answers_of(const char *host, const void *partition);

/* An answer of `n` addresses. */
void he_answers_note(struct he_answers *a, enum he_family f, size_t n,
                     he_time_ns now);
/* Two that were asked for apart: n and m addresses. */
void he_answers_compare(struct he_answers *a, enum he_family f, size_t n,
                        size_t m, he_time_ns now);
/* Do answers vary? Have two agreed on n, of late? */
bool he_answers_vary(const struct he_answers *a, he_time_ns now);
bool he_answers_sure(const struct he_answers *a, enum he_family f, size_t n,
                     he_time_ns now);

#endif
