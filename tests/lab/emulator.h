/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_H
#define LAB_EMULATOR_H
/* emulator.h - the network between the two namespaces. */
#include "record.h"

/* What the network is made of; the control connection changes it. */
struct lab_net {
  struct lab_rules rules;
  struct lab_record record;
  uint64_t random; /* never 0; reset starts it anew */
};

#define LAB_SEED 0x9e3779b97f4a7c15u

/* Forwards packets between the two TUN devices and serves the control
 * socket. Returns only on an error, which it has written to stderr. */
int lab_emulate(int client_tun, int server_tun, int listener);

#endif
