/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_H
#define LAB_EMULATOR_H
/* emulator.h - the network between the two namespaces. */
#include "nat64.h"
#include "record.h"

/* What the network is made of; the control connection changes it. */
struct lab_net {
  struct lab_rules rules;
  struct lab_record record;
  struct lab_nat64 nat64;
  uint64_t random; /* never 0; reset starts it anew */
  uint8_t notice[LAB_ANSWER_MAX]; /* a packet for the client, to be sent next */
  size_t notice_len; /* 0: none */
};

#define LAB_SEED 0x9e3779b97f4a7c15u

/* Forwards packets between the two TUN devices and serves the control
 * socket. Returns only on an error, which it has written to stderr. */
int lab_emulate(int client_tun, int server_tun, int listener);

#endif
