/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_EXPECTED_H
#define HE_LOOKUP_EXPECTED_H
/* expected.h - whose call of getaddrinfo() it is, who races to which name, and
 * who waits for a thread of libcurl's. Any thread may call. */
#include "lookup/own.h"

/* Calls for these names may come; copies them. False without memory: then it
   is not expected. */
bool he_expected_add(struct he_lookup *l, const struct he_lookup_name *names,
                     size_t n);
/* It races to this name, by nobody's call: it has its host and port. False
   without memory. */
bool he_expected_race(struct he_lookup *l, const struct he_lookup_name *to);
/* No call, and no race, of it any more. `given_up`: before its result was
   taken. Then libcurl waits for the call that it made for this one, which may
   be one that runs another lookup's race: such races leave their calls. */
void he_expected_remove(struct he_lookup *l, bool given_up);
/* Is any expected, or does any race? One atomic load. */
bool he_expected_any(void);

/* The lookup that a call of getaddrinfo() belongs to, with a reference; NULL:
   none. `family`: what the call asks for, -1 for both. From its first call on
   it races, and has its host and port. */
struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family);
/* The lookup races to this name, though nobody calls. False without memory. */
bool he_expected_begin(struct he_lookup *l, const char *host, uint16_t port);
/* Its race is over. */
void he_expected_over(struct he_lookup *l);
/* A call for this name has returned with addresses, of this multi handle (NULL:
   maybe of any). libcurl gives them to all its handles that wait for the name,
   whose own calls are to return soon: it may wait for these. */
void he_expected_answered(const char *host, uint16_t port,
                          const void *multi);
/* This one has learned something while it raced: those that race to its host,
   with the same history, are to look at that again. */
void he_expected_tell(struct he_lookup *l);

/* From then on it is certain that other lookups of its multi handle wait, while
   this one races, for one of a limited number of threads. HE_NEVER: none. */
he_time_ns he_expected_crowded(const struct he_lookup *l);
/* One of a multi handle that is expected or races, with a reference; or
   NULL. */
struct he_lookup *he_expected_of(const void *multi);

/* Answers that are waited for although their lookups are over (asking.c).
   Atomic; 0 in the child of a fork(), where the parent's never come. */
extern unsigned he_expected_late;

#endif
