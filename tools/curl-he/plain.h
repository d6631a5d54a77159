/* SPDX-License-Identifier: MIT */
#ifndef HE_PLAIN_H
#define HE_PLAIN_H
/* plain.h - text that others wrote, made fit to be shown.
 *
 * Host names, errors and reasons are hostile input: an escape sequence could
 * move a terminal's cursor, a newline could forge a line. They pass through
 * here before they enter a story, so whatever is drawn of a story is plain.
 * he_say() makes what it says plain: its callers need not. */
#include <stddef.h>
#include <stdio.h>

/* A byte becomes so many at most. */
#define HE_PLAIN_GROWS 4

/* Copies `len` bytes to `out`, cut to fit into `size` bytes with the NUL, and
 * never within a character. What comes out is UTF-8. Control characters (C0,
 * C1, DEL), characters that turn the direction of writing or are not seen, and
 * bytes that are not UTF-8 become \xNN or \u{NNNN}. Backslashes become
 * two. */
void he_plain(char *out, size_t size, const char *in, size_t len);

/* The same of a string; NULL is "". */
void he_plain_string(char *out, size_t size, const char *in);

/* Writes plain text into XML or HTML, as content or between quotes. */
void he_put_xml(FILE *out, const char *plain);

/* Characters of plain text; each takes one column. */
size_t he_columns(const char *plain);

#endif
