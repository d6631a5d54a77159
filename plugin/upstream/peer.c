/* SPDX-License-Identifier: MIT */
/* peer.c - the callbacks of OpenSSL find a connection's he_peer_proof in its
 * SSL. They run on the racer's thread, within the functions of OpenSSL that
 * the racer calls. */
#include "upstream/peer.h"
#include "net/threads.h"
#include "upstream/authorities.h"
#include "upstream/crypto.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

/* RFC 8446 appendix C.4: a ticket is used once. Servers send two. */
#define TICKETS 2

static const unsigned char alpn[] = { 3, 'd', 'o', 't' };

struct he_peers {
  const struct he_upstream *upstream;
  SSL_CTX *ctx;
  unsigned refs;              /* atomic */
  struct he_trust trust;      /* HE_CRYPTO_ASIDE's */
  /* HE_CRYPTO_RACER's: tickets of each server, the oldest first */
  SSL_SESSION *tickets[HE_SERVERS_MAX][TICKETS];
};

/* -- tickets -- */

static void keep(struct he_peers *p, size_t server, SSL_SESSION *session)
{
  SSL_SESSION **list = p->tickets[server];
  SSL_SESSION_free(list[0]);
  memmove(list, list + 1, (TICKETS - 1) * sizeof(*list));
  list[TICKETS - 1] = session;
}

/* The newest, with its reference. One of TLS 1.2 is no ticket, and stays. */
static SSL_SESSION *take(struct he_peers *p, size_t server)
{
  SSL_SESSION *session = NULL;
  for(int i = TICKETS; i-- && !session;) {
    session = p->tickets[server][i];
    p->tickets[server][i] = NULL;
  }
  if(session && SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION &&
     SSL_SESSION_up_ref(session))
    keep(p, server, session);
  return session;
}

static void forget(struct he_peers *p, size_t server)
{
  for(int i = 0; i < TICKETS; i++) {
    SSL_SESSION_free(p->tickets[server][i]);
    p->tickets[server][i] = NULL;
  }
}

/* Only of a server that has proven itself, now or when the session began: who
   resumes one is proven by that alone. */
static int on_ticket(SSL *ssl, SSL_SESSION *session)
{
  struct he_peer_proof *p = SSL_get_app_data(ssl);
  if(!SSL_session_reused(ssl) && p->proof != HE_PROOF_GIVEN)
    return 0;
  keep(p->peers, p->server, session);
  return 1;                   /* the reference is taken */
}

/* -- certificates -- */

static void hold_certificates(struct he_peer_proof *p, X509_STORE_CTX *v)
{
  STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(v);
  p->leaf = X509_STORE_CTX_get0_cert(v);
  p->chain = sent ? X509_chain_up_ref(sent) : NULL;
  if(p->leaf && !X509_up_ref(p->leaf))
    p->leaf = NULL;
}

static int on_certificate(X509_STORE_CTX *v, void *arg)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data(v,
                                        SSL_get_ex_data_X509_STORE_CTX_idx());
  struct he_peer_proof *p = SSL_get_app_data(ssl);
  (void)arg;
  switch(p->proof) {
  case HE_PROOF_NONE:
    hold_certificates(p, v);
    p->proof = HE_PROOF_AT_WORK;
    return SSL_set_retry_verify(ssl);
  case HE_PROOF_AT_WORK:      /* nobody goes on before the mail is there */
  case HE_PROOF_GIVEN:
  case HE_PROOF_FAILED:
    break;
  }
  if(p->proof == HE_PROOF_GIVEN || p->lenient)
    return 1;
  X509_STORE_CTX_set_error(v, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

static bool wants_authorities(struct he_peers *p)
{
  bool yes = false;
  if(he_crypto_enter(HE_CRYPTO_ASIDE)) {
    yes = he_trust_wants(&p->trust, p->upstream);
    he_crypto_leave(HE_CRYPTO_ASIDE);
  }
  return yes;
}

/* On a thread of its own. */
static void judge(void *arg)
{
  struct he_peer_proof *p = arg;
  struct he_task *task = p->mail.task;
  char *pem = NULL;
  size_t n = 0;
  if(wants_authorities(p->peers))
    pem = he_authorities_read(p->peers->upstream->ca, &n);
  if(he_crypto_enter(HE_CRYPTO_ASIDE)) {
    if(pem)
      he_trust_take(&p->peers->trust, pem, n);
    p->proven = p->leaf &&
      he_trust_proves(&p->peers->trust, p->peers->upstream, p->leaf, p->chain,
                      SSL_CTX_get_security_level(p->peers->ctx));
    X509_free(p->leaf);
    sk_X509_pop_free(p->chain, X509_free);
    p->leaf = NULL;
    p->chain = NULL;
    OPENSSL_thread_stop();
    he_crypto_leave(HE_CRYPTO_ASIDE);
  }
  free(pem);
  he_racer_post(&p->mail, task, 0);
  he_task_unref(task);
}

bool he_peer_judge(struct he_peer_proof *p, struct he_task *task)
{
  p->proven = false;
  p->mail.task = task;
  he_task_ref(task);
  if(he_thread_start(judge, p))
    return true;
  he_task_unref(task);
  return false;
}

void he_peer_judged(struct he_peer_proof *p)
{
  p->proof = p->proven ? HE_PROOF_GIVEN : HE_PROOF_FAILED;
}

bool he_peer_allows(const SSL *ssl)
{
  const struct he_peer_proof *p = SSL_get_app_data(ssl);
  return p->lenient || p->proof == HE_PROOF_GIVEN || SSL_session_reused(ssl);
}

void he_peer_forget(struct he_peer_proof *p)
{
  forget(p->peers, p->server);
}

/* -- settings -- */

SSL *he_peer_ssl(struct he_peer_proof *p)
{
  const char *name = p->peers->upstream->name;
  SSL *ssl = SSL_new(p->peers->ctx);
  SSL_SESSION *session;
  struct he_addr a;
  if(!ssl)
    return NULL;
  SSL_set_connect_state(ssl);
  SSL_set_app_data(ssl, p);
  if(*name && !he_addr_parse(&a, name) && !SSL_set_tlsext_host_name(ssl, name))
  {
    SSL_free(ssl);
    return NULL;
  }
  session = p->lenient ? NULL : take(p->peers, p->server);
  if(session) {
    SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
  }
  return ssl;
}

static SSL_CTX *new_ctx(void)
{
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  if(!ctx)
    return NULL;
  if((SSL_CTX_get_min_proto_version(ctx) < TLS1_2_VERSION &&
      SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) ||
     SSL_CTX_set_alpn_protos(ctx, alpn, sizeof(alpn))) {
    SSL_CTX_free(ctx);
    return NULL;
  }
  /* messages have lengths: an end without a word takes nothing from them, and
     is no reason to distrust the session's tickets */
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                      SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                   SSL_MODE_RELEASE_BUFFERS);
  /* a read ends with each message that is no data: else a server that sends
     tickets without end keeps the racer in OpenSSL, and who calls fork() or
     exit() waiting */
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
                                 SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, on_ticket);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_cert_verify_callback(ctx, on_certificate, NULL);
  return ctx;
}

struct he_peers *he_peers_new(const struct he_upstream *u)
{
  struct he_peers *p = calloc(1, sizeof(*p));
  if(!p)
    return NULL;
  p->upstream = u;
  p->refs = 1;
  if(he_crypto_begin() && he_crypto_enter(HE_CRYPTO_RACER)) {
    p->ctx = new_ctx();
    ERR_clear_error();
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  if(p->ctx)
    return p;
  free(p);
  return NULL;
}

void he_peers_ref(struct he_peers *p)
{
  __atomic_add_fetch(&p->refs, 1, __ATOMIC_RELAXED);
}

void he_peers_unref(struct he_peers *p)
{
  if(!p || __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL))
    return;
  /* Nobody judges any more, and the racer's thread may be this one, which is
     not to wait for who judges for others. */
  if(he_crypto_enter(HE_CRYPTO_RACER)) {
    for(size_t i = 0; i < HE_SERVERS_MAX; i++)
      forget(p, i);
    he_trust_free(&p->trust);
    SSL_CTX_free(p->ctx);
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  free(p);
}
