/* SPDX-License-Identifier: MIT */
#include "net/netns.h"

#ifdef __linux__

#include "base/hash.h"

#include <sys/stat.h>

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

#else

uint64_t he_netns_here(void)
{
  return 0;
}

#endif
