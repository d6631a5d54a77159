/* SPDX-License-Identifier: MIT */
#ifndef LAB_CONTROL_H
#define LAB_CONTROL_H
/* control.h - the emulator's side of the control socket: one request line a
 * connection, the answer's first line is "ok" or "error REASON".
 *
 *   reset                forget the record, the counts and the random state
 *   restore              the rules of the table of scenarios, no others
 *   syns ADDR            number of SYNs sent there
 *   log                  what the client sent, a packet a line
 *   traffic              what came to it as well, and the questions of DNS
 *   rule PREFIX WORDS…   add or replace; "rule PREFIX none" removes
 *   rules                number of rules
 *   nat64 PREFIX…        of the translator; "off": there is none; restore
 *                        makes it LAB_NAT64
 *   pref64 PREFIX LIFETIME  a router advertises this prefix, for so many
 *                        seconds, to the client
 */
#include "emulator.h"

#define LAB_CONTROL_CONNS 32
#define LAB_CONTROL_LINE 512

struct lab_conn {
  int fd; /* -1: free */
  char line[LAB_CONTROL_LINE];
  size_t got;
  char *reply; /* NULL while the request is read */
  size_t len;
  size_t sent;
};

struct lab_control {
  struct lab_net *net;
  int poll;
  int listener;
  struct lab_conn conns[LAB_CONTROL_CONNS];
};

/* `poll` is the epoll that the caller waits on; the connections go there
 * too. The listener must be non-blocking and is not owned. */
void lab_control_init(struct lab_control *c, struct lab_net *net, int poll,
                      int listener);

/* Something happened to a descriptor that is not the caller's own. Never
 * blocks. */
void lab_control_handle(struct lab_control *c, int fd, uint32_t events);

#endif
