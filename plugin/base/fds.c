/* SPDX-License-Identifier: MIT */
/* fds.c - a bit a descriptor. */
#include "base/fds.h"
#include "base/forks.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BITS 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t *own;         /* `words` of them */
static size_t words;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
  pthread_mutex_unlock(&lock);
}

/* Only what is safe in the child of a process with threads. */
static void after_fork_child(void)
{
  for(size_t i = 0; i < words; i++) {
    for(unsigned b = 0; own[i] && b < BITS; b++) {
      if(own[i] >> b & 1)
        close((int)(i * BITS + b));
      own[i] &= ~(UINT64_C(1) << b);
    }
  }
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

/* Room for the bit of fd? */
static bool reserve_locked(size_t fd)
{
  size_t need = fd / BITS + 1;
  uint64_t *more;
  if(need <= words)
    return true;
  more = realloc(own, need * sizeof(*more));
  if(!more)
    return false;
  memset(more + words, 0, (need - words) * sizeof(*more));
  own = more;
  words = need;
  return true;
}

static void forget_locked(size_t fd)
{
  if(fd / BITS < words)
    own[fd / BITS] &= ~(UINT64_C(1) << fd % BITS);
}

void he_fds_watch_forks(void)
{
  he_fork_watch(HE_FORK_FDS, &forks);
}

void he_fds_begin(void)
{
  pthread_mutex_lock(&lock);
}

int he_fds_end(int fd)
{
  if(fd >= 0 && !reserve_locked((size_t)fd)) {
    close(fd);
    fd = -1;
    errno = ENOMEM;
  }
  if(fd >= 0)
    own[(size_t)fd / BITS] |= UINT64_C(1) << (size_t)fd % BITS;
  pthread_mutex_unlock(&lock);
  return fd;
}

void he_fd_close(int fd)
{
  pthread_mutex_lock(&lock);
  forget_locked((size_t)fd);
  close(fd);
  pthread_mutex_unlock(&lock);
}

void he_fd_give(int fd)
{
  pthread_mutex_lock(&lock);
  forget_locked((size_t)fd);
  pthread_mutex_unlock(&lock);
}
