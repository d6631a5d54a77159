/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_PROVOKE_H
#define HE_BESIDE_PROVOKE_H
/* provoke.h - makes libcurl ask for another socket. It does when an attempt of
 * its own fails and it has another address to try; a shutdown() on a dup() of
 * its pending socket looks like a failure to it. The racer's thread. */
#include "beside/own.h"

/* A winner waits: ends an attempt of libcurl's, if libcurl surely asks then.
   Where it would not, the winner waits until libcurl asks by itself. */
void he_provoke(struct he_beside *b, he_time_ns now);

/* libcurl has nothing but addresses that the host had earlier: ends all its
   attempts, for the transfer is performed again. Not where one of them is to
   an address that the host has now. */
void he_provoke_end(struct he_beside *b, he_time_ns now);

#endif
