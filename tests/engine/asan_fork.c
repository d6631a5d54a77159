/* SPDX-License-Identifier: MIT */
/* asan_fork.c - fork() beside threads, under ASan.
 *
 * A child of fork() has one thread, and every lock as it was. An allocator
 * therefore takes its own locks around fork(). ASan's does not (GCC 12, clang
 * before 17): a child may wait for ever for a lock that a thread of its parent
 * had. Here everybody passes a door to enter the allocator, and fork() waits
 * until nobody is inside:
 *
 *   malloc(), free(), ...  hold the door for reading
 *   pthread_create()       does so until the new thread runs its own code
 *   a thread that ended    gives its cache back, without the door: fork()
 *                          waits until the kernel knows that thread no more
 *   fork()                 holds the door for writing
 *
 * Linked into tests that fork. Without ASan this file is empty. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ASAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ASAN
#endif

#ifdef ASAN
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ASan's own, which those below stand before. */
void *__interceptor_malloc(size_t n);
void *__interceptor_calloc(size_t n, size_t size);
void *__interceptor_realloc(void *old, size_t n);
void __interceptor_free(void *p);
int __interceptor_posix_memalign(void **p, size_t align, size_t n);
char *__interceptor_strdup(const char *text);
char *__interceptor_strndup(const char *text, size_t n);
int __interceptor_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                                 void *(*run)(void *), void *arg);

static pthread_rwlock_t door = PTHREAD_RWLOCK_INITIALIZER;

/* How often the thread has entered. The allocator may call itself. */
static __thread unsigned inside
  __attribute__((tls_model("initial-exec")));

static void enter(void)
{
  if(!inside++)
    pthread_rwlock_rdlock(&door);
}

static void leave(void)
{
  if(!--inside)
    pthread_rwlock_unlock(&door);
}

void *malloc(size_t n)
{
  void *p;
  enter();
  p = __interceptor_malloc(n);
  leave();
  return p;
}

void *calloc(size_t n, size_t size)
{
  void *p;
  enter();
  p = __interceptor_calloc(n, size);
  leave();
  return p;
}

void *realloc(void *old, size_t n)
{
  void *p;
  enter();
  p = __interceptor_realloc(old, n);
  leave();
  return p;
}

void free(void *p)
{
  enter();
  __interceptor_free(p);
  leave();
}

int posix_memalign(void **p, size_t align, size_t n)
{
  int rc;
  enter();
  rc = __interceptor_posix_memalign(p, align, n);
  leave();
  return rc;
}

/* ASan's allocate without malloc(). */
char *strdup(const char *text)
{
  char *copy;
  enter();
  copy = __interceptor_strdup(text);
  leave();
  return copy;
}

char *strndup(const char *text, size_t n)
{
  char *copy;
  enter();
  copy = __interceptor_strndup(text, n);
  leave();
  return copy;
}

/* -- threads -- */

/* Threads whose own code is over. An entry is free when its thread is gone.
   Guarded by `leaving_lock`, which nobody has who does not hold the door. */
#define LEAVING 64
static pthread_mutex_t leaving_lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t leaving[LEAVING];

static bool lives(pid_t tid)
{
  return tid && !syscall(SYS_tgkill, getpid(), tid, 0);
}

/* The calling thread's own code is over. From here on it passes no door:
   fork() holds the door while it waits for this thread. */
static void goodbye(void *arg)
{
  unsigned i = 0;
  (void)arg;
  enter();
  pthread_mutex_lock(&leaving_lock);
  while(lives(leaving[i]))
    i = (i + 1) % LEAVING;
  leaving[i] = gettid();
  pthread_mutex_unlock(&leaving_lock);
  leave();
  inside = 1;
}

struct beginning {
  void *(*run)(void *);
  void *arg;
  bool over; /* the thread has read the other two */
};

static void *thread(void *arg)
{
  struct beginning *b = arg;
  struct beginning mine = *b;
  void *result;
  __atomic_store_n(&b->over, true, __ATOMIC_RELEASE);
  pthread_cleanup_push(goodbye, NULL);
  result = mine.run(mine.arg);
  pthread_cleanup_pop(1);
  return result;
}

int pthread_create(pthread_t *t, const pthread_attr_t *attr,
                   void *(*run)(void *), void *arg)
{
  struct beginning b = { run, arg, false };
  int rc;
  enter();
  rc = __interceptor_pthread_create(t, attr, thread, &b);
  while(!rc && !__atomic_load_n(&b.over, __ATOMIC_ACQUIRE))
    sched_yield();
  leave();
  return rc;
}

/* -- fork() -- */

static void before_fork(void)
{
  pthread_rwlock_wrlock(&door);
  inside = 1;
  for(unsigned i = 0; i < LEAVING; i++) {
    while(lives(leaving[i]))
      sched_yield();
  }
}

static void after_fork(void)
{
  inside = 0;
  pthread_rwlock_unlock(&door);
}

static void in_child(void)
{
  inside = 0;
  pthread_rwlock_init(&door, NULL);
}

static void begin(void)
{
  pthread_atfork(before_fork, after_fork, in_child);
}

/* Before the constructors of all libraries: handlers that are registered first
   wait last, and let go first. */
__attribute__((section(".preinit_array"), used))
static void (*const first)(void) = begin;
#endif
