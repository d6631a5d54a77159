/* SPDX-License-Identifier: MIT */
#ifndef LAB_QUEUE_H
#define LAB_QUEUE_H
/* queue.h - packets on their way, the next to arrive first. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lab_side {
  LAB_CLIENT,
  LAB_SERVER
};

struct lab_parcel {
  int64_t due_ns;
  uint64_t serial; /* of two due at once, the first sent is the first */
  enum lab_side to;
  size_t len;
  uint8_t data[];
};

struct lab_queue {
  struct lab_parcel **heap;
  size_t count;
  size_t room;
  uint64_t serial;
};

/* Copies the packet. false: out of memory, the packet is lost. */
bool lab_queue_put(struct lab_queue *q, int64_t due_ns, enum lab_side to,
                   const uint8_t *data, size_t len);

/* When the next is due; INT64_MAX: nothing is on its way. */
int64_t lab_queue_due(const struct lab_queue *q);

/* Takes out the next that is due by now, or NULL. The caller frees it. */
struct lab_parcel *lab_queue_take(struct lab_queue *q, int64_t now_ns);

#endif
