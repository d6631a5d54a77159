/* SPDX-License-Identifier: MIT */
#include "upstream/reach.h"
#include "base/fds.h"
#include "net/tcp.h"

#define PATIENCE HE_MS(5000)

static size_t number_of(const struct he_upstream *u, const struct he_addr *a)
{
  size_t i = 0;
  while(i + 1 < u->n && !he_addr_equal(&u->list[i], a))
    i++;
  return i;
}

/* On the dial's thread. */
static void on_dialled(void *arg, int fd, const struct he_addr *addr,
                       int error)
{
  struct he_reach *r = arg;
  (void)error;
  if(fd >= 0) {
    he_fds_begin();
    fd = he_fds_end(he_wire_raise(fd));
    r->server = number_of(r->upstream, addr);
  }
  r->fd = fd;
  if(!he_racer_post(&r->mail, r->task, 0) && fd >= 0)
    he_fd_close(fd);
}

bool he_reach_begin(struct he_reach *r, const struct he_upstream *u,
                    unsigned servers, struct he_task *t)
{
  struct he_addr list[HE_SERVERS_MAX];
  struct he_dial_config c;
  r->upstream = u;
  r->task = t;
  he_dial_defaults(&c, t->racer);
  c.race.total_timeout = PATIENCE;
  c.host = u->name;
  c.list = list;
  for(size_t i = 0; i < u->n; i++) {
    if(servers & 1u << i)
      list[c.n++] = u->list[i];
  }
  r->dial = he_dial_start(&c, on_dialled, r);
  return r->dial;
}

void he_reach_end(struct he_reach *r)
{
  he_dial_cancel(r->dial);
  r->dial = NULL;
}
