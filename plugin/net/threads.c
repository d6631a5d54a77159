/* SPDX-License-Identifier: MIT */
#include "net/threads.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* getaddrinfo() of glibc 2.36 takes 16 KiB for files and DNS. Other sources
   are code of others: they get what macOS gives to any thread, four times what
   musl does. Only what is touched is memory. Of such stacks glibc keeps 80 for
   the next threads; of the usual ones it would keep five. */
#define STACK (512 * 1024)

struct work {
  void (*run)(void *arg);
  void *arg;
};

static void *work(void *arg)
{
  const struct work w = *(struct work *)arg;
  free(arg);
  w.run(w.arg);
  return NULL;
}

int he_thread_create(pthread_t *thread, const pthread_attr_t *attr,
                     void *(*run)(void *arg), void *arg)
{
  sigset_t all, before;
  int error;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);   /* a thread inherits it */
  error = pthread_create(thread, attr, run, arg);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

static int create(size_t stack, struct work *w)
{
  pthread_attr_t attr;
  pthread_t thread;
  int error = pthread_attr_init(&attr);
  if(error)
    return error;
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  if(stack)
    pthread_attr_setstacksize(&attr, stack);
  error = he_thread_create(&thread, &attr, work, w);
  pthread_attr_destroy(&attr);
  return error;
}

bool he_thread_start(void (*run)(void *arg), void *arg)
{
  int error;
  struct work *w = malloc(sizeof(*w));
  if(!w)
    return false;
  w->run = run;
  w->arg = arg;
  error = create(STACK, w);
  if(error == EINVAL)   /* the program's thread-local data take more */
    error = create(0, w);
  if(error)
    free(w);
  return !error;
}
