/* SPDX-License-Identifier: MIT */
#ifndef HE_TEXT_H
#define HE_TEXT_H
/* text.h - a line of text, word by word, both ways. Pure: no clock, no locale.
 *
 * A line is words with one space between them. Its last word is a checksum of
 * all before that word: " sum=" and eight hexadecimal digits. What is read is
 * hostile until all of it is checked. */
#include "base/base.h"

/* -- writing: what does not fit makes `full`, and is left out -- */

struct he_writer {
  char *out;
  size_t size;
  size_t len;
  bool full;
};

void he_put_bytes(struct he_writer *w, const char *bytes, size_t n);
void he_put_text(struct he_writer *w, const char *text);
void he_put_number(struct he_writer *w, uint64_t v);
/* `digits` lower-case hexadecimal digits, 16 at most. */
void he_put_hex(struct he_writer *w, uint64_t v, unsigned digits);
/* Milliseconds since 1970 as 2026-11-30T00:06:03.123Z; 0 ... HE_WALL_MAX. */
#define HE_WALL_MAX INT64_C(253402300799999)   /* the end of the year 9999 */
void he_put_time(struct he_writer *w, int64_t wall_ms);
/* Any bytes as one word that a terminal may be shown: what is no printable
   ASCII, a space or a backslash is written \xHH. */
void he_put_escaped(struct he_writer *w, const char *bytes, size_t n);
/* The checksum. `seed` tells lines of one kind from those of another. */
void he_put_sum(struct he_writer *w, uint64_t seed);

/* -- reading: false for anything that the above would not have written -- */

struct he_word {
  const char *at;
  size_t len;
};

/* Takes the next word from *rest. False at the end, and for an empty word. */
bool he_next_word(struct he_word *rest, struct he_word *out);

bool he_word_is(struct he_word w, const char *text);

bool he_read_number(struct he_word w, uint64_t most, uint64_t *out);
bool he_read_hex(struct he_word w, unsigned digits, uint64_t *out);
bool he_read_time(struct he_word w, int64_t *wall_ms);
/* Writes at most `size` bytes, a zero included; no byte of it is a zero. */
bool he_read_escaped(struct he_word w, char *out, size_t size);
/* True where the last word is the checksum; *body is what is before it. */
bool he_read_sum(struct he_word line, uint64_t seed, struct he_word *body);

#endif
