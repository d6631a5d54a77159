/* SPDX-License-Identifier: MIT */
#ifndef HE_NETWORK_H
#define HE_NETWORK_H
/* network.h - a number for the network that the host is in, by which what was
 * learned in one network is not believed in another.
 *
 * It stands for the way out: for each family the source address that the
 * kernel takes towards the Internet (of IPv6 the first 64 bits: temporary
 * addresses change nothing), its router and device. Where there is no way out,
 * for all addresses the host has. It is the same in each process, after each
 * boot, and again when the host comes back; it is unmoved by other devices,
 * lifetimes and announcements.
 * Two networks with the same private addresses, router and device have the
 * same number.
 *
 * One thread's, the racer's. No call blocks, none sends anything. After fork()
 * a child opens its own: the descriptors of what it inherited are gone. */
#include "base/addr.h"

struct he_network;

/* NULL without memory. Asks the kernel. */
struct he_network *he_network_open(void);
void he_network_close(struct he_network *n);    /* takes NULL */

/* Readable when something may have changed: then he_network_readable() is to
   be called. -1 where the kernel does not tell (no NETLINK_ROUTE, as in some
   sandboxes): he_network_refresh() is for these, before each connect. It
   belongs to `n`. */
int he_network_fd(const struct he_network *n);

/* Reads what there is to read. True where the number is another now. */
bool he_network_readable(struct he_network *n);

/* Asks the kernel again, some ten system calls. True as above. */
bool he_network_refresh(struct he_network *n);

/* Never 0. */
uint64_t he_network_id(const struct he_network *n);

/* The source address that the kernel takes towards `to`. False: there is none.
   Any thread. */
bool he_network_source(const struct he_addr *to, struct he_addr *source);

#endif
