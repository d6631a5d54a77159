/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_PLACE_H
#define HE_LAB_PLACE_H
#include "client.h"

/* The arguments of the client for a scenario, up to NULL, with placeholders
   replaced. What programs look for in their environment is set in this
   process. The caller frees the arguments. NULL: out of memory. */
char **he_lab_place(const struct he_lab_plan *plan,
                    const struct lab_scenario *s);
void he_lab_place_free(char **argv);

#endif
