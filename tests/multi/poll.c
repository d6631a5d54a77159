/* SPDX-License-Identifier: MIT */
/* poll.c - the loop that libcurl brings along: curl_multi_perform() and
 * curl_multi_poll(). */
#include "../../examples/multi/transfers.h"
#include "../lab/labctl.h"

#include <stdlib.h>

struct loop {
  struct transfers *t;
};

struct loop *loop_new(struct transfers *t)
{
  struct loop *l = calloc(1, sizeof(*l));
  if(l)
    l->t = t;
  return l;
}

void loop_free(struct loop *l)
{
  free(l);
}

bool loop_run(struct loop *l, int ms)
{
  int64_t end = lab_now_ns() + ms * INT64_C(1000000);
  for(;;) {
    int64_t left = (end - lab_now_ns()) / 1000000;
    if(curl_multi_perform(l->t->multi, &l->t->running))
      return false;
    transfers_reap(l->t);
    if(!l->t->running || (ms >= 0 && left <= 0))
      return true;
    if(curl_multi_poll(l->t->multi, NULL, 0, ms < 0 ? 1000 : (int)left, NULL))
      return false;
  }
}
