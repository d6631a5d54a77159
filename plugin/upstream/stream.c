/* SPDX-License-Identifier: MIT */
/* stream.c - SIGPIPE: the racer's thread has all signals blocked, and the
 * kernel sends this one to the thread that writes. */
#include "upstream/stream.h"
#include "base/fds.h"
#include "upstream/crypto.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

/* Without a word of TCP's the connection is dead, as after a suspend: the time
   for three transmissions. */
#define DEAD_MS 2000

static void set_up_socket(int fd)
{
  const int on = 1;
  const unsigned dead = DEAD_MS;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof(dead));
}

bool he_stream_begin(struct he_stream *st, int fd, struct he_peer_proof *p)
{
  st->fd = fd;
  set_up_socket(fd);
  if(!he_crypto_enter(HE_CRYPTO_RACER))
    return false;
  st->ssl = he_peer_ssl(p);
  if(st->ssl && !SSL_set_fd(st->ssl, fd)) {
    SSL_free(st->ssl);
    st->ssl = NULL;
  }
  ERR_clear_error();
  he_crypto_leave(HE_CRYPTO_RACER);
  return st->ssl != NULL;
}

static enum he_stream_result result(int error, enum he_stream_wants *wants)
{
  *wants = HE_WANTS_NOTHING;
  switch(error) {
  case SSL_ERROR_NONE:
    return HE_STREAM_DONE;
  case SSL_ERROR_WANT_READ:
    *wants = HE_WANTS_READABLE;
    return HE_STREAM_WAITS;
  case SSL_ERROR_WANT_WRITE:
    *wants = HE_WANTS_WRITABLE;
    return HE_STREAM_WAITS;
  case SSL_ERROR_WANT_RETRY_VERIFY:
    return HE_STREAM_JUDGES;
  default:
    return HE_STREAM_FAILED;
  }
}

enum he_stream_result he_stream_shake(struct he_stream *st)
{
  int error = SSL_ERROR_SYSCALL;
  bool allowed = true;
  if(he_crypto_enter(HE_CRYPTO_RACER)) {
    ERR_clear_error();
    error = SSL_get_error(st->ssl, SSL_do_handshake(st->ssl));
    if(error == SSL_ERROR_NONE)
      allowed = he_peer_allows(st->ssl);
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  return allowed ? result(error, &st->reading) : HE_STREAM_UNPROVEN;
}

/* OpenSSL also wants to read after a message that is no data. It has no record
   of data then that epoll does not know of: it reads one at a time, and what
   is left of this one are messages that nobody waits for. */
enum he_stream_result he_stream_read(struct he_stream *st, void *to,
                                     size_t room, size_t *done)
{
  int error = SSL_ERROR_SYSCALL;
  *done = 0;
  if(he_crypto_enter(HE_CRYPTO_RACER)) {
    ERR_clear_error();
    error = SSL_get_error(st->ssl, SSL_read_ex(st->ssl, to, room, done));
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  return result(error, &st->reading);
}

enum he_stream_result he_stream_write(struct he_stream *st, const void *from,
                                      size_t len, size_t *done)
{
  int error = SSL_ERROR_SYSCALL;
  *done = 0;
  if(he_crypto_enter(HE_CRYPTO_RACER)) {
    ERR_clear_error();
    error = SSL_get_error(st->ssl, SSL_write_ex(st->ssl, from, len, done));
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  return result(error, &st->writing);
}

bool he_stream_await(struct he_stream *st, struct he_task *t)
{
  const bool reads = st->reading == HE_WANTS_READABLE ||
                     st->writing == HE_WANTS_READABLE;
  const bool writes = st->reading == HE_WANTS_WRITABLE ||
                      st->writing == HE_WANTS_WRITABLE;
  if(st->watched && reads == st->watches_reads && writes == st->watches_writes)
    return true;
  if(!he_task_await(t, &st->watch, st->fd, reads, writes, st->watched))
    return false;
  st->watched = true;
  st->watches_reads = reads;
  st->watches_writes = writes;
  return true;
}

void he_stream_unwatch(struct he_stream *st, struct he_task *t)
{
  if(st->watched)
    he_task_unwatch(t, &st->watch, st->fd);
  st->watched = false;
}

void he_stream_close(struct he_stream *st, struct he_task *t, bool polite)
{
  he_stream_unwatch(st, t);
  if(st->ssl && he_crypto_enter(HE_CRYPTO_RACER)) {
    if(polite)
      SSL_shutdown(st->ssl);  /* close_notify, if it goes out at once */
    /* else OpenSSL takes the session's tickets for spoiled */
    SSL_set_shutdown(st->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(st->ssl);
    ERR_clear_error();
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  st->ssl = NULL;
  if(st->fd >= 0)
    he_fd_close(st->fd);
  st->fd = -1;
}
