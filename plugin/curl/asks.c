/* SPDX-License-Identifier: MIT */
#include "curl/asks.h"

#include <string.h>

void he_asks_fill(struct he_recall_ask *ask, const char *host, uint16_t port,
                  const struct he_options *o,
                  const struct he_race_config *race)
{
  memset(ask, 0, sizeof(*ask));
  ask->host = host;
  ask->port = port;
  memcpy(ask->allowed, race->allowed, sizeof(ask->allowed));
  ask->first_count = (uint8_t)race->first_family_count;
  ask->leeway_ms = (uint16_t)o->value[HE_OPT_LEEWAY_MS];
  ask->max_delay_ms = (uint16_t)o->value[HE_OPT_DELAY_MAX_MS];
  ask->min_delay_ms = (uint16_t)o->value[HE_OPT_DELAY_MIN_MS];
  if(ask->min_delay_ms > ask->max_delay_ms)
    ask->min_delay_ms = ask->max_delay_ms;
  ask->first_delay_ms = (uint16_t)(race->attempt_delay / HE_MS(1));
  ask->keep_families = race->preference != HE_PREFER_SYSTEM;
}
