/* SPDX-License-Identifier: MIT */
#ifndef HE_SYSTEM_H
#define HE_SYSTEM_H
/* system.h - one call of getaddrinfo(). Blocks: not for the race's thread. */
#include "race/order.h"

/* An EAI_ value for "has no address of this family". */
extern const int he_system_none;

/* What a call came to. */
struct he_asked {
  int error;                  /* 0 or an EAI_ value */
  bool vague;                 /* getaddrinfo() may have another error for it */
  he_time_ns took;            /* of rounds: the last one */
  struct {
    int error;                /* 0 with n > 0, else an EAI_ value */
    struct he_candidate *list;   /* whose holds it is to free() */
    size_t n;
  } family[HE_FAMILIES];
};

enum he_ask {
  HE_ASK_IPV6 = HE_IPV6,
  HE_ASK_IPV4 = HE_IPV4,
  HE_ASK_BOTH                 /* AF_UNSPEC */
};

/* getaddrinfo() of this name, for TCP. Sources are filled in. Never answers
   with both an error and addresses. */
void he_system_ask(const char *name, uint16_t port, enum he_ask what,
                   struct he_asked *out);

/* Fills in what a candidate has beside its address. */
void he_system_complete(struct he_candidate *list, size_t n, uint16_t port);

/* Did it fail after a server's silence? One that says no says it at once. */
bool he_system_silent(const struct he_asked *a);

#endif
