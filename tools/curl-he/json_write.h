/* SPDX-License-Identifier: MIT */
#ifndef HE_JSON_WRITE_H
#define HE_JSON_WRITE_H
/* json_write.h - what the commands that print JSON share. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Text that others wrote: as it is, or as he_plain() makes it where it is no
   UTF-8. A new reference; NULL without memory. */
json_t *he_json_text(const char *text);

/* Writes the whole, in lines, and takes the caller's reference. False: it is
   NULL, for want of memory, or writing failed. */
bool he_json_write(json_t *whole, FILE *out);

#endif
