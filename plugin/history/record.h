/* SPDX-License-Identifier: MIT */
#ifndef HE_RECORD_H
#define HE_RECORD_H
/* record.h - a host's or a network's memory as a line of text, and back.
 * Private to plugin/history. */
#include "history/fields.h"
#include "history/memory.h"

/* What a record says, as values that have been checked. */
struct he_record_body {
  he_time_ns used;
  uint16_t port;
  uint8_t n;
  struct he_host_family family[HE_FAMILIES];
  struct he_known known[HE_HISTORY_ADDRS];
  struct he_network_family network[HE_FAMILIES];   /* of a network's */
};

/* For merging. */
extern const struct he_fields he_of_family;     /* struct he_host_family */
extern const struct he_fields he_of_known;      /* struct he_known */
extern const struct he_fields he_of_estimate;   /* struct he_estimate */

/* False where the line would be longer than HE_RECORD_MAX, which it never
   is. */
bool he_record_write_host(struct he_record *out, const struct he_host *host,
                          struct he_moment m);
bool he_record_write_network(struct he_record *out,
                             const struct he_network *n, struct he_moment m);

/* The line's head, with the host's name as he_name_set() makes it, and what
   follows that head. False for what is no whole line: its checksum is looked
   at, too. */
bool he_record_open(const char *line, size_t len, struct he_record_head *head,
                    struct he_name *name, struct he_word *rest);

/* What follows the head of an opened line, which is no FORGET. False where it
   is not what the above writes; `out` is of no meaning then. */
bool he_record_read(struct he_record_body *out, enum he_record_kind kind,
                    struct he_word rest, struct he_moment m);

#endif
