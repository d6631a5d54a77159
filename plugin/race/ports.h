/* SPDX-License-Identifier: MIT */
#ifndef HE_PORTS_H
#define HE_PORTS_H
/* ports.h - a host's addresses at several ports, as one list to race. Pure. */
#include "race/race.h"

/* No connect names more ports. */
#define HE_PORTS_MAX 8

/* How many candidates he_ports_expand() writes for n addresses: n * count, and
   at most `room`. Of too many addresses the last ones are left out, at every
   port alike. With no port (count 0) n, at most `room`. */
size_t he_ports_room(size_t n, size_t count, size_t room);

/* Each address at each port, once: first all addresses at the first port, in
   their order, then all at the second. So a port is preferred to the next one
   as long as any address may answer there. count 0: the addresses at the ports
   that they have. `out` has room for he_ports_room(n, count, room). Equal
   ports count as one. Returns how many were written. */
size_t he_ports_expand(const struct he_candidate *list, size_t n,
                       const uint16_t *ports, size_t count,
                       struct he_candidate *out, size_t room);

/* Puts a race's addresses in the order of their turns, in place: those at the
   first port before those at the second, and so on, families taking turns
   (RFC 8305 section 4) at each. `list` is as he_order_merge() has it. With
   an address at another port nothing is changed; what is beyond
   2 * HE_RACE_MAX_ADDRS stays behind. */
void he_ports_order(struct he_candidate *list, size_t n,
                    const uint16_t *ports, size_t count,
                    unsigned first_family_count);

/* Takes away those that are among `done`, with their port. The others stay in
   their order. Returns how many are left. */
size_t he_ports_without(struct he_candidate *list, size_t n,
                        const struct he_addr *done, size_t done_count);

#endif
