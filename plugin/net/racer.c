/* SPDX-License-Identifier: MIT */
/* racer.c - one thread a process, started by the first post, ended by the last
 * he_racer_put(). The struct lives on as long as a task names it, for another
 * thread's callback may hold one and post to it at any time.
 *
 * Lock order: `current_lock`, then a racer's `lock`. Under `lock` stand the
 * mailbox, the expected tasks, `armed`, `awake`, `started` and `stop`; all
 * else is the thread's own. Nobody is called back with a lock held.
 *
 * The mailbox is lazy: post() sets the poller's alarm to the latest moment at
 * which the mail matters. So are expected tasks, of which most are withdrawn
 * before their time. The alarm stays as it is then, so that the next ones need
 * not set it. */
#include "net/racer.h"
#include "base/clock.h"
#include "base/fds.h"
#include "base/forks.h"
#include "base/hash.h"
#include "net/poller.h"
#include "net/tcp.h"
#include "net/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#ifdef __has_include
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define SINGLE_THREADED __libc_single_threaded
#endif
#endif
#ifndef SINGLE_THREADED
#define SINGLE_THREADED false
#endif

struct he_racer {
  pthread_mutex_t lock;
  struct he_mail *mail;         /* oldest first */
  struct he_mail **mail_end;
  struct he_timers expected;
  he_time_ns armed;             /* what the alarm is set to */
  bool awake;                   /* it looks at all before it sleeps */
  pthread_t thread;
  bool started;
  bool stop;
  uint64_t netns;               /* atomic: the thread's; 0: not known */

  unsigned users;               /* under current_lock */
  unsigned refs;                /* atomic: tasks, he_racer_ref(), all users */
  unsigned born_in;             /* the fork generation */
  struct he_poller *poller;     /* NULL until the thread is to start */
  struct he_timers timers;
  struct he_task *held;
  struct he_task *retired;
};

static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_racer *current;
static unsigned fork_generation;

/* -- fork: the child has no racer thread, and has closed its copies of the
   descriptors (fds.h). It forgets the racer and starts anew. -- */

static void before_fork(void)
{
  pthread_mutex_lock(&current_lock);
  if(current)
    pthread_mutex_lock(&current->lock);
}

static void after_fork_parent(void)
{
  if(current)
    pthread_mutex_unlock(&current->lock);
  pthread_mutex_unlock(&current_lock);
}

static void after_fork_child(void)
{
  if(current)
    pthread_mutex_unlock(&current->lock);
  current = NULL;
  __atomic_add_fetch(&fork_generation, 1, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&current_lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

bool he_racer_alive(const struct he_racer *r)
{
  return r->born_in == __atomic_load_n(&fork_generation, __ATOMIC_RELAXED);
}

/* -- life -- */

void he_racer_ref(struct he_racer *r)
{
  __atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
}

void he_racer_unref(struct he_racer *r)
{
  if(r && !__atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL)) {
    pthread_mutex_destroy(&r->lock);
    free(r);
  }
}

static struct he_racer *racer_new(void)
{
  struct he_racer *r = calloc(1, sizeof(*r));
  if(!r)
    return NULL;
  if(SINGLE_THREADED)         /* now it is cheap */
    he_wire_reserve();
  pthread_mutex_init(&r->lock, NULL);
  r->refs = 1;
  r->mail_end = &r->mail;
  r->armed = HE_NEVER;
  r->born_in = __atomic_load_n(&fork_generation, __ATOMIC_RELAXED);
  return r;
}

struct he_racer *he_racer_get(void)
{
  struct he_racer *r;
  he_fds_watch_forks();
  he_fork_watch(HE_FORK_RACER, &forks);
  pthread_mutex_lock(&current_lock);
  if(!current)
    current = racer_new();
  r = current;
  if(r)
    r->users++;
  pthread_mutex_unlock(&current_lock);
  return r;
}

struct he_racer *he_racer_current(void)
{
  struct he_racer *r;
  pthread_mutex_lock(&current_lock);
  r = current;
  if(r)
    he_racer_ref(r);
  pthread_mutex_unlock(&current_lock);
  return r;
}

bool he_racer_put(struct he_racer *r)
{
  bool last, started;
  if(!r)
    return false;
  pthread_mutex_lock(&current_lock);
  last = !--r->users;
  if(last && current == r)
    current = NULL;
  pthread_mutex_unlock(&current_lock);
  if(!last)
    return false;
  if(!he_racer_alive(r))
    return true;  /* the parent's thread may still stand in it: let it be */
  pthread_mutex_lock(&r->lock);
  r->stop = true;
  started = r->started;
  if(started)
    he_poller_alarm(r->poller, 0);
  pthread_mutex_unlock(&r->lock);
  if(started)
    pthread_join(r->thread, NULL);
  he_timers_free(&r->timers);
  he_timers_free(&r->expected);
  he_poller_free(r->poller);
  he_racer_unref(r);
  return true;
}

/* -- tasks -- */

void he_task_init(struct he_task *t, struct he_racer *r,
                  const struct he_task_ops *ops)
{
  t->ops = ops;
  t->racer = r;
  t->timer = t->expected = (struct he_timer){ .due = HE_NEVER };
  t->next = NULL;
  t->link = NULL;
  t->refs = 1;
  t->held = t->retired = false;
  he_racer_ref(r);
}

void he_task_ref(struct he_task *t)
{
  __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

void he_task_unref(struct he_task *t)
{
  struct he_racer *r = t->racer;
  if(!__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL)) {
    t->ops->destroy(t);
    he_racer_unref(r);
  }
}

void he_task_wake_at(struct he_task *t, he_time_ns due)
{
  if(t->held && !t->retired)
    he_timer_set(&t->racer->timers, &t->timer, due);
}

bool he_task_watch(struct he_task *t, struct he_watch *w, int fd)
{
  return he_poller_watch(t->racer->poller, fd, HE_POLLER_CONNECT, w,
                         &w->ticket);
}

bool he_task_listen(struct he_task *t, struct he_watch *w, int fd)
{
  return he_poller_watch(t->racer->poller, fd, HE_POLLER_READ, w,
                         &w->ticket);
}

bool he_task_await(struct he_task *t, struct he_watch *w, int fd, bool reads,
                   bool writes, bool watched)
{
  const enum he_poller_for reason = !writes ? HE_POLLER_READ :
                                    reads ? HE_POLLER_BOTH : HE_POLLER_WRITE;
  struct he_poller *p = t->racer->poller;
  return watched ? he_poller_change(p, fd, reason, w->ticket) :
         he_poller_watch(p, fd, reason, w, &w->ticket);
}

void he_task_unwatch(struct he_task *t, struct he_watch *w, int fd)
{
  he_poller_unwatch(t->racer->poller, fd, w->ticket);
}

/* The racer takes a reference, and gives it back when the task has retired or
   the thread ends. */
static void hold(struct he_racer *r, struct he_task *t)
{
  t->held = true;
  he_task_ref(t);
  t->next = r->held;
  t->link = &r->held;
  if(t->next)
    t->next->link = &t->next;
  r->held = t;
}

bool he_task_hold(struct he_task *t)
{
  if(!t->held && he_timers_reserve(&t->racer->timers))
    hold(t->racer, t);
  return t->held;
}

void he_task_retire(struct he_task *t)
{
  struct he_racer *r = t->racer;
  if(!t->held || t->retired)
    return;
  he_timer_set(&r->timers, &t->timer, HE_NEVER);
  he_timers_release(&r->timers);
  *t->link = t->next;
  if(t->next)
    t->next->link = t->link;
  t->retired = true;
  t->next = r->retired;
  r->retired = t;
}

static void bury_retired(struct he_racer *r)
{
  while(r->retired) {
    struct he_task *t = r->retired;
    r->retired = t->next;
    t->ops->buried(t);
    he_task_unref(t);
  }
}

/* -- the thread -- */

static struct he_mail *take_mail(struct he_racer *r, bool *stop)
{
  struct he_mail *m;
  pthread_mutex_lock(&r->lock);
  m = r->mail;
  r->mail = NULL;
  r->mail_end = &r->mail;
  *stop = r->stop;
  pthread_mutex_unlock(&r->lock);
  return m;
}

static void deliver(struct he_mail *m)
{
  while(m) {
    struct he_mail *next = m->next;
    struct he_task *t = m->task;
    /* without a place in the heap a task still hears, it only cannot wait */
    he_task_hold(t);
    t->ops->mail(t, m, he_clock_now());
    he_task_unref(t);
    m = next;
  }
}

/* -- expected tasks -- */

static void leave_locked(struct he_racer *r, struct he_task *t)
{
  he_timer_set(&r->expected, &t->expected, HE_NEVER);
  he_timers_release(&r->expected);
}

void he_racer_withdraw(struct he_task *t)
{
  struct he_racer *r = t->racer;
  bool was = false;
  if(!he_racer_alive(r))
    return;
  pthread_mutex_lock(&r->lock);
  was = t->expected.place;
  if(was)
    leave_locked(r, t);
  pthread_mutex_unlock(&r->lock);
  if(was)
    he_task_unref(t);
}

/* The first whose time has come, with its reference. */
static struct he_task *take_expected(struct he_racer *r, he_time_ns by)
{
  struct he_timer *timer;
  pthread_mutex_lock(&r->lock);
  timer = he_timers_pop(&r->expected, by);
  if(timer)
    he_timers_release(&r->expected);
  pthread_mutex_unlock(&r->lock);
  return timer ? (struct he_task *)
    ((char *)timer - offsetof(struct he_task, expected)) : NULL;
}

/* -- sleep -- */

static void wake_locked(struct he_racer *r, he_time_ns by)
{
  if(by < r->armed && !r->awake) {
    r->armed = by;
    he_poller_alarm(r->poller, by);
  }
}

static bool is_due_locked(struct he_racer *r, he_time_ns now)
{
  return he_timers_due(&r->timers) <= now ||
         he_timers_due(&r->expected) <= now;
}

/* Sets the alarm for the next deadline, if it is not set for earlier: to wake
   once for nothing is cheaper than to set it again for each connect. False:
   there is something to do. */
static bool fall_asleep(struct he_racer *r)
{
  bool sleeps;
  pthread_mutex_lock(&r->lock);
  sleeps = !r->mail && !r->stop && !is_due_locked(r, he_clock_now());
  if(sleeps) {
    r->awake = false;
    wake_locked(r, he_timers_due(&r->timers));
    wake_locked(r, he_timers_due(&r->expected));
  }
  pthread_mutex_unlock(&r->lock);
  return sleeps;
}

/* The timer expired: forget it. At worst epoll reports it once more, and
   nothing is due. */
static void awake(struct he_racer *r, he_time_ns now)
{
  pthread_mutex_lock(&r->lock);
  r->awake = true;
  if(r->armed <= now)
    r->armed = HE_NEVER;
  pthread_mutex_unlock(&r->lock);
}

/* Nobody will post to them, or wake them, again. */
static void end_held(struct he_racer *r)
{
  struct he_task *t;
  while((t = r->held)) {
    t->ops->ended(t, he_clock_now());
    he_task_retire(t);
  }
  bury_retired(r);
  while((t = take_expected(r, HE_NEVER)))
    he_task_unref(t);
}

static _Thread_local bool here;

bool he_racer_here(void)
{
  return here;
}

uint64_t he_netns_here(void)
{
  struct stat st;
  uint64_t h;
  if(stat("/proc/thread-self/ns/net", &st))
    return 0;
  h = he_hash(HE_HASH_BEGIN, &st.st_dev, sizeof(st.st_dev));
  h = he_hash(h, &st.st_ino, sizeof(st.st_ino));
  return h ? h : 1;
}

bool he_racer_elsewhere(const struct he_racer *r, uint64_t netns)
{
  const uint64_t there = __atomic_load_n(&r->netns, __ATOMIC_RELAXED);
  if(there && !netns)
    netns = he_netns_here();
  return there && netns && netns != there;
}

/* What is due when this begins. A task may want to go on at once, again and
   again, as when somebody sends it more than it can take: it has its turn in
   the next round, after the mail and the sockets of all others. */
static void run_due(struct he_racer *r)
{
  const he_time_ns until = he_clock_now();
  struct he_task *expected;
  struct he_timer *timer;
  while((timer = he_timers_pop(&r->timers, until))) {
    struct he_task *t = (struct he_task *)
      ((char *)timer - offsetof(struct he_task, timer));
    t->ops->due(t, he_clock_now());
  }
  while((expected = take_expected(r, until))) {
    expected->ops->expected(expected, he_clock_now());
    he_task_unref(expected);
  }
}

static void *racer_main(void *arg)
{
  struct he_racer *r = arg;
  void *ready[64];
  bool stop = false, sleeps = true;
  here = true;
  __atomic_store_n(&r->netns, he_netns_here(), __ATOMIC_RELAXED);
  he_wire_reserve();          /* before anything is due, rather than then */
  while(!stop) {
    size_t n = he_poller_wait(r->poller, ready, 64, sleeps);
    awake(r, he_clock_now());
    deliver(take_mail(r, &stop));
    for(size_t i = 0; i < n; i++) {
      struct he_watch *w = ready[i];
      w->ready(w, he_clock_now());
    }
    run_due(r);
    bury_retired(r);
    sleeps = fall_asleep(r);
  }
  end_held(r);
  return NULL;
}

/* With the lock: is there a thread, or can one be started? What it sleeps on
   takes descriptors, which a process that needs no racer keeps. */
static bool runs_locked(struct he_racer *r)
{
  if(!r->started && !r->stop) {
    if(!r->poller)
      r->poller = he_poller_new();
    r->started = r->poller && !he_thread_create(&r->thread, NULL, racer_main,
                                                r);
  }
  return r->started && !r->stop;
}

bool he_racer_post(struct he_mail *m, struct he_task *t, he_time_ns by)
{
  struct he_racer *r = t->racer;
  bool ok;
  if(!he_racer_alive(r))
    return false;
  pthread_mutex_lock(&r->lock);
  ok = runs_locked(r);
  if(ok) {
    m->next = NULL;
    m->task = t;
    he_task_ref(t);
    *r->mail_end = m;
    r->mail_end = &m->next;
    wake_locked(r, by);
  }
  pthread_mutex_unlock(&r->lock);
  return ok;
}

bool he_racer_expect(struct he_task *t, he_time_ns by)
{
  struct he_racer *r = t->racer;
  bool ok;
  if(!he_racer_alive(r))
    return false;
  pthread_mutex_lock(&r->lock);
  ok = runs_locked(r) && !t->expected.place && by != HE_NEVER &&
       he_timers_reserve(&r->expected);
  if(ok) {
    he_task_ref(t);
    he_timer_set(&r->expected, &t->expected, by);
    wake_locked(r, by);
  }
  pthread_mutex_unlock(&r->lock);
  return ok;
}
