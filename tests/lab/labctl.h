/* SPDX-License-Identifier: MIT */
#ifndef LABCTL_H
#define LABCTL_H
/* labctl.h - for programs that run inside the laboratory: look at what the
 * client sent, and change how the network behaves. All calls block for the
 * moment that the emulator needs to answer, and may be made from any thread.
 * Where nothing else is said: 0, or a number, is success, -1 a failure, told
 * by lab_error(). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A packet that the client sent, or that came to it. */
struct lab_packet {
  int64_t time_ns; /* on the clock of lab_now_ns() */
  char src[46];
  char dst[46];
  unsigned int sport; /* 0 where the protocol has no ports */
  unsigned int dport;
  unsigned int proto; /* IPPROTO_TCP, IPPROTO_UDP, ... */
  unsigned int flags; /* of TCP: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK */
  unsigned int length; /* of the IP packet */
  char fate; /* 's' sent, 'l' lost, 'r' refused by RST or ICMP; 'h': it came
                to the client */
  /* By lab_traffic() alone: */
  unsigned int payload; /* of TCP: bytes of data */
  unsigned int id; /* of a question to the name server, or its answer */
  unsigned int type; /* 1 A, 28 AAAA, 65 HTTPS */
  unsigned int rcode;
  unsigned int answers; /* records in the answer */
  char name[64]; /* "-": it is no such question */
};

/* Is this process inside a laboratory that answers? */
bool lab_available(void);

/* Forgets the record and the counts; syndrop= and losses start anew. */
int lab_reset(void);

/* The rules of the table of scenarios again, all others gone. */
int lab_restore(void);

/* SYNs sent to an address since the last reset, retransmissions too. */
long lab_syns(const char *addr);

/* The sum over all addresses that the table gives a host. */
long lab_syns_host(const char *host);

/* Calls `each` for every packet since the last reset, oldest first, until it
 * returns non-zero. Returns the number of packets seen. */
long lab_packets(int (*each)(const struct lab_packet *packet, void *user),
                 void *user);

/* The same with what came to the client, but for what only says that data has
 * arrived. */
long lab_traffic(int (*each)(const struct lab_packet *packet, void *user),
                 void *user);

/* How packets to and from "addr" or "addr/len" fare from now on. Words:
 * pass drop reset cut unreach prohibit rtt=MS jitter=MS loss=PERCENT syndrop=N
 * mtu=BYTES, or none, which removes the rule. The longest prefix counts. */
int lab_rule(const char *prefix, const char *words);

/* The prefixes of the network's translator, with a blank between them; "off":
 * there is none. lab_restore() makes it LAB_NAT64 alone. */
int lab_nat64(const char *prefixes);

/* A router advertises this prefix to the client (PREF64, RFC 8781), for so many
 * seconds, a multiple of 8. */
int lab_pref64(const char *prefix, unsigned int lifetime_s);

/* CLOCK_MONOTONIC: the clock of the record. */
int64_t lab_now_ns(void);

/* Sockets in SYN-SENT in the caller's network namespace; -1: unknown. */
int lab_syn_sent(void);

/* Why the last call in this thread failed. */
const char *lab_error(void);

/* Sends a request line of control.h. Returns the data of the answer, which
 * the caller frees, or NULL. */
char *lab_request(const char *line);

#endif
