/* SPDX-License-Identifier: MIT */
#ifndef HE_NETNS_H
#define HE_NETNS_H
/* netns.h - network namespaces: a thread that has called setns() or unshare()
 * is in another network than the rest of its process. */
#include <stdint.h>

/* A number for the calling thread's; 0: not known, as where there is no /proc,
   or no such thing. One system call, which does not block. */
uint64_t he_netns_here(void);

#endif
