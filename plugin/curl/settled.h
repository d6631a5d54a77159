/* SPDX-License-Identifier: MIT */
#ifndef HE_SETTLED_H
#define HE_SETTLED_H
/* settled.h - whom a handle's URL names, and what its options come to for that
 * host. On the handle's thread. */
#include "curl/handle.h"

/* The host and port of the handle's current URL, kept with the handle until
   the URL changes. NULL where it has none that names a host, or no memory. */
const struct he_peer *he_settled_peer(struct he_handle *h);

/* What the handle's options come to for a host, as the URL has it; NULL: for
   no host in particular. Valid until the next call. */
const struct he_settled *he_settled_for(struct he_handle *h,
                                        const char *host);
long he_settled_option(struct he_handle *h, const char *host,
                       enum he_option which);
/* How to race, who watches, and the racer that is to do it
   (he_context_racer()). */
struct he_racer *he_settled_config(struct he_handle *h, const char *host,
                                   struct he_race_config *out,
                                   struct he_tracer *tracer);

/* Who resolves a host's name; static. */
const struct he_resolver *he_settled_resolver(struct he_handle *h,
                                              const char *host);

/* As a trace has it. */
enum he_delay_why he_settled_why(enum he_pace_from from);

/* The URL's host, where rules for hosts make a difference; else NULL. */
const char *he_settled_rule_host(struct he_handle *h);

/* Is each step to be told to somebody? Then *fn is whom, *data theirs, and the
   handle counts as traced. */
bool he_settled_traced(struct he_handle *h, const struct he_tracer *tracer,
                       void **fn, void **data);

/* -- the application's socket callbacks -- */

/* The application's callbacks for a race that begins, with a reference, in
   *app; NULL where there are none to be called from the racer's thread. False
   without memory. */
bool he_apps_of(struct he_handle *h, struct he_racer *r,
                struct he_app **app);

/* CURLHEOPT_RACER_CALLBACKS; false, too, where a callback came by
   curl_easy_setopt(), unless the option was set to 1 for this handle. */
bool he_apps_racer_calls(struct he_handle *h);

#endif
