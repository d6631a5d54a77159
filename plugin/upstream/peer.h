/* SPDX-License-Identifier: MIT */
#ifndef HE_UPSTREAM_PEER_H
#define HE_UPSTREAM_PEER_H
/* peer.h - what TLS connections to the servers of one upstream have in common:
 * settings, tickets (RFC 8446 section 2.2), trusted authorities; and the proof
 * of one connection's server.
 *
 * A server's certificate is judged on a thread of its own, since that may read
 * files, and takes a millisecond of computing. The handshake waits. */
#include "net/racer.h"
#include "upstream/trust.h"

#include <openssl/ssl.h>

struct he_peers;

/* One reference; `u` is static. NULL: no memory, or OpenSSL cannot work. */
struct he_peers *he_peers_new(const struct he_upstream *u);
void he_peers_ref(struct he_peers *p);
void he_peers_unref(struct he_peers *p);       /* NULL is fine */

enum he_proof {
  HE_PROOF_NONE,              /* no certificate came yet */
  HE_PROOF_AT_WORK,
  HE_PROOF_GIVEN,             /* it is the server that was configured */
  HE_PROOF_FAILED             /* it is not, or nobody knows */
};

/* The server of one connection. */
struct he_peer_proof {
  struct he_mail mail;        /* first: delivered when the proof is judged */
  struct he_peers *peers;     /* a reference */
  size_t server;              /* its number in the upstream's list */
  bool lenient;               /* go on without proof: RFC 8310 section 5 */
  enum he_proof proof;        /* the racer's thread's */
  /* The judging thread's, until the mail is delivered. */
  X509 *leaf;
  STACK_OF(X509) *chain;
  bool proven;
};

/* -- on the racer's thread -- */

/* With HE_CRYPTO_RACER. A new connection's TLS, a client's, that resumes an
   earlier session where there is a ticket. `p` outlives it. NULL without
   memory. */
SSL *he_peer_ssl(struct he_peer_proof *p);

/* Where the handshake waits (SSL_ERROR_WANT_RETRY_VERIFY). Mail for `task`
   comes once, but none where the racer has ended. False without a thread. */
bool he_peer_judge(struct he_peer_proof *p, struct he_task *task);

/* The mail came. */
void he_peer_judged(struct he_peer_proof *p);

/* With HE_CRYPTO_RACER. The handshake is done: has the server proven who it is,
   now or when the resumed session began, or need it not? OpenSSL may be
   configured for a handshake without a certificate, which nobody judges. */
bool he_peer_allows(const SSL *ssl);

/* With HE_CRYPTO_RACER. The handshake failed: what was kept of this server may
   be why. */
void he_peer_forget(struct he_peer_proof *p);

#endif
