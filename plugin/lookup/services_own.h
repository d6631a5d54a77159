/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_SERVICES_OWN_H
#define HE_LOOKUP_SERVICES_OWN_H
/* services_own.h - services.h from within. The files, bottom to top: names
 * (whose addresses are asked for), records (what they say), services. */
#include "lookup/services.h"
#include "options/resolvers.h"
#include "race/endpoints.h"
#include "race/race.h"
#include "resolve/rrset.h"

/* A name beside the host's. */
struct he_service_name {
  struct he_services *of;
  char text[HE_SVCB_NAME];
  struct he_query *query[HE_FAMILIES];
  struct he_lookup_answer answers[HE_FAMILIES];
  struct he_lookup_answer news[HE_FAMILIES];   /* under the lock */
};

struct he_services {
  struct he_lookup *l;
  struct he_rrset_query *query;
  char asked[HE_SVCB_NAME];   /* the name whose records are asked for */
  size_t asked_name;          /* its place among the names; 0: the host */
  unsigned followed;          /* a bit for each place that was an alias */
  uint64_t chance;
  struct he_service_name names[HE_ENDPOINT_NAMES - 1];
  struct he_endpoints e;      /* e.names: how many of them, and the host */
  size_t ech_len[HE_ENDPOINTS_MAX];
  uint8_t ech[HE_ENDPOINTS_MAX][HE_SVCB_ECH];
  bool late_ipv4;             /* see he_services_tell() */
  bool public;                /* a hint may not lead into a private network */
  /* under the lock: */
  bool came;                  /* an answer to `query` */
  uint8_t *message;           /* NULL: it has none of use */
  size_t len;
  bool refuses;               /* who gave it refuses private networks */
};

/* -- services_names.c -- */

/* Are these the same name, but for the case of letters and a final dot? */
bool he_services_same(const char *a, const char *b);

/* The place of a name, whose addresses are asked for if they are not yet; 0 for
   the host. -1: there is no room, or nobody else's record may lead there. */
int he_services_place(struct he_services *s, const char *text);

/* -- services_records.c -- */

uint64_t he_services_chance(struct he_services *s);

/* The records of s->asked are these. They are shuffled. */
void he_services_settle(struct he_services *s, struct he_svcb *records);

#endif
