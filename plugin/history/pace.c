/* SPDX-License-Identifier: MIT */
#include "history/pace.h"

void he_pace(struct he_race_config *c, he_time_ns delay,
             enum he_pace_from from)
{
  if(!c->first_delay)
    return;
  switch(from) {
  case HE_PACE_COLD:
    break;
  case HE_PACE_NETWORK:
    c->first_delay = delay;
    if(c->attempt_delay < delay)
      c->attempt_delay = delay;
    break;
  case HE_PACE_HOST:
    c->first_delay = 0;
    c->attempt_delay = delay;
    break;
  }
}
