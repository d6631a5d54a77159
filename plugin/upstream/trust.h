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
  X509_STORE *store;          /* NULL: not read yet */
  he_time_ns read_at;
  bool lacks;                 /* something could not be read */
};

/* Notes what SSL_CERT_FILE and SSL_CERT_DIR say, which OpenSSL would look at
   later, when another thread may be changing the environment. Once, when the
   library is set up. */
void he_trust_environment(void);

void he_trust_free(struct he_trust *t);

/* `chain` is all that the server sent. Reads files: for a thread that may
   wait. With HE_CRYPTO_ASIDE, which guards `t` as well. */
bool he_trust_proves(struct he_trust *t, const struct he_upstream *u,
                     X509 *leaf, STACK_OF(X509) *chain, int security_level);

#endif
