/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_TEXT_H
#define HE_REST_TEXT_H
/* text.h - the one way by which text that others wrote reaches a terminal.
 *
 * Answers, error texts and addresses are hostile input: a control character
 * in a zone's name could move the cursor, a newline could forge a line of
 * ours. All of it is written through text_write(), which also hides the token,
 * wherever it turns up. */
#include <stddef.h>
#include <stdio.h>

#if defined(__GNUC__)
#define TEXT_PRINTF(format, first) \
  __attribute__((__format__(__printf__, format, first)))
#else
#define TEXT_PRINTF(format, first)
#endif

/* From now on `secret` is written as "***". The string must live on. NULL:
   nothing is hidden. */
void text_hide(const char *secret);

/* Writes `len` bytes of text, at most `limit` of them (then "..." follows).
 * Control characters (C0, C1, DEL), characters that turn the direction of
 * writing, and bytes that are not UTF-8 are written as \n, \xNN or \u{NNNN},
 * the backslash as two. */
void text_write(FILE *out, const char *text, size_t len, size_t limit);

/* The whole of a zero-terminated string; NULL is "(none)". */
void text_put(FILE *out, const char *text);

/* JSON that is ASCII already, to stdout: its own escapes stay as they are, the
   token is hidden here too. */
void text_put_json(const char *json);

/* One line to stderr, after "he-rest: ". What comes of `format` goes through
   text_write(). */
void say(const char *format, ...) TEXT_PRINTF(1, 2);

#endif
