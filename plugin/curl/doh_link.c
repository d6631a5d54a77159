/* SPDX-License-Identifier: MIT */
/* doh_link.c - where the server is, and a socket to it. curl-he's own race
 * connects: it asks the bootstrap resolver for the server's name, and is over
 * when the first address answers. libcurl gets the connected socket when it
 * asks for one, and looks nothing up.
 *
 *   NONE --question--> DIALLING --connected--> libcurl has it
 *    ^                                             |
 *    +------libcurl asks for another socket--------+ */
#include "base/clock.h"
#include "base/fds.h"
#include "curl/doh_own.h"
#include "dial/dial.h"
#include "resolve/chosen.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

/* A connection is lost where what was sent is not acknowledged for so many
   ms. */
#define SILENCE_MS 2000

/* On a thread of the race's. */
static void on_dialled(void *arg, int fd, const struct he_addr *addr,
                       int error)
{
  struct he_doh *c = arg;
  (void)error;
  if(fd >= 0) {               /* a child of fork() closes its copy */
    he_fds_begin();
    fd = he_fds_end(fd);
  }
  pthread_mutex_lock(&c->lock);
  c->dialled.done = true;
  c->dialled.fd = fd;
  if(fd >= 0)
    c->dialled.addr = *addr;
  pthread_mutex_unlock(&c->lock);
  curl_multi_wakeup(c->multi);
}

static bool start(struct he_doh *c)
{
  const struct he_upstream *u = c->upstream;
  struct he_addr literal = u->list[0];
  struct he_dial_config config;
  he_dial_defaults(&config, c->task.racer);
  config.race.total_timeout = HE_DOH_PATIENCE;
  config.host = u->name;
  config.ports[0] = literal.port = u->port;
  config.port_count = 1;
  config.resolver = &he_resolver_shared;
  if(u->n) {
    config.list = &literal;
    config.n = 1;
  }
  else if(u->bootstrap > 0)
    config.resolver = he_chosen(u->bootstrap);
  c->dialled = (struct he_doh_dialled){ .done = false, .fd = -1 };
  c->link.dial = he_dial_start(&config, on_dialled, c);
  return c->link.dial != NULL;
}

/* CURLOPT_RESOLVE knows no scope. The socket is connected: where libcurl
   believes it leads is only for the record. */
static bool write_entry(struct he_doh *c, const struct he_addr *a)
{
  char text[HE_UPSTREAM_NAME + HE_ADDR_TEXT + 16], ip[HE_ADDR_TEXT];
  struct he_addr plain = *a;
  plain.scope = 0;
  snprintf(text, sizeof(text),
           a->family == HE_IPV4 ? "%s:%u:%s" : "%s:%u:[%s]",
           c->upstream->name, (unsigned)c->upstream->port,
           he_addr_text(&plain, ip));
  curl_slist_free_all(c->link.entry);
  c->link.entry = curl_slist_append(NULL, text);
  return c->link.entry != NULL;
}

static void close_spare(struct he_doh *c)
{
  if(c->link.spare >= 0)
    he_fd_close(c->link.spare);
  c->link.spare = -1;
}

/* The dial is over. */
static void take(struct he_doh *c)
{
  int ms = SILENCE_MS;
  c->link.unproven = he_dial_unresolved(c->link.dial) == HE_EAI_UNPROVEN;
  he_dial_cancel(c->link.dial);
  c->link.dial = NULL;
  close_spare(c);
  c->link.spare = c->dialled.fd;
  c->dialled.fd = -1;
  if(c->link.spare < 0)
    return;
  setsockopt(c->link.spare, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
  he_doh_trust_look(c);
  c->link.addr = c->dialled.addr;
  c->link.up = write_entry(c, &c->link.addr);
}

static bool is_dialled(struct he_doh *c)
{
  bool done;
  pthread_mutex_lock(&c->lock);
  done = c->dialled.done;
  pthread_mutex_unlock(&c->lock);
  return done;
}

enum he_doh_state he_doh_link_state(struct he_doh *c)
{
  if(c->link.dial && is_dialled(c)) {
    take(c);
    return c->link.up ? HE_DOH_UP : HE_DOH_LOST;
  }
  if(c->link.up)
    return HE_DOH_UP;
  return c->link.dial || start(c) ? HE_DOH_DIALLING : HE_DOH_LOST;
}

int he_doh_link_give(struct he_doh *c, struct he_addr *addr)
{
  const int fd = c->link.spare;
  c->link.spare = -1;
  *addr = c->link.addr;
  if(fd < 0)
    c->link.up = false;
  return fd;
}

void he_doh_link_end(struct he_doh *c)
{
  he_dial_cancel(c->link.dial);
  c->link.dial = NULL;
  if(c->dialled.fd >= 0)
    he_fd_close(c->dialled.fd);
  c->dialled.fd = -1;
  close_spare(c);
  curl_slist_free_all(c->link.entry);
  c->link.entry = NULL;
  c->link.up = false;
}
