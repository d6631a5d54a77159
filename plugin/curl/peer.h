/* SPDX-License-Identifier: MIT */
#ifndef HE_PEER_H
#define HE_PEER_H
/* peer.h - whom a transfer talks to, by its URL. A value. */
#include "historian/recall.h"

struct he_peer {
  char *url;                  /* the one it was read from */
  char *host;
  char *scheme;
  uint16_t port;
  bool is_tls;                /* begins with a TLS handshake */
  bool is_name;               /* one that the system's resolver is asked for */
  uint64_t sighting;          /* he_sighting_name() */
  struct he_outlook outlook;  /* of he_outlook_of(): what the history says, */
  struct he_recall_ask ask;   /* to this question, */
  uint64_t epoch;             /* at this he_recall_epoch(); 0: nothing yet */
  he_time_ns asked;           /* and time */
};

/* The host and port of a URL; copies. False where it names no host, or without
   memory: *out is empty then. */
bool he_peer_read(struct he_peer *out, const char *url);
void he_peer_free(struct he_peer *p);

#endif
