/* SPDX-License-Identifier: MIT */
/* closers.c - a search tree by number, with the inode to know a socket by. It
 * has no more entries than there are descriptors. */
#include "curl/closers.h"
#include "base/forks.h"
#include "net/tcp.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>

struct closer {
  curl_socket_t fd;
  uint64_t inode;
  curl_closesocket_callback fn;
  void *data;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *by_fd;

static int compare(const void *a, const void *b)
{
  curl_socket_t x = ((const struct closer *)a)->fd;
  curl_socket_t y = ((const struct closer *)b)->fd;
  return x < y ? -1 : x > y;
}

static struct closer *remove_locked(curl_socket_t fd)
{
  struct closer key = { .fd = fd };
  struct closer **node = tfind(&key, &by_fd, compare);
  struct closer *c = node ? *node : NULL;
  if(c)
    tdelete(c, &by_fd, compare);
  return c;
}

void he_closer_note(curl_socket_t fd, curl_closesocket_callback fn, void *data)
{
  struct closer *c = NULL, *old;
  he_fork_hold(HE_FORK_CLOSERS, &lock);
  if(fn)
    c = malloc(sizeof(*c));
  if(c) {
    c->fd = fd;
    c->inode = he_wire_inode(fd);
    c->fn = fn;
    c->data = data;
  }
  pthread_mutex_lock(&lock);
  old = remove_locked(fd);
  if(c && tsearch(c, &by_fd, compare))
    c = NULL;
  pthread_mutex_unlock(&lock);
  free(old);
  free(c);
}

bool he_closer_take(curl_socket_t fd, curl_closesocket_callback *fn,
                    void **data)
{
  struct closer *c;
  bool yes = false;
  pthread_mutex_lock(&lock);
  c = remove_locked(fd);
  pthread_mutex_unlock(&lock);
  if(c && c->inode == he_wire_inode(fd)) {
    *fn = c->fn;
    *data = c->data;
    yes = true;
  }
  free(c);
  return yes;
}
