/* SPDX-License-Identifier: MIT */
#ifndef HE_LINES_H
#define HE_LINES_H
/* lines.h - the history's file as bytes: a header, then lines. Pure.
 *
 *   # curl-he history 1 folded TIME to 0 bytes (...) sum=1a2b3c4d
 *   host ...
 *   network ...
 *   forget ...
 *
 * The header's number is the format's. A later format keeps the header's first
 * words and its checksum, so that it is known for what it is. history/record.c
 * says what the other lines are. */
#include "history/text.h"

#define HE_LINES_FORMAT 1
#define HE_LINES_HEADER_MAX 256    /* bytes, with its end */

/* Writes a header with its end, and returns its length. `folded`: how long the
   file was when it was last written anew. */
size_t he_lines_header(char out[HE_LINES_HEADER_MAX], int64_t wall_ms,
                       size_t folded);

enum he_lines_head {
  HE_LINES_OURS,
  HE_LINES_LATER,       /* of another format: not to be touched */
  HE_LINES_NONE         /* damaged, or no header at all */
};

/* What the file begins with. *folded is 0 where it is not known. */
enum he_lines_head he_lines_read_header(const char *bytes, size_t len,
                                        size_t *folded);

/* Takes the next line that has an end from *rest, without that end. False
   where there is none: what is left is the beginning of one. */
bool he_lines_next(struct he_word *rest, struct he_word *out);

/* Is there one whole record, so that the file is a history, whatever became of
   its header? */
bool he_lines_any(const char *bytes, size_t len);

#endif
