/* SPDX-License-Identifier: MIT */
#ifndef MULTI_TRANSFERS_H
#define MULTI_TRANSFERS_H
/* transfers.h - what every event loop does with libcurl's multi handle. */
#include <curl/curl.h>
#include <stdbool.h>

struct transfers {
  CURLM *multi;
  int running;         /* as libcurl last said */
  void (*done)(CURL *easy, CURLcode result, void *user);
  void *user;
};

/* Tells libcurl what has happened: CURL_CSELECT_ bits at a socket; or, with
   CURL_SOCKET_TIMEOUT and 0, that the time it asked for has passed. Then tells
   `done` of the transfers that have ended. False where libcurl is at fault. */
bool transfers_act(struct transfers *t, curl_socket_t s, int bits);

/* Only the second half: for loops on curl_multi_perform(). */
void transfers_reap(struct transfers *t);

/* -- a loop: one of epoll.c, event.c, uv.c -- */

struct loop;

/* Takes the multi handle's CURLMOPT_SOCKETFUNCTION and _TIMERFUNCTION. NULL
   where the system has no such loop to give. */
struct loop *loop_new(struct transfers *t);

/* Runs until no transfer is left, or `ms` milliseconds have passed; -1: no
   limit. False where the event system, or libcurl, refused something. */
bool loop_run(struct loop *l, int ms);

/* To be called after curl_multi_cleanup(), which still has sockets to take
   out. NULL is fine. */
void loop_free(struct loop *l);

#endif
