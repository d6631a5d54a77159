/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_SERVICES_H
#define HE_LOOKUP_SERVICES_H
/* services.h - HTTPS records in a race alone: they are asked for beside A and
 * AAAA, and lead to endpoints (race/endpoints.h).
 *
 *   ASKED --records------------------> SETTLED
 *     |---alias-----> ASKED (for the alias, each name once)
 *     |---none, broken, an error-----> SETTLED, without an endpoint
 *
 * All of it belongs to the thread that races, but for the news, which stand
 * under the lookup's lock. */
#include "lookup/own.h"
#include "resolve/svcb.h"

struct he_services;

/* Asks for them. NULL where the lookup is not to (config.https), and without
   memory. */
struct he_services *he_services_new(struct he_lookup *l);
/* Nobody asks any more: no news come after it. NULL is fine. */
void he_services_close(struct he_services *s);
void he_services_free(struct he_services *s);

/* Takes the news, which may make it ask for more. True: the race is to hear of
   them (he_services_tell()). */
bool he_services_look(struct he_services *s);

/* The host's own answers as the race is to hear of them. */
struct he_services_own {
  bool late_ipv4;             /* A is there, and the race hears of it later
                                 (he_drive_translate()) */
  size_t n[HE_FAMILIES];      /* as he_drive_fold() has it */
  struct he_candidate list[HE_FAMILIES][HE_RACE_MAX_ADDRS];
};

/* The race hears of all addresses, those of the host itself included, and of
   what is expected. `first`: the family that goes first. */
void he_services_tell(struct he_services *s, struct he_race *r,
                      enum he_family first, const struct he_services_own *own,
                      he_time_ns now);

/* Does a record lead elsewhere than to the host's own addresses and port? */
bool he_services_leads(const struct he_services *s);
/* May libcurl go nowhere else than to the endpoints? So it is where each has an
   ECHConfigList, and libcurl can be told it. */
bool he_services_reliant(const struct he_services *s);
/* May there still be more addresses than the host's own? */
bool he_services_expects(const struct he_services *s);

/* What is said now of an address that the race knows. `hinted`: a hint says
   so. False: nothing says so, now that the host is answered for. */
bool he_services_has(struct he_services *s, const struct he_addr *a,
                     bool *hinted);
/* Is it of the host itself, by what the resolver says now or said earlier? All
   others have no part in what is learned of the host. */
bool he_services_is_own(const struct he_services *s,
                        const struct he_addr *a);
/* What the endpoints have, for the caller to free(). NULL: none has an
   ECHConfigList; and without memory. */
struct he_served *he_services_served(struct he_services *s);

#endif
