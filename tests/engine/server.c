/* SPDX-License-Identifier: MIT */
#include "server.h"
#include "common.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 64

static struct pollfd at[MOST];   /* the first is the listener */
static nfds_t count;
static pthread_t thread;
static bool stops, resets;

static void answer(int fd, nfds_t i)
{
  static const char ok[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  char request[4096];
  ssize_t n = recv(fd, request, sizeof(request), 0);
  if(n > 0 && send(fd, ok, sizeof(ok) - 1, MSG_NOSIGNAL) > 0)
    return;
  close(fd);
  at[i] = at[--count];
}

static void reset_all(void)
{
  struct linger now = { .l_onoff = 1, .l_linger = 0 };
  while(count > 1) {
    int fd = at[--count].fd;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
  }
}

void server_reset(void)
{
  __atomic_store_n(&resets, true, __ATOMIC_SEQ_CST);
  while(__atomic_load_n(&resets, __ATOMIC_SEQ_CST))
    sleep_ms(1);
}

static void *serve(void *arg)
{
  (void)arg;
  while(!__atomic_load_n(&stops, __ATOMIC_ACQUIRE)) {
    poll(at, count, 20);
    if(__atomic_load_n(&resets, __ATOMIC_SEQ_CST)) {
      reset_all();
      __atomic_store_n(&resets, false, __ATOMIC_SEQ_CST);
      continue;
    }
    for(nfds_t i = count - 1; i > 0; i--) {
      if(at[i].revents)
        answer(at[i].fd, i);
    }
    if(at[0].revents) {
      int fd = accept4(at[0].fd, NULL, NULL, SOCK_CLOEXEC);
      if(fd >= 0 && count == MOST) {   /* the oldest one goes */
        close(at[1].fd);
        at[1] = at[--count];
      }
      if(fd >= 0)
        at[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    }
  }
  while(count)
    close(at[--count].fd);
  return NULL;
}

bool server_start(const char *ip, uint16_t *port)
{
  stops = false;
  at[0] = (struct pollfd){ .fd = listen_at(ip, port, 100), .events = POLLIN };
  count = 1;
  return at[0].fd >= 0 && !pthread_create(&thread, NULL, serve, NULL);
}

void server_stop(void)
{
  __atomic_store_n(&stops, true, __ATOMIC_RELEASE);
  pthread_join(thread, NULL);
}
