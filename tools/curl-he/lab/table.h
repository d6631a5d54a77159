/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_TABLE_H
#define HE_LAB_TABLE_H
/* table.h - the results for people. */
#include "summary.h"

void he_lab_table_head(const struct he_lab_plan *plan);
/* One line, and with `verbose` all that was seen in each run. */
void he_lab_table_row(const struct he_lab_result *r, bool verbose);
/* What the columns are. */
void he_lab_table_foot(const struct he_lab_plan *plan);

/* What kind of client it is, as far as the scenarios that were run tell. */
void he_lab_table_summary(const struct he_lab_summary *s);

/* A scenario's number as text, "" for none. */
const char *he_lab_number(const struct lab_scenario *s, char out[16]);

#endif
