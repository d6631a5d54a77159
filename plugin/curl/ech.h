/* SPDX-License-Identifier: MIT */
#ifndef HE_ECH_H
#define HE_ECH_H
/* ech.h - Encrypted ClientHello, where libcurl has CURLOPT_ECH (8.8.0 and
 * later, built for it): what an HTTPS record says of it is libcurl's to use. On
 * the handle's thread, in libcurl's callbacks too. */
#include "curl/handle.h"
#include "lookup/lookup.h"

/* Has this libcurl the option, and has the program left it alone? */
bool he_ech_may_set(struct he_handle *h);

/* A lookup was taken: until he_ech_forget() it says what libcurl may do at the
   host's addresses. */
void he_ech_keep(struct he_handle *h, struct he_lookup *l);

/* libcurl is about to be given a socket to this address. Tells libcurl the
   ECHConfigList that it has, if any, before the TLS handshake. False: libcurl
   relies on such lists, the address is without, at the host's own port: libcurl
   may not go there. */
bool he_ech_set(struct he_handle *h, const struct he_addr *a);

/* A reason not to race. */
#define HE_ECH_RELIES "each HTTPS record has ECH, and libcurl goes where it is"

/* Does libcurl rely on such lists, for this host? Then nothing is raced beside
   its own attempts. */
bool he_ech_relies(struct he_handle *h, const struct he_peer *p);

/* Takes it back: the next connect may be another host's. */
void he_ech_forget(struct he_handle *h);

#endif
