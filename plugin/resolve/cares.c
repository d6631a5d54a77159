/* SPDX-License-Identifier: MIT */
/* cares.c - c-ares says which sockets it waits for, the racer watches them.
 *
 * A channel reads no file: every option that c-ares would look for in
 * resolv.conf is given. Its sockets are curl-he's own (base/fds.h), so that a
 * child of fork() closes its copies. They are open while a question is. */
#include "resolve/cares.h"
#include "base/clock.h"
#include "base/fds.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

/* For an answer of one server; c-ares doubles it with each round. */
#define TIMEOUT_MS 2000
#define ROUNDS 3
/* By UDP and by TCP, each server has a socket. */
#define SOCKETS (2 * HE_SERVERS_MAX)

struct watched {
  struct he_watch watch;      /* first */
  struct cares *of;
  int fd;                     /* -1: free */
  bool reads;                 /* what c-ares waits for */
  bool writes;
  bool listens;               /* what the racer watches */
  bool connects;
};

struct cares {
  struct he_task task;        /* first */
  const struct he_upstream *servers;
  ares_channel channel;       /* NULL: none yet; as what follows the racer's
                                 thread's alone */
  bool over;                  /* atomic */
  struct watched sockets[SOCKETS];
};

/* -- sockets -- */

static int on_socket(int domain, int type, int protocol, void *data)
{
  (void)data;
  he_fds_begin();
  return he_fds_end(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK,
                           protocol));
}

static int on_close(int fd, void *data)
{
  (void)data;
  he_fd_close(fd);
  return 0;
}

static int on_connect(int fd, const struct sockaddr *to, socklen_t len,
                      void *data)
{
  (void)data;
  return connect(fd, to, len);
}

static ssize_t on_receive(int fd, void *buf, size_t len, int flags,
                          struct sockaddr *from, socklen_t *from_len,
                          void *data)
{
  (void)data;
  return recvfrom(fd, buf, len, flags, from, from_len);
}

static ssize_t on_send(int fd, const struct iovec *v, int n, void *data)
{
  struct msghdr m;
  (void)data;
  memset(&m, 0, sizeof(m));
  m.msg_iov = (struct iovec *)v;
  m.msg_iovlen = (size_t)n;
  return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static const struct ares_socket_functions functions = {
  on_socket, on_close, on_connect, on_receive, on_send
};

/* -- what is watched -- */

static void unwatch(struct watched *s)
{
  if(s->listens || s->connects)
    he_task_unwatch(&s->of->task, &s->watch, s->fd);
  s->listens = s->connects = false;
}

/* The racer watches what c-ares waits for. A socket that is to be written to is
   watched for that alone: the racer says so once. False where it cannot. */
static bool watch(struct watched *s)
{
  bool ok = true;
  if(s->writes ? s->connects : s->listens == s->reads)
    return true;
  unwatch(s);
  if(s->writes)
    ok = s->connects = he_task_watch(&s->of->task, &s->watch, s->fd);
  else if(s->reads)
    ok = s->listens = he_task_listen(&s->of->task, &s->watch, s->fd);
  return ok;
}

static struct watched *find(struct cares *c, int fd)
{
  for(int i = 0; i < SOCKETS; i++) {
    if(c->sockets[i].fd == fd)
      return &c->sockets[i];
  }
  return NULL;
}

/* c-ares has come to wait for something else; before a socket is closed, for
   nothing. What cannot be watched is left to c-ares' own time-out. */
static void on_state(void *data, ares_socket_t fd, int reads, int writes)
{
  struct cares *c = data;
  struct watched *s = find(c, fd);
  if(!s && (reads || writes))
    s = find(c, -1);
  if(!s)
    return;
  s->fd = fd;
  s->reads = reads != 0;
  s->writes = writes != 0;
  if(!reads && !writes) {
    unwatch(s);
    s->fd = -1;
  }
  else
    watch(s);
}

/* -- time -- */

static void set_timer(struct cares *c, he_time_ns now)
{
  struct timeval tv;
  he_time_ns due = HE_NEVER;
  if(c->channel && ares_timeout(c->channel, NULL, &tv))
    /* c-ares' own clock may be a little behind */
    due = he_time_add(now, HE_MS(tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1));
  he_task_wake_at(&c->task, due);
}

static void on_due(struct he_task *t, he_time_ns now)
{
  struct cares *c = (struct cares *)t;
  if(c->channel)
    ares_process_fd(c->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  set_timer(c, now);
}

static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct watched *s = (struct watched *)w;
  struct cares *c = s->of;
  const int fd = s->fd;
  if(fd < 0)                  /* closed in this very round */
    return;
  if(s->connects) {
    unwatch(s);
    ares_process_fd(c->channel, ARES_SOCKET_BAD, fd);
  }
  else
    ares_process_fd(c->channel, fd, ARES_SOCKET_BAD);
  if(s->fd == fd)
    watch(s);
  set_timer(c, now);
}

/* -- the channel -- */

static int set_servers(ares_channel channel, const struct he_upstream *s)
{
  struct ares_addr_port_node list[HE_SERVERS_MAX];
  memset(list, 0, sizeof(list));
  for(size_t i = 0; i < s->n; i++) {
    const struct he_addr *a = &s->list[i];
    list[i].next = i + 1 < s->n ? &list[i + 1] : NULL;
    list[i].family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
    memcpy(&list[i].addr, a->ip, a->family == HE_IPV4 ? 4 : 16);
    list[i].udp_port = list[i].tcp_port = a->port;
  }
  return ares_set_servers_ports(channel, list);
}

/* Lookups, domains, ndots, time-out, tries, servers and sort list: with all of
   them c-ares reads no resolv.conf. */
static int open_channel(struct cares *c)
{
  struct in_addr none = { 0 };
  char lookups[] = "b";
  struct ares_options o;
  int rc;
  memset(&o, 0, sizeof(o));
  o.timeout = TIMEOUT_MS;
  o.tries = ROUNDS;
  o.ndots = 1;
  o.servers = &none;
  o.nservers = 1;
  o.lookups = lookups;
  o.sock_state_cb = on_state;
  o.sock_state_cb_data = c;
  rc = ares_init_options(&c->channel, &o, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
                         ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SERVERS |
                         ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS |
                         ARES_OPT_SORTLIST | ARES_OPT_SOCK_STATE_CB |
                         ARES_OPT_NOROTATE);
  if(rc) {
    c->channel = NULL;
    return rc;
  }
  ares_set_socket_functions(c->channel, &functions, c);
  rc = set_servers(c->channel, c->servers);
  if(rc) {                    /* it would ask whoever is at 0.0.0.0 */
    ares_destroy(c->channel);
    c->channel = NULL;
  }
  return rc;
}

/* c-ares hands out the message of a server that has no such name or record, and
   of one that fails, too: what it says is in the message. */
static enum he_upstream_verdict verdict_of(int status, bool message)
{
  switch(status) {
  case ARES_SUCCESS:
  case ARES_ENODATA:
  case ARES_ENOTFOUND:
  case ARES_EFORMERR:
  case ARES_ESERVFAIL:
  case ARES_ENOTIMP:
  case ARES_EREFUSED:
    return message ? HE_UPSTREAM_ANSWERED : HE_UPSTREAM_CONFUSED;
  case ARES_ETIMEOUT:
    return HE_UPSTREAM_SILENT;
  case ARES_ECONNREFUSED:
    return HE_UPSTREAM_UNREACHABLE;
  case ARES_EBADRESP:
  case ARES_EBADNAME:
    return HE_UPSTREAM_CONFUSED;
  default:
    return HE_UPSTREAM_GONE;
  }
}

static void on_answer(void *arg, int status, int timeouts,
                      unsigned char *message, int len)
{
  struct he_upstream_question *q = arg;
  const bool there = message && len > 0;
  const enum he_upstream_verdict v = verdict_of(status, there);
  const bool says = v == HE_UPSTREAM_ANSWERED;
  (void)timeouts;
  q->done(q, v, says ? message : NULL, says ? (size_t)len : 0);
}

static void on_mail(struct he_task *t, struct he_mail *m, he_time_ns now)
{
  struct cares *c = (struct cares *)t;
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  bool able = t->held && !__atomic_load_n(&c->over, __ATOMIC_ACQUIRE);
  if(able && q->wanted(q)) {
    able = c->channel || !open_channel(c);
    if(able) {
      ares_query(c->channel, q->name, ns_c_in, (int)q->type, on_answer, q);
      set_timer(c, now);
      return;
    }
  }
  q->done(q, HE_UPSTREAM_GONE, NULL, 0);
}

/* Who still waits hears ARES_EDESTRUCTION, which is HE_UPSTREAM_GONE. */
static void on_ended(struct he_task *t, he_time_ns now)
{
  struct cares *c = (struct cares *)t;
  (void)now;
  __atomic_store_n(&c->over, true, __ATOMIC_RELEASE);
  if(c->channel)
    ares_destroy(c->channel);
  c->channel = NULL;
}

static void on_buried(struct he_task *t)
{
  (void)t;
}

static void on_destroy(struct he_task *t)
{
  free(t);
}

static const struct he_task_ops ops = {
  .mail = on_mail,
  .due = on_due,
  .ended = on_ended,
  .buried = on_buried,
  .destroy = on_destroy
};

/* -- the table of functions -- */

static struct he_upstream_channel *cares_create(struct he_racer *r,
                                                const struct he_upstream *u)
{
  struct cares *c = calloc(1, sizeof(*c));
  if(!c)
    return NULL;
  he_task_init(&c->task, r, &ops);
  c->servers = u;
  for(int i = 0; i < SOCKETS; i++) {
    c->sockets[i].watch.ready = on_ready;
    c->sockets[i].of = c;
    c->sockets[i].fd = -1;
  }
  return (struct he_upstream_channel *)c;
}

static void cares_unref(struct he_upstream_channel *c)
{
  if(c)
    he_task_unref(&((struct cares *)c)->task);
}

static bool cares_usable(const struct he_upstream_channel *channel,
                         const struct he_racer *r)
{
  const struct cares *c = (const struct cares *)channel;
  return c->task.racer == r && !__atomic_load_n(&c->over, __ATOMIC_ACQUIRE);
}

static bool cares_ask(struct he_upstream_channel *c,
                      struct he_upstream_question *q)
{
  return he_racer_post(&q->mail, &((struct cares *)c)->task, 0);
}

const struct he_upstream_ops he_cares_ops = {
  cares_create, cares_unref, cares_usable, cares_ask, NULL
};
