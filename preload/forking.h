/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_FORKING_H
#define HE_PRELOAD_FORKING_H
/* forking.h - fork() in one thread while another one has the loader work. In
 * the child glibc frees the loader's lock, and what the loader had begun is
 * left half done: the child would crash in its own first call. So the two wait
 * for each other. Each waits for a quarter of a second at most: whoever forks
 * may have the loader's lock. */

/* Before the process has a second thread. */
void he_forking_watch(void);

/* Around what the front asks of the loader. Any thread, and several at once. No
   lock may be taken in between. */
void he_forking_loads(void);
void he_forking_loaded(void);

#endif
