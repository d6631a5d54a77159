/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_EXPECTED_H
#define HE_LOOKUP_EXPECTED_H
/* expected.h - whose call of getaddrinfo() it is. Any thread may call. */
#include "lookup/own.h"

void he_expected_add(struct he_lookup *l);
void he_expected_remove(struct he_lookup *l);
/* The lookup that a call of getaddrinfo() belongs to, with a reference; NULL:
   none. `family`: what the call asks for, -1 for both. */
struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family);
/* The race of a lookup that was claimed is over. */
void he_expected_over(struct he_lookup *l);
/* It is given up. libcurl waits for its call, which may be one that runs
   another lookup's race: such races leave their calls. */
void he_expected_part(struct he_lookup *l);
/* A call for this name has returned with addresses, of this multi handle (NULL:
   maybe of any). libcurl gives them to all its handles that wait for the name,
   whose own calls are to return soon: it may wait for these. */
void he_expected_answered(const char *host, uint16_t port,
                          const void *multi);
/* Does any race? One atomic load. */
bool he_expected_racing(void);
/* Is any expected? One atomic load. */
bool he_expected_any(void);
/* This one has learned something while it raced: those that race to its host,
   with the same history, are to look at that again. */
void he_expected_tell(struct he_lookup *l);

#endif
