/* SPDX-License-Identifier: MIT */
#ifndef HE_THREADS_H
#define HE_THREADS_H
/* threads.h - a thread for what blocks. As many as are asked for: a limit
 * would make work that is quick wait for work that hangs. An idle thread does
 * not exist: it ends. */
#include <pthread.h>
#include <stdbool.h>

/* Calls run(arg) on a thread of its own, with all signals blocked and a small
   stack; nobody joins it. False where no thread can be had. */
bool he_thread_start(void (*run)(void *arg), void *arg);

/* pthread_create(), the thread with all signals blocked. */
int he_thread_create(pthread_t *thread, const pthread_attr_t *attr,
                     void *(*run)(void *arg), void *arg);

#endif
