/* SPDX-License-Identifier: MIT */
#ifndef HE_PRIVATE_H
#define HE_PRIVATE_H
/* private.h - addresses that no public name leads to. Pure. */
#include "base/addr.h"

/* Is it of this machine, of this link or of a private network, or is it none
   that one can connect to? Also as an IPv4 address within an IPv6 one. The
   registries of RFC 6890, as far as they are "not globally reachable", but for
   the networks of documentation and benchmarks, which stand for public
   ones. */
bool he_private_is(const struct he_addr *a);

#endif
