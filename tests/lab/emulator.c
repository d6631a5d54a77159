/* SPDX-License-Identifier: MIT */
/* emulator.c - forwards packets from one TUN device to the other, late, or
 * not at all.
 *
 *   client TUN --half the RTT--> server TUN --half the RTT--> client TUN
 *        \--refused: RST or ICMP after the whole RTT--^
 *
 * The server's address alone decides how a packet fares, in both directions.
 * One thread, one epoll; it sleeps to the next packet's due time by a
 * timerfd, which has nanoseconds where epoll_wait has milliseconds. */
#include "emulator.h"
#include "control.h"
#include "queue.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000

struct emulator {
  struct lab_net net;
  struct lab_queue queue;
  int tun[2]; /* by enum lab_side */
  int timer;
  int poll;
};

static int64_t now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* xorshift64: the same losses in every run. */
static double chance(struct lab_net *net)
{
  uint64_t x = net->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  net->random = x;
  return (double)(x >> 11) / 9007199254740992.0; /* 2^53 */
}

static void send_later(struct emulator *em, struct lab_host *host,
                       enum lab_side to, int64_t due, const uint8_t *data,
                       size_t len)
{
  if(due < host->last_due_ns[to])
    due = host->last_due_ns[to];
  host->last_due_ns[to] = due;
  lab_queue_put(&em->queue, due, to, data, len);
}

static bool is_lost(struct lab_net *net, const struct lab_rule *rule,
                    size_t len)
{
  if(rule->mtu && len > rule->mtu)
    return true;
  return rule->loss > 0 && chance(net) < rule->loss;
}

static int64_t half_trip(struct lab_net *net, const struct lab_rule *rule)
{
  int64_t t = rule->rtt_ns / 2;
  if(rule->jitter_ns)
    t += (int64_t)(chance(net) * (double)rule->jitter_ns / 2);
  return t;
}

static enum lab_fate refuse(struct emulator *em, int64_t now,
                            const struct lab_view *view,
                            struct lab_host *host,
                            const struct lab_rule *rule)
{
  uint8_t answer[LAB_ANSWER_MAX];
  size_t len = 0;
  switch(rule->action) {
  case LAB_RESET:
    if(lab_view_is_syn(view))
      len = lab_answer_reset(view, answer);
    break;
  case LAB_CUT:
    len = lab_answer_reset(view, answer);
    break;
  case LAB_UNREACH:
  case LAB_PROHIBIT:
    len = lab_answer_icmp(view, rule->action, answer);
    break;
  case LAB_PASS:
  case LAB_DROP:
    break;
  }
  if(!len)
    return LAB_LOST;
  send_later(em, host, LAB_CLIENT, now + rule->rtt_ns, answer, len);
  return LAB_REFUSED;
}

/* Does it get through? */
static bool passes(const struct lab_rule *rule, const struct lab_view *view)
{
  return rule->action == LAB_PASS ||
         (rule->action == LAB_CUT && !view->payload);
}

/* `onward`: the same packet as the server gets it, which a translator has
 * changed. */
static void from_client(struct emulator *em, int64_t now,
                        const struct lab_view *view,
                        const struct lab_view *onward)
{
  struct lab_net *net = &em->net;
  const struct lab_rule *rule = lab_rules_match(&net->rules, &onward->dst);
  struct lab_host *host = lab_record_host(&net->record, &view->dst);
  enum lab_fate fate = LAB_LOST;
  if(!host)
    return;
  if(lab_view_is_syn(view))
    host->syns++;
  if(lab_view_is_syn(view) && host->syns <= rule->syndrop)
    fate = LAB_LOST;
  else if(is_lost(net, rule, view->len))
    fate = LAB_LOST;
  else if(!passes(rule, view))
    fate = refuse(em, now, view, host, rule);
  else {
    send_later(em, host, LAB_SERVER, now + half_trip(net, rule),
               onward->data, onward->len);
    fate = LAB_SENT;
  }
  lab_record_add(&net->record, now, view, fate);
}

static void from_server(struct emulator *em, int64_t now,
                        const struct lab_view *view,
                        const struct lab_view *onward)
{
  struct lab_net *net = &em->net;
  const struct lab_rule *rule = lab_rules_match(&net->rules, &view->src);
  struct lab_host *host = lab_record_host(&net->record, &onward->src);
  if(host && passes(rule, view) && !is_lost(net, rule, view->len))
    send_later(em, host, LAB_CLIENT, now + half_trip(net, rule),
               onward->data, onward->len);
}

static void read_tun(struct emulator *em, enum lab_side side)
{
  static uint8_t data[LAB_PACKET_MAX];
  static uint8_t other[LAB_PACKET_MAX];
  struct lab_nat64 *nat64 = &em->net.nat64;
  struct lab_view view, onward;
  size_t len;
  ssize_t n;
  while((n = read(em->tun[side], data, sizeof(data))) > 0) {
    if(!lab_view_parse(data, (size_t)n, &view) ||
       lab_view_is_multicast(&view))
      continue;
    onward = view;
    len = side == LAB_CLIENT ? lab_nat64_out(nat64, &view, other) :
          lab_nat64_in(nat64, &view, other);
    if(len && !lab_view_parse(other, len, &onward))
      continue;
    if(side == LAB_CLIENT)
      from_client(em, now_ns(), &view, &onward);
    else
      from_server(em, now_ns(), &view, &onward);
  }
}

/* A packet that the kernel does not take is a lost packet. */
static void deliver(struct emulator *em)
{
  struct lab_parcel *p;
  while((p = lab_queue_take(&em->queue, now_ns()))) {
    struct lab_view view;
    const int64_t now = now_ns();
    if(write(em->tun[p->to], p->data, p->len) < 0 && errno != EAGAIN &&
       errno != EINVAL)
      fprintf(stderr, "lab: write to TUN: %s\n", strerror(errno));
    if(p->to == LAB_CLIENT && lab_view_parse(p->data, p->len, &view))
      lab_record_hear(&em->net.record, now, &view);
    free(p);
  }
}

/* What a request of the control socket has the network tell the client. */
static void give_notice(struct emulator *em)
{
  const size_t len = em->net.notice_len;
  em->net.notice_len = 0;
  if(len && write(em->tun[LAB_CLIENT], em->net.notice, len) < 0)
    fprintf(stderr, "lab: write to TUN: %s\n", strerror(errno));
}

static void arm(struct emulator *em)
{
  struct itimerspec t;
  int64_t due = lab_queue_due(&em->queue);
  memset(&t, 0, sizeof(t));
  if(due != INT64_MAX) {
    t.it_value.tv_sec = due / NS_PER_S;
    t.it_value.tv_nsec = due % NS_PER_S;
  }
  timerfd_settime(em->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static bool watch(struct emulator *em, int fd)
{
  struct epoll_event ev;
  memset(&ev, 0, sizeof(ev));
  ev.events = EPOLLIN;
  ev.data.fd = fd;
  return !epoll_ctl(em->poll, EPOLL_CTL_ADD, fd, &ev);
}

/* What is allowed of it: nothing depends on it but the accuracy. */
static void hurry(void)
{
  struct sched_param prio;
  memset(&prio, 0, sizeof(prio));
  prio.sched_priority = 1;
  prctl(PR_SET_TIMERSLACK, 1);
  if(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &prio))
    setpriority(PRIO_PROCESS, 0, -10);
}

static bool start(struct emulator *em, int listener)
{
  em->poll = epoll_create1(EPOLL_CLOEXEC);
  em->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  em->net.random = LAB_SEED;
  lab_nat64_init(&em->net.nat64);
  hurry();
  return em->poll >= 0 && em->timer >= 0 &&
    lab_rules_load(&em->net.rules) && watch(em, em->tun[LAB_CLIENT]) &&
    watch(em, em->tun[LAB_SERVER]) && watch(em, em->timer) &&
    watch(em, listener);
}

static void handle(struct emulator *em, struct lab_control *control,
                   const struct epoll_event *ev)
{
  uint64_t ticks;
  if(ev->data.fd == em->tun[LAB_CLIENT])
    read_tun(em, LAB_CLIENT);
  else if(ev->data.fd == em->tun[LAB_SERVER])
    read_tun(em, LAB_SERVER);
  else if(ev->data.fd != em->timer)
    lab_control_handle(control, ev->data.fd, ev->events);
  else if(read(em->timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
    fprintf(stderr, "lab: timer: %s\n", strerror(errno));
}

int lab_emulate(int client_tun, int server_tun, int listener)
{
  static struct emulator em;
  struct lab_control control;
  struct epoll_event evs[16];
  em.tun[LAB_CLIENT] = client_tun;
  em.tun[LAB_SERVER] = server_tun;
  if(!start(&em, listener)) {
    fprintf(stderr, "lab: emulator: %s\n", strerror(errno));
    return 1;
  }
  lab_control_init(&control, &em.net, em.poll, listener);
  for(;;) {
    int i;
    int n = epoll_wait(em.poll, evs, 16, -1);
    if(n < 0 && errno != EINTR) {
      fprintf(stderr, "lab: epoll_wait: %s\n", strerror(errno));
      return 1;
    }
    for(i = 0; i < n; i++)
      handle(&em, &control, &evs[i]);
    give_notice(&em);
    deliver(&em);
    arm(&em);
  }
}
