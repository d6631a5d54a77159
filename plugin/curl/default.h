/* SPDX-License-Identifier: MIT */
#ifndef HE_DEFAULT_H
#define HE_DEFAULT_H
/* default.h - the default context, and the life of the others. Any thread. */
#include "curl/context.h"

/* NULL: the default context, made where there is none. NULL with a foreign
   pointer, or without memory. The default context's first call blocks for
   reading the configuration. */
CURLHE *he_default_check(CURLHE *he);

/* The default context, with a reference, where there is one. */
CURLHE *he_default_if_any(void);

#endif
