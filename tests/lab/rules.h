/* SPDX-License-Identifier: MIT */
#ifndef LAB_RULES_H
#define LAB_RULES_H
/* rules.h - how the emulated network treats an address. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of either family; IPv4 in its mapped form ::ffff:a.b.c.d. */
struct lab_ip {
  uint8_t b[16];
};

enum lab_action {
  LAB_PASS,
  LAB_DROP,     /* black hole */
  LAB_RESET,    /* RST to a SYN */
  LAB_CUT,      /* connects, RST to whatever has data */
  LAB_UNREACH,  /* ICMP host, ICMPv6 address unreachable */
  LAB_PROHIBIT  /* ICMP, ICMPv6 administratively prohibited */
};

struct lab_rule {
  struct lab_ip prefix;
  unsigned int bits; /* of the 128 */
  enum lab_action action;
  int64_t rtt_ns;
  int64_t jitter_ns;    /* at most this much is added to a round trip */
  double loss;          /* of each packet, 0 to 1 */
  unsigned int syndrop; /* that many first SYNs to each address are lost */
  unsigned int mtu;     /* longer packets are lost; 0: no limit */
};

struct lab_rules {
  struct lab_rule *list; /* longest prefix first */
  size_t count;
};

/* "addr" or "addr/len" into a prefix. */
bool lab_prefix_parse(const char *text, struct lab_ip *ip,
                      unsigned int *bits);

/* Words, any of: pass drop reset cut unreach prohibit rtt=MS jitter=MS
 * loss=PERCENT syndrop=N mtu=BYTES. What is not said has its default: pass,
 * 20 ms. */
bool lab_rule_parse(const char *text, struct lab_rule *rule);

/* Adds a rule or replaces the one of the same prefix. */
bool lab_rules_set(struct lab_rules *rules, const struct lab_rule *rule);

void lab_rules_remove(struct lab_rules *rules, const struct lab_ip *prefix,
                      unsigned int bits);

/* The rule of the longest matching prefix; without one, the default. */
const struct lab_rule *lab_rules_match(const struct lab_rules *rules,
                                       const struct lab_ip *ip);

/* The rules that the table of scenarios asks for, instead of all others. */
bool lab_rules_load(struct lab_rules *rules);

/* Text of an address, plain IPv4 for a mapped one. */
#define LAB_IP_TEXT 46
const char *lab_ip_text(const struct lab_ip *ip, char buf[LAB_IP_TEXT]);

#endif
