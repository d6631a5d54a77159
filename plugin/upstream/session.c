/* SPDX-License-Identifier: MIT */
/* session.c - from the first SYN to the last message. */
#include "upstream/session.h"
#include "base/fds.h"
#include "upstream/crypto.h"
#include "upstream/frames.h"
#include "upstream/reach.h"
#include "upstream/stream.h"

#include <stdlib.h>

/* For the TLS handshake. */
#define SHAKES HE_MS(5000)
/* A TLS record. */
#define OUT 16384
/* Reads in a row: the racer has other work, too. */
#define ROW 16

enum state { CONNECTING, SHAKING, PROVING, OPEN, OVER };

struct he_session {
  struct he_task task;        /* first */
  struct he_session_config config;
  enum state state;
  struct he_reach reach;      /* CONNECTING */
  struct he_peer_proof proof;
  struct he_stream stream;
  struct he_frames in;
  size_t from, to;            /* what of `out` is to be sent */
  unsigned char out[OUT];
};

/* -- the end -- */

static void close_all(struct he_session *s, bool polite)
{
  s->state = OVER;
  he_reach_end(&s->reach);
  he_stream_close(&s->stream, &s->task, polite);
  he_task_retire(&s->task);
}

int he_session_server(const struct he_session *s)
{
  return s->state == CONNECTING ? -1 : (int)s->proof.server;
}

static void lose(struct he_session *s, enum he_session_fate fate,
                 he_time_ns now)
{
  const int server = he_session_server(s);
  if(s->state == SHAKING && he_crypto_enter(HE_CRYPTO_RACER)) {
    he_peer_forget(&s->proof);
    he_crypto_leave(HE_CRYPTO_RACER);
  }
  close_all(s, false);
  s->config.ops->lost(s->config.arg, fate, server, now);
}

/* Lost where the system has no room to wait for it. */
static void await(struct he_session *s, he_time_ns now)
{
  if(!he_stream_await(&s->stream, &s->task))
    lose(s, s->state == OPEN ? HE_SESSION_CLOSED : HE_SESSION_UNABLE, now);
}

/* -- open -- */

static void take_messages(struct he_session *s, he_time_ns now)
{
  const unsigned char *message;
  size_t len;
  enum he_frame frame = HE_FRAME_PART;
  while(s->state == OPEN &&
        (frame = he_frames_take(&s->in, &message, &len)) == HE_FRAME_WHOLE)
    s->config.ops->message(s->config.arg, message, len, now);
  if(s->state == OPEN && frame == HE_FRAME_BROKEN)
    lose(s, HE_SESSION_CONFUSED, now);
}

/* One read. False: there is no more for now. */
static bool pull_once(struct he_session *s, he_time_ns now)
{
  enum he_stream_result r = HE_STREAM_FAILED;
  size_t room, got = 0;
  unsigned char *to = he_frames_space(&s->in, &room);
  if(to)
    r = he_stream_read(&s->stream, to, room, &got);
  if(r == HE_STREAM_DONE) {
    he_frames_fed(&s->in, got);
    take_messages(s, now);
    return s->state == OPEN;
  }
  if(r != HE_STREAM_WAITS)
    lose(s, HE_SESSION_CLOSED, now);
  return false;
}

static void pull(struct he_session *s, he_time_ns now)
{
  int n = 0;
  while(n < ROW && pull_once(s, now))
    n++;
  if(n == ROW) {              /* OpenSSL may have more that epoll knows not */
    s->stream.reading = HE_WANTS_READABLE;
    he_task_wake_at(&s->task, now);
  }
}

static bool push_once(struct he_session *s, he_time_ns now)
{
  size_t sent;
  const enum he_stream_result r =
    he_stream_write(&s->stream, s->out + s->from, s->to - s->from, &sent);
  s->from += sent;
  if(r != HE_STREAM_DONE && r != HE_STREAM_WAITS)
    lose(s, HE_SESSION_CLOSED, now);
  return r == HE_STREAM_DONE;
}

static void push(struct he_session *s, he_time_ns now)
{
  bool more = true;
  while(more && s->state == OPEN) {
    if(s->from == s->to) {
      s->from = s->to = 0;
      s->config.ops->fill(s->config.arg, now);
      if(s->state != OPEN)
        return;
    }
    s->stream.writing = HE_WANTS_NOTHING;
    more = s->from != s->to && push_once(s, now);
  }
}

static void converse(struct he_session *s, he_time_ns now)
{
  pull(s, now);
  if(s->state == OPEN)
    push(s, now);
  if(s->state == OPEN)
    await(s, now);
}

/* -- the handshake -- */

static void open_up(struct he_session *s, he_time_ns now)
{
  s->state = OPEN;
  he_task_wake_at(&s->task, HE_NEVER);
  s->config.ops->opened(s->config.arg, now);
  if(s->state == OPEN)
    converse(s, now);
}

/* Nothing is watched meanwhile: a server that goes on would keep the racer
   busy. */
static void prove(struct he_session *s, he_time_ns now)
{
  s->state = PROVING;
  he_stream_unwatch(&s->stream, &s->task);
  if(!he_peer_judge(&s->proof, &s->task)) {
    s->state = SHAKING;
    lose(s, HE_SESSION_UNABLE, now);
  }
}

static void shake(struct he_session *s, he_time_ns now)
{
  switch(he_stream_shake(&s->stream)) {
  case HE_STREAM_DONE:
    open_up(s, now);
    break;
  case HE_STREAM_WAITS:
    await(s, now);
    break;
  case HE_STREAM_JUDGES:
    prove(s, now);
    break;
  case HE_STREAM_UNPROVEN:
    lose(s, HE_SESSION_UNPROVEN, now);
    break;
  case HE_STREAM_FAILED:
    lose(s, s->proof.proof == HE_PROOF_FAILED && !s->config.lenient ?
         HE_SESSION_UNPROVEN : HE_SESSION_UNREACHABLE, now);
    break;
  }
}

/* -- connecting -- */

static void on_reached(struct he_session *s, he_time_ns now)
{
  const int fd = s->reach.fd;
  if(s->state != CONNECTING) {
    if(fd >= 0)
      he_fd_close(fd);
    return;
  }
  if(fd < 0) {
    lose(s, HE_SESSION_UNREACHABLE, now);
    return;
  }
  he_reach_end(&s->reach);
  s->proof.server = s->reach.server;
  s->state = SHAKING;
  he_task_wake_at(&s->task, now + SHAKES);
  if(he_stream_begin(&s->stream, fd, &s->proof))
    shake(s, now);
  else
    lose(s, HE_SESSION_UNABLE, now);
}

/* -- the task -- */

static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct he_session *s = (struct he_session *)
    ((char *)w - offsetof(struct he_session, stream.watch));
  switch(s->state) {
  case SHAKING:
    shake(s, now);
    break;
  case OPEN:
    converse(s, now);
    break;
  case CONNECTING:
  case PROVING:
  case OVER:                  /* an event of this very round */
    break;
  }
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct he_session *s = (struct he_session *)t;
  switch(s->state) {
  case SHAKING:
  case PROVING:
    lose(s, HE_SESSION_SILENT, now);
    break;
  case OPEN:
    converse(s, now);
    break;
  case CONNECTING:
  case OVER:
    break;
  }
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct he_session *s = (struct he_session *)t;
  if(m == &s->reach.mail)
    on_reached(s, now);
  else if(s->state == PROVING) {
    he_peer_judged(&s->proof);
    s->state = SHAKING;
    shake(s, now);
  }
}

/* The owner's own ended() gives it back. */
static void on_ended(struct he_task *t, he_time_ns now)
{
  (void)now;
  close_all((struct he_session *)t, true);
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  struct he_session *s = (struct he_session *)t;
  he_frames_free(&s->in);
  he_peers_unref(s->proof.peers);
  free(s);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- the owner's -- */

struct he_session *he_session_start(const struct he_session_config *c)
{
  struct he_session *s = calloc(1, sizeof(*s));
  if(!s)
    return NULL;
  he_task_init(&s->task, c->racer, &ops);
  s->config = *c;
  s->stream.fd = -1;
  s->stream.watch.ready = on_ready;
  s->proof.peers = c->peers;
  s->proof.lenient = c->lenient;
  he_peers_ref(c->peers);
  if(he_task_hold(&s->task) &&
     he_reach_begin(&s->reach, c->upstream, c->servers, &s->task))
    return s;
  he_session_end(s);
  return NULL;
}

void he_session_flush(struct he_session *s, he_time_ns now)
{
  if(s->state != OPEN || s->stream.writing != HE_WANTS_NOTHING)
    return;
  push(s, now);
  if(s->state == OPEN)
    await(s, now);
}

unsigned char *he_session_space(struct he_session *s, size_t len)
{
  return OUT - s->to >= len + 2 ? s->out + s->to + 2 : NULL;
}

void he_session_send(struct he_session *s, size_t len)
{
  s->out[s->to] = (unsigned char)(len >> 8);
  s->out[s->to + 1] = (unsigned char)len;
  s->to += 2 + len;
}

void he_session_end(struct he_session *s)
{
  if(!s)
    return;
  if(s->state != OVER)
    close_all(s, s->state == OPEN);
  he_task_unref(&s->task);
}
