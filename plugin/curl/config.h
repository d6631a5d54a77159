/* SPDX-License-Identifier: MIT */
#ifndef HE_CONFIG_H
#define HE_CONFIG_H
/* config.h - rules from a file and from the environment. */
#include "curl/context.h"

/* The user's configuration, into a context that nobody else knows yet. What
   went wrong is kept with it. Blocks for reading. */
void he_config_environment(CURLHE *he);

#endif
