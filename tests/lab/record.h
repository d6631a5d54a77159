/* SPDX-License-Identifier: MIT */
#ifndef LAB_RECORD_H
#define LAB_RECORD_H
/* record.h - what the client sent, packet by packet, and of what came to it
 * what tells how it went; and what is known of every address. Pure. */
#include "packet.h"

/* What became of a packet. */
enum lab_fate {
  LAB_SENT = 's',
  LAB_LOST = 'l',
  LAB_REFUSED = 'r', /* answered by RST or ICMP */
  LAB_HEARD = 'h' /* came to the client */
};

struct lab_entry {
  int64_t time_ns;
  struct lab_ip src;
  struct lab_ip dst;
  uint32_t len;
  uint16_t sport;
  uint16_t dport;
  uint8_t proto;
  uint8_t flags;
  uint32_t payload; /* of TCP: bytes of data */
  struct lab_question question; /* no name: it is none */
  enum lab_fate fate;
};

struct lab_host {
  struct lab_ip ip;
  unsigned long syns;      /* since the last reset */
  int64_t last_due_ns[2];  /* to each side: packets do not overtake */
};

struct lab_record {
  struct lab_entry *list;
  size_t count;
  size_t room;
  unsigned long missed; /* entries there was no room for */
  struct lab_host *hosts;
  size_t nhosts;
  size_t hostroom;
};

/* Forgets the entries and the counts. */
void lab_record_reset(struct lab_record *rec);

/* The state of an address, made when first asked for. It stays where it is
 * until the next call. NULL: out of memory. */
struct lab_host *lab_record_host(struct lab_record *rec,
                                 const struct lab_ip *ip);

/* SYNs to an address since the last reset. */
unsigned long lab_record_syns(const struct lab_record *rec,
                              const struct lab_ip *ip);

void lab_record_add(struct lab_record *rec, int64_t now_ns,
                    const struct lab_view *view, enum lab_fate fate);

/* A packet that came to the client. What only says that data has arrived is
 * left out. */
void lab_record_hear(struct lab_record *rec, int64_t now_ns,
                     const struct lab_view *view);

#endif
