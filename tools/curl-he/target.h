/* SPDX-License-Identifier: MIT */
#ifndef HE_TARGET_H
#define HE_TARGET_H
/* target.h - HOST[:PORT] of a command line. */
#include <stdbool.h>

struct he_target {
  char host[256];               /* without brackets */
  char url_host[264];           /* as a URL has it */
  int port;
};

/* Reads a host name, an IPv4 address, or an IPv6 address in brackets, with a
   port or without. False: `why` says what is wrong, static. */
bool he_target_read(const char *word, int port, struct he_target *t,
                    const char **why);

#endif
