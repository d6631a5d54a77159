/* SPDX-License-Identifier: MIT */
#ifndef HE_RACES_H
#define HE_RACES_H
/* races.h - new races of a handle. On the handle's thread. */
#include "curl/handle.h"

/* A job for a connect to this peer; NULL without memory, or where the context
   is gone. With `partial` libcurl has a part of the addresses, and cannot race
   the others. */
struct he_job *he_handle_new_job(struct he_handle *h, const struct he_peer *p,
                                 const char *doubt, he_time_ns lookup,
                                 bool attended, bool partial);

/* Is this a race to that peer? */
bool he_races_to(const struct he_job *j, const struct he_peer *p);

#endif
