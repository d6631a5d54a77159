/* SPDX-License-Identifier: MIT */
#ifndef HE_LACKING_H
#define HE_LACKING_H
/* lacking.h - is there IPv6, and no IPv4? As the kernel sees it from the
 * calling thread's network namespace. Any thread; does not block, sends
 * nothing. */
#include "base/base.h"

/* Has the kernel a way to the IPv6 Internet and none to that of IPv4? A
   translator on this machine (CLAT) is a way to IPv4. Up to three sockets are
   made and closed for it. */
bool he_lacking_ipv4(void);

/* The same. That there is IPv4 is believed for 10 s, or until the network
   changes (he_pref64_network()): then it costs no system call. For the racer's
   namespace alone. */
bool he_lacking_seems(he_time_ns now);

#endif
