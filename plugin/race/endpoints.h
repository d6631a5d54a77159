/* SPDX-License-Identifier: MIT */
#ifndef HE_ENDPOINTS_H
#define HE_ENDPOINTS_H
/* endpoints.h - what HTTPS records (RFC 9460) make of a host's addresses. Pure.
 *
 * An https origin may have endpoints: each is a name, whose addresses are
 * asked for, and a port. They are tried in their order, and then the host's own
 * addresses at its own port (section 3, the authority endpoint), unless the
 * client is SVCB-reliant. Hints are an endpoint's addresses until its name is
 * answered for in their family.
 *
 *   UNANSWERED --records--> SETTLED, as soon as the first endpoint's preferred
 *                           family is answered or hinted, or both are answered
 *   UNANSWERED --none-----> SETTLED
 *
 * Happy Eyeballs v3, draft -04, lets a race begin when it is SETTLED and the
 * preferred family is there, or the Resolution Delay has passed. */
#include "race/order.h"

#define HE_ENDPOINTS_MAX 8
#define HE_ENDPOINT_HINTS 8
/* The host, and other names. */
#define HE_ENDPOINT_NAMES 5

struct he_endpoint {
  uint16_t port;
  uint8_t name;               /* below HE_ENDPOINT_NAMES; 0: the host */
  size_t hint_count[HE_FAMILIES];
  struct he_candidate hints[HE_FAMILIES][HE_ENDPOINT_HINTS];
};

/* What is known of a name's family. */
struct he_endpoint_answer {
  const struct he_candidate *list;   /* the caller's */
  size_t n;
  bool there;                 /* answered, be it by a failure */
  int error;                  /* the resolver has failed; else 0 */
};

struct he_endpoints {
  bool answered;              /* the records are known: these, or there are
                                 none */
  bool reliant;               /* section 3: nothing else is tried than these */
  size_t n;
  struct he_endpoint list[HE_ENDPOINTS_MAX];   /* in the order of trying */
  size_t names;               /* with the host, at least 1 */
  struct he_endpoint_answer answers[HE_ENDPOINT_NAMES][HE_FAMILIES];
};

/* What a race may still hear beside the answers to its own questions. */
enum he_expects {
  HE_EXPECTS_NOTHING,
  HE_EXPECTS_MORE,            /* addresses; what is known may be tried */
  HE_EXPECTS_BETTER           /* such that go before what is known */
};

/* Writes a family's addresses as a race is to know them, at most `max`: each
   once, with the group and the port of its endpoint. `port`: the host's own.
   Returns how many. */
size_t he_endpoints_list(const struct he_endpoints *e, enum he_family f,
                         uint16_t port, struct he_candidate *out, size_t max);

/* What a race may still hear.
   `allowed`: families that may be used; `first`: the preferred one. The answers
   for the host itself have no part in it: the race asks for them. */
enum he_expects he_endpoints_expect(const struct he_endpoints *e,
                                    const bool allowed[HE_FAMILIES],
                                    enum he_family first);

struct he_race;

/* The race hears of all that is known, once more where it has changed: the
   families' addresses, those of `first` before the others, and what is
   expected. `now` as for he_race_handle(). */
void he_endpoints_tell(const struct he_endpoints *e, struct he_race *r,
                       const bool allowed[HE_FAMILIES], enum he_family first,
                       uint16_t port, he_time_ns now);

#endif
