/* SPDX-License-Identifier: MIT */
/* answers.c - a hash table whose entries are also in a list, the latest that
 * was asked for first. */
#include "resolve/answers.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

struct entry {
  struct he_answer answer;    /* first */
  struct entry *next;         /* in its bucket */
  struct entry *newer, *older;
  long number;
  enum he_dns_type type;
  size_t bytes;               /* all that it takes */
  char *name;                 /* in the block of the entry, as the message */
};

struct he_answers {
  size_t most, most_bytes;
  size_t n, bytes;
  struct entry *newest, *oldest;
  struct entry *bucket[BUCKETS];
};

struct he_answers *he_answers_new(size_t most, size_t most_bytes)
{
  struct he_answers *a = calloc(1, sizeof(*a));
  if(a) {
    a->most = most;
    a->most_bytes = most_bytes;
  }
  return a;
}

static struct entry **place(struct he_answers *a,
                            const struct he_answers_key *k)
{
  uint64_t h = he_hash(HE_HASH_BEGIN, &k->number, sizeof(k->number));
  struct entry **p;
  h = he_hash(h, &k->type, sizeof(k->type));
  h = he_hash_mix(he_hash(h, k->name, strlen(k->name)));
  p = &a->bucket[h % BUCKETS];
  while(*p && ((*p)->number != k->number || (*p)->type != k->type ||
               strcmp((*p)->name, k->name)))
    p = &(*p)->next;
  return p;
}

/* -- the list -- */

static void unlink_entry(struct he_answers *a, struct entry *e)
{
  *(e->newer ? &e->newer->older : &a->newest) = e->older;
  *(e->older ? &e->older->newer : &a->oldest) = e->newer;
}

static void link_entry(struct he_answers *a, struct entry *e)
{
  e->newer = NULL;
  e->older = a->newest;
  *(a->newest ? &a->newest->newer : &a->oldest) = e;
  a->newest = e;
}

/* `p`: where it hangs in its bucket. */
static void drop(struct he_answers *a, struct entry **p)
{
  struct entry *e = *p;
  *p = e->next;
  unlink_entry(a, e);
  a->n--;
  a->bytes -= e->bytes;
  free(e);
}

static void drop_oldest(struct he_answers *a)
{
  const struct entry *e = a->oldest;
  drop(a, place(a, &(struct he_answers_key){ e->number, e->type, e->name }));
}

void he_answers_free(struct he_answers *a)
{
  while(a && a->newest) {
    struct entry *e = a->newest;
    a->newest = e->older;
    free(e);
  }
  free(a);
}

/* -- keeping -- */

static struct entry *new_entry(const struct he_answers_key *k,
                               const struct he_answer *what)
{
  const size_t name = strlen(k->name) + 1;
  const size_t bytes = sizeof(struct entry) + name + what->len;
  struct entry *e = calloc(1, bytes);
  unsigned char *message;
  if(!e)
    return NULL;
  e->bytes = bytes;
  e->number = k->number;
  e->type = k->type;
  e->name = (char *)(e + 1);
  memcpy(e->name, k->name, name);
  message = (unsigned char *)e->name + name;
  if(what->len)
    memcpy(message, what->message, what->len);
  e->answer.state = what->state;
  e->answer.from = what->from;
  e->answer.message = message;
  e->answer.len = what->len;
  return e;
}

static he_time_ns seconds(uint32_t s)
{
  return (he_time_ns)s * HE_MS(1000);
}

void he_answers_put(struct he_answers *a, const struct he_answers_key *k,
                    const struct he_answer *what, uint32_t ttl,
                    he_time_ns now)
{
  const uint32_t most = what->state == HE_RRSET_FOUND ? HE_ANSWERS_MOST_S :
                        HE_ANSWERS_MOST_NONE_S;
  struct entry **p = place(a, k), *e;
  if(*p)
    drop(a, p);
  e = ttl ? new_entry(k, what) : NULL;
  if(!e)
    return;
  if(!a->most || e->bytes > a->most_bytes) {
    free(e);
    return;
  }
  while(a->n == a->most || a->bytes + e->bytes > a->most_bytes)
    drop_oldest(a);
  e->answer.until = he_time_add(now, seconds(ttl < most ? ttl : most));
  e->answer.stale_until = what->state == HE_RRSET_FOUND && what->from &&
                          what->from->stale ?
    he_time_add(e->answer.until, seconds(HE_ANSWERS_STALE_S)) :
    e->answer.until;
  p = place(a, k);            /* what went may have hung there */
  *p = e;
  link_entry(a, e);
  a->n++;
  a->bytes += e->bytes;
}

struct he_answer *he_answers_get(struct he_answers *a,
                                 const struct he_answers_key *k,
                                 he_time_ns now)
{
  struct entry **p = place(a, k), *e = *p;
  if(!e)
    return NULL;
  if(now >= e->answer.stale_until) {
    drop(a, p);
    return NULL;
  }
  unlink_entry(a, e);
  link_entry(a, e);
  return &e->answer;
}

size_t he_answers_count(const struct he_answers *a)
{
  return a->n;
}
