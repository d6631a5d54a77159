/* SPDX-License-Identifier: MIT */
#ifndef HE_PATTERN_H
#define HE_PATTERN_H
/* pattern.h - which hosts a rule is for. Pure.
 *
 *   example.com     this host alone
 *   *.example.com   every host below it, at any depth, not itself
 *   *               every host
 *
 * Letters of ASCII are the same in both cases, one dot at the end is none.
 * Other letters are compared as bytes, so a name is only matched as the URL
 * has it: in UTF-8, or in its ASCII form (xn--). */
#include <stdbool.h>
#include <stddef.h>

/* The longest name there is (RFC 1035 section 3.1.1, written), or pattern. */
#define HE_HOST_MAX 253
#define HE_PATTERN_SIZE (HE_HOST_MAX + 1)

/* Writes the pattern as it is compared. False where it is none: then *why
   says so, and *at is where it is wrong, in bytes from the beginning. The text
   is from outside, and need not end in NUL. */
bool he_pattern_read(const char *text, size_t len,
                     char out[HE_PATTERN_SIZE], size_t *at,
                     const char **why);

/* A host as it is compared; false where it is longer than one can be. */
bool he_host_read(const char *host, char out[HE_PATTERN_SIZE]);

/* The first byte that is not UTF-8 (RFC 3629), or len. */
size_t he_utf8_span(const char *text, size_t len);

#endif
