/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_JSON_H
#define HE_LAB_JSON_H
/* json.h - the results for machines. Times are in ms, null where there is
 * none. The moments at_ms, asked_ms, answered_ms, connected_ms, heard_ms and
 * closed_ms count from the first question to the name server. */
#include "summary.h"

#include <jansson.h>

/* A new object: the scenario, the medians, and each run. */
json_t *he_lab_json(const struct he_lab_plan *plan,
                    const struct he_lab_result *r);

/* A new object; null for what is unknown. */
json_t *he_lab_json_summary(const struct he_lab_summary *s);

#endif
