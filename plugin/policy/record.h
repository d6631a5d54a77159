/* SPDX-License-Identifier: MIT */
#ifndef HE_RECORD_H
#define HE_RECORD_H
/* record.h - a host's or a network's memory as bytes, and back. Private to
 * plugin/policy. */
#include "policy/memory.h"

/* The same moment on the clock of `now` and on the wall. */
struct he_moment {
  he_time_ns now;
  int64_t wall_ms;
};

/* What a host's record says, as values that have been checked. */
struct he_host_record {
  he_time_ns used;
  uint16_t port;
  struct he_host_family family[HE_FAMILIES];
  uint8_t n;
  struct he_known known[HE_HISTORY_ADDRS];
};

/* Both fill in the value; the key is there. */
void he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m);
void he_record_write_network(struct he_record *out,
                             const struct he_network *n, struct he_moment m);

/* False for what was not written by the above for this key; `out` is of no
   meaning then. */
bool he_record_read_host(struct he_host_record *out, const uint8_t *key,
                         size_t key_len, const uint8_t *value,
                         size_t value_len, struct he_moment m);
bool he_record_read_network(struct he_network *out, const uint8_t *key,
                            size_t key_len, const uint8_t *value,
                            size_t value_len, struct he_moment m);

#endif
