/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECTING_H
#define HE_CONNECTING_H
/* connecting.h - a race of an application's own (CURLHErace), and what its
 * options come to. No file of it calls libcurl. */
#include "connect/app.h"
#include "curl/context.h"
#include "curl/declared.h"
#include "dial/dial.h"

enum he_connecting {
  HE_CONNECTING_IDLE,          /* nothing was begun */
  HE_CONNECTING_RUNS,
  HE_CONNECTING_OVER
};

struct CURLHErace {
  uint32_t magic;
  int pid;                     /* whose it is */
  CURLHE *he;                  /* with a reference */
  /* options: changed while it does not run, by the thread that uses it */
  struct he_options options;
  struct he_tracer tracer;
  struct he_declared sockets;  /* the three callbacks, and their data */
  curl_he_connect_callback done;
  void *done_data;
  struct he_addr *list;        /* CURLHECONNECT_ADDRESSES, malloc'ed */
  size_t list_count;
  bool has_local[HE_FAMILIES];
  struct he_addr local[HE_FAMILIES];

  pthread_mutex_t lock;        /* guards what follows */
  enum he_connecting state;
  struct he_dial *dial;        /* of the last race; NULL: none */
  struct he_app *app;          /* its callbacks, with a reference; or NULL */
  bool blocks;                 /* the caller of this race waits for it */
  unsigned nth;                /* this one is the nth of its dial */
  bool called_off;             /* before there was a dial */
  bool told;                   /* somebody has the code and the socket */
  CURLHEcode code;             /* this and `fd` of a race that is OVER */
  int fd;                      /* -1: none, or somebody has it */
  int event;                   /* readable while OVER and not told; or -1 */

  /* what curl_he_connect_getinfo() gave last; the user's thread */
  char *host;                  /* of the last race, or NULL */
  uint16_t port;
  he_time_ns delay;
  uint64_t network;
  char winner[HE_ADDR_TEXT];
  char *failures;
  void *race;
};

/* NULL, or no race: false. */
bool he_connecting_is(const struct CURLHErace *r);

/* Calls the last dial off, after which there is none. Under the lock nobody
   finds it any more before it is freed: curl_he_connect_cancel() may come
   meanwhile. */
void he_connecting_drop(struct CURLHErace *r);

/* What the race's options, those of its context and of the host come to: fills
   `out` for he_dial_new(), for he_connecting_config_free() in any case. Sets
   r->app. May wait for the history to be read, for a millisecond. */
CURLHEcode he_connecting_config(struct CURLHErace *r, const char *host,
                                const unsigned short *ports, size_t count,
                                struct he_dial_config *out);
void he_connecting_config_free(struct he_dial_config *c);

#endif
