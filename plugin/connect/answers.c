/* SPDX-License-Identifier: MIT */
/* answers.c - a table with one slot a hash. */
#include "connect/answers.h"

#include <ctype.h>
#include <string.h>

#define SLOTS 256

static struct he_answers table[SLOTS];

/* FNV-1a over the name in lower case and the partition; never 0 */
static uint64_t key_of(const char *host, const void *partition)
{
  uint64_t h = 14695981039346656037u ^ (uint64_t)(uintptr_t)partition;
  for(; *host; host++)
    h = (h ^ (uint64_t)tolower((unsigned char)*host)) * 1099511628211u;
  return h ? h : 1;
}

struct he_answers *he_answers_of(const char *host, const void *partition)
{
  uint64_t key = key_of(host, partition);
  /* the lowest bits of a pointer are those of all others */
  struct he_answers *a = &table[(key >> 32 ^ key >> 16) % SLOTS];
  if(a->key != key) {
    memset(a, 0, sizeof(*a));
    a->key = key;
  }
  return a;
}

static bool recent(he_time_ns at, he_time_ns now)
{
  return at && now - at < HE_ANSWERS_MEMORY;
}

void he_answers_note(struct he_answers *a, enum he_family f, size_t n,
                     he_time_ns now)
{
  if(recent(a->agreed[f], now) && a->count[f] != n)
    a->varied = now;
}

void he_answers_compare(struct he_answers *a, enum he_family f, size_t n,
                        size_t m, he_time_ns now)
{
  he_answers_note(a, f, n, now);
  he_answers_note(a, f, m, now);
  if(n != m) {
    a->varied = now;
    return;
  }
  a->count[f] = n;
  a->agreed[f] = now;
}

bool he_answers_vary(const struct he_answers *a, he_time_ns now)
{
  return recent(a->varied, now);
}

bool he_answers_sure(const struct he_answers *a, enum he_family f, size_t n,
                     he_time_ns now)
{
  return recent(a->agreed[f], now) && a->count[f] == n && !recent(a->varied,
                                                                 now);
}
