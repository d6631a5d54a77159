/* SPDX-License-Identifier: MIT */
#ifndef HE_TRUST_H
#define HE_TRUST_H
/* trust.h - is this certificate the one of the server that was configured
 * (RFC 8310 section 8)?
 *
 * With a name: the chain is verified against the certificate authorities, and
 * the certificate names the server (subjectAltName alone). Pins, where given
 * beside the name, have to match one certificate of the verified chain.
 * Without a name: a pin has to match the server's own certificate, whoever has
 * signed it (RFC 7858 section 4.2). */
#include "options/upstream.h"

#include <openssl/x509.h>

struct he_trust {
  X509_STORE *store;          /* NULL: none was read yet */
  he_time_ns read_at;
};

void he_trust_free(struct he_trust *t);

/* The other functions call OpenSSL, and read no file. With HE_CRYPTO_ASIDE,
   which guards `t` as well. */

/* Have the upstream's authorities to be read, for the first time or again? */
bool he_trust_wants(const struct he_trust *t, const struct he_upstream *u);

/* They were (authorities.h). Without any certificate in it `t` stays what it
   is. */
void he_trust_take(struct he_trust *t, const char *pem, size_t n);

/* `chain` is all that the server sent. */
bool he_trust_proves(const struct he_trust *t, const struct he_upstream *u,
                     X509 *leaf, STACK_OF(X509) *chain, int security_level);

#endif
