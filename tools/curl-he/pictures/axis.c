/* SPDX-License-Identifier: MIT */
#include "draw.h"

struct he_axis he_axis_for(int64_t us, unsigned ticks)
{
  static const int64_t factors[] = { 1, 2, 5 };
  struct he_axis a = { .span = us > 0 ? us : 1, .step = 1 };
  for(int64_t ten = 1; ten < INT64_C(1000000000000000); ten *= 10) {
    for(unsigned i = 0; i < 3; i++) {
      a.step = factors[i] * ten;
      if(a.span / a.step <= (int64_t)ticks)
        return a;
    }
  }
  return a;
}

double he_axis_at(const struct he_axis *a, int64_t us)
{
  const double at = 100 * (double)us / (double)a->span;
  return at < 0 ? 0 : at > 100 ? 100 : at;
}

bool he_report_met(const struct he_report *r)
{
  return r->slo_was_us != HE_NEVER_US && r->slo_was_us <= r->slo_us;
}
