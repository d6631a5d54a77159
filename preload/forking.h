/* SPDX-License-Identifier: MIT */
#ifndef HE_PRELOAD_FORKING_H
#define HE_PRELOAD_FORKING_H
/* forking.h - fork() in one thread while another one loads an engine. The child
 * would have an object that is half loaded, and whose loading nobody ends. So
 * the two wait for each other. Each waits for a second at most: whoever forks
 * may have the loader's lock. */

/* Before the process has a second thread. */
void he_forking_watch(void);

/* Around the dlopen() of an engine. Any thread, and several at once. */
void he_forking_loads(void);
void he_forking_loaded(void);

#endif
