/* SPDX-License-Identifier: MIT */
#include "glue/refused.h"
#include "base/clock.h"
#include "glue/peer.h"

#include <errno.h>
#include <stdlib.h>

/* Later than this a host may have changed its mind. */
#define BELIEVED HE_MS(1000)

struct he_refused {
  he_time_ns until;
  size_t n;
  struct he_addr list[];      /* those that libcurl has not asked for yet */
};

/* 7.88.0 to 8.3 take up the next address with the next wake-up only. */
static bool goes_on_at_once(void)
{
  const unsigned v = he_libcurl_version();
  return v < 0x075800 || v >= 0x080400;
}

/* The addresses that were refused; 0 where anything else has happened. */
static size_t count(const struct he_step *s, size_t n)
{
  size_t refused = 0;
  for(size_t i = 0; i < n; i++) {
    if(s[i].kind == HE_STEP_FAILED && s[i].error == ECONNREFUSED)
      refused++;
    else if(s[i].kind != HE_STEP_LOOKUP && s[i].kind != HE_STEP_RESOLVE &&
            s[i].kind != HE_STEP_ANSWER && s[i].kind != HE_STEP_START)
      return 0;
  }
  return refused;
}

struct he_refused *he_refused_new(struct he_lookup *l)
{
  struct he_refused *r = NULL;
  struct he_step *steps = NULL;
  size_t n = 0, refused = 0;
  if(goes_on_at_once() && !he_lookup_config(l)->app && !he_lookup_partial(l))
    steps = he_lookup_steps(l, &n);
  if(steps)
    refused = count(steps, n);
  if(refused > 1)
    r = malloc(sizeof(*r) + refused * sizeof(*r->list));
  if(r) {
    r->until = he_time_add(he_clock_now(), BELIEVED);
    r->n = 0;
    for(size_t i = 0; i < n; i++) {
      if(steps[i].kind == HE_STEP_FAILED)
        r->list[r->n++] = steps[i].addr;
    }
  }
  free(steps);
  return r;
}

void he_refused_free(struct he_refused *r)
{
  free(r);
}

bool he_refused_again(struct he_refused *r, const struct he_addr *a,
                      he_time_ns now)
{
  if(!r || now >= r->until)
    return false;
  for(size_t i = 0; i < r->n; i++) {
    if(he_addr_equal(&r->list[i], a)) {
      r->list[i] = r->list[--r->n];
      return r->n > 0;
    }
  }
  return false;
}
