/* SPDX-License-Identifier: MIT */
#ifndef EASY_LISTENER_H
#define EASY_LISTENER_H
/* listener.h - a web server with one answer, on a thread of the test: for what
 * the laboratory's servers cannot be reached by. */
#include <pthread.h>

#define LISTENER_SAYS "hello from next door\n"

struct listener {
  pthread_t thread;
  int fd;
  int port;          /* of 127.0.0.1 */
  char path[64];     /* of the Unix socket, empty where it has no file */
  char name[64];     /* of the abstract Unix socket */
};

void listener_tcp(struct listener *l);
void listener_any(struct listener *l);    /* of any IPv4 address */
void listener_unix(struct listener *l);
void listener_abstract(struct listener *l);
void listener_stop(struct listener *l);

#endif
