/* SPDX-License-Identifier: MIT */
#ifndef HE_STREAM_H
#define HE_STREAM_H
/* stream.h - TLS over one socket, on the racer's thread, which it never
 * blocks.
 *
 * OpenSSL says for each of its functions whether it waits for the socket to be
 * readable or writable, and that need not be what its name says: what the
 * racer watches is the sum. */
#include "upstream/peer.h"

/* What reading or writing waits for. */
enum he_stream_wants {
  HE_WANTS_NOTHING,
  HE_WANTS_READABLE,
  HE_WANTS_WRITABLE
};

/* Begins as all 0, but for fd and `watch.ready`. */
struct he_stream {
  struct he_watch watch;
  SSL *ssl;
  int fd;                     /* in the list of base/fds.h; -1: none */
  bool watched;
  bool watches_reads, watches_writes;
  /* The handshake counts as reading. */
  enum he_stream_wants reading, writing;
};

enum he_stream_result {
  HE_STREAM_DONE,
  HE_STREAM_WAITS,            /* he_stream_await() */
  HE_STREAM_JUDGES,           /* the certificate came: he_peer_judge(), then
                                 once more */
  HE_STREAM_UNPROVEN,         /* of the handshake: nobody has judged */
  HE_STREAM_FAILED            /* for good */
};

/* With a connected socket, a client's. False without memory. `p` stays as long
   as the stream. */
bool he_stream_begin(struct he_stream *st, int fd, struct he_peer_proof *p);

enum he_stream_result he_stream_shake(struct he_stream *st);
/* *done: so many bytes; with HE_STREAM_DONE at least one. What was to be
   written, and waits, is to be written again, the same bytes. */
enum he_stream_result he_stream_read(struct he_stream *st, void *to,
                                     size_t room, size_t *done);
enum he_stream_result he_stream_write(struct he_stream *st, const void *from,
                                      size_t len, size_t *done);

/* watch.ready() is called when it is time to try again. False where the system
   has no room for that. */
bool he_stream_await(struct he_stream *st, struct he_task *t);
void he_stream_unwatch(struct he_stream *st, struct he_task *t);

/* polite: says so to the server; not after HE_STREAM_FAILED. */
void he_stream_close(struct he_stream *st, struct he_task *t, bool polite);

#endif
