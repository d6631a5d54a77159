/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_JUDGE_H
#define HE_DOCTOR_JUDGE_H
/* judge.h - from facts to findings. Pure: same facts, same findings. */
#include "facts.h"
#include "symptoms.h"

struct he_finding {
  const struct he_symptom *symptom;  /* NULL: all is well with this */
  const char *host;           /* whom it is about; NULL: this machine. The
                                 facts' */
  char text[512];
  char advice[512];           /* "" where all is well */
};

/* Room for HE_SYMPTOMS and more a host; what does not fit is left out. */
struct he_findings {
  struct he_finding *list;
  size_t n, room;
  const char *host;           /* what is found next is about it */
};

/* Says what the facts come to: this machine first, then each host. To be ended
   by he_findings_free(). */
void he_judge(const struct he_facts *f, struct he_findings *out);
void he_findings_free(struct he_findings *out);

/* Is any of them wrong? */
bool he_findings_wrong(const struct he_findings *f);
/* Has one this symptom, for this host (NULL: for any)? */
bool he_findings_have(const struct he_findings *f, enum he_symptom_id id);

/* -- for the judge_ files -- */

/* `pairs`: names and values for the symptom's sentence and advice. */
void he_find(struct he_findings *out, enum he_symptom_id id,
             const char *const *pairs);
void he_find_well(struct he_findings *out, const char *format, ...)
  __attribute__((format(printf, 2, 3)));

void he_judge_machine(const struct he_facts *f, struct he_findings *out);
void he_judge_libcurls(const struct he_facts *f, struct he_findings *out);
void he_judge_lookup(const struct he_facts *f, const struct he_site *h,
                     struct he_findings *out);
void he_judge_connects(const struct he_facts *f, const struct he_site *h,
                       struct he_findings *out);

/* "20", "1040": without a fraction. Writes to `text`, and returns it. */
const char *he_judge_ms(double ms, char text[16]);

#endif
