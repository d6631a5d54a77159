/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_PRINT_H
#define HE_REST_PRINT_H
/* print.h - JSON on stdout: as facts for people, or as JSON for programs. */
#include <jansson.h>

/* Which members of an object people want to see, and under which name. */
struct print_field {
  const char *key;
  const char *label;
};

/* "label: value", a line. Nothing for a value that is absent or null; an
   object or array is written as compact JSON. */
void print_fact(const char *label, const json_t *value);

/* The facts of an object, in the order of `fields` (ended by a NULL key),
   each line after `indent`. */
void print_fields(const char *indent, const json_t *object,
                  const struct print_field *fields);

/* Every number, string and boolean below `value`, a line each, named by its
   path: "viewer.zones.0.count: 3". */
void print_flat(const json_t *value);

/* The value as JSON, in ASCII, so that nothing in it can act on a terminal.
   False without memory. */
int print_json(const json_t *value);

#endif
