/* SPDX-License-Identifier: MIT */
#ifndef LAB_NAT64_H
#define LAB_NAT64_H
/* nat64.h - the translator of the emulated network (RFC 7915), as far as the
 * laboratory's packets need it: TCP, UDP and echoes, without fragments, for one
 * client. Pure, and written without curl-he's own code for the addresses. */
#include "packet.h"

#define LAB_NAT64_PREFIXES 4

struct lab_nat64_prefix {
  struct lab_ip ip;
  unsigned int bits; /* 32, 40, 48, 56, 64 or 96 */
};

struct lab_nat64 {
  struct lab_nat64_prefix list[LAB_NAT64_PREFIXES];
  size_t count;
  struct lab_ip client;     /* who sent last, IPv6 */
  uint8_t used[65536];      /* by the client's port: the prefix in use */
};

/* LAB_NAT64, no other one. */
void lab_nat64_init(struct lab_nat64 *n);

/* Prefixes with a blank between them, or "off". false, and nothing changed:
 * not understood. */
bool lab_nat64_set(struct lab_nat64 *n, const char *words);

/* Writes the client's packet as the server gets it. Returns its length, 0
 * where it is not for the translator, or nothing that it can translate. */
size_t lab_nat64_out(struct lab_nat64 *n, const struct lab_view *v6,
                     uint8_t out[LAB_PACKET_MAX]);

/* And the server's, as the client gets it. */
size_t lab_nat64_in(const struct lab_nat64 *n, const struct lab_view *v4,
                    uint8_t out[LAB_PACKET_MAX]);

/* A router advertisement with one PREF64 option (RFC 8781), as multicast to
 * the client's link. Returns its length; 0: a prefix or lifetime that such an
 * option cannot tell. */
size_t lab_nat64_advertise(const char *prefix, unsigned int lifetime_s,
                           uint8_t out[LAB_ANSWER_MAX]);

#endif
