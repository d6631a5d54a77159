/* SPDX-License-Identifier: MIT */
#include "upstream/trust.h"
#include "base/clock.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

/* Authorities come and go: a process that runs for long reads them again. */
#define STALE HE_MS(86400000)

void he_trust_free(struct he_trust *t)
{
  X509_STORE_free(t->store);
  t->store = NULL;
}

bool he_trust_wants(const struct he_trust *t, const struct he_upstream *u)
{
  return *u->name && (!t->store || he_clock_now() - t->read_at > STALE);
}

/* An encrypted file asks nobody for its password. */
static int no_password(char *to, int size, int writing, void *arg)
{
  (void)to;
  (void)size;
  (void)writing;
  (void)arg;
  return -1;
}

/* What cannot be parsed leaves the store without it: less is proven then. */
static int add_all(X509_STORE *store, BIO *pem)
{
  int before = 0, left = BIO_pending(pem), added = 0;
  while(left && left != before) {
    X509 *one = PEM_read_bio_X509_AUX(pem, NULL, no_password, NULL);
    added += one && X509_STORE_add_cert(store, one) == 1;
    X509_free(one);
    before = left;
    left = BIO_pending(pem);
  }
  return added;
}

void he_trust_take(struct he_trust *t, const char *pem, size_t n)
{
  X509_STORE *store = X509_STORE_new();
  BIO *bio = n <= INT_MAX ? BIO_new_mem_buf(pem, (int)n) : NULL;
  if(store && bio && add_all(store, bio)) {
    X509_STORE_free(t->store);
    t->store = store;
    t->read_at = he_clock_now();
    store = NULL;
  }
  X509_STORE_free(store);
  BIO_free(bio);
  ERR_clear_error();
}

/* -- pins -- */

static bool is_pinned(const struct he_upstream *u, X509 *certificate)
{
  unsigned char *der = NULL, hash[EVP_MAX_MD_SIZE];
  const int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  unsigned size = 0;
  bool yes = false;
  if(len > 0 && EVP_Digest(der, (size_t)len, hash, &size, EVP_sha256(), NULL)
     && size == HE_PIN_SIZE) {
    for(size_t i = 0; i < u->pins; i++)
      yes = yes || !memcmp(u->pin[i], hash, HE_PIN_SIZE);
  }
  OPENSSL_free(der);
  return yes;
}

static bool any_pinned(const struct he_upstream *u, STACK_OF(X509) *chain)
{
  bool yes = false;
  for(int i = 0; i < sk_X509_num(chain); i++)
    yes = yes || is_pinned(u, sk_X509_value(chain, i));
  return yes;
}

/* -- names -- */

static bool want_name(X509_VERIFY_PARAM *param, const char *name)
{
  struct he_addr a;
  if(he_addr_parse(&a, name))
    return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
}

static bool is_verified(X509_STORE_CTX *v, const struct he_upstream *u,
                        int level)
{
  X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(v);
  X509_STORE_CTX_set_default(v, "ssl_server");
  X509_VERIFY_PARAM_set_auth_level(param, level);
  /* ca= may name an authority that another one has signed */
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  return want_name(param, u->name) && X509_verify_cert(v) == 1 &&
         (!u->pins || any_pinned(u, X509_STORE_CTX_get0_chain(v)));
}

bool he_trust_proves(const struct he_trust *t, const struct he_upstream *u,
                     X509 *leaf, STACK_OF(X509) *chain, int security_level)
{
  X509_STORE_CTX *v;
  bool yes;
  if(!*u->name)
    return is_pinned(u, leaf);
  v = X509_STORE_CTX_new();
  yes = t->store && v &&
        X509_STORE_CTX_init(v, t->store, leaf, chain) == 1 &&
        is_verified(v, u, security_level);
  X509_STORE_CTX_free(v);
  ERR_clear_error();
  return yes;
}
