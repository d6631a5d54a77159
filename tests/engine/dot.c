/* SPDX-License-Identifier: MIT */
/* dot.c - a thread for each connection, which blocks. */
#include "dot.h"
#include "common.h"
#include "dotcert.h"

#include <errno.h>
#include <linux/filter.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 4096
#define BYTES (1 << 17)

struct dot_server {
  int fd;
  struct he_addr addr;
  struct dot_config config;   /* mode, faulty: the lock's */
  SSL_CTX *ctx;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct dot_seen seen;       /* this and what follows: the lock's */
  int fds[CONNECTIONS];       /* -1: over */
  unsigned threads;
  bool stop;
};

struct line {                 /* one connection */
  struct dot_server *server;
  unsigned number;
  int fd;
  SSL *ssl;
  enum dot_mode mode;
  unsigned char in[BYTES], out[BYTES];
  size_t have, made;
  unsigned held;              /* answers in `out` */
};

static void count(struct dot_server *s, unsigned *n, unsigned more)
{
  pthread_mutex_lock(&s->lock);
  *n += more;
  pthread_mutex_unlock(&s->lock);
}

/* -- answers -- */

static size_t put_answer(unsigned char *out, const unsigned char *query,
                         size_t len)
{
  static const unsigned char record[] = {
    0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 5
  };
  size_t end = 12;
  while(end < len && query[end])
    end += query[end] + 1u;
  end += 5;
  memcpy(out + 2, query, end);
  out[4] = 0x81;
  out[5] = 0x80;
  memset(out + 6, 0, 8);
  out[7] = out[9] = 1;
  memcpy(out + 2 + end, record, sizeof(record));
  end += sizeof(record);
  out[0] = (unsigned char)(end >> 8);
  out[1] = (unsigned char)end;
  return 2 + end;
}

static bool say(struct line *l, const void *bytes, size_t len)
{
  size_t sent;
  ERR_clear_error();
  return SSL_write_ex(l->ssl, bytes, len, &sent) == 1;
}

static bool say_all(struct line *l)
{
  const size_t len = l->made;
  l->made = 0;
  l->held = 0;
  return !len || say(l, l->out, len);
}

/* The new answer goes before the others. */
static void put_first(struct line *l, const unsigned char *query, size_t len)
{
  unsigned char one[600];
  const size_t n = put_answer(one, query, len);
  memmove(l->out + n, l->out, l->made);
  memcpy(l->out, one, n);
  l->made += n;
  l->held++;
}

static bool trickle(struct line *l, const unsigned char *query, size_t len)
{
  unsigned char one[600];
  const size_t n = put_answer(one, query, len);
  for(size_t i = 0; i < n; i++) {
    if(!say(l, one + i, 1))
      return false;
    sleep_ms(i < 4 ? 5 : 0);
  }
  return true;
}

/* What curl-he writes later is read by nobody, and answered by no packet. */
static void vanish(struct line *l)
{
  struct sock_filter none = { BPF_RET | BPF_K, 0, 0, 0 };
  const struct sock_fprog program = { 1, &none };
  setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static void wait_for_stop(struct line *l)
{
  struct pollfd p = { .fd = l->fd, .events = POLLRDHUP };
  poll(&p, 1, 60000);         /* dot_stop() shuts the socket down */
}

static void reset(struct line *l)
{
  const struct linger now = { 1, 0 };
  setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* False: the connection is over. */
static bool answer(struct line *l, unsigned char *query, size_t len)
{
  static const unsigned char huge[] = { 0xff, 0xff, 0, 0, 0x80 };
  static const unsigned char five[] = { 0, 5, 1, 2, 3, 4, 5 };
  switch(l->mode) {
  case DOT_ANSWERS:
  case DOT_DEAF:
  case DOT_NO_TLS:
  case DOT_HANGS:
    l->made += put_answer(l->out + l->made, query, len);
    return true;
  case DOT_BATCHES:
    put_first(l, query, len);
    return l->held < l->server->config.batch || say_all(l);
  case DOT_ONE_EACH:
    l->made += put_answer(l->out + l->made, query, len);
    say_all(l);
    return false;
  case DOT_MUTE:
    return true;
  case DOT_TRICKLES:
    return trickle(l, query, len);
  case DOT_STRANGE_ID:
    query[0] ^= 0x80;
    l->made += put_answer(l->out + l->made, query, len);
    query[0] ^= 0x80;
    l->made += put_answer(l->out + l->made, query, len);
    return true;
  case DOT_OTHER_NAME:
    query[13] ^= 1;
    l->made += put_answer(l->out + l->made, query, len);
    return true;
  case DOT_QUERY_BACK:
    l->out[l->made] = (unsigned char)(len >> 8);
    l->out[l->made + 1] = (unsigned char)len;
    memcpy(l->out + l->made + 2, query, len);
    l->made += len + 2;
    return true;
  case DOT_HUGE:
    return say(l, huge, sizeof(huge));
  case DOT_SHORT:
    return say(l, five, sizeof(five));
  case DOT_CLOSES:
    return false;
  case DOT_RESETS:
    reset(l);
    return false;
  case DOT_BREAKS:
    return send(l->fd, "no TLS record at all", 20, MSG_NOSIGNAL) == 20;
  case DOT_VANISHES:
    vanish(l);
    return true;
  case DOT_REKEYS:
    SSL_key_update(l->ssl, SSL_KEY_UPDATE_REQUESTED);
    l->made += put_answer(l->out + l->made, query, len);
    return say_all(l);
  }
  return false;
}

/* -- a connection -- */

static bool answer_all(struct line *l)
{
  size_t at = 0, queries = 0, odd = 0;
  bool ok = true;
  while(ok && l->have - at >= 2) {
    const size_t len = (size_t)l->in[at] << 8 | l->in[at + 1];
    if(l->have - at < 2 + len)
      break;
    queries++;
    odd += len % 128 != 0;
    ok = answer(l, l->in + at + 2, len);
    at += 2 + len;
    if(ok && l->mode != DOT_BATCHES && l->made > BYTES / 2)
      ok = say_all(l);
  }
  memmove(l->in, l->in + at, l->have - at);
  l->have -= at;
  count(l->server, &l->server->seen.queries, (unsigned)queries);
  count(l->server, &l->server->seen.odd, (unsigned)odd);
  return ok && (l->mode == DOT_BATCHES || say_all(l));
}

static bool shake(struct line *l)
{
  const unsigned char *name;
  struct dot_server *s = l->server;
  unsigned len;
  if(l->mode == DOT_NO_TLS)
    send(l->fd, "220 no TLS here\r\n", 17, MSG_NOSIGNAL);
  if(l->mode == DOT_NO_TLS || l->mode == DOT_HANGS) {
    if(l->mode == DOT_HANGS)
      wait_for_stop(l);
    return false;
  }
  SSL_set_fd(l->ssl, l->fd);
  if(SSL_accept(l->ssl) != 1)
    return false;
  SSL_get0_alpn_selected(l->ssl, &name, &len);
  pthread_mutex_lock(&s->lock);
  s->seen.shaken++;
  s->seen.resumed += SSL_session_reused(l->ssl) != 0;
  s->seen.early +=
    SSL_get_early_data_status(l->ssl) == SSL_EARLY_DATA_ACCEPTED;
  s->seen.alpn += len == 3 && !memcmp(name, "dot", 3);
  s->seen.named += SSL_get_servername(l->ssl, TLSEXT_NAMETYPE_host_name) &&
    !strcmp(SSL_get_servername(l->ssl, TLSEXT_NAMETYPE_host_name), "dot.test");
  pthread_mutex_unlock(&s->lock);
  return true;
}

static void serve(struct line *l)
{
  size_t got;
  if(!shake(l))
    return;
  if(l->mode == DOT_DEAF)
    wait_for_stop(l);
  while(SSL_read_ex(l->ssl, l->in + l->have, BYTES - l->have, &got)) {
    l->have += got;
    if(!answer_all(l))
      return;
  }
  if(SSL_get_error(l->ssl, 0) == SSL_ERROR_ZERO_RETURN)
    count(l->server, &l->server->seen.goodbyes, 1);
}

static void *line_main(void *arg)
{
  struct line *l = arg;
  struct dot_server *s = l->server;
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);  /* that curl-he sends none is another thing */
  pthread_sigmask(SIG_BLOCK, &pipe, NULL);
  serve(l);
  /* its tickets stay good */
  SSL_set_shutdown(l->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(l->ssl);
  pthread_mutex_lock(&s->lock);
  close(l->fd);
  s->fds[l->number] = -1;
  s->seen.open--;
  s->threads--;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  free(l);
  return NULL;
}

static void begin(struct dot_server *s, int fd)
{
  struct line *l = calloc(1, sizeof(*l));
  pthread_attr_t attr;
  pthread_t thread;
  if(!l)
    abort();
  l->server = s;
  l->fd = fd;
  l->ssl = SSL_new(s->ctx);
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_mutex_lock(&s->lock);
  l->number = s->seen.accepted++ % CONNECTIONS;
  l->mode = s->config.mode;
  if(s->config.faulty && !--s->config.faulty)
    s->config.mode = DOT_ANSWERS;
  s->fds[l->number] = fd;
  s->seen.open++;
  s->threads++;
  pthread_mutex_unlock(&s->lock);
  if(!l->ssl || pthread_create(&thread, &attr, line_main, l))
    abort();
  pthread_attr_destroy(&attr);
}

static void *server_main(void *arg)
{
  struct dot_server *s = arg;
  int fd;
  while((fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    begin(s, fd);
  return NULL;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
                   const unsigned char *in, unsigned in_len, void *arg)
{
  (void)ssl;
  (void)arg;
  *out = in + 1;
  *len = *in;
  return in_len == *in + 1u ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

struct dot_server *dot_start(const char *ip, const struct dot_config *c)
{
  struct dot_server *s = calloc(1, sizeof(*s));
  uint16_t port = 0;
  if(!s)
    abort();
  dot_certs_make();
  s->config = *c;
  s->ctx = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_session_id_context(s->ctx, (const unsigned char *)"dot", 3);
  SSL_CTX_set_alpn_select_cb(s->ctx, on_alpn, NULL);
  SSL_CTX_set_max_early_data(s->ctx, 4096);
  if(c->anonymous)
    SSL_CTX_set_cipher_list(s->ctx, "aNULL:@SECLEVEL=0");
  if(c->tls12 || c->anonymous)
    SSL_CTX_set_max_proto_version(s->ctx, TLS1_2_VERSION);
  if(c->no_tickets)
    SSL_CTX_set_num_tickets(s->ctx, 0);
  dot_certs_use(s->ctx, c->cert);
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->changed, NULL);
  s->fd = listen_at(ip ? ip : "127.0.0.1", &port, 128);
  s->addr = addr_of(ip ? ip : "127.0.0.1", port);
  if(s->fd < 0 || pthread_create(&s->thread, NULL, server_main, s))
    abort();
  return s;
}

void dot_stop(struct dot_server *s)
{
  shutdown(s->fd, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close(s->fd);
  pthread_mutex_lock(&s->lock);
  for(unsigned i = 0; i < CONNECTIONS && i < s->seen.accepted; i++) {
    if(s->fds[i] >= 0)
      shutdown(s->fds[i], SHUT_RDWR);
  }
  while(s->threads)
    pthread_cond_wait(&s->changed, &s->lock);
  pthread_mutex_unlock(&s->lock);
  SSL_CTX_free(s->ctx);
  free(s);
}

struct he_addr dot_addr(const struct dot_server *s)
{
  return s->addr;
}

void dot_mode(struct dot_server *s, enum dot_mode mode, unsigned faulty)
{
  pthread_mutex_lock(&s->lock);
  s->config.mode = mode;
  s->config.faulty = faulty;
  pthread_mutex_unlock(&s->lock);
}

struct dot_seen dot_seen(struct dot_server *s)
{
  struct dot_seen seen;
  pthread_mutex_lock(&s->lock);
  seen = s->seen;
  pthread_mutex_unlock(&s->lock);
  return seen;
}
