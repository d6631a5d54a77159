/* SPDX-License-Identifier: MIT */
#ifndef LAB_PACKET_H
#define LAB_PACKET_H
/* packet.h - reads IP packets and writes the answers of a network that
 * refuses them. Pure. */
#include "rules.h"

#define LAB_PACKET_MAX 65535
#define LAB_ANSWER_MAX 1280

enum {
  LAB_TCP_FIN = 0x01,
  LAB_TCP_SYN = 0x02,
  LAB_TCP_RST = 0x04,
  LAB_TCP_ACK = 0x10
};

/* What a packet says. IPv6 extension headers are not followed: the stack
 * does not send any here. */
struct lab_view {
  const uint8_t *data;
  size_t len;   /* of the whole packet */
  size_t hlen;  /* of the IP header */
  int family;   /* AF_INET or AF_INET6 */
  int proto;    /* IPPROTO_* */
  struct lab_ip src;
  struct lab_ip dst;
  unsigned int sport; /* 0 where the protocol has none */
  unsigned int dport;
  unsigned int flags; /* of TCP */
  size_t payload;     /* of TCP: bytes of data */
};

/* false: not an IP packet, or cut short. The view points into data. */
bool lab_view_parse(const uint8_t *data, size_t len, struct lab_view *view);

/* A question to a name server by UDP, or its answer. */
#define LAB_NAME_MAX 64
struct lab_question {
  unsigned int id;
  unsigned int type;    /* 1 A, 28 AAAA, 65 HTTPS */
  unsigned int rcode;   /* of an answer */
  unsigned int answers; /* of an answer: records in it */
  char name[LAB_NAME_MAX]; /* small letters; without what is not printable */
};

/* false: not a packet of DNS, or cut short, or its name is too long. */
bool lab_view_question(const struct lab_view *view, struct lab_question *out);

/* A SYN that opens a connection. */
bool lab_view_is_syn(const struct lab_view *view);

bool lab_view_is_multicast(const struct lab_view *view);

/* The RST|ACK that answers a SYN, or a segment of a connection. Returns its
   length. */
size_t lab_answer_reset(const struct lab_view *view,
                        uint8_t out[LAB_ANSWER_MAX]);

/* The ICMP or ICMPv6 error, from the client's router. Returns its length. */
size_t lab_answer_icmp(const struct lab_view *view, enum lab_action action,
                       uint8_t out[LAB_ANSWER_MAX]);

#endif
