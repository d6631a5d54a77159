/* SPDX-License-Identifier: MIT */
#ifndef HE_OPTIONS_UPSTREAM_H
#define HE_OPTIONS_UPSTREAM_H
/* upstream.h - one resolver of a CURLHEOPT_RESOLVER value, as data. Pure. */
#include "base/addr.h"

enum he_upstream_kind {
  HE_UPSTREAM_DNS,            /* dns://: name servers, by c-ares */
  HE_UPSTREAM_TLS,            /* tls://: DNS over TLS, RFC 7858 */
  HE_UPSTREAM_HTTPS,          /* https://: DNS over HTTPS, RFC 8484 */
  HE_UPSTREAM_FIXED,          /* fixed:: addresses, nobody is asked */
  HE_UPSTREAM_KINDS
};

/* Servers of one upstream, or addresses of fixed:. */
#define HE_SERVERS_MAX 8
/* Pins of one upstream. */
#define HE_PINS_MAX 4
#define HE_PIN_SIZE 32
/* A host name with its NUL, and a URL with its own. */
#define HE_UPSTREAM_NAME 256
#define HE_UPSTREAM_URL 512
/* The path of a file or folder. */
#define HE_UPSTREAM_PATH 256

struct he_upstream {
  enum he_upstream_kind kind;
  size_t n;
  struct he_addr list[HE_SERVERS_MAX];   /* in the order of asking; dns, tls:
                                            servers with their ports; fixed:
                                            addresses without ports; https: the
                                            server's, where its URL has an
                                            address for a host */
  /* tls: whom the certificate must name, "" where only pins count. https: the
     URL's host, without brackets. */
  char name[HE_UPSTREAM_NAME];
  char url[HE_UPSTREAM_URL];  /* https: what to ask, without the keys that are
                                 curl-he's */
  uint16_t port;              /* https: the URL's */
  size_t pins;                /* SHA-256 of a SubjectPublicKeyInfo each */
  unsigned char pin[HE_PINS_MAX][HE_PIN_SIZE];
  /* tls, https: the authorities that may have signed the certificate, in one
     file, or in a folder as c_rehash makes them; "": the system's, or
     libcurl's. */
  char ca[HE_UPSTREAM_PATH];
  /* A server that does not prove itself may be asked all the same, as RFC
     8310's opportunistic profile has it. tls: where no server of the list
     proves itself. https: the next upstream is. Only with it may a tls upstream
     have neither a name nor a pin. */
  bool opportunistic;
  /* https: the number of the value (resolvers.h) that the server's own name is
     asked of; 0: the system's resolver. -1: none is needed. */
  long bootstrap;
  bool stale;                 /* an answer of it may be used when it is over,
                                 where no new one comes: RFC 8767 */
  bool refuse_private;        /* an answer of it with a private-use address is
                                 none */
};

#endif
