/* SPDX-License-Identifier: MIT */
#include "curl/refused.h"
#include "base/clock.h"
#include "curl/peer.h"
#include "curl/quirks.h"

#include <stdlib.h>

/* Later than this a host may have changed its mind. */
#define BELIEVED HE_MS(1000)

struct he_refused {
  struct he_lookup *lookup;   /* a reference */
  struct he_try last;  /* valid while `waits` */
  bool waits;                 /* its socket, for libcurl to ask for */
  bool told;                  /* libcurl has had that socket, and so an error */
  he_time_ns until;
  size_t n;
  struct he_addr list[];      /* those that libcurl has not asked for yet */
};

bool he_refused_passes_over(void)
{
  return !he_quirk(HE_QUIRK_SLEEPS_ON);
}

/* The addresses that were refused; 0 where anything else has happened. */
static size_t count(const struct he_step *s, size_t n)
{
  size_t refused = 0;
  for(size_t i = 0; i < n; i++) {
    if(s[i].kind == HE_STEP_FAILED && he_lookup_is_refusal(s[i].error))
      refused++;
    else if(s[i].kind != HE_STEP_LOOKUP && s[i].kind != HE_STEP_RESOLVE &&
            s[i].kind != HE_STEP_ANSWER && s[i].kind != HE_STEP_START &&
            s[i].kind != HE_STEP_REMEMBERED)
      return 0;
  }
  return refused;
}

static void fill(struct he_refused *r, const struct he_step *steps, size_t n)
{
  r->until = he_time_add(he_clock_now(), BELIEVED);
  for(size_t i = 0; i < n; i++) {
    if(steps[i].kind == HE_STEP_FAILED)
      r->list[r->n++] = steps[i].addr;
  }
}

struct he_refused *he_refused_new(struct he_lookup *l,
                                  const struct he_lookup_result *lost)
{
  struct he_refused *r = NULL;
  struct he_step *steps = NULL;
  size_t n = 0, refused = 0;
  if(he_refused_passes_over() && !he_lookup_partial(l))
    steps = he_lookup_steps(l, &n);
  if(steps)
    refused = count(steps, n);
  if(refused > 1 || lost->count)
    r = calloc(1, sizeof(*r) + refused * sizeof(*r->list));
  if(r) {
    r->lookup = l;
    he_lookup_ref(l);
    if(refused)
      fill(r, steps, n);
    r->waits = lost->count != 0;
    if(r->waits)
      r->last = lost->tries[0];
  }
  else if(lost->count)
    he_lookup_close(l, &lost->tries[0]);
  free(steps);
  return r;
}

void he_refused_free(struct he_refused *r)
{
  if(!r)
    return;
  if(r->waits)
    he_lookup_close(r->lookup, &r->last);
  he_lookup_unref(r->lookup);
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
      return r->n > 0 || r->waits || r->told;
    }
  }
  return false;
}

int he_refused_socket(struct he_refused *r, const struct he_addr *a)
{
  if(!r || !r->waits || !he_addr_equal(&r->last.addr, a))
    return -1;
  r->waits = false;
  r->told = true;
  return he_lookup_give(&r->last);
}
