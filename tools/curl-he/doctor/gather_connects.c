/* SPDX-License-Identifier: MIT */
/* gather_connects.c - one connect to each address, all at once. */
#include "gather.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct attempt {
  struct he_trial *t;
  int fd;
  double start;
};

static socklen_t address_of(const struct he_trial *t, int port,
                            struct sockaddr_storage *ss)
{
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)ss;
  struct sockaddr_in *four = (struct sockaddr_in *)ss;
  memset(ss, 0, sizeof(*ss));
  if(t->family == HE_SIX) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, t->address, &six->sin6_addr) == 1 ?
           sizeof(*six) : 0;
  }
  four->sin_family = AF_INET;
  four->sin_port = htons((uint16_t)port);
  return inet_pton(AF_INET, t->address, &four->sin_addr) == 1 ?
         sizeof(*four) : 0;
}

static void decide(struct attempt *a, int error)
{
  a->t->ms = he_gather_now() - a->start;
  a->t->reach = !error ? HE_REACH_CONNECTED :
                error == ECONNREFUSED ? HE_REACH_REFUSED :
                error == ETIMEDOUT ? HE_REACH_SILENT : HE_REACH_UNREACHABLE;
  if(a->fd >= 0)
    close(a->fd);
  a->fd = -1;
}

static void start(struct attempt *a, int port)
{
  struct sockaddr_storage ss;
  const socklen_t len = address_of(a->t, port, &ss);
  a->start = he_gather_now();
  a->fd = !len ? -1 : socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
                             SOCK_CLOEXEC, 0);
  if(a->fd < 0)
    decide(a, EAFNOSUPPORT);
  else if(!connect(a->fd, (struct sockaddr *)&ss, len))
    decide(a, 0);
  else if(errno != EINPROGRESS)
    decide(a, errno);
}

static void look(struct attempt *a)
{
  int error = 0;
  socklen_t len = sizeof(error);
  if(getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len))
    error = errno;
  decide(a, error);
}

void he_gather_connects(struct he_site *h, double limit_ms)
{
  struct attempt list[HE_TRIES];
  struct pollfd fds[HE_TRIES];
  const double end = he_gather_now() + limit_ms;
  for(size_t i = 0; i < h->tried_n; i++) {
    list[i] = (struct attempt){ .t = &h->tried[i] };
    start(&list[i], h->port);
  }
  for(;;) {
    const double left = end - he_gather_now();
    unsigned open = 0;
    for(size_t i = 0; i < h->tried_n; i++) {
      fds[i] = (struct pollfd){ .fd = list[i].fd, .events = POLLOUT };
      open += list[i].fd >= 0;
    }
    if(!open || left <= 0)
      break;
    if(poll(fds, (nfds_t)h->tried_n, (int)left + 1) < 0 && errno != EINTR)
      break;
    for(size_t i = 0; i < h->tried_n; i++) {
      if(list[i].fd >= 0 && fds[i].revents)
        look(&list[i]);
    }
  }
  for(size_t i = 0; i < h->tried_n; i++) {
    if(list[i].fd >= 0)
      decide(&list[i], ETIMEDOUT);
  }
}
