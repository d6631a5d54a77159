/* SPDX-License-Identifier: MIT */
/* seen.c - a try opens with a SYN from a port to an address, and all later
 * packets of that pair belong to it. */
#include "seen.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const unsigned types[HE_LAB_KINDS] = {
  [HE_LAB_AAAA] = 28, [HE_LAB_A] = 1, [HE_LAB_HTTPS] = 65
};

void he_lab_seen_begin(struct he_lab_seen *s, const struct lab_scenario *of)
{
  memset(s, 0, sizeof(*s));
  s->scenario = of;
  s->begin_ns = HE_LAB_NEVER;
  s->winner = -1;
  for(size_t i = 0; i < HE_LAB_KINDS; i++)
    s->asked[i].asked_ns = s->asked[i].answered_ns = HE_LAB_NEVER;
}

static void question(struct he_lab_seen *s, const struct lab_packet *p)
{
  struct he_lab_asked *a = NULL;
  if(strcasecmp(p->name, s->scenario->host))
    return;
  for(size_t i = 0; i < HE_LAB_KINDS; i++) {
    if(types[i] == p->type)
      a = &s->asked[i];
  }
  if(!a)
    return;
  if(p->fate != 'h') {
    if(!a->times++)
      a->asked_ns = p->time_ns;
    if(s->begin_ns == HE_LAB_NEVER)
      s->begin_ns = p->time_ns;
  }
  else if(a->times && a->answered_ns == HE_LAB_NEVER) {
    a->answered_ns = p->time_ns;
    a->answers = p->answers;
    a->rcode = p->rcode;
  }
}

/* Which of the host's addresses it is, from 1; 0: none. */
static size_t place_of(const struct lab_address *list, const char *addr,
                       size_t *count)
{
  size_t place = 0;
  *count = 0;
  for(; list->addr; list++) {
    ++*count;
    if(!strcasecmp(list->addr, addr))
      place = *count;
  }
  return place;
}

static bool label_of(const struct lab_scenario *of, struct he_lab_try *t)
{
  size_t count, place;
  t->v6 = strchr(t->addr, ':') != NULL;
  place = place_of(t->v6 ? of->v6 : of->v4, t->addr, &count);
  if(count > 1)
    snprintf(t->label, sizeof(t->label), "v%d.%u", t->v6 ? 6 : 4,
             (unsigned)place % 100);
  else
    snprintf(t->label, sizeof(t->label), "v%d", t->v6 ? 6 : 4);
  return place > 0;
}

static struct he_lab_try *find(struct he_lab_seen *s, const char *addr,
                               unsigned port)
{
  for(size_t i = s->ntries; i--;) {
    if(s->tries[i].port == port && !strcmp(s->tries[i].addr, addr))
      return &s->tries[i];
  }
  return NULL;
}

static struct he_lab_try *open_try(struct he_lab_seen *s,
                                   const struct lab_packet *p)
{
  struct he_lab_try t;
  memset(&t, 0, sizeof(t));
  snprintf(t.addr, sizeof(t.addr), "%s", p->dst);
  if(!label_of(s->scenario, &t))
    return NULL;
  if(s->ntries == HE_LAB_TRIES) {
    s->more = true;
    return NULL;
  }
  t.port = p->sport;
  t.at_ns = p->time_ns;
  t.connected_ns = t.said_ns = t.heard_ns = t.closed_ns = HE_LAB_NEVER;
  if(s->begin_ns == HE_LAB_NEVER)
    s->begin_ns = p->time_ns;
  s->tries[s->ntries] = t;
  return &s->tries[s->ntries++];
}

static void once(int64_t *at, int64_t now)
{
  if(*at == HE_LAB_NEVER)
    *at = now;
}

static void sent(struct he_lab_seen *s, const struct lab_packet *p)
{
  struct he_lab_try *t = find(s, p->dst, p->sport);
  if((p->flags & (SYN | ACK)) == SYN) {
    if(!t || t->closed_ns != HE_LAB_NEVER)
      t = open_try(s, p);
    if(!t)
      return;
    t->syns++;
    s->syns++;
    if(p->fate == 'r')
      t->end = HE_LAB_REFUSED;
    return;
  }
  if(!t)
    return;
  if(p->flags & (FIN | RST))
    once(&t->closed_ns, p->time_ns);
  /* A socket that is closed already answers with a RST. */
  if(p->flags & ACK && !(p->flags & RST)) {
    once(&t->connected_ns, p->time_ns);
    t->end = HE_LAB_CONNECTED;
  }
  if(p->payload)
    once(&t->said_ns, p->time_ns);
}

void he_lab_seen_packet(struct he_lab_seen *s, const struct lab_packet *p)
{
  if(p->name[0] && strcmp(p->name, "-"))
    question(s, p);
  else if(p->proto != IPPROTO_TCP)
    return;
  else if(p->fate != 'h')
    sent(s, p);
  else {
    struct he_lab_try *t = find(s, p->src, p->dport);
    if(t && p->payload && t->said_ns != HE_LAB_NEVER)
      once(&t->heard_ns, p->time_ns);
  }
}

/* Who was answered; else who asked; else who connected. The first of each. */
void he_lab_seen_end(struct he_lab_seen *s)
{
  int best = 0;
  for(size_t i = 0; i < s->ntries; i++) {
    const struct he_lab_try *t = &s->tries[i];
    const int good = t->heard_ns != HE_LAB_NEVER ? 3 :
                     t->said_ns != HE_LAB_NEVER ? 2 :
                     t->end == HE_LAB_CONNECTED ? 1 : 0;
    if(good > best) {
      best = good;
      s->winner = (int)i;
    }
  }
}

double he_lab_at_ms(const struct he_lab_seen *s, int64_t ns)
{
  if(ns == HE_LAB_NEVER || s->begin_ns == HE_LAB_NEVER)
    return -1;
  return (double)(ns - s->begin_ns) / 1e6;
}

double he_lab_connect_ms(const struct he_lab_seen *s)
{
  return s->winner < 0 ? -1 :
         he_lab_at_ms(s, s->tries[s->winner].connected_ns);
}

double he_lab_wait_ms(const struct he_lab_seen *s)
{
  int64_t first = HE_LAB_NEVER;
  for(size_t i = 0; i < HE_LAB_HTTPS; i++) {
    const struct he_lab_asked *a = &s->asked[i];
    if(a->answered_ns != HE_LAB_NEVER && a->answers &&
       (first == HE_LAB_NEVER || a->answered_ns < first))
      first = a->answered_ns;
  }
  if(first == HE_LAB_NEVER || !s->ntries || s->tries[0].at_ns < first)
    return -1;
  return (double)(s->tries[0].at_ns - first) / 1e6;
}

double he_lab_delay_ms(const struct he_lab_seen *s, size_t i)
{
  return (double)(s->tries[i].at_ns - s->tries[i - 1].at_ns) / 1e6;
}

const char *he_lab_end_word(enum he_lab_end end)
{
  static const char *const words[] = {
    [HE_LAB_SILENT] = "silent", [HE_LAB_REFUSED] = "refused",
    [HE_LAB_CONNECTED] = "connected"
  };
  return words[end];
}
