/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_TELL_H
#define HE_DOCTOR_TELL_H
/* tell.h - findings, for a reader and for machines. */
#include "judge.h"

#include <stdio.h>

void he_tell_text(const struct he_facts *f, const struct he_findings *all,
                  FILE *out);
/* False: it could not be written. */
bool he_tell_json(const struct he_facts *f, const struct he_findings *all,
                  FILE *out);

/* All that is recognized. */
void he_tell_symptoms(FILE *out);
bool he_tell_symptoms_json(FILE *out);

#endif
