/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_INPUT_H
#define HE_REST_INPUT_H
/* input.h - a file to send. */
#include <stddef.h>

/* Longer files are refused. */
#define INPUT_MAX (16u * 1024 * 1024)

/* The bytes of a file, "-": of stdin, for free(), with a zero after them.
   NULL, and the reason on stderr, where they cannot be had. */
char *input_read(const char *path, size_t *len);

#endif
