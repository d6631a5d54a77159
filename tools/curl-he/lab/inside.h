/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_INSIDE_H
#define HE_LAB_INSIDE_H
/* inside.h - what is done inside the laboratory. */
#include "expect.h"

#define HE_LAB_CHOSEN 128

struct he_lab_work {
  struct he_lab_plan plan;
  const struct lab_scenario *chosen[HE_LAB_CHOSEN];
  size_t n;
  unsigned repeat;            /* at least 1 */
  bool json;
  bool verbose;
  const struct he_lab_expect *expect;   /* NULL: nothing */
};

/* Runs the client in each scenario and prints what was seen. Returns the exit
   status of the command. */
int he_lab_inside(const struct he_lab_work *w);

#endif
