/* SPDX-License-Identifier: MIT */
/* connecting.c - the life of a race: made, cleaned up, its descriptor. */
#include "curl/connecting.h"
#include "base/fds.h"
#include "curl/default.h"
#include "curl/gate.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAGIC 0x43754872u

bool he_connecting_is(const struct CURLHErace *r)
{
  return r && r->magic == MAGIC;
}

static CURLHErace *new_race(CURLHE *he)
{
  CURLHErace *r = calloc(1, sizeof(*r));
  if(!r)
    return NULL;
  r->magic = MAGIC;
  r->pid = getpid();
  he_context_ref(he);
  r->he = he;
  he_options_clear(&r->options);
  r->fd = r->event = -1;
  pthread_mutex_init(&r->lock, NULL);
  return r;
}

/* The first use of the default context reads files: a thread that was ended
   there would leave them open, and the context to nobody. */
CURLHErace *curl_he_connect_init(CURLHE *context)
{
  CURLHErace *r = NULL;
  CURLHE *he;
  int cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  if(!he_default_find(context, &he))
    r = new_race(he);
  pthread_setcancelstate(cancel, NULL);
  return r;
}

void he_connecting_drop(CURLHErace *r)
{
  struct he_dial *last;
  pthread_mutex_lock(&r->lock);
  last = r->dial;
  r->dial = NULL;
  pthread_mutex_unlock(&r->lock);
  he_dial_cancel(last);
}

/* In a child of fork() the locks may be held for ever, and the numbers of
   descriptors are others': what it has inherited stays where it is. */
void curl_he_connect_cleanup(CURLHErace *r)
{
  int cancel;
  if(!he_connecting_is(r) || r->pid != getpid())
    return;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  r->magic = 0;
  he_dial_cancel(r->dial);
  if(r->fd >= 0 && r->app)
    r->app->ops->close(r->app, r->fd);
  else if(r->fd >= 0)
    close(r->fd);
  if(r->app)
    he_app_shut(r->app);
  he_app_unref(r->app);
  if(r->event >= 0)
    he_fd_close(r->event);
  he_context_unref(r->he);
  pthread_mutex_destroy(&r->lock);
  free(r->list);
  free(r->host);
  free(r->failures);
  free(r->race);
  free(r);
  pthread_setcancelstate(cancel, NULL);
}

curl_socket_t curl_he_connect_fd(CURLHErace *r)
{
  int fd;
  if(!he_connecting_is(r))
    return CURL_SOCKET_BAD;
  pthread_mutex_lock(&r->lock);
  if(r->event < 0) {
    const bool over = r->state == HE_CONNECTING_OVER && !r->told;
    he_fds_begin();
    r->event = he_fds_end(eventfd(over, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  fd = r->event;
  pthread_mutex_unlock(&r->lock);
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}
