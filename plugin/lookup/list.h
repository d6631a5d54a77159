/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_LIST_H
#define HE_LOOKUP_LIST_H
/* list.h - what libcurl gets back from its call. */
#include "lookup/own.h"

struct addrinfo;

/* As getaddrinfo(): all addresses that are known, those of `hints->ai_family`
   alone where that is set, in the order of the system; 0 or an EAI_ value. The
   caller frees the list by freeaddrinfo(). */
int he_lookup_list(struct he_lookup *l, const struct addrinfo *hints,
                   struct addrinfo **res);

#endif
