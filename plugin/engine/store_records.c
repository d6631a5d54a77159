/* SPDX-License-Identifier: MIT */
/* store_records.c - records in and out, each within one transaction. */
#include "engine/store_txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define HEAD sizeof(struct he_store_head)

/* A key as it is stored, and the room for it. */
struct key {
  MDB_val val;
  char text[1 + HE_STORE_KEY_MAX];
};

static bool make_key(struct key *k, const void *key, size_t len)
{
  if(!len || len > HE_STORE_KEY_MAX)
    return false;
  k->text[0] = HE_STORE_RECORD;
  memcpy(k->text + 1, key, len);
  k->val.mv_size = len + 1;
  k->val.mv_data = k->text;
  return true;
}

/* -- a record as it is stored -- */

static uint64_t sum_of(const MDB_val *key, int64_t stamp, const void *value,
                       size_t len)
{
  uint64_t lens[2] = { key->mv_size, len };
  uint64_t h = he_hash(HE_HASH_BEGIN, lens, sizeof(lens));
  h = he_hash(h, &stamp, sizeof(stamp));
  h = he_hash(h, key->mv_data, key->mv_size);
  return he_hash(h, value, len);
}

/* False for what is not a record of ours, or no longer. */
static bool take_apart(const MDB_val *key, const MDB_val *data,
                       struct he_store_record *r)
{
  struct he_store_head head;
  if(key->mv_size < 2 || *(char *)key->mv_data != HE_STORE_RECORD ||
     data->mv_size < HEAD || data->mv_size > HEAD + HE_STORE_VALUE_MAX)
    return false;
  memcpy(&head, data->mv_data, HEAD);
  r->key = (char *)key->mv_data + 1;
  r->key_len = key->mv_size - 1;
  r->value = (char *)data->mv_data + HEAD;
  r->value_len = data->mv_size - HEAD;
  r->stamp = head.stamp;
  return head.sum == sum_of(key, head.stamp, r->value, r->value_len);
}

static int find(struct he_store *s, MDB_txn *txn, struct key *k,
                struct he_store_record *r)
{
  MDB_val data;
  int rc = mdb_get(txn, s->dbi, &k->val, &data);
  if(!rc && !take_apart(&k->val, &data, r))
    rc = MDB_NOTFOUND;
  return rc;
}

/* -- get -- */

struct get {
  struct key key;
  void *value;
  size_t *len;
  int64_t *stamp;
  bool fits;
};

static int get(struct he_store *s, MDB_txn *txn, void *arg)
{
  struct get *g = arg;
  struct he_store_record r;
  int rc = find(s, txn, &g->key, &r);
  if(rc)
    return rc;
  g->fits = r.value_len <= *g->len;
  if(g->fits)
    memcpy(g->value, r.value, r.value_len);
  *g->len = r.value_len;
  if(g->stamp)
    *g->stamp = r.stamp;
  return 0;
}

enum he_store_code he_store_get(struct he_store *s, const void *key,
                                size_t key_len, void *value, size_t *len,
                                int64_t *stamp)
{
  struct get g = { .value = value, .len = len, .stamp = stamp };
  enum he_store_code code;
  if(!make_key(&g.key, key, key_len))
    return HE_STORE_BAD_SIZE;
  code = he_store_transact(s, false, get, &g);
  return code == HE_STORE_OK && !g.fits ? HE_STORE_BAD_SIZE : code;
}

/* -- the oldest go -- */

/* Whether there is a record at the cursor; one whose checksum is wrong is the
   oldest of all. */
static int next_age(MDB_cursor *c, int64_t *stamp)
{
  struct he_store_record r;
  MDB_val key, data;
  int rc;
  do
    rc = mdb_cursor_get(c, &key, &data, MDB_NEXT);
  while(!rc && key.mv_size == 1 && *(char *)key.mv_data == HE_STORE_MARK);
  if(!rc)
    *stamp = take_apart(&key, &data, &r) ? r.stamp : INT64_MIN;
  return rc;
}

static int by_age(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* The age up to which there are `excess` records, at least 1. */
static int find_age(MDB_cursor *c, size_t entries, size_t excess,
                    int64_t *limit)
{
  int64_t *ages = malloc(entries * sizeof(*ages));
  size_t n = 0;
  int rc = 0;
  if(!ages)
    return ENOMEM;
  while(n < entries && !(rc = next_age(c, &ages[n])))
    n++;
  if(!rc || rc == MDB_NOTFOUND) {
    qsort(ages, n, sizeof(*ages), by_age);
    rc = excess > n;    /* never, as counts are what they say */
    if(!rc)
      *limit = ages[excess - 1];
  }
  free(ages);
  return rc;
}

/* With MDB_NEXT a cursor goes on behind what was deleted. */
static int remove_until(MDB_cursor *c, int64_t limit, size_t excess)
{
  MDB_val key, data;
  int64_t stamp = 0;
  int rc = mdb_cursor_get(c, &key, &data, MDB_FIRST);   /* the mark */
  while(!rc && excess && !(rc = next_age(c, &stamp))) {
    if(stamp <= limit) {
      rc = mdb_cursor_del(c, 0);
      excess--;
    }
  }
  return rc == MDB_NOTFOUND ? 0 : rc;
}

/* How many are too many: by number some more than needed, so that this is not
   done with each new one; by space a quarter. */
static size_t too_many(const struct he_store *s, const MDB_stat *st)
{
  size_t records = st->ms_entries - 1;    /* but the mark */
  size_t pages = st->ms_branch_pages + st->ms_leaf_pages +
                 st->ms_overflow_pages;
  size_t excess = 0;
  if(records > s->limits.records)
    excess = records - s->limits.records + s->limits.records / 16;
  if(pages > s->limits.bytes / st->ms_psize && excess < records / 4 + 1)
    excess = records / 4 + 1;
  return excess < records ? excess : records;
}

static int evict(struct he_store *s, MDB_txn *txn)
{
  MDB_cursor *c;
  MDB_stat st;
  int64_t limit;
  int rc = mdb_stat(txn, s->dbi, &st);
  size_t excess = rc ? 0 : too_many(s, &st);
  if(!excess)
    return rc;
  rc = mdb_cursor_open(txn, s->dbi, &c);
  if(rc)
    return rc;
  rc = find_age(c, st.ms_entries, excess, &limit);
  if(!rc)
    rc = remove_until(c, limit, excess);
  mdb_cursor_close(c);
  return rc;
}

/* -- put -- */

struct put {
  const struct he_store_record *records;
  size_t n;
  he_store_merge *merge;
  void *ctx;
  /* of the record at hand; what is stored may lie at any address */
  max_align_t stored[HE_STORE_VALUE_MAX / sizeof(max_align_t)];
  max_align_t value[HE_STORE_VALUE_MAX / sizeof(max_align_t)];
  unsigned char data[HEAD + HE_STORE_VALUE_MAX];
};

/* Leaves `ours` as what is to be written; false for nothing. */
static bool merge_with(struct put *p, const struct he_store_record *stored,
                       struct he_store_record *ours)
{
  size_t len;
  if(ours->stamp < stored->stamp)
    ours->stamp = stored->stamp;
  if(!p->merge)
    return true;
  memcpy(p->stored, stored->value, stored->value_len);
  len = p->merge(p->ctx, p->stored, stored->value_len, ours->value,
                 ours->value_len, p->value, sizeof(p->value));
  ours->value = p->value;
  ours->value_len = len;
  return len && len <= sizeof(p->value);
}

static int put_one(struct he_store *s, MDB_txn *txn, struct put *p,
                   struct he_store_record r)
{
  struct he_store_record stored;
  struct he_store_head head;
  struct key key;
  MDB_val data;
  int rc;
  make_key(&key, r.key, r.key_len);
  rc = find(s, txn, &key, &stored);
  if(rc && rc != MDB_NOTFOUND)
    return rc;
  if(!rc && !merge_with(p, &stored, &r))
    return 0;
  head.stamp = r.stamp;
  head.sum = sum_of(&key.val, r.stamp, r.value, r.value_len);
  memcpy(p->data, &head, HEAD);
  if(r.value_len)
    memcpy(p->data + HEAD, r.value, r.value_len);
  data.mv_data = p->data;
  data.mv_size = HEAD + r.value_len;
  return mdb_put(txn, s->dbi, &key.val, &data, 0);
}

static int put(struct he_store *s, MDB_txn *txn, void *arg)
{
  struct put *p = arg;
  int rc = 0;
  for(size_t i = 0; !rc && i < p->n; i++)
    rc = put_one(s, txn, p, p->records[i]);
  return rc ? rc : evict(s, txn);
}

enum he_store_code he_store_put(struct he_store *s,
                                const struct he_store_record *records,
                                size_t n, he_store_merge *merge, void *ctx)
{
  struct put *p;
  enum he_store_code code;
  for(size_t i = 0; i < n; i++) {
    if(!records[i].key_len || records[i].key_len > HE_STORE_KEY_MAX ||
       records[i].value_len > HE_STORE_VALUE_MAX)
      return HE_STORE_BAD_SIZE;
  }
  p = malloc(sizeof(*p));
  if(!p)
    return HE_STORE_FAILED;
  p->records = records;
  p->n = n;
  p->merge = merge;
  p->ctx = ctx;
  code = he_store_transact(s, true, put, p);
  free(p);
  return code;
}

/* -- all of them -- */

/* A copy of all good records: a header, the key, the value, one after the
   other. */
struct copy {
  unsigned char *bytes;
  size_t len, room;
  const struct key *from;     /* NULL: the first */
  size_t most;
};

static bool append(struct copy *c, const void *bytes, size_t len)
{
  if(len > c->room - c->len) {
    size_t room = (c->len + len) * 2;
    unsigned char *more = realloc(c->bytes, room);
    if(!more)
      return false;
    c->bytes = more;
    c->room = room;
  }
  if(len)
    memcpy(c->bytes + c->len, bytes, len);
  c->len += len;
  return true;
}

static int copy_all(struct he_store *s, MDB_txn *txn, void *arg)
{
  struct copy *copy = arg;
  MDB_cursor *c;
  MDB_val key, data;
  MDB_cursor_op op = copy->from ? MDB_SET_RANGE : MDB_NEXT;
  int rc = mdb_cursor_open(txn, s->dbi, &c);
  if(rc)
    return rc;
  if(copy->from)
    key = copy->from->val;
  for(; copy->most && !(rc = mdb_cursor_get(c, &key, &data, op));
      op = MDB_NEXT) {
    struct he_store_record r;
    if(!take_apart(&key, &data, &r))
      continue;
    copy->most--;
    if(!(append(copy, &r, sizeof(r)) && append(copy, r.key, r.key_len) &&
         append(copy, r.value, r.value_len))) {
      rc = ENOMEM;
      break;
    }
  }
  mdb_cursor_close(c);
  return rc == MDB_NOTFOUND ? 0 : rc;
}

enum he_store_code he_store_foreach(struct he_store *s,
                                    bool (*each)(void *ctx,
                                       const struct he_store_record *r),
                                    void *ctx)
{
  return he_store_range(s, NULL, 0, SIZE_MAX, each, ctx);
}

enum he_store_code he_store_range(struct he_store *s, const void *from,
                                  size_t from_len, size_t most,
                                  bool (*each)(void *ctx,
                                     const struct he_store_record *r),
                                  void *ctx)
{
  struct copy copy = { .most = most };
  enum he_store_code code;
  struct he_store_record r;
  struct key key;
  if(from && !make_key(&key, from, from_len))
    return HE_STORE_BAD_SIZE;
  copy.from = from ? &key : NULL;
  code = he_store_transact(s, false, copy_all, &copy);
  for(size_t at = 0; code == HE_STORE_OK && at < copy.len;
      at += sizeof(r) + r.key_len + r.value_len) {
    memcpy(&r, copy.bytes + at, sizeof(r));
    r.key = copy.bytes + at + sizeof(r);
    r.value = (const unsigned char *)r.key + r.key_len;
    if(!each(ctx, &r))
      break;
  }
  free(copy.bytes);
  return code;
}

/* -- forget -- */

static int forget_one(struct he_store *s, MDB_txn *txn, void *arg)
{
  struct key *k = arg;
  return mdb_del(txn, s->dbi, &k->val, NULL);
}

static int forget_all(struct he_store *s, MDB_txn *txn, void *arg)
{
  int rc = mdb_drop(txn, s->dbi, 0);
  (void)arg;
  return rc ? rc : he_store_mark(s, txn);
}

enum he_store_code he_store_forget(struct he_store *s, const void *key,
                                   size_t key_len)
{
  struct key k;
  if(!key)
    return he_store_transact(s, true, forget_all, NULL);
  if(!make_key(&k, key, key_len))
    return HE_STORE_BAD_SIZE;
  return he_store_transact(s, true, forget_one, &k);
}
