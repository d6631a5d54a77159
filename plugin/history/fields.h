/* SPDX-License-Identifier: MIT */
#ifndef HE_FIELDS_H
#define HE_FIELDS_H
/* fields.h - the members of a struct as words NAME=VALUE, by a table that
 * serves to write, to read and to merge them. Pure.
 *
 * A field that says nothing is left out: a number that is 0, a time that is
 * HE_LONG_AGO, a list with such a time. */
#include "history/text.h"
#include "history/track.h"

/* The same moment on the clock of `now` and on the wall. */
struct he_moment {
  he_time_ns now;
  int64_t wall_ms;            /* 0 ... HE_WALL_MAX */
};

enum he_field_type {
  HE_FIELD_NUMBER,            /* an unsigned integer */
  HE_FIELD_HEX,               /* the same, of all its digits; in lists alone */
  HE_FIELD_AGO,               /* he_time_ns, a moment: -1500ms; as of a line's
                                 own time, rounded to what is longer ago */
  HE_FIELD_LIST               /* a struct: its fields with commas between */
};

/* A time and the numbers behind it belong together: they were true then. */
struct he_field {
  const char *name;           /* NULL in a list */
  enum he_field_type type;
  size_t at;                  /* where in the struct */
  size_t size;
  uint64_t most;              /* a number's */
  const struct he_fields *list;
};

struct he_fields {
  const struct he_field *field;
  size_t n;
};

#define HE_FIELD(owner, name, type, member, most, list) \
  { name, type, offsetof(struct owner, member), \
    sizeof(((struct owner *)0)->member), most, list }

/* Writes " NAME=VALUE" for each field that says something. */
void he_fields_put(struct he_writer *w, const struct he_fields *fields,
                   const void *in, struct he_moment m);

/* Makes each moment HE_LONG_AGO, what a field is that a line leaves out; the
   rest of the struct is the caller's to have set to zero. */
void he_fields_clear(const struct he_fields *fields, void *in);

/* Reads NAME=VALUE into the field of that name, in a line of the time `line_ms`
   on the wall. One of another name is skipped: a later version may add some.
   What is more than a year ago is HE_LONG_AGO. False for what is not written
   so. */
bool he_fields_read(const struct he_fields *fields, struct he_word w, void *in,
                    struct he_moment m, int64_t line_ms);

/* Of two times the newer one stays, with what belongs to it; of equal ones, and
   of numbers that belong to none, the greater. So merging is associative,
   commutative and idempotent. */
void he_fields_merge(const struct he_fields *fields, void *into,
                     const void *from);

#endif
