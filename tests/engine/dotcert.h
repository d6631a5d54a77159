/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_DOTCERT_H
#define HE_TEST_DOTCERT_H
/* dotcert.h - what dot.h has certificates from. */
#include "dot.h"

#include <openssl/ssl.h>

void dot_certs_make(void);
void dot_certs_use(SSL_CTX *ctx, enum dot_cert cert);

#endif
