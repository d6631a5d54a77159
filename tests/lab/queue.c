/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static bool before(const struct lab_parcel *a, const struct lab_parcel *b)
{
  if(a->due_ns != b->due_ns)
    return a->due_ns < b->due_ns;
  return a->serial < b->serial;
}

static void swap(struct lab_queue *q, size_t i, size_t j)
{
  struct lab_parcel *p = q->heap[i];
  q->heap[i] = q->heap[j];
  q->heap[j] = p;
}

bool lab_queue_put(struct lab_queue *q, int64_t due_ns, enum lab_side to,
                   const uint8_t *data, size_t len)
{
  struct lab_parcel *p;
  size_t i;
  if(q->count == q->room) {
    size_t room = q->room ? q->room * 2 : 64;
    struct lab_parcel **heap = realloc(q->heap, room * sizeof(*heap));
    if(!heap)
      return false;
    q->heap = heap;
    q->room = room;
  }
  p = malloc(sizeof(*p) + len);
  if(!p)
    return false;
  p->due_ns = due_ns;
  p->serial = q->serial++;
  p->to = to;
  p->len = len;
  memcpy(p->data, data, len);
  i = q->count++;
  q->heap[i] = p;
  for(; i && before(q->heap[i], q->heap[(i - 1) / 2]); i = (i - 1) / 2)
    swap(q, i, (i - 1) / 2);
  return true;
}

int64_t lab_queue_due(const struct lab_queue *q)
{
  return q->count ? q->heap[0]->due_ns : INT64_MAX;
}

struct lab_parcel *lab_queue_take(struct lab_queue *q, int64_t now_ns)
{
  struct lab_parcel *p;
  size_t i = 0;
  if(lab_queue_due(q) > now_ns || !q->count)
    return NULL;
  p = q->heap[0];
  q->heap[0] = q->heap[--q->count];
  for(;;) {
    size_t child = 2 * i + 1;
    if(child >= q->count)
      return p;
    if(child + 1 < q->count && before(q->heap[child + 1], q->heap[child]))
      child++;
    if(!before(q->heap[child], q->heap[i]))
      return p;
    swap(q, i, child);
    i = child;
  }
}
