/* SPDX-License-Identifier: MIT */
/* known.c - a hash table by address. Each slot has a lock of its own, which is
 * held for a few instructions: threads with handles of their own hardly ever
 * meet. */
#include "curl/known.h"
#include "base/forks.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define SLOT_BITS 10
#define SLOTS (1u << SLOT_BITS)
/* A lock for each 32 slots. fork() holds them all, and ThreadSanitizer knows
   no thread that holds more than 63. */
#define LOCKS 32u

static struct he_known *slots[SLOTS];
static struct {
  _Alignas(64) pthread_mutex_t lock;   /* a cache line each */
} locks[LOCKS];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static long last_mark;      /* atomic */

static void lock_all(void)
{
  for(unsigned i = 0; i < LOCKS; i++)
    pthread_mutex_lock(&locks[i].lock);
}

static void unlock_all(void)
{
  for(unsigned i = LOCKS; i--;)
    pthread_mutex_unlock(&locks[i].lock);
}

static void begin(void)
{
  static const struct he_fork_hooks forks = {
    lock_all, unlock_all, unlock_all
  };
  for(unsigned i = 0; i < LOCKS; i++)
    pthread_mutex_init(&locks[i].lock, NULL);
  he_fork_watch(HE_FORK_KNOWN, &forks);
}

static unsigned slot_of(const CURL *easy)
{
  return (unsigned)((uint64_t)(uintptr_t)easy * 0x9e3779b97f4a7c15u >>
                    (64 - SLOT_BITS));
}

static pthread_mutex_t *lock_of(unsigned slot)
{
  return &locks[slot % LOCKS].lock;
}

static struct he_known **find_locked(unsigned slot, const CURL *easy)
{
  struct he_known **link = &slots[slot];
  while(*link && (*link)->easy != easy)
    link = &(*link)->next;
  return link;
}

struct he_known *he_known_of(CURL *easy)
{
  unsigned slot = slot_of(easy);
  struct he_known *k;
  /* no lock is needed to see that this one was never added */
  if(!__atomic_load_n(&slots[slot], __ATOMIC_ACQUIRE))
    return NULL;
  pthread_mutex_lock(lock_of(slot));
  k = *find_locked(slot, easy);
  pthread_mutex_unlock(lock_of(slot));
  return k;
}

/* Puts k in the place of what is known of this address; NULL: nothing. */
static void replace(CURL *easy, struct he_known *k)
{
  unsigned slot = slot_of(easy);
  struct he_known **link, *old;
  pthread_once(&once, begin);
  pthread_mutex_lock(lock_of(slot));
  link = find_locked(slot, easy);
  old = *link;
  if(old)
    __atomic_store_n(link, old->next, __ATOMIC_RELEASE);
  if(k) {
    k->next = slots[slot];
    __atomic_store_n(&slots[slot], k, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(lock_of(slot));
  he_known_put(old);
}

void he_known_add(CURL *easy, const struct he_declared *like)
{
  struct he_known *k = malloc(sizeof(*k));
  if(k) {
    k->easy = easy;
    k->refs = 1;
    k->set_up = false;
    k->multi = NULL;
    k->connected = false;
    k->declared = he_declared_none;
    if(like && !he_declared_copy(&k->declared, like)) {
      free(k);
      k = NULL;
    }
  }
  if(k)
    k->mark = he_mark_set(easy);
  replace(easy, k);
}

struct he_known *he_known_checked(CURL *easy)
{
  struct he_known *k = he_known_of(easy);
  if(k && !he_mark_is(easy, k->mark)) {
    he_known_forget(easy);
    k = NULL;
  }
  return k;
}

void he_known_forget(CURL *easy)
{
  if(he_known_of(easy))
    replace(easy, NULL);
}

void he_known_ref(struct he_known *k)
{
  __atomic_add_fetch(&k->refs, 1, __ATOMIC_RELAXED);
}

void he_known_put(struct he_known *k)
{
  if(k && !__atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL)) {
    he_declared_clear(&k->declared);
    free(k);
  }
}

/* -- marks -- */

/* Large, so that it is none that an application counts up to. */
#define FIRST_MARK 0x48450000L

long he_mark_set(CURL *easy)
{
  long n = __atomic_add_fetch(&last_mark, 1, __ATOMIC_RELAXED);
  long mark = FIRST_MARK + n % (INT_MAX - FIRST_MARK);
  return curl_easy_setopt(easy, CURLOPT_RTSP_SERVER_CSEQ, mark) ? 0 : mark;
}

bool he_mark_is(CURL *easy, long mark)
{
  long now = 0;
  return !mark || (!curl_easy_getinfo(easy, CURLINFO_RTSP_SERVER_CSEQ, &now) &&
                   now == mark);
}
