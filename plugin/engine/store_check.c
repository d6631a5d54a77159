/* SPDX-License-Identifier: MIT */
/* store_check.c - walks the two B-trees of an LMDB file: the free list, then
 * the records.
 *
 *   meta 0, meta 1 -newest-> free list  branch -> leaf: txn -> page numbers
 *                            records    branch -> leaf: key -> value,
 *                                                       or -> overflow pages
 *
 * What is asked for is what liblmdb itself keeps to, all of it: each page
 * belongs to one place at most (so no cycles, and nothing in use is listed as
 * free), the nodes of a page fill it from `upper` to its end without a gap,
 * keys ascend, counts are what they say. lmdb.h does not tell the format;
 * it is that of mdb.c, MDB_DATA_VERSION 1, which all of 0.9 has. */
#include "engine/store_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0xBEEFC0DEu
#define DATA_VERSION 1
#define INTEGER_KEYS 0x08
#define NO_SUBDIR 0x4000
#define NO_PAGE SIZE_MAX
#define MAX_DEPTH 16            /* liblmdb's cursors have room for 32 */
#define MAX_KEY 511
#define MAX_PAGE 0x8000

enum { BRANCH = 0x01, LEAF = 0x02, OVERFLOWS = 0x04, META = 0x08 };
enum { BIG_DATA = 0x01 };

struct db {
  uint32_t pad;                 /* the free list's: the page size */
  uint16_t flags;
  uint16_t depth;
  size_t branches, leaves, overflows;   /* pages */
  size_t entries;
  size_t root;
};

struct meta {
  uint32_t magic;
  uint32_t version;
  size_t address;
  size_t map;
  struct db free, main;
  size_t last_page;
  size_t txn;
};

struct header {
  size_t number;
  uint16_t pad;
  uint16_t flags;
  uint16_t lower, upper;        /* of an overflow page: how many, 32 bits */
};

#define NODE 8                  /* bytes before a node's key */

struct node {
  size_t child;                 /* in a branch */
  size_t size;                  /* of the value, in a leaf */
  unsigned flags;
  const unsigned char *key;
  size_t key_len;
  size_t space;                 /* in the page */
};

struct walk {
  const unsigned char *file;
  size_t page;                  /* bytes */
  struct meta meta;             /* the newest */
  const char *wrong;            /* NULL: nothing so far */
  unsigned char *seen;          /* a byte a page */
  /* of the tree at hand */
  bool is_free_list;
  struct db found;
  const unsigned char *key;     /* the last one, NULL: none */
  size_t key_len;
  bool key_may_repeat;          /* it stood in a branch */
  uint16_t at[MAX_PAGE / 2];    /* the space of the node that begins there */
};

static bool wrong(struct walk *w, const char *what)
{
  if(!w->wrong)
    w->wrong = what;
  return false;
}

static struct header header_of(const struct walk *w, size_t number)
{
  struct header h;
  memcpy(&h, w->file + number * w->page, sizeof(h));
  return h;
}

/* Pages are claimed once. */
static bool claim(struct walk *w, size_t first, size_t count)
{
  size_t last = w->meta.last_page;
  if(first < 2 || first > last || !count || count > last - first + 1)
    return wrong(w, "a page number out of range");
  for(size_t i = first; i < first + count; i++) {
    if(w->seen[i])
      return wrong(w, "a page in two places");
    w->seen[i] = 1;
  }
  return true;
}

/* -- a page -- */

static size_t big_endian(void)
{
  const uint16_t one = 1;
  return !*(const unsigned char *)&one;
}

/* The node at `offset` of a page; false where it does not fit in there. */
static bool node_at(const struct walk *w, const unsigned char *page,
                    size_t offset, bool leaf, struct node *n)
{
  uint16_t half[4];   /* low and high of the size, flags, length of the key */
  if(offset % 2 || offset > w->page - NODE)
    return false;
  memcpy(half, page + offset, sizeof(half));
  n->flags = half[2];
  n->key_len = half[3];
  n->key = page + offset + NODE;
  n->size = half[big_endian()] | (size_t)half[!big_endian()] << 16;
  n->child = n->size;
#if SIZE_MAX > UINT32_MAX
  n->child |= (size_t)n->flags << 32;
#endif
  n->space = NODE + n->key_len;
  if(leaf && n->flags & BIG_DATA)
    n->space += sizeof(size_t);
  else if(leaf && n->size > w->page)
    return false;
  else if(leaf)
    n->space += n->size;
  n->space += n->space % 2;
  return n->space <= w->page - offset;
}

static size_t offset_of(const unsigned char *page, size_t i)
{
  uint16_t offset;
  memcpy(&offset, page + sizeof(struct header) + i * 2, sizeof(offset));
  return offset;
}

/* The nodes lie side by side from `upper` to the end of the page. liblmdb
   moves them about by memmove(), and counts on it. */
static bool nodes_fit(struct walk *w, const unsigned char *page, size_t upper,
                      size_t count, bool leaf)
{
  struct node n;
  memset(w->at, 0, w->page / 2 * sizeof(w->at[0]));
  for(size_t i = 0; i < count; i++) {
    size_t offset = offset_of(page, i);
    if(offset < upper || !node_at(w, page, offset, leaf, &n) ||
       w->at[offset / 2])
      return wrong(w, "a record out of its page");
    w->at[offset / 2] = (uint16_t)n.space;
  }
  for(size_t offset = upper; offset < w->page; count--) {
    if(!w->at[offset / 2] || !count)
      return wrong(w, "a page that is filled wrongly");
    offset += w->at[offset / 2];
  }
  return !count || wrong(w, "records that overlap");
}

/* -- keys -- */

static int compare(const struct walk *w, const unsigned char *a, size_t alen,
                   const unsigned char *b, size_t blen)
{
  int order;
  if(w->is_free_list) {
    size_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
  }
  order = memcmp(a, b, alen < blen ? alen : blen);
  return order ? order : (alen > blen) - (alen < blen);
}

/* Keys in the order in which the walk meets them: one of a branch is not
   above the first key of the leaf after it. */
static bool key_follows(struct walk *w, const struct node *n, bool leaf)
{
  int order;
  if(!n->key_len || n->key_len > MAX_KEY ||
     (w->is_free_list && n->key_len != sizeof(size_t)))
    return wrong(w, "a key of a wrong length");
  order = w->key ? compare(w, w->key, w->key_len, n->key, n->key_len) : -1;
  if(order > 0 || (!order && !w->key_may_repeat))
    return wrong(w, "keys out of order");
  w->key = n->key;
  w->key_len = n->key_len;
  w->key_may_repeat = !leaf;
  return true;
}

/* -- values -- */

/* Pages that transaction `key` has freed: their number, then themselves,
   descending. */
static bool list_holds(struct walk *w, const struct node *n,
                       const unsigned char *value)
{
  size_t txn, count, number, above = w->meta.last_page + 1;
  memcpy(&txn, n->key, sizeof(txn));
  if(!txn || txn > w->meta.txn)
    return wrong(w, "a transaction to come");
  if(n->size < sizeof(count) || n->size % sizeof(count))
    return wrong(w, "a free list of a wrong length");
  memcpy(&count, value, sizeof(count));
  if(count > n->size / sizeof(count) - 1)
    return wrong(w, "a free list that is too short");
  for(size_t i = 1; i <= count; i++) {
    memcpy(&number, value + i * sizeof(number), sizeof(number));
    if(number >= above)
      return wrong(w, "a free list out of order");
    if(!claim(w, number, 1))
      return false;
    above = number;
  }
  return true;
}

/* NULL where the value does not hold together. */
static const unsigned char *value_of(struct walk *w, const struct node *n)
{
  const unsigned char *value = n->key + n->key_len;
  struct header h;
  uint32_t count;
  size_t number;
  if(!(n->flags & BIG_DATA))
    return value;
  memcpy(&number, value, sizeof(number));
  if(!claim(w, number, 1))
    return NULL;
  h = header_of(w, number);
  memcpy(&count, (const char *)&h + offsetof(struct header, lower),
         sizeof(count));
  if(h.number != number || h.flags != OVERFLOWS ||
     (count > 1 && !claim(w, number + 1, count - 1)) ||
     !count || n->size > count * w->page - sizeof(h)) {
    wrong(w, "an overflow page that is none");
    return NULL;
  }
  w->found.overflows += count;
  return w->file + number * w->page + sizeof(h);
}

/* -- a tree -- */

static bool leaf_holds(struct walk *w, const unsigned char *page, size_t count)
{
  struct node n;
  w->found.leaves++;
  w->found.entries += count;
  for(size_t i = 0; i < count; i++) {
    const unsigned char *value;
    node_at(w, page, offset_of(page, i), true, &n);
    if(n.flags & ~(unsigned)BIG_DATA)
      return wrong(w, "a record of a wrong kind");
    if(!key_follows(w, &n, true))
      return false;
    value = value_of(w, &n);
    if(!value || (w->is_free_list && !list_holds(w, &n, value)))
      return false;
  }
  return true;
}

static bool page_holds(struct walk *w, size_t number, unsigned level);

static bool branch_holds(struct walk *w, const unsigned char *page,
                         size_t count, unsigned level)
{
  struct node n;
  w->found.branches++;
  for(size_t i = 0; i < count; i++) {
    node_at(w, page, offset_of(page, i), false, &n);
    /* the first key of a branch stands for "anything below" */
    if((i && !key_follows(w, &n, false)) || !page_holds(w, n.child, level - 1))
      return false;
  }
  return true;
}

/* `level` 1 is where the leaves are. */
static bool page_holds(struct walk *w, size_t number, unsigned level)
{
  bool leaf = level == 1;
  const unsigned char *page;
  struct header h;
  size_t count;
  if(!claim(w, number, 1))
    return false;
  page = w->file + number * w->page;
  h = header_of(w, number);
  if(h.number != number || h.flags != (leaf ? LEAF : BRANCH))
    return wrong(w, "a page of a wrong kind");
  if(h.lower < sizeof(h) || h.lower > h.upper || h.upper > w->page ||
     h.lower % 2 || h.upper % 2)
    return wrong(w, "a page with wrong bounds");
  count = (h.lower - sizeof(h)) / 2;
  if(count < (leaf || w->is_free_list ? 1 : 2))
    return wrong(w, "an empty page");
  return nodes_fit(w, page, h.upper, count, leaf) &&
         (leaf ? leaf_holds(w, page, count) :
                 branch_holds(w, page, count, level));
}

static bool tree_holds(struct walk *w, const struct db *db, bool is_free_list)
{
  memset(&w->found, 0, sizeof(w->found));
  w->is_free_list = is_free_list;
  w->key = NULL;
  w->key_may_repeat = false;
  if(db->depth > MAX_DEPTH || (db->root == NO_PAGE) != !db->depth)
    return wrong(w, "a tree of a wrong depth");
  if(db->depth && !page_holds(w, db->root, db->depth))
    return false;
  if(db->branches != w->found.branches || db->leaves != w->found.leaves ||
     db->overflows != w->found.overflows || db->entries != w->found.entries)
    return wrong(w, "wrong counts");
  return true;
}

/* -- the file -- */

static bool meta_holds(struct walk *w, size_t number, size_t map,
                       struct meta *m)
{
  struct header h = header_of(w, number);
  memcpy(m, w->file + number * w->page + sizeof(h), sizeof(*m));
  if(h.number != number || h.flags != META || m->magic != MAGIC)
    return wrong(w, "not a store");
  if(m->version != DATA_VERSION || m->free.pad != w->page || m->map != map ||
     m->address || m->free.flags != (INTEGER_KEYS | NO_SUBDIR) ||
     m->main.pad || m->main.flags)
    return wrong(w, "a store of another kind");
  return true;
}

/* Transactions go to the two meta pages by turns. */
static bool newest_meta(struct walk *w, size_t size, size_t map)
{
  struct meta m[2];
  size_t newest;
  if(!meta_holds(w, 0, map, &m[0]) || !meta_holds(w, 1, map, &m[1]))
    return false;
  newest = m[1].txn > m[0].txn;
  w->meta = m[newest];
  if((m[0].txn || m[1].txn) &&
     (w->meta.txn % 2 != newest || w->meta.txn - m[!newest].txn != 1))
    return wrong(w, "transactions out of order");
  if(w->meta.last_page < 1 || w->meta.last_page >= map / w->page)
    return wrong(w, "a wrong length");
  if(w->meta.last_page >= size / w->page)
    return wrong(w, "cut off");
  return true;
}

const char *he_store_check(const void *file, size_t size, size_t page,
                           size_t map, bool *guilty)
{
  struct walk *w;
  const char *what;
  *guilty = true;
  if(page < 512 || page > MAX_PAGE || page & (page - 1) || size < 2 * page)
    return "cut off";
  w = calloc(1, sizeof(*w));
  if(w) {
    w->file = file;
    w->page = page;
    if(!newest_meta(w, size, map))
      goto out;
    w->seen = calloc(w->meta.last_page + 1, 1);
    if(w->seen) {
      if(tree_holds(w, &w->meta.free, true))
        tree_holds(w, &w->meta.main, false);
      goto out;
    }
  }
  free(w);
  *guilty = false;
  return "out of memory";
out:
  what = w->wrong;
  *guilty = what;
  free(w->seen);
  free(w);
  return what;
}
