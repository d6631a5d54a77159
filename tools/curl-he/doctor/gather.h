/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_GATHER_H
#define HE_DOCTOR_GATHER_H
/* gather.h - looks at the machine, and at hosts that were named; at no others.
 * Each function fills in a part of the facts; what cannot be found out stays
 * as it is. They block: those about a host up to the limit. */
#include "facts.h"

#include <sys/socket.h>

void he_gather_machine(struct he_facts *f);    /* ways, files, environment */
void he_gather_sockets(struct he_facts *f);
void he_gather_libcurls(struct he_facts *f);
void he_gather_ours(struct he_facts *f);

/* Reads HOST[:PORT] (target.h), or a URL of http or https. False: `why` says
   what is wrong, static. */
bool he_gather_name(const char *word, struct he_site *h, const char **why);

void he_gather_hosts_file(struct he_site *h);
/* Asks for both families at once, and once more where one answer comes late: a
   cold cache is no fault. The addresses are those that will be tried. */
void he_gather_lookup(struct he_site *h, double limit_ms);
void he_gather_connects(struct he_site *h, double limit_ms);
/* A TLS handshake over each family that connects. */
void he_gather_shakes(struct he_site *h, double limit_ms);
/* What history says, and what curl-he does. */
void he_gather_race(struct he_site *h, double limit_ms);

/* -- for the gather_ files -- */

/* A file of at most 1 MiB, with a NUL behind it; the caller's, to be freed.
   NULL: it cannot be read. */
char *he_gather_file(const char *path);

/* Milliseconds of the clock that only runs forward. */
double he_gather_now(void);

/* An address without port. */
void he_gather_address(const struct sockaddr *sa, char text[HE_ADDRESS_TEXT]);

/* Can the kernel find a way there, and from which address? */
bool he_gather_way(const struct sockaddr *to, socklen_t len,
                   char from[HE_ADDRESS_TEXT]);

#endif
