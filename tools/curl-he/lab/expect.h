/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_EXPECT_H
#define HE_LAB_EXPECT_H
/* expect.h - what is expected of a client. A file of lines:
 *
 *   # what the other lines do not say holds for all
 *   *        exit=0 left=0
 *   v6-dead  connect_ms<=400 syns<=3 order=v6,v4
 *
 * A line has a scenario's name or number, or "*", and checks of the facts of
 * facts.h by <= >= < > = or !=, without blanks. "v6" is any address of that
 * family, "v6.2" its second. The value "none" is that of a time that there is
 * not. Of several runs the median of a time counts; all else has to hold in
 * every run. */
#include "facts.h"

#include <stdio.h>

enum he_lab_how {
  HE_LAB_AT_MOST,
  HE_LAB_AT_LEAST,
  HE_LAB_LESS,
  HE_LAB_MORE,
  HE_LAB_SAME,
  HE_LAB_OTHER
};

struct he_lab_check {
  const struct lab_scenario *scenario;   /* NULL: each */
  const struct he_lab_fact *fact;
  enum he_lab_how how;
  bool none;                  /* the value is "none" */
  double number;
  char text[HE_LAB_WORD];     /* as it stands in the file */
  size_t value;               /* where in the text it is */
  unsigned line;
};

struct he_lab_expect {
  const char *name;           /* of the file */
  struct he_lab_check *list;
  size_t n;
};

/* Reads the file. False: it is wrong, which was said, with its line. Freed by
   he_lab_expect_free() in either case. */
bool he_lab_expect_read(struct he_lab_expect *e, const char *file);
void he_lab_expect_free(struct he_lab_expect *e);

/* Is the check about that scenario? */
bool he_lab_check_about(const struct he_lab_check *c,
                        const struct lab_scenario *s);

/* Does it hold? What is instead of it goes to `got`. */
bool he_lab_check_holds(const struct he_lab_check *c,
                        const struct he_lab_result *r, char *got,
                        size_t size);

#endif
