/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_KEEPER_H
#define HE_LAB_KEEPER_H
/* keeper.h - the process that holds a client and all of its children. It is
 * the first of a PID namespace: when it ends, the kernel ends everything in
 * there, whatever sessions and groups that has made for itself. */
#include <sys/types.h>

/* What the keeper says when the client has ended by itself. */
struct he_lab_verdict {
  int status;                 /* of waitpid() */
  int left;                   /* in SYN-SENT, at the last look before that */
  int left_after;             /* in SYN-SENT, right after the end */
};

/* Starts a keeper and, in it, the client, with its output to `out`. When the
   client has ended the keeper writes a struct he_lab_verdict to `verdict`.
   Returns the keeper, a child of the caller, or -1 with errno. */
pid_t he_lab_keeper(char **argv, int out, int verdict);

#endif
