/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_DOH_SERVER_H
#define HE_TEST_DOH_SERVER_H
/* doh_server.h - nginx as a server of DNS over HTTPS: doh_nginx.conf says what
 * it does at which port and path. */
#include "base/base.h"

/* Makes certificates, in a folder that goes with doh_server_end(). Before
   ns_world(). NULL, or why not. */
const char *doh_certificates(void);
/* The file with their authority. */
const char *doh_ca(void);
/* Others beside it: cb.pem has an authority that signed nothing. ca.dir,
   cb.dir and none.dir are folders as c_rehash(1) makes them, with one
   authority or none. */
const char *doh_file(const char *name);
/* The SHA-256 of the server's public key. */
void doh_pin(unsigned char out[32]);

/* Starts nginx in this network namespace, and waits for it. NULL, or why
   not. */
const char *doh_server_start(void);
void doh_server_end(void);

/* What it has seen: requests for a path since doh_forget(), their connections,
   and how many were of HTTP/2 and POST. A request is noted when it is over,
   those of an earlier test perhaps in this one: waits for `requests` of them,
   ten seconds at most. */
struct doh_seen {
  unsigned requests;
  unsigned connections;
  unsigned right;             /* by HTTP/2 and POST */
};
struct doh_seen doh_seen(const char *path, unsigned requests);
void doh_forget(void);

#endif
