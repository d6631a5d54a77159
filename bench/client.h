/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H
/* client.h - a transfer over a connection of its own, and how long it took to
 * be connected. */
#include <curl_he/curl_he.h>
#include <stdbool.h>

struct client {
  CURL *easy;
  const char *mode;
  double connected;
  char said[CURL_ERROR_SIZE];
};

/* "curl": libcurl alone; "easy": curl_easy_perform() of a handle that is set
   up; "perform": curl_he_perform(); "epoll": as "easy", in the strict event
   loop of examples/multi. False, and said: not to be had. */
bool client_open(struct client *c, const char *mode, const char *url,
                 long limit_ms);

/* Prints "MS WINNER CODE TEXT": milliseconds from the call to the connected
   socket, or to the error, "-" for no winner, libcurl's code and what it says
   about it. */
void client_go(struct client *c);

void client_close(struct client *c);

#endif
