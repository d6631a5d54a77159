/* SPDX-License-Identifier: MIT */
#ifndef HE_PREF64_H
#define HE_PREF64_H
/* pref64.h - the prefixes of translators that routers advertise (RFC 8781).
 *
 * The kernel hands each such option on to whoever listens
 * (RTNLGRP_ND_USEROPT), when the advertisement comes, and does not keep it. So
 * a process knows what came since it began to listen (network.h). */
#include "base/nat64.h"

/* -- messages of the kernel's: only computes -- */

struct he_pref64 {
  struct he_nat64_prefix prefix;
  unsigned device;            /* index */
  unsigned lifetime_s;        /* 0: it is not to be used any more */
};

/* Reads `len` bytes, aligned for struct nlmsghdr, which may have any content.
   Calls found() for each PREF64 option of a router advertisement. */
void he_pref64_read(const void *messages, size_t len,
                    void (*found)(void *arg, const struct he_pref64 *p),
                    void *arg);

/* -- what this process has heard: any thread -- */

/* The times are of he_clock_boot(). */

/* Takes note of an option. No more than 16 are kept; the one that ends first
   makes room. */
void he_pref64_told(const struct he_pref64 *p, he_time_ns now);

struct he_pref64_place {
  uint64_t id;                /* the network's number, not 0 */
  uint64_t way;               /* a number of IPv6's way out, whichever */
  unsigned device;            /* by which IPv6 leaves; 0: unknown */
};

/* The process is here. Where IPv6 leaves by another way than before, what was
   heard 10 s ago or longer is of a network that was left, and forgotten: a
   prefix that is wrong costs all of IPv4, one that is missing a question. */
void he_pref64_here(const struct he_pref64_place *p, he_time_ns now);

/* A number that changes with the network. */
unsigned he_pref64_network(void);

/* The valid prefixes of that device, or of all where it is unknown: writes
   HE_NAT64_PREFIXES at most, returns how many. */
size_t he_pref64_known(struct he_nat64_prefix out[HE_NAT64_PREFIXES],
                       he_time_ns now);

/* Was any ever heard of? One read of a variable. */
bool he_pref64_any(void);

#endif
