/* SPDX-License-Identifier: MIT */
/* ours.c - a socket, and three questions to the application about it. */
#include "connect/ours.h"
#include "base/fds.h"
#include "net/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

const char he_ours_steered[] =
  "the application's callback gave another address, or no TCP socket";

static bool is_scarce(int fd)
{
  struct rlimit limit;
  return !getrlimit(RLIMIT_NOFILE, &limit) &&
         (rlim_t)fd >= limit.rlim_cur - limit.rlim_cur / 8;
}

static int low_socket(enum he_family family, bool spares, int *error)
{
  int fd;
  he_fds_begin();
  fd = socket(family == HE_IPV4 ? AF_INET : AF_INET6,
              SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  *error = errno;
  fd = he_fds_end(fd);
  if(fd >= 0 && spares && is_scarce(fd)) {
    he_fd_close(fd);
    fd = -1;
    *error = EMFILE;
  }
  return fd;
}

/* The application's word about the socket, which it makes where it `opens`. */
static int ask(struct he_app *app, struct he_try *t, const char **why)
{
  const struct he_addr *peer = he_try_peer(t);
  struct he_addr addr = *peer;
  if(app->opens) {
    t->fd = app->ops->open(app, &addr);
    if(t->fd < 0)
      return ECANCELED;
  }
  t->apps = app->opens || app->counts;
  if(!he_addr_equal(&addr, peer) || !he_wire_is_tcp(t->fd, &addr)) {
    *why = he_ours_steered;
    return ECANCELED;
  }
  switch(app->ops->prepare(app, t->fd)) {
  case HE_APP_CONNECT:
    return 0;
  case HE_APP_CONNECTED:
    t->connected = he_wire_usable(t->fd);
    return t->connected ? 0 : ECANCELED;
  case HE_APP_DROP:
    break;
  }
  return ECANCELED;
}

int he_ours_open(struct he_app *app, enum he_ours_number number,
                 struct he_try *t, const char **why)
{
  const enum he_family family = (enum he_family)he_try_peer(t)->family;
  const bool counts = app && app->counts;
  int error = 0;
  if(!app || !app->opens) {
    t->fd = counts || number == HE_OURS_HIGH ?
            he_wire_socket(family, !counts, &error) :
            low_socket(family, number == HE_OURS_LOW, &error);
    if(t->fd < 0)
      return error;
  }
  return app ? ask(app, t, why) : 0;
}

int he_ours_connect(const struct he_try *t)
{
  return t->connected ? 0 : he_wire_connect(t->fd, he_try_peer(t));
}

void he_ours_close(struct he_app *app, int fd, bool apps)
{
  if(apps)
    app->ops->close(app, fd);
  else
    he_fd_close(fd);
}
