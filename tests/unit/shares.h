/* SPDX-License-Identifier: MIT */
#ifndef UNIT_SHARES_H
#define UNIT_SHARES_H
/* shares.h - which family connects come about over, and how many SYNs they
 * take, while packets are late and get lost: the race and the history as they
 * are, in virtual time, against a model of a path. For a test, and to be
 * measured.
 *
 * The path. Host and client are `rtt` apart over both families, which are
 * healthy and independent of each other. Each packet comes later than that:
 * by a time of exponential distribution, as behind a queue, `late` in the mean
 * both ways together; or, where `even` is set, by anything up to that much
 * both ways together, as the laboratory's "jitter" does it. Each packet is
 * lost with the probability `loss`. A SYN is sent again after 1, 3 and 7 s: so
 * is the answer to a SYN (RFC 6298). A handshake that loses nothing is
 * called whole. */
#include "options/options.h"

struct shares_path {
  he_time_ns rtt;
  he_time_ns late;
  he_time_ns even;
  double loss;               /* 0 ... 1 */
};

/* A round trip as the tables have it: a packet is late by 1 ms and 1 % of the
   round trip, in the mean. Measured handshakes of fixed lines spread like
   that; those of radio networks spread more. */
struct shares_path shares_path(he_time_ns rtt, double loss);

/* What a connect knows. */
enum shares_known {
  SHARES_COLD,               /* nothing */
  SHARES_NETWORK,            /* the host is a new one, others were measured */
  SHARES_HOST                /* the host was connected to a second ago */
};

struct shares_case {
  struct shares_path path;
  long fixed_ms;             /* CURLHEOPT_DELAY_MS; 0: curl-he's own delays */
  enum shares_known known;   /* the connects that teach first do not count */
  unsigned connects;
  uint64_t seed;
};

struct shares {
  unsigned connects;
  unsigned ipv6;             /* connected over IPv6 */
  unsigned whole;            /* IPv6's handshake lost nothing, or would have */
  unsigned whole_ipv6;       /* and IPv6 it was */
  unsigned syns;             /* of all attempts, those sent again included */
  unsigned abandoned;        /* attempts that did not win */
  unsigned probes;           /* the history's, in the background */
};

/* False without memory. */
bool shares_run(const struct shares_case *c, struct shares *out);

#endif
