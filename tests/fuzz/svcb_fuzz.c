/* SPDX-License-Identifier: MIT */
/* svcb_fuzz.c - HTTPS records: a name server's answer to the question for those
 * of he.test, and the parameters of a record alone. */
#include "fuzz.h"
#include "resolve/svcb.h"

#include <string.h>

static void check(const struct he_svcb_params *p)
{
  fuzz_assert(p->ech_len <= HE_SVCB_ECH);
  for(int f = 0; f < HE_FAMILIES; f++) {
    fuzz_assert(p->hint_count[f] <= HE_SVCB_HINTS);
    for(size_t i = 0; i < p->hint_count[f]; i++)
      fuzz_assert(p->hints[f][i].family == f);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct he_svcb s;
  static struct he_svcb_params p;
  if(he_svcb_params_read(data, size, &p))
    check(&p);
  if(he_svcb_read(data, size, "he.test", 1, &s) != HE_SVCB_OK)
    return 0;
  fuzz_assert(s.n <= HE_SVCB_MOST && (!s.n || !*s.alias));
  fuzz_assert(strlen(s.owner) < HE_SVCB_NAME);
  for(size_t i = 0; i < s.n; i++) {
    const struct he_svcb_record *r = &s.records[i];
    fuzz_assert(r->priority && (!i || r[-1].priority <= r->priority));
    fuzz_assert(!r->usable || !strpbrk(r->target, " \\\"\n"));
    check(&r->params);
  }
  return 0;
}
