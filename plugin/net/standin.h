/* SPDX-License-Identifier: MIT */
#ifndef HE_STANDIN_H
#define HE_STANDIN_H
/* standin.h - addresses and sockets in the place of a host whose addresses are
 * not known yet.
 *
 * libcurl cannot be made to wait for a name, but it can be made to wait for a
 * connect. So libcurl gets stand-in addresses to connect to, and for each a
 * socket that never connects, until there is a real one.
 *
 * A stand-in address is one of a multicast group: a connect() to it fails at
 * once, and nothing is sent. That is what happens wherever it is not told from
 * a real one. */
#include "base/addr.h"

/* A family has so many, at most. */
#define HE_STANDINS 3

/* All of them, as CURLOPT_RESOLVE has addresses: IPv6 first. While the last
   one is waited for nobody could be handed over: so each family has more than
   one, for libcurl may be confined to it. Up to 8.15 libcurl gives an attempt
   half of the time that is left, if there is another address (from 7.88 on: of
   its family), and goes on to that. With three of IPv6 it would say that it
   could not connect where the time is up. Static. */
extern const char he_standin_list[];

/* Is this one? *place: its place in its family's list. */
bool he_standin_is(const struct he_addr *a, unsigned *place);

/* A new TCP socket for libcurl, and in *to where libcurl is to connect it:
   nobody is there, the answer is dropped, and nothing leaves the machine. The
   caller's. -1 where there is none, or where this cannot be done here. */
int he_standin_socket(struct he_addr *to);

/* Can it be done here? Some system calls, which do not block. */
bool he_standin_works(void);

#endif
