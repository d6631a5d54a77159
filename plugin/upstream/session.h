/* SPDX-License-Identifier: MIT */
#ifndef HE_SESSION_H
#define HE_SESSION_H
/* session.h - one TLS connection to a server of an upstream: connects, proves,
 * then carries DNS messages. On the racer's thread alone, and never blocks it.
 *
 *   CONNECTING --tcp--> SHAKING <--certificate, judged--> PROVING
 *   SHAKING --done--> OPEN
 * From each of them: OVER, by the owner's end() or after lost(). */
#include "upstream/peer.h"

struct he_session;

enum he_session_fate {
  HE_SESSION_UNREACHABLE,     /* no TCP connection, or no TLS */
  HE_SESSION_SILENT,          /* TLS took too long */
  HE_SESSION_UNPROVEN,        /* not the server that was configured */
  HE_SESSION_UNABLE,          /* no memory, thread or descriptor */
  HE_SESSION_CLOSED,          /* it was open, and was lost */
  HE_SESSION_CONFUSED         /* it was open, and the server sends what is no
                                 message */
};

/* From within the functions below as well; a call of he_session_end() is
   allowed in each. */
struct he_session_ops {
  void (*opened)(void *arg, he_time_ns now);
  /* Nothing waits to be sent: he_session_send() some. */
  void (*fill)(void *arg, he_time_ns now);
  /* Valid until the return; hostile. */
  void (*message)(void *arg, const unsigned char *message, size_t len,
                  he_time_ns now);
  /* The last call. `server`: which it was, or -1: none had connected. */
  void (*lost)(void *arg, enum he_session_fate fate, int server,
               he_time_ns now);
};

struct he_session_config {
  struct he_racer *racer;
  const struct he_upstream *upstream;
  struct he_peers *peers;
  unsigned servers;           /* a bit for each that may be connected to */
  bool lenient;
  const struct he_session_ops *ops;
  void *arg;                  /* is there until the last call, or end() */
};

/* NULL without memory, or where the racer has ended. */
struct he_session *he_session_start(const struct he_session_config *c);

/* Sends what fill() has to be sent, while the network takes it. */
void he_session_flush(struct he_session *s, he_time_ns now);

/* Which server it is; -1: none has connected. */
int he_session_server(const struct he_session *s);

/* Within fill(): space for a message of so many bytes, to be followed by
   he_session_send() of as many or fewer. NULL: it has to wait for the next
   fill(). */
unsigned char *he_session_space(struct he_session *s, size_t len);
void he_session_send(struct he_session *s, size_t len);

/* Closes it; says so to the server where it was open. No call comes any more.
   Once for each that was started, after lost() as well. NULL is fine. */
void he_session_end(struct he_session *s);

#endif
