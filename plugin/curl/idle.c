/* SPDX-License-Identifier: MIT */
/* idle.c - one lock for all, held for a few instructions. */
#include "curl/idle.h"
#include "base/fds.h"
#include "base/forks.h"
#include "net/tcp.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* libcurl connects a socket right after it has asked for it. So often, each
   millisecond, the end looks whether it has. */
#define LOOKS 2000

/* The racing thread looks four times a second, and finds no socket in between
   two of them. */
enum { AWAKE = 1, SLEEPY = 8 };

struct he_idle {
  unsigned refs;              /* atomic */
  unsigned missed;            /* the racing thread's: last looks at which it
                                 was not there */
  unsigned most;              /* of these */
  int fd;                     /* -1: none; this and what follows: the lock */
  uint64_t inode;
  bool ended;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct he_idle *he_idle_new(bool sleepy)
{
  struct he_idle *i = calloc(1, sizeof(*i));
  he_fork_hold(HE_FORK_IDLE, &lock);
  if(i) {
    i->refs = 1;
    i->fd = -1;
    i->most = sleepy ? SLEEPY : AWAKE;
  }
  return i;
}

void he_idle_ref(struct he_idle *i)
{
  __atomic_add_fetch(&i->refs, 1, __ATOMIC_RELAXED);
}

void he_idle_unref(struct he_idle *i)
{
  if(i && !__atomic_sub_fetch(&i->refs, 1, __ATOMIC_ACQ_REL))
    free(i);
}

bool he_idle_set(struct he_idle *i, int fd)
{
  const uint64_t inode = fd < 0 ? 0 : he_wire_inode(fd);
  bool ok;
  pthread_mutex_lock(&lock);
  ok = !i->ended;
  i->fd = fd;
  i->inode = inode;
  pthread_mutex_unlock(&lock);
  return ok;
}

/* -1: none */
static int read_fd(struct he_idle *i, uint64_t *inode)
{
  int fd;
  pthread_mutex_lock(&lock);
  fd = i->fd;
  *inode = i->inode;
  pthread_mutex_unlock(&lock);
  return fd;
}

bool he_idle_is(struct he_idle *i, int fd)
{
  uint64_t inode;
  return read_fd(i, &inode) == fd && fd >= 0 && he_wire_inode(fd) == inode;
}

bool he_idle_waits(void *idle)
{
  struct he_idle *i = idle;
  uint64_t inode;
  const int fd = read_fd(i, &inode);
  i->missed = fd >= 0 && he_wire_inode(fd) == inode ? 0 : i->missed + 1;
  return i->missed <= i->most;
}

enum look { UNSEEN, NOT_YET, DONE };

/* UNSEEN: no descriptor is to be had. The number alone will not do, for
   libcurl may close it at any time, and somebody else get it. */
static enum look shut_down(struct he_idle *i)
{
  uint64_t inode;
  const int fd = read_fd(i, &inode);
  const int mine = he_wire_borrow(fd, inode);
  bool connects;
  if(mine < 0)
    return fd < 0 || he_wire_inode(fd) != inode ? DONE : UNSEEN;
  connects = he_wire_state(mine, NULL) == HE_WIRE_CONNECTING;
  if(connects)
    he_wire_abort(mine);
  he_fd_close(mine);
  return connects ? DONE : NOT_YET;
}

/* While descriptors are short libcurl is not left alone: it would wait for the
   rest of the connect's time, though there is a winner. */
void he_idle_end(void *idle)
{
  struct he_idle *i = idle;
  pthread_mutex_lock(&lock);
  i->ended = true;
  pthread_mutex_unlock(&lock);
  for(int n = 0; n < LOOKS;) {
    struct timespec left = { .tv_nsec = 1000000 };
    const enum look look = shut_down(i);
    if(look == DONE)
      break;
    n += look == NOT_YET;
    while(nanosleep(&left, &left) && errno == EINTR)
      ;
  }
  he_idle_unref(i);
}
