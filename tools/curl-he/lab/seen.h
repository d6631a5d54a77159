/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_SEEN_H
#define HE_LAB_SEEN_H
/* seen.h - what a client did, by the packets that the laboratory's network has
 * seen. Pure: packets go in, facts come out. Nobody asks the client. */
#include "labctl.h"
#include "scenarios.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HE_LAB_TRIES 64
#define HE_LAB_NEVER INT64_MIN

/* The kinds of question that are told apart. */
enum {
  HE_LAB_AAAA,
  HE_LAB_A,
  HE_LAB_HTTPS,
  HE_LAB_KINDS
};

/* One kind of question to the name server. All times are CLOCK_MONOTONIC, in
   ns, or HE_LAB_NEVER. */
struct he_lab_asked {
  int64_t asked_ns;           /* the first time */
  int64_t answered_ns;        /* the first answer came to the client */
  unsigned times;             /* how often it was asked */
  unsigned answers;           /* records in the first answer */
  unsigned rcode;             /* of the first answer */
};

enum he_lab_end {
  HE_LAB_SILENT,              /* nothing came back while the client ran */
  HE_LAB_REFUSED,
  HE_LAB_CONNECTED
};

/* One connect: SYNs from one port of the client to one address. */
struct he_lab_try {
  char addr[46];
  char label[8];              /* "v6"; "v6.2" where the host has several */
  bool v6;
  unsigned port;              /* the client's */
  unsigned syns;              /* with those that the kernel repeated */
  enum he_lab_end end;
  int64_t at_ns;              /* the first SYN */
  int64_t connected_ns;
  int64_t said_ns;            /* the client sent data */
  int64_t heard_ns;           /* data came after that */
  int64_t closed_ns;          /* the client sent a FIN or RST */
};

struct he_lab_seen {
  const struct lab_scenario *scenario;
  struct he_lab_asked asked[HE_LAB_KINDS];
  struct he_lab_try tries[HE_LAB_TRIES];   /* in the order of first SYNs */
  size_t ntries;
  bool more;                  /* tries that there was no room for */
  int64_t begin_ns;           /* the first question, or SYN without one */
  unsigned syns;
  int winner;                 /* the try that carried the request; -1: none */
};

/* Reads packets in the order of time, one by one. What does not belong to the
   scenario's host is left out. */
void he_lab_seen_begin(struct he_lab_seen *s, const struct lab_scenario *of);
void he_lab_seen_packet(struct he_lab_seen *s, const struct lab_packet *p);
void he_lab_seen_end(struct he_lab_seen *s);

/* ms from the first question to the connected socket of the winner; below 0:
   there was none. */
double he_lab_connect_ms(const struct he_lab_seen *s);

/* ms from the first answer that had addresses to the first SYN; below 0: there
   is no such answer before a SYN. */
double he_lab_wait_ms(const struct he_lab_seen *s);

/* ms from the SYN before try `i` to its own; i > 0. */
double he_lab_delay_ms(const struct he_lab_seen *s, size_t i);

/* "silent", "refused", "connected" */
const char *he_lab_end_word(enum he_lab_end end);

/* ms from the beginning, below 0 for HE_LAB_NEVER. */
double he_lab_at_ms(const struct he_lab_seen *s, int64_t ns);

#endif
