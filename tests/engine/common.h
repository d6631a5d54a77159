/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_COMMON_H
#define HE_TEST_COMMON_H
/* common.h - what the programs of tests/engine share: chance with a seed that
 * is told, counting what a process has open, and loopback sockets that answer,
 * refuse or are silent. */
#include "base/addr.h"

#include <sys/types.h>

/* Numbers from HE_SEED, else from the clock; the seed is told once. */
void test_seed(void);
unsigned roll(unsigned sides);                /* 0 ... sides - 1 */
unsigned roll_of(uint64_t *dice, unsigned sides);   /* a thread's own dice */
uint64_t new_dice(void);

/* n; half of it where HE_QUICK is set (./run check); a fifth where everything
   is slow (HE_SLOW=1, sanitizers). */
unsigned rounds(unsigned n);
bool under_tsan(void);

/* In a child: a test that is broken off leaves nobody who hangs, and holds its
   output open. */
void end_with_parent(void);

/* fork(); the child ends with its parent, and is as good for threads. TSan
   takes a thread for one of the parent's that had the same stack: in the
   child it gets larger ones, for which the C library does not reuse these. */
pid_t fork_with_threads(void);

/* How many threads and descriptors the process has now, what a sanitizer
   starts with the first thread included. */
void count_start(void);

/* What there is more than that. A resolver's thread ends by itself, some time
   after its answer: waits for ten seconds at most. */
int threads_left(int but);    /* that many, the test's own */
int fds_left(void);

void sleep_ms(unsigned ms);
unsigned elapsed_ms(he_time_ns since);

/* -- loopback; the sockets are the caller's to close -- */

/* A listener at `ip` (127.0.0.x), at port *port, 0: any, which it writes. */
int listen_at(const char *ip, uint16_t *port, int backlog);

/* A listener whose queue is full: whoever connects stays in SYN-SENT. The
   sockets that fill it are written to `fill`. */
#define FILL 2
int silent_at(const char *ip, uint16_t *port, int fill[FILL]);

/* A port at which nobody listens. */
uint16_t closed_port(const char *ip);

struct he_addr addr_of(const char *ip, uint16_t port);

/* A non-blocking socket on its way to an address, as libcurl makes it. */
int connect_to(const struct he_addr *a);

/* Is it connected within ten seconds? */
bool connects(int fd);

#endif
