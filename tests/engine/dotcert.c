/* SPDX-License-Identifier: MIT */
/* dotcert.c - an authority and its certificates, of elliptic curves: they are
 * made in no time. */
#include "dotcert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct signer {
  X509 *cert;
  EVP_PKEY *key;
};

static struct signer authority, stranger;
static struct signer certs[DOT_OTHER + 1];
static char path[] = "/tmp/curl-he-dot.XXXXXX";
static bool made;

static void need(bool ok)
{
  if(!ok)
    abort();
}

static void extend(X509 *cert, int nid, const char *value)
{
  X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  need(e && X509_add_ext(cert, e, -1));
  X509_EXTENSION_free(e);
}

static struct signer make(const char *subject, const char *names,
                          const struct signer *by, long days)
{
  struct signer s = { X509_new(), EVP_EC_gen("P-256") };
  static long serial;
  X509_NAME *name;
  need(s.cert && s.key);
  X509_set_version(s.cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(s.cert), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(s.cert), -10 * 86400);
  X509_gmtime_adj(X509_getm_notAfter(s.cert), days * 86400);
  name = X509_get_subject_name(s.cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             (const unsigned char *)subject, -1, -1, 0);
  X509_set_issuer_name(s.cert, by ? X509_get_subject_name(by->cert) : name);
  X509_set_pubkey(s.cert, s.key);
  if(!by)
    extend(s.cert, NID_basic_constraints, "critical,CA:TRUE");
  if(names)
    extend(s.cert, NID_subject_alt_name, names);
  need(X509_sign(s.cert, by ? by->key : s.key, EVP_sha256()) > 0);
  return s;
}

static void write_authority(void)
{
  int fd = mkstemp(path);
  FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
  need(f && PEM_write_X509(f, authority.cert));
  fclose(f);
}

void dot_certs_make(void)
{
  static const char names[] = "DNS:dot.test,IP:127.0.0.1";
  if(made)
    return;
  made = true;
  authority = make("curl-he test authority", NULL, NULL, 1);
  stranger = make("curl-he test authority", NULL, NULL, 1);
  certs[DOT_GOOD] = make("server", names, &authority, 1);
  certs[DOT_STRANGER] = make("server", names, &stranger, 1);
  certs[DOT_EXPIRED] = make("server", names, &authority, -1);
  certs[DOT_SUBJECT] = make("dot.test", NULL, &authority, 1);
  certs[DOT_OTHER] = make("server", "DNS:other.test", &authority, 1);
  write_authority();
}

void dot_certs_use(SSL_CTX *ctx, enum dot_cert cert)
{
  need(SSL_CTX_use_certificate(ctx, certs[cert].cert) == 1 &&
       SSL_CTX_use_PrivateKey(ctx, certs[cert].key) == 1 &&
       SSL_CTX_add1_chain_cert(ctx, cert == DOT_STRANGER ? stranger.cert :
                               authority.cert) == 1);
}

const char *dot_authority(void)
{
  dot_certs_make();
  return path;
}

/* Of the key itself, not the way that is tested. */
static void pin_of(EVP_PKEY *key, unsigned char pin[HE_PIN_SIZE])
{
  unsigned char *der = NULL;
  const int len = i2d_PUBKEY(key, &der);
  need(len > 0 && EVP_Digest(der, (size_t)len, pin, NULL, EVP_sha256(), NULL));
  OPENSSL_free(der);
}

void dot_pin(enum dot_cert cert, unsigned char pin[HE_PIN_SIZE])
{
  dot_certs_make();
  pin_of(certs[cert].key, pin);
}

void dot_pin_authority(unsigned char pin[HE_PIN_SIZE])
{
  dot_certs_make();
  pin_of(authority.key, pin);
}

void dot_end(void)
{
  if(made)
    unlink(path);
}
