/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ENTRIES 262144

void lab_record_reset(struct lab_record *rec)
{
  size_t i;
  rec->count = 0;
  rec->missed = 0;
  for(i = 0; i < rec->nhosts; i++)
    rec->hosts[i].syns = 0;
}

struct lab_host *lab_record_host(struct lab_record *rec,
                                 const struct lab_ip *ip)
{
  struct lab_host *host;
  size_t i;
  for(i = 0; i < rec->nhosts; i++)
    if(!memcmp(&rec->hosts[i].ip, ip, sizeof(*ip)))
      return &rec->hosts[i];
  if(rec->nhosts == rec->hostroom) {
    size_t room = rec->hostroom ? rec->hostroom * 2 : 64;
    host = realloc(rec->hosts, room * sizeof(*host));
    if(!host)
      return NULL;
    rec->hosts = host;
    rec->hostroom = room;
  }
  host = &rec->hosts[rec->nhosts++];
  memset(host, 0, sizeof(*host));
  host->ip = *ip;
  return host;
}

unsigned long lab_record_syns(const struct lab_record *rec,
                              const struct lab_ip *ip)
{
  size_t i;
  for(i = 0; i < rec->nhosts; i++)
    if(!memcmp(&rec->hosts[i].ip, ip, sizeof(*ip)))
      return rec->hosts[i].syns;
  return 0;
}

void lab_record_add(struct lab_record *rec, int64_t now_ns,
                    const struct lab_view *view, enum lab_fate fate)
{
  struct lab_entry *e;
  if(rec->count == rec->room) {
    size_t room = rec->room ? rec->room * 2 : 1024;
    e = room > MOST_ENTRIES ? NULL : realloc(rec->list, room * sizeof(*e));
    if(!e) {
      rec->missed++;
      return;
    }
    rec->list = e;
    rec->room = room;
  }
  e = &rec->list[rec->count++];
  e->time_ns = now_ns;
  e->src = view->src;
  e->dst = view->dst;
  e->len = (uint32_t)view->len;
  e->sport = (uint16_t)view->sport;
  e->dport = (uint16_t)view->dport;
  e->proto = (uint8_t)view->proto;
  e->flags = (uint8_t)view->flags;
  e->payload = (uint32_t)view->payload;
  if(!lab_view_question(view, &e->question))
    memset(&e->question, 0, sizeof(e->question));
  e->fate = fate;
}

void lab_record_hear(struct lab_record *rec, int64_t now_ns,
                     const struct lab_view *view)
{
  if(view->proto != IPPROTO_TCP || view->payload ||
     view->flags & (LAB_TCP_SYN | LAB_TCP_FIN | LAB_TCP_RST))
    lab_record_add(rec, now_ns, view, LAB_HEARD);
}
