/* SPDX-License-Identifier: MIT */
#include "socks.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME 256

struct request {
  char host[NAME];
  unsigned int port;
};

static bool get(int fd, void *to, size_t n)
{
  return recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

static void put(int fd, const char *what, size_t n)
{
  if(send(fd, what, n, MSG_NOSIGNAL) < 0)
    _exit(1);
}

/* Reads up to a zero. */
static bool get_text(int fd, char to[NAME])
{
  for(size_t i = 0; i < NAME; i++) {
    if(!get(fd, &to[i], 1))
      return false;
    if(!to[i])
      return true;
  }
  return false;
}

/* port, address, user, and in 4a, where the address is 0.0.0.x, a name */
static bool read_v4(int fd, struct request *r)
{
  unsigned char head[7];
  char user[NAME];
  if(!get(fd, head, 7) || head[0] != 1 || !get_text(fd, user))
    return false;
  r->port = head[1] * 256u + head[2];
  if(!head[3] && !head[4] && !head[5] && head[6])
    return get_text(fd, r->host);
  return inet_ntop(AF_INET, head + 3, r->host, NAME) != NULL;
}

static bool read_v5(int fd, struct request *r)
{
  unsigned char head[4], address[NAME], length = 0;
  if(!get(fd, &length, 1) || !get(fd, address, length))
    return false;
  put(fd, "\5\0", 2);   /* no password */
  if(!get(fd, head, 4) || head[0] != 5 || head[1] != 1)
    return false;
  memset(r->host, 0, NAME);
  switch(head[3]) {
  case 1:
    if(!get(fd, address, 4) || !inet_ntop(AF_INET, address, r->host, NAME))
      return false;
    break;
  case 4:
    if(!get(fd, address, 16) || !inet_ntop(AF_INET6, address, r->host, NAME))
      return false;
    break;
  case 3:
    if(!get(fd, &length, 1) || !get(fd, r->host, length))
      return false;
    break;
  default:
    return false;
  }
  if(!get(fd, address, 2))
    return false;
  r->port = address[0] * 256u + address[1];
  return true;
}

static int dial(const struct request *r)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *ai = NULL;
  char port[8];
  int fd = -1;
  snprintf(port, sizeof(port), "%u", r->port & 65535u);
  if(getaddrinfo(r->host, port, &hints, &ai))
    return -1;
  for(const struct addrinfo *a = ai; a && fd < 0; a = a->ai_next) {
    fd = socket(a->ai_family, SOCK_STREAM, 0);
    if(fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(ai);
  return fd;
}

/* Until one of the two has no more to say. */
static void relay(int a, int b)
{
  struct pollfd p[2] = { { .fd = a, .events = POLLIN },
                         { .fd = b, .events = POLLIN } };
  char buf[16384];
  while(poll(p, 2, -1) > 0) {
    for(int i = 0; i < 2; i++) {
      ssize_t n = p[i].revents ? recv(p[i].fd, buf, sizeof(buf), 0) : -2;
      if(n == 0 || n == -1)
        return;
      if(n > 0)
        put(p[!i].fd, buf, (size_t)n);
    }
  }
}

static int serve(int fd)
{
  struct request r;
  unsigned char version = 0;
  int there = -1;
  if(!get(fd, &version, 1))
    return 1;
  if(version == 4 ? read_v4(fd, &r) : version == 5 && read_v5(fd, &r))
    there = dial(&r);
  if(version == 4)
    put(fd, there < 0 ? "\0\133\0\0\0\0\0\0" : "\0\132\0\0\0\0\0\0", 8);
  else
    put(fd, there < 0 ? "\5\5\0\1\0\0\0\0\0\0" : "\5\0\0\1\0\0\0\0\0\0", 10);
  if(there >= 0)
    relay(fd, there);
  return 0;
}

static int listen_at(const struct sockaddr *sa, socklen_t len)
{
  int on = 1;
  int fd = socket(sa->sa_family, SOCK_STREAM, 0);
  if(fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
     bind(fd, sa, len) || listen(fd, 64)) {
    perror("socks");
    exit(1);
  }
  return fd;
}

int lab_socks(const char *v4, const char *v6, unsigned int port)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
  struct pollfd p[2];
  in.sin_port = in6.sin6_port = htons((in_port_t)port);
  if(inet_pton(AF_INET, v4, &in.sin_addr) != 1 ||
     inet_pton(AF_INET6, v6, &in6.sin6_addr) != 1)
    return 1;
  p[0].fd = listen_at((struct sockaddr *)&in, sizeof(in));
  p[1].fd = listen_at((struct sockaddr *)&in6, sizeof(in6));
  p[0].events = p[1].events = POLLIN;
  signal(SIGCHLD, SIG_IGN);
  while(poll(p, 2, -1) > 0) {
    for(int i = 0; i < 2; i++) {
      int fd = p[i].revents ? accept(p[i].fd, NULL, NULL) : -1;
      if(fd >= 0 && !fork())
        _exit(serve(fd));
      if(fd >= 0)
        close(fd);
    }
  }
  return 1;
}
