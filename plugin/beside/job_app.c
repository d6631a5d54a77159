/* SPDX-License-Identifier: MIT */
/* job_app.c - the sockets of the racer's attempts, where the application has a
 * say in them and where it has not.
 *
 * Where it has, curl-he goes nowhere that it did not agree to: an address that
 * the application changes is one that it steers, and then libcurl connects
 * alone. And a socket has to be bound and marked as those of libcurl's are,
 * which went through the same callbacks: what differs was done by libcurl. */
#include "beside/job_try.h"
#include "base/fds.h"
#include "net/tcp.h"

#include <errno.h>

const char he_job_is_steered[] =
  "the application's callback gave another address, or no TCP socket";

void he_job_close_socket(struct he_job *j, int fd, bool apps)
{
  if(apps)
    j->config.app->ops->close(j->config.app, fd);
  else
    he_fd_close(fd);
}

bool he_job_bound(const struct he_job *j, int fd)
{
  struct he_wire_binding b;
  if(!j->config.app)
    return he_wire_bound(fd);
  he_wire_binding(fd, &b);
  return b.address;
}

const char *he_job_objection(const struct he_job *j, int fd)
{
  if(he_wire_fast_open(fd))
    return he_job_is_fast;
  return he_job_bound(j, fd) ? he_job_is_bound : NULL;
}

/* libcurl's own, as it is now; false where libcurl has closed it. */
static bool binding_of(const struct he_try *t, struct he_wire_binding *b)
{
  he_wire_binding(t->libcurl_fd, b);
  return he_try_is_open(t);
}

static bool bound_like_libcurls(struct he_job *j, int fd)
{
  struct he_wire_binding ours, theirs;
  he_wire_binding(fd, &ours);
  for(const struct he_try *t = j->race->tries; t; t = t->next) {
    if(t->native && !t->ended && binding_of(t, &theirs) &&
       !he_wire_binding_equal(&ours, &theirs))
      return false;
  }
  return true;
}

/* Is libcurl at this connect, as far as can be seen? Once it has left, the
   application is not to be bothered. */
static bool libcurl_is_here(const struct he_job *j)
{
  if(j->config.attended || j->race->owes)
    return true;
  for(const struct he_try *t = j->race->tries; t; t = t->next) {
    if(t->native && !t->ended && he_try_is_open(t))
      return true;
  }
  return false;
}

static int refuse(struct he_job *j, struct he_try *t, const char *why,
                  he_time_ns now)
{
  he_try_close(t);
  if(why) {
    t->ended = true;
    he_job_aside(j, why, now);
  }
  return ECANCELED;
}

/* The application has the word: t->fd is there, or ECANCELED returned. */
static int ask(struct he_job *j, struct he_try *t, he_time_ns now)
{
  struct he_app *app = j->config.app;
  struct he_addr addr = t->addr;
  if(!libcurl_is_here(j))
    return ECANCELED;
  if(app->opens) {
    t->fd = app->ops->open(app, &addr);
    if(t->fd < 0)
      return ECANCELED;
  }
  t->apps = app->opens || app->counts;
  if(!he_addr_equal(&addr, &t->addr) || !he_wire_is_tcp(t->fd, &addr))
    return refuse(j, t, he_job_is_steered, now);
  switch(app->ops->prepare(app, t->fd)) {
  case HE_APP_CONNECT:
    break;
  case HE_APP_CONNECTED:
    t->connected = he_wire_usable(t->fd);
    if(!t->connected)
      return refuse(j, t, NULL, now);
    break;
  case HE_APP_DROP:
    return refuse(j, t, NULL, now);
  }
  return bound_like_libcurls(j, t->fd) ? 0 :
         refuse(j, t, he_job_is_bound, now);
}

int he_try_socket(struct he_job *j, struct he_try *t, he_time_ns now)
{
  struct he_app *app = j->config.app;
  int error = 0;
  if(!app || !app->opens) {
    t->fd = he_wire_socket((enum he_family)t->addr.family,
                           !app || !app->counts, &error);
    if(t->fd < 0)
      return error;
  }
  return app ? ask(j, t, now) : 0;
}

int he_try_connect(const struct he_try *t)
{
  return t->connected ? 0 : he_wire_connect(t->fd, &t->addr);
}
