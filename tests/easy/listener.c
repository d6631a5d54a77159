/* SPDX-License-Identifier: MIT */
#include "listener.h"
#include "harness.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void answer(int fd)
{
  static const char text[] =
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" LISTENER_SAYS;
  char request[2048];
  size_t n = 0;
  while(n < sizeof(request) - 1) {
    ssize_t more = recv(fd, request + n, sizeof(request) - 1 - n, 0);
    if(more <= 0)
      return;
    n += (size_t)more;
    request[n] = 0;
    if(strstr(request, "\r\n\r\n"))
      break;
  }
  send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
}

static void *serve(void *arg)
{
  const struct listener *l = arg;
  int fd;
  while((fd = accept(l->fd, NULL, NULL)) >= 0) {
    answer(fd);
    close(fd);
  }
  return NULL;
}

static void start(struct listener *l, const struct sockaddr *sa,
                  socklen_t len)
{
  l->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(l->fd >= 0);
  assert_int_equal(bind(l->fd, sa, len), 0);
  assert_int_equal(listen(l->fd, 8), 0);
}

static void run(struct listener *l)
{
  assert_int_equal(pthread_create(&l->thread, NULL, serve, l), 0);
}

static void tcp(struct listener *l, in_addr_t at)
{
  struct sockaddr_in sa = { .sin_family = AF_INET };
  socklen_t len = sizeof(sa);
  memset(l, 0, sizeof(*l));
  sa.sin_addr.s_addr = htonl(at);
  start(l, (struct sockaddr *)&sa, sizeof(sa));
  assert_int_equal(getsockname(l->fd, (struct sockaddr *)&sa, &len), 0);
  l->port = ntohs(sa.sin_port);
  run(l);
}

void listener_tcp(struct listener *l)
{
  tcp(l, INADDR_LOOPBACK);
}

void listener_any(struct listener *l)
{
  tcp(l, INADDR_ANY);
}

void listener_unix(struct listener *l)
{
  struct sockaddr_un sa = { .sun_family = AF_UNIX };
  memset(l, 0, sizeof(*l));
  snprintf(l->path, sizeof(l->path), "/run/listener.%d", (int)getpid());
  snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", l->path);
  start(l, (struct sockaddr *)&sa, sizeof(sa));
  run(l);
}

void listener_abstract(struct listener *l)
{
  struct sockaddr_un sa = { .sun_family = AF_UNIX };
  size_t n;
  memset(l, 0, sizeof(*l));
  n = (size_t)snprintf(l->name, sizeof(l->name), "listener.%d",
                       (int)getpid());
  memcpy(sa.sun_path + 1, l->name, n);
  start(l, (struct sockaddr *)&sa,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n));
  run(l);
}

void listener_stop(struct listener *l)
{
  shutdown(l->fd, SHUT_RDWR);   /* ends the accept() */
  pthread_join(l->thread, NULL);
  close(l->fd);
  if(*l->path)
    unlink(l->path);
}
