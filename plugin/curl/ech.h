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

/* Tells libcurl the ECHConfigList of a lookup's winner, if it has one: before
   the TLS handshake, when libcurl is given the socket. */
void he_ech_set(struct he_handle *h, const struct he_lookup *l);

/* Takes it back: the next connect may be another host's. */
void he_ech_clear(struct he_handle *h);

#endif
