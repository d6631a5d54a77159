/* SPDX-License-Identifier: MIT */
#ifndef HE_SVCB_H
#define HE_SVCB_H
/* svcb.h - HTTPS records (RFC 9460): what a name server's answer says of the
 * endpoints of an https origin. Computes only. Every byte is hostile.
 *
 * A record that is malformed makes all of an answer's records void (section
 * 2.2): the host is then as if it had none. */
#include "base/addr.h"

/* Of more records, or of more hints a family, the rest is dropped; of equal
   priority the last ones in the message. */
#define HE_SVCB_MOST 8
#define HE_SVCB_HINTS 8
/* A longer ECHConfigList counts as one that nobody here can use. */
#define HE_SVCB_ECH 1024
/* Room for a name of DNS as text, the zero included. */
#define HE_SVCB_NAME 256

/* SvcParamKeys (section 14.3.2) that are known here. */
enum he_svcb_key {
  HE_SVCB_MANDATORY = 0,
  HE_SVCB_ALPN = 1,
  HE_SVCB_NO_DEFAULT_ALPN = 2,
  HE_SVCB_PORT = 3,
  HE_SVCB_IPV4HINT = 4,
  HE_SVCB_ECH_CONFIG = 5,
  HE_SVCB_IPV6HINT = 6,
  HE_SVCB_KEYS
};

/* Bits of a set of protocols. */
#define HE_ALPN_HTTP11 1u
#define HE_ALPN_H2     2u
#define HE_ALPN_H3     4u
#define HE_ALPN_OTHER  8u

/* What the parameters of a record come to. */
struct he_svcb_params {
  unsigned keys;              /* a bit for each known key that is there */
  unsigned mandatory;         /* and for each that has to be understood */
  bool unknown_mandatory;     /* one of those is not known here */
  unsigned alpn;              /* HE_ALPN_, the default included: http/1.1,
                                 unless no-default-alpn is there */
  uint16_t port;              /* valid where the key is there */
  size_t hint_count[HE_FAMILIES];
  struct he_addr hints[HE_FAMILIES][HE_SVCB_HINTS];   /* port 0 */
  size_t ech_len;             /* 0: none, or a longer one than HE_SVCB_ECH */
  uint8_t ech[HE_SVCB_ECH];   /* an ECHConfigList, not looked into */
};

/* Reads SvcParams in wire format. False: malformed, and *out is of no
   meaning. -- svcb_params.c -- */
bool he_svcb_params_read(const uint8_t *data, size_t len,
                         struct he_svcb_params *out);

struct he_svcb_record {
  uint16_t priority;          /* not 0 */
  char target[HE_SVCB_NAME];  /* a host's name, without a final dot; "": the
                                 name that owns the record */
  bool usable;                /* false: `target` is no name of a host */
  struct he_svcb_params params;
};

struct he_svcb {
  /* Of the end of the answer's aliases (CNAME), as the message has it, without
     a final dot. It is the name that was asked for where there are none. */
  char owner[HE_SVCB_NAME];
  char alias[HE_SVCB_NAME];   /* AliasMode: ask for this name instead; "": there
                                 is no such record */
  uint32_t ttl;               /* the shortest, where there are any records */
  size_t n;                   /* ServiceMode, by rising priority; 0 where there
                                 is an alias */
  struct he_svcb_record records[HE_SVCB_MOST];
};

enum he_svcb_verdict {
  HE_SVCB_OK,                 /* *out is filled in, be it without a record */
  HE_SVCB_MALFORMED,          /* a record is */
  HE_SVCB_NOT_UNDERSTOOD      /* the message is not what it should be */
};

/* Reads a name server's whole answer to the question for HTTPS records of
 * `name`, which is without a final dot. CNAME records are followed as far as
 * the message has them, HE_SVCB_CNAMES at most; what has another owner is
 * ignored. Of several aliases the `pick`-th counts, modulo their number
 * (section 2.4.2 asks for a random one). */
#define HE_SVCB_CNAMES 16
enum he_svcb_verdict he_svcb_read(const uint8_t *message, size_t len,
                                  const char *name, unsigned pick,
                                  struct he_svcb *out);

/* The name that is asked for, section 9.1 has it: the host; of another port
   than 443 _PORT._https.HOST. False where there is no room. */
bool he_svcb_question(const char *host, uint16_t port,
                      char out[HE_SVCB_NAME]);

#endif
