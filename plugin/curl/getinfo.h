/* SPDX-License-Identifier: MIT */
#ifndef HE_GETINFO_H
#define HE_GETINFO_H
/* getinfo.h - what came of a handle's last race. */
#include "curl/handle.h"

/* What libcurl knows of the last connect goes into the record of its race. On
   the handle's thread; waits for the racer. */
void he_getinfo_sync(struct he_handle *h);

#endif
