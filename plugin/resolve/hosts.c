/* SPDX-License-Identifier: MIT */
#include "resolve/hosts.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct he_hosts {
  size_t n, room;
  uint64_t *hashes;           /* sorted */
};

static bool add(struct he_hosts *h, uint64_t hash)
{
  if(h->n == h->room) {
    size_t room = h->room ? 2 * h->room : 8;
    uint64_t *more = realloc(h->hashes, room * sizeof(*more));
    if(!more)
      return false;
    h->hashes = more;
    h->room = room;
  }
  h->hashes[h->n++] = hash;
  return true;
}

/* What ends a word, a zero included, which ends the line for the C library. */
static bool is_blank(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

/* The words of a line but the first, which is the address. */
static bool add_line(struct he_hosts *h, const char *line, const char *end)
{
  bool first = true;
  while(line < end) {
    const char *word;
    size_t len;
    while(line < end && is_blank(*line))
      line++;
    word = line;
    while(line < end && !is_blank(*line))
      line++;
    len = (size_t)(line - word);
    if(!first && memchr(word, '.', len) &&
       !add(h, he_hash_name(HE_HASH_BEGIN, word, len)))
      return false;
    first = false;
  }
  return true;
}

static int compare(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

struct he_hosts *he_hosts_parse(const char *text, size_t n)
{
  const char *end = text + n;
  struct he_hosts *h = calloc(1, sizeof(*h));
  bool ok = h != NULL;
  while(ok && text < end) {
    const char *next = memchr(text, '\n', (size_t)(end - text));
    const char *stop, *comment;
    stop = next ? next : end;
    comment = memchr(text, '#', (size_t)(stop - text));
    ok = add_line(h, text, comment ? comment : stop);
    text = next ? next + 1 : end;
  }
  if(!ok) {
    he_hosts_free(h);
    return NULL;
  }
  if(h->n)
    qsort(h->hashes, h->n, sizeof(*h->hashes), compare);
  return h;
}

void he_hosts_free(struct he_hosts *h)
{
  if(h)
    free(h->hashes);
  free(h);
}

bool he_hosts_has(const struct he_hosts *h, const char *name)
{
  const uint64_t hash = he_hash_name(HE_HASH_BEGIN, name, strlen(name));
  return h->n && bsearch(&hash, h->hashes, h->n, sizeof(hash), compare);
}
