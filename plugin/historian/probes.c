/* SPDX-License-Identifier: MIT */
/* probes.c - a socket a probe. Nothing is sent but the handshake. */
#include "historian/probes.h"
#include "base/fds.h"
#include "net/tcp.h"
#include "resolve/prefix64.h"

#include <errno.h>

static void put_down(struct he_probe_try *t)
{
  if(t->fd < 0)
    return;
  he_task_unwatch(t->all->task, &t->watch, t->fd);
  he_fd_close(t->fd);
  t->fd = -1;
}

/* To the history, unless it has forgotten the host meanwhile, or is in another
   network. */
static void learn(const struct he_probe_try *t, struct he_outcome *o,
                  he_time_ns now)
{
  uint64_t network;
  struct he_history *h = he_recall_open(t->all->recall, &network);
  bool wanted = network == t->probe.network &&
    he_history_has(h, network, t->probe.host);
  o->addr = t->probe.addr;
  o->probe = true;
  o->pending = now - t->began;
  o->delay = 0;
  if(wanted)
    he_history_learn(h, network, t->probe.host, o, now);
  he_recall_close(t->all->recall, wanted);
}

static void on_ready(struct he_watch *w, he_time_ns now)
{
  struct he_probe_try *t = (struct he_probe_try *)w;
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED };
  struct he_task *task = t->all->task;
  struct he_wire_handshake hs;
  if(t->fd < 0)
    return;
  o.error = he_wire_error(t->fd);
  if(!o.error && he_wire_state(t->fd, &hs) == HE_WIRE_CONNECTED) {
    o.kind = HE_OUTCOME_CONNECTED;
    o.handshake = hs.rtt;
    o.retransmitted = hs.again > 0;
  }
  else if(!o.error)
    o.error = ECONNABORTED;
  put_down(t);
  learn(t, &o, now);
  task->ops->due(task, now);
}

/* Where the machine lacks something the probe is as one that never was. */
static void begin(struct he_probe_try *t, he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_FAILED };
  struct he_addr to = t->probe.addr;
  t->began = now;
  /* a connect would go the same way */
  he_prefix64_instead(&he_resolver_shared, &t->probe.addr, &to);
  t->fd = he_wire_socket((enum he_family)to.family, true, &o.error);
  if(t->fd < 0)
    return;
  o.error = he_wire_connect(t->fd, &to);
  he_recall_probed(t->all->recall);
  if(!o.error && he_task_watch(t->all->task, &t->watch, t->fd))
    return;
  he_fd_close(t->fd);
  t->fd = -1;
  if(o.error)
    learn(t, &o, now);
}

void he_probes_init(struct he_probes *p, struct he_task *t,
                    struct he_recall *r)
{
  p->task = t;
  p->recall = r;
  for(int i = 0; i < HE_PROBES_MAX; i++) {
    p->try[i].watch.ready = on_ready;
    p->try[i].all = p;
    p->try[i].fd = -1;
  }
}

static struct he_probe_try *free_one(struct he_probes *p)
{
  for(int i = 0; i < HE_PROBES_MAX; i++)
    if(p->try[i].fd < 0)
      return &p->try[i];
  return NULL;
}

bool he_probes_room(const struct he_probes *p)
{
  return free_one((struct he_probes *)p) != NULL;
}

static bool next(struct he_probes *p, struct he_probe_try *t, he_time_ns now)
{
  uint64_t network;
  struct he_history *h = he_recall_open(p->recall, &network);
  bool any = he_history_next_probe(h, network, &t->probe, now);
  he_recall_close(p->recall, false);
  return any;
}

void he_probes_run(struct he_probes *p, he_time_ns now)
{
  struct he_probe_try *t;
  for(int i = 0; i < HE_PROBES_MAX; i++) {
    struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED };
    t = &p->try[i];
    if(t->fd >= 0 && now >= he_time_add(t->began, HE_PROBE_TIMEOUT)) {
      put_down(t);
      learn(t, &o, now);
    }
  }
  while((t = free_one(p)) && next(p, t, now))
    begin(t, now);
}

he_time_ns he_probes_due(const struct he_probes *p)
{
  he_time_ns due = HE_NEVER;
  for(int i = 0; i < HE_PROBES_MAX; i++) {
    const struct he_probe_try *t = &p->try[i];
    he_time_ns end = he_time_add(t->began, HE_PROBE_TIMEOUT);
    if(t->fd >= 0 && end < due)
      due = end;
  }
  return due;
}

void he_probes_drop(struct he_probes *p)
{
  for(int i = 0; i < HE_PROBES_MAX; i++)
    put_down(&p->try[i]);
}
