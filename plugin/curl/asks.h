/* SPDX-License-Identifier: MIT */
#ifndef HE_ASKS_H
#define HE_ASKS_H
/* asks.h - how the history is asked about a host, as options have it. */
#include "historian/recall.h"
#include "options/options.h"

/* `o` has a value for each option; `race` is what he_options_race() made of
   them. `host` is not copied. Who answers there is not authenticated. */
void he_asks_fill(struct he_recall_ask *ask, const char *host, uint16_t port,
                  const struct he_options *o,
                  const struct he_race_config *race);

#endif
