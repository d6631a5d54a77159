/* SPDX-License-Identifier: MIT */
#include "upstream/trust.h"
#include "base/clock.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Authorities come and go: a process that runs for long reads them again. */
#define STALE HE_MS(86400000)
/* What could not be read may be being written: soon again. */
#define PATIENCE HE_MS(10000)
#define PATH 1024

static char cert_file[PATH], cert_dir[PATH];   /* "": OpenSSL's own */

static void note(char to[PATH], const char *variable)
{
  const char *value = secure_getenv(variable);
  if(value && strlen(value) < PATH)
    memcpy(to, value, strlen(value) + 1);
}

void he_trust_environment(void)
{
  note(cert_file, X509_get_default_cert_file_env());
  note(cert_dir, X509_get_default_cert_dir_env());
}

void he_trust_free(struct he_trust *t)
{
  X509_STORE_free(t->store);
  t->store = NULL;
}

static bool is_directory(const char *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* A directory's files are read when a certificate needs them. */
static bool load_path(X509_STORE *store, const char *path)
{
  return X509_STORE_load_path(store, path) == 1 && is_directory(path);
}

/* What cannot be read leaves the store without it: less is proven then. Either
   may be all that a system has. */
static bool load_usual(X509_STORE *store)
{
  const bool file = X509_STORE_load_file(store, *cert_file ? cert_file :
                                         X509_get_default_cert_file()) == 1;
  return load_path(store, *cert_dir ? cert_dir :
                   X509_get_default_cert_dir()) || file;
}

static bool load_from(X509_STORE *store, const char *path)
{
  return is_directory(path) ? load_path(store, path) :
         X509_STORE_load_file(store, path) == 1;
}

static X509_STORE *store_of(struct he_trust *t, const struct he_upstream *u)
{
  const he_time_ns now = he_clock_now();
  if(t->store && now - t->read_at > (t->lacks ? PATIENCE : STALE))
    he_trust_free(t);
  if(!t->store) {
    t->store = X509_STORE_new();
    t->read_at = now;
    if(t->store)
      t->lacks = !(*u->ca ? load_from(t->store, u->ca) : load_usual(t->store));
  }
  return t->store;
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

bool he_trust_proves(struct he_trust *t, const struct he_upstream *u,
                     X509 *leaf, STACK_OF(X509) *chain, int security_level)
{
  X509_STORE_CTX *v;
  X509_STORE *store;
  bool yes;
  if(!*u->name)
    return is_pinned(u, leaf);
  store = store_of(t, u);
  v = X509_STORE_CTX_new();
  yes = store && v && X509_STORE_CTX_init(v, store, leaf, chain) == 1 &&
        is_verified(v, u, security_level);
  X509_STORE_CTX_free(v);
  ERR_clear_error();
  return yes;
}
