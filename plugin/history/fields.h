/* SPDX-License-Identifier: MIT */
#ifndef HE_FIELDS_H
#define HE_FIELDS_H
/* fields.h - the members of a struct as words NAME=VALUE, by a table that
 * serves both directions. Pure.
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
  HE_FIELD_SPAN,              /* he_time_ns, a duration, in ms */
  HE_FIELD_LIST               /* a struct: its fields with commas between */
};

struct he_field {
  const char *name;           /* NULL in a list */
  enum he_field_type type;
  size_t at;                  /* where in the struct */
  size_t size;
  uint64_t most;              /* a number's */
  const struct he_field *list;
  size_t n;
};

#define HE_FIELD(owner, name, type, member, most) \
  { name, type, offsetof(struct owner, member), \
    sizeof(((struct owner *)0)->member), most, NULL, 0 }
#define HE_FIELDS(owner, name, member, list) \
  { name, HE_FIELD_LIST, offsetof(struct owner, member), \
    sizeof(((struct owner *)0)->member), 0, list, \
    sizeof(list) / sizeof(*(list)) }

/* A part of a line and what it is about: up to two tables, each with the
   struct that its fields lie in. */
struct he_section {
  struct {
    const struct he_field *table;
    size_t n;
    void *in;
  } part[2];
};

/* Writes " NAME=VALUE" for each field that says something. */
void he_section_put(struct he_writer *w, const struct he_section *s,
                    struct he_moment m);

/* Makes each moment HE_LONG_AGO, what a field is that a line leaves out; the
   rest of the struct is the caller's to have set to zero. */
void he_section_clear(const struct he_section *s);

/* Takes a line's own time from *rest. False where there is none, or it is
   ahead of the wall clock by more than a minute. */
bool he_line_time(struct he_word *rest, struct he_moment m, int64_t *line_ms);

/* Reads NAME=VALUE into the field of that name. One of another name is
   skipped: a later version may add some. What is more than a year ago is
   HE_LONG_AGO. False for what is not written so. */
bool he_section_read(const struct he_section *s, struct he_word w,
                     struct he_moment m, int64_t line_ms);

#endif
