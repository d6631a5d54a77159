/* SPDX-License-Identifier: MIT */
/* gate.c - the application's socket callbacks behind a gate.
 *
 *   OPEN        every call goes through; `inside` counts those that run
 *     | he_app_wind_up()
 *   WINDING UP  sockets are closed, none is made
 *     | he_app_shut(), which waits for `inside` == 0
 *   SHUT        nothing goes through
 *
 * No lock is held while the application is called. The gate's own is one for
 * all, and held across fork(): a child may shut what it has inherited, where
 * nobody is inside, whatever the count says. */
#include "curl/gate.h"
#include "base/forks.h"
#include "curl/declared.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum gate { OPEN, WINDING_UP, SHUT };

struct app {
  struct he_app base;      /* first */
  struct he_racer *racer;
  unsigned refs;           /* atomic */
  curl_opensocket_callback opensocket;
  void *opensocket_data;
  curl_sockopt_callback sockopt;
  void *sockopt_data;
  curl_closesocket_callback closesocket;
  void *closesocket_data;
  enum gate gate;          /* under the lock, as the next */
  unsigned inside;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static _Thread_local unsigned inside_here;   /* calls of this thread */

/* -- the gate -- */

/* For a call that goes through while the gate is no further than `until`. */
static bool enter(struct app *a, enum gate until)
{
  bool ok;
  pthread_mutex_lock(&lock);
  ok = a->gate <= until;
  a->inside += ok;
  pthread_mutex_unlock(&lock);
  inside_here += ok;
  return ok;
}

static void leave(struct app *a)
{
  inside_here--;
  pthread_mutex_lock(&lock);
  if(!--a->inside && a->gate == SHUT)
    pthread_cond_broadcast(&left);
  pthread_mutex_unlock(&lock);
}

void he_app_wind_up(struct he_app *base)
{
  struct app *a = (struct app *)base;
  pthread_mutex_lock(&lock);
  if(a->gate == OPEN)
    a->gate = WINDING_UP;
  pthread_mutex_unlock(&lock);
}

void he_app_shut(struct he_app *base)
{
  struct app *a = (struct app *)base;
  /* a callback that ends its own use cannot be waited for */
  bool wait = he_racer_alive(a->racer) && !he_racer_here() && !inside_here;
  pthread_mutex_lock(&lock);
  a->gate = SHUT;
  while(wait && a->inside)
    pthread_cond_wait(&left, &lock);
  pthread_mutex_unlock(&lock);
}

/* -- what the racer asks -- */

/* libcurl gives callbacks more room than struct curl_sockaddr has. */
union room {
  struct curl_sockaddr sa;
  char bytes[sizeof(struct curl_sockaddr) + sizeof(struct sockaddr_storage)];
};

static void write_request(union room *r, const struct he_addr *addr)
{
  memset(r, 0, sizeof(*r));
  r->sa.family = addr->family == HE_IPV4 ? AF_INET : AF_INET6;
  r->sa.socktype = SOCK_STREAM;
  r->sa.protocol = IPPROTO_TCP;
  r->sa.addrlen = (unsigned)he_addr_to_sockaddr(
    addr, (struct sockaddr *)(r->bytes + offsetof(struct curl_sockaddr, addr)),
    sizeof(struct sockaddr_storage));
}

static void read_answer(const union room *r, struct he_addr *addr)
{
  size_t room = sizeof(*r) - offsetof(struct curl_sockaddr, addr);
  if(r->sa.addrlen > room ||
     !he_addr_from_sockaddr(addr, (const struct sockaddr *)
                            (r->bytes + offsetof(struct curl_sockaddr, addr)),
                            r->sa.addrlen))
    memset(addr, 0, sizeof(*addr));   /* none that there is */
}

static int open_socket(struct he_app *base, struct he_addr *addr)
{
  struct app *a = (struct app *)base;
  curl_socket_t fd;
  union room r;
  if(!enter(a, OPEN))
    return -1;
  write_request(&r, addr);
  fd = a->opensocket(a->opensocket_data, CURLSOCKTYPE_IPCXN, &r.sa);
  leave(a);
  read_answer(&r, addr);
  return fd == CURL_SOCKET_BAD ? -1 : fd;
}

static enum he_app_says prepare(struct he_app *base, int fd)
{
  struct app *a = (struct app *)base;
  int says = CURL_SOCKOPT_OK;
  if(!enter(a, OPEN))
    return HE_APP_DROP;
  if(a->sockopt)
    says = a->sockopt(a->sockopt_data, fd, CURLSOCKTYPE_IPCXN);
  leave(a);
  if(says == CURL_SOCKOPT_OK)
    return HE_APP_CONNECT;
  return says == CURL_SOCKOPT_ALREADY_CONNECTED ? HE_APP_CONNECTED :
         HE_APP_DROP;
}

static void close_socket(struct he_app *base, int fd)
{
  struct app *a = (struct app *)base;
  if(a->closesocket && enter(a, WINDING_UP)) {
    a->closesocket(a->closesocket_data, fd);
    leave(a);
  }
  else
    close(fd);
}

/* -- life -- */

static void ref(struct he_app *base)
{
  __atomic_add_fetch(&((struct app *)base)->refs, 1, __ATOMIC_RELAXED);
}

void he_app_unref(struct he_app *base)
{
  struct app *a = (struct app *)base;
  if(a && !__atomic_sub_fetch(&a->refs, 1, __ATOMIC_ACQ_REL)) {
    he_racer_unref(a->racer);
    free(a);
  }
}

static const struct he_app_ops ops = {
  .open = open_socket,
  .prepare = prepare,
  .close = close_socket,
  .ref = ref,
  .unref = he_app_unref
};

struct he_app *he_app_new(const struct he_declared *d, struct he_racer *r)
{
  struct app *a = calloc(1, sizeof(*a));
  if(!a)
    return NULL;
  he_fork_hold(HE_FORK_APPS, &lock);
  he_racer_ref(r);
  a->base.ops = &ops;
  a->base.opens = d->opensocket != NULL;
  a->base.counts = d->closesocket != NULL;
  a->racer = r;
  a->refs = 1;
  a->opensocket = d->opensocket;
  a->opensocket_data = d->opensocket_data;
  a->sockopt = d->sockopt;
  a->sockopt_data = d->sockopt_data;
  a->closesocket = d->closesocket;
  a->closesocket_data = d->closesocket_data;
  return &a->base;
}
