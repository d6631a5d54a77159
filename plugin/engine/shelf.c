/* SPDX-License-Identifier: MIT */
/* shelf.c - records between a history and a store.
 *
 * Two processes that learn of one host both write its record. Neither is lost:
 * while the store is locked a history of one host takes in both records, and
 * what comes out of it is written (he_history_absorb() merges). */
#include "engine/shelf.h"
#include "base/clock.h"
#include "engine/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 16              /* some 100 us for the racer's thread */
#define SLICE 100             /* records to read, half a millisecond */
#define BUSY_READS 20         /* of 2 ms: who locks it that long is stopped */
/* A store that cannot be opened or written to is tried again after this. */
#define REST HE_MS(60000)
#define BUSY_FIRST HE_MS(50)
#define BUSY_MOST HE_MS(5000)

enum reading {
  READ_OPEN,                  /* nothing yet */
  READ_SLICES,                /* the store is open */
  READ_DONE
};

struct he_shelf {
  struct he_recall *recall;
  enum reading reading;
  uint64_t network;           /* of which */
  uint8_t next[HE_RECORD_KEY_MAX + 1];   /* the key to go on with */
  size_t next_len;
  size_t seen;                /* in this slice */
  unsigned busy_reads;        /* in vain */
  struct he_store *store;     /* NULL: not open */
  struct he_history *scratch; /* for one host */
  he_time_ns closed_until;
  he_time_ns reopened;
  he_time_ns busy;            /* how long to wait next time */
  size_t n;                   /* records taken, not written yet */
  char *why;                  /* who is told of trouble; NULL: the recall */
  struct he_record batch[BATCH];
  char path[];
};

static int64_t wall_ms(void)
{
  struct timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct he_shelf *he_shelf_new(const char *path, struct he_recall *recall)
{
  size_t size = strlen(path) + 1;
  struct he_history_limits one;
  struct he_shelf *s = calloc(1, sizeof(*s) + size);
  if(!s)
    return NULL;
  he_history_limits_usual(&one);
  /* the record decides what is too old, by the limits of who reads it */
  one.max_hosts = one.max_networks = 1;
  one.verdict_age = one.times_age = HE_MS(365 * 86400000LL);
  s->scratch = he_history_new(&one);
  if(!s->scratch) {
    free(s);
    return NULL;
  }
  memcpy(s->path, path, size);
  s->recall = recall;
  he_recall_ref(recall);
  return s;
}

void he_shelf_free(struct he_shelf *s)
{
  if(!s)
    return;
  he_store_close(s->store);
  he_history_free(s->scratch);
  he_recall_unref(s->recall);
  free(s);
}

static void tell(struct he_shelf *s, const char *why)
{
  if(s->why)
    snprintf(s->why, HE_RECALL_TROUBLE, "%s", why);
  else
    he_recall_set_trouble(s->recall, why);
}

static bool is_open(struct he_shelf *s, he_time_ns now)
{
  static const struct he_store_limits limits = {
    .records = HE_STORE_RECORDS_MAX / 4, .bytes = HE_STORE_BYTES_MAX
  };
  char why[HE_RECALL_TROUBLE];
  if(s->store)
    return true;
  if(now < s->closed_until)
    return false;
  s->store = he_store_open(s->path, &limits, why, sizeof(why));
  /* what was put aside stays known, though all is well the next time */
  if(*why || !s->store)
    tell(s, why);
  if(!s->store)
    s->closed_until = he_time_add(now, REST);
  return s->store != NULL;
}

/* After an error; true: it is of use to try once more, but once a call. */
static bool open_again(struct he_shelf *s, enum he_store_code code,
                       he_time_ns now)
{
  if(code != HE_STORE_GONE || s->reopened == now)
    return false;
  s->reopened = now;
  he_store_close(s->store);
  s->store = NULL;
  return is_open(s, now);
}

/* -- reading -- */

static void absorb(struct he_shelf *s, const void *key, size_t key_len,
                   const void *value, size_t value_len)
{
  uint64_t network;
  struct he_history *h = he_recall_open(s->recall, &network);
  he_history_absorb(h, key, key_len, value, value_len, he_clock_now(),
                    wall_ms());
  he_recall_close(s->recall, false);
  he_recall_news(s->recall);
}

static void fetch(struct he_shelf *s, uint64_t network, const char *host,
                  he_time_ns now)
{
  struct he_record r;
  enum he_store_code code;
  if(!he_record_key(&r, network, host))
    return;
  do {
    r.value_len = sizeof(r.value);
    code = he_store_get(s->store, r.key, r.key_len, r.value, &r.value_len,
                        NULL);
  } while(open_again(s, code, now));
  if(code == HE_STORE_OK)
    absorb(s, r.key, r.key_len, r.value, r.value_len);
}

void he_shelf_fetch(struct he_shelf *s, uint64_t network, const char *host,
                    he_time_ns now)
{
  if(is_open(s, now))
    fetch(s, network, NULL, now);
  if(host && is_open(s, now))
    fetch(s, network, host, now);
}

/* The network's number comes first in a key. */
static bool read_one(void *ctx, const struct he_store_record *r)
{
  struct he_shelf *s = ctx;
  struct he_record key;
  if(!he_record_key(&key, s->network, NULL) || r->key_len < key.key_len ||
     r->key_len > HE_RECORD_KEY_MAX || memcmp(r->key, key.key, key.key_len))
    return false;
  absorb(s, r->key, r->key_len, r->value, r->value_len);
  /* the least key above this one */
  memcpy(s->next, r->key, r->key_len);
  s->next[r->key_len] = 0;
  s->next_len = r->key_len + 1;
  s->seen++;
  return true;
}

/* True: there may be more. */
static bool read_slice(struct he_shelf *s, he_time_ns now)
{
  enum he_store_code code;
  do {
    s->seen = 0;
    code = he_store_range(s->store, s->next, s->next_len, SLICE, read_one, s);
  } while(open_again(s, code, now));
  if(code == HE_STORE_BUSY)
    return ++s->busy_reads < BUSY_READS;
  return code == HE_STORE_OK && s->seen == SLICE;
}

/* From the network's own record on. */
static void begin_at(struct he_shelf *s, uint64_t network)
{
  struct he_record key;
  if(!he_record_key(&key, network, NULL))
    return;
  s->network = network;
  memcpy(s->next, key.key, key.key_len);
  s->next_len = key.key_len;
  s->busy_reads = 0;
  s->reading = READ_OPEN;
}

void he_shelf_rewind(struct he_shelf *s)
{
  if(s->reading == READ_DONE)
    begin_at(s, s->network);
}

bool he_shelf_load(struct he_shelf *s, uint64_t network, he_time_ns now)
{
  if(s->network != network)
    begin_at(s, network);
  switch(s->reading) {
  case READ_OPEN:
    s->reading = READ_SLICES;
    return is_open(s, now);
  case READ_SLICES:
    if(is_open(s, now) && read_slice(s, now))
      return true;
    s->reading = READ_DONE;
    break;
  case READ_DONE:
    break;
  }
  return false;
}

/* -- writing -- */

/* For he_store_put(): `ours` is a value of the batch. */
static size_t merge(void *ctx, const void *stored, size_t stored_len,
                    const void *ours, size_t ours_len, void *out,
                    size_t out_size)
{
  struct he_shelf *s = ctx;
  const struct he_record *r = s->batch;
  struct he_record both;
  char host[HE_HISTORY_HOST_MAX + 1];
  uint64_t network = 0;
  he_time_ns now = he_clock_now();
  int64_t wall = wall_ms();
  size_t len;
  while(r->value != ours)
    r++;
  len = r->key_len - 8;
  for(unsigned i = 0; i < 8; i++)
    network |= (uint64_t)r->key[i] << 8 * i;
  memcpy(host, r->key + 8, len);
  host[len] = 0;
  he_history_forget(s->scratch, NULL, NULL);
  he_history_absorb(s->scratch, r->key, r->key_len, stored, stored_len, now,
                    wall);
  if(he_history_absorb(s->scratch, r->key, r->key_len, ours, ours_len, now,
                       wall) == HE_ABSORBED &&
     he_history_record(s->scratch, network, len ? host : NULL, &both, now,
                       wall) && both.value_len <= out_size) {
    memcpy(out, both.value, both.value_len);
    return both.value_len;
  }
  if(ours_len > out_size)
    return 0;
  memcpy(out, ours, ours_len);
  return ours_len;
}

static enum he_store_code put(struct he_shelf *s)
{
  struct he_store_record r[BATCH];
  for(size_t i = 0; i < s->n; i++)
    r[i] = (struct he_store_record){
      .key = s->batch[i].key, .key_len = s->batch[i].key_len,
      .value = s->batch[i].value, .value_len = s->batch[i].value_len,
      .stamp = wall_ms()
    };
  return he_store_put(s->store, r, s->n, merge, s);
}

/* Fills the batch; what belongs to no network yet is nobody's. */
static void take(struct he_shelf *s)
{
  static const uint8_t none[8];
  uint64_t network;
  struct he_history *h = he_recall_open(s->recall, &network);
  while(s->n < BATCH &&
        he_history_take(h, &s->batch[s->n], he_clock_now(), wall_ms()))
    s->n += memcmp(s->batch[s->n].key, none, sizeof(none)) != 0;
  he_recall_close(s->recall, false);
}

static he_time_ns busy_until(struct he_shelf *s, he_time_ns now)
{
  s->busy = s->busy ? 2 * s->busy : BUSY_FIRST;
  if(s->busy > BUSY_MOST)
    s->busy = BUSY_MOST;
  return he_time_add(now, s->busy);
}

enum he_shelf_state he_shelf_save(struct he_shelf *s, he_time_ns now,
                                  he_time_ns *again)
{
  enum he_store_code code;
  take(s);
  if(!s->n)
    return HE_SHELF_DONE;
  if(!is_open(s, now)) {
    *again = s->closed_until;
    return HE_SHELF_FAILED;
  }
  do
    code = put(s);
  while(open_again(s, code, now));
  switch(code) {
  case HE_STORE_OK:
    s->busy = 0;
    code = s->n == BATCH ? HE_STORE_OK : HE_STORE_NONE;
    s->n = 0;
    return code == HE_STORE_OK ? HE_SHELF_MORE : HE_SHELF_DONE;
  case HE_STORE_BUSY:
    *again = busy_until(s, now);
    return HE_SHELF_BUSY;
  case HE_STORE_BAD_SIZE:     /* a record of ours never has one */
  case HE_STORE_NONE:
    s->n = 0;
    return HE_SHELF_DONE;
  case HE_STORE_FAILED:
    tell(s, "the history could not be written");
    break;
  case HE_STORE_GONE:
    break;
  }
  *again = he_time_add(now, REST);
  return HE_SHELF_FAILED;
}

/* -- forgetting -- */

struct found {
  struct he_shelf *shelf;
  const char *host;
  struct he_record key;
  bool any;
};

static bool find_host(void *ctx, const struct he_store_record *r)
{
  struct found *f = ctx;
  struct he_record key;
  if(!he_record_key(&key, 0, f->host) || r->key_len != key.key_len ||
     memcmp((const uint8_t *)r->key + 8, key.key + 8, key.key_len - 8))
    return true;
  memcpy(f->key.key, r->key, r->key_len);
  f->key.key_len = r->key_len;
  f->any = true;
  return false;
}

/* One after the other: what is found lies in the store that is changed. */
static enum he_store_code forget_host(struct he_shelf *s, const char *host)
{
  enum he_store_code code;
  struct found f = { .host = host };
  do {
    f.any = false;
    code = he_store_foreach(s->store, find_host, &f);
    if(code == HE_STORE_OK && f.any)
      code = he_store_forget(s->store, f.key.key, f.key.key_len);
  } while(code == HE_STORE_OK && f.any);
  return code;
}

void he_shelf_forget(struct he_shelf *s, const char *host, he_time_ns now)
{
  enum he_store_code code = HE_STORE_FAILED;
  size_t kept = 0;
  for(size_t i = 0; host && i < s->n; i++) {
    struct he_record key;
    const struct he_record *r = &s->batch[i];
    if(he_record_key(&key, 0, host) && r->key_len == key.key_len &&
       !memcmp(r->key + 8, key.key + 8, key.key_len - 8))
      continue;
    s->batch[kept++] = *r;
  }
  s->n = kept;
  for(int tries = 0; tries < 10 && is_open(s, now); tries++) {
    code = host ? forget_host(s, host) : he_store_forget(s->store, NULL, 0);
    if(code != HE_STORE_BUSY && !open_again(s, code, now))
      break;
  }
  if(code != HE_STORE_OK && code != HE_STORE_NONE)
    tell(s, "the history file could not be cleared");
}

/* -- once, for any thread -- */

static bool begin(struct he_shelf **s, struct he_recall *r, const char *path,
                  char *why, sigset_t *before)
{
  sigset_t all;
  *why = 0;
  *s = he_shelf_new(path, r);
  if(!*s)
    return false;
  (*s)->why = why;
  sigfillset(&all);           /* SIGXFSZ */
  pthread_sigmask(SIG_SETMASK, &all, before);
  return true;
}

static bool absorb_any(void *ctx, const struct he_store_record *r)
{
  absorb(ctx, r->key, r->key_len, r->value, r->value_len);
  return true;
}

bool he_shelf_import(struct he_recall *r, const char *path, char *why)
{
  struct he_shelf *s;
  sigset_t before;
  bool ok;
  if(!begin(&s, r, path, why, &before))
    return false;
  ok = is_open(s, he_clock_now()) &&
       he_store_foreach(s->store, absorb_any, s) == HE_STORE_OK;
  if(!ok && !*why)
    tell(s, "the history could not be read");
  he_shelf_free(s);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

/* Names first, for the history changes between two batches. */
struct names {
  struct {
    uint64_t network;
    char host[HE_HISTORY_HOST_MAX + 1];   /* empty: the network's own */
  } *name;
  size_t n;
  size_t room;
  bool failed;
};

static bool add_name(struct names *l, uint64_t network, const char *host)
{
  if(l->n == l->room) {
    size_t room = l->room ? 2 * l->room : 64;
    void *more = realloc(l->name, room * sizeof(*l->name));
    l->failed = !more;
    if(!more)
      return false;
    l->name = more;
    l->room = room;
  }
  l->name[l->n].network = network;
  snprintf(l->name[l->n].host, sizeof(l->name->host), "%s", host);
  l->n++;
  return true;
}

/* A host's addresses come one after the other. */
static bool note_name(const struct he_history_view *v, void *data)
{
  struct names *l = data;
  bool new_network = true;
  if(l->n && l->name[l->n - 1].network == v->network &&
     !strcmp(l->name[l->n - 1].host, v->host))
    return true;
  for(size_t i = 0; i < l->n && new_network; i++)
    new_network = l->name[i].network != v->network;
  return !v->network ||
         ((!new_network || add_name(l, v->network, "")) &&
          add_name(l, v->network, v->host));
}

static bool list_names(struct he_recall *r, struct names *l)
{
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  memset(l, 0, sizeof(*l));
  he_history_foreach(h, note_name, l, he_clock_now());
  he_recall_close(r, false);
  return !l->failed;
}

/* From name *at on, as many as there is room for. */
static void fill(struct he_shelf *s, const struct names *l, size_t *at)
{
  uint64_t network;
  struct he_history *h = he_recall_open(s->recall, &network);
  for(s->n = 0; s->n < BATCH && *at < l->n; ++*at) {
    const char *host = l->name[*at].host;
    s->n += he_history_record(h, l->name[*at].network, *host ? host : NULL,
                              &s->batch[s->n], he_clock_now(), wall_ms());
  }
  he_recall_close(s->recall, false);
}

bool he_shelf_export(struct he_recall *r, const char *path, char *why)
{
  struct he_shelf *s;
  struct names l;
  sigset_t before;
  bool ok;
  if(!begin(&s, r, path, why, &before))
    return false;
  ok = list_names(r, &l) && is_open(s, he_clock_now());
  for(size_t at = 0; ok && at < l.n;) {
    enum he_store_code code = HE_STORE_BUSY;
    fill(s, &l, &at);
    for(int tries = 0; code == HE_STORE_BUSY && tries < 100; tries++)
      code = put(s);
    ok = code == HE_STORE_OK;
  }
  if(!ok && !*why && !l.failed)
    tell(s, "the history could not be written");
  free(l.name);
  he_shelf_free(s);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}
