/* SPDX-License-Identifier: MIT */
#ifndef HE_RACES_H
#define HE_RACES_H
/* races.h - new races of a handle. On the handle's thread. */
#include "curl/handle.h"

/* What is known of a connect that begins. */
struct he_begun {
  const char *doubt;          /* why it must not be raced (doubt.h); or NULL */
  he_time_ns lookup;          /* how long libcurl took to resolve the name, if
                                 that was the peer's; 0: it was, surely */
  struct he_trail *trail;     /* of the race that this one goes on with; or
                                 NULL */
  bool attended;              /* curl_he_perform() waits for its addresses */
  bool partial;               /* libcurl has a part of the addresses, and cannot
                                 race the others */
};

/* The race of a connect to this peer, with a reference, the caller's; NULL
   without memory, or where the context is gone. */
struct he_connect *he_races_new(struct he_handle *h, const struct he_peer *p,
                                const struct he_begun *begun);

/* Is this a race to that peer? */
bool he_races_to(const struct he_connect *c, const struct he_peer *p);

#endif
