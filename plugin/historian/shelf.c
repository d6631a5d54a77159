/* SPDX-License-Identifier: MIT */
/* shelf.c - lines between a history and its file.
 *
 * Two processes that learn of one host both add its line. Neither is lost:
 * whoever reads them merges them (he_history_absorb()). */
#include "historian/shelf.h"
#include "base/clock.h"
#include "historian/fold.h"
#include "historian/log.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(HE_LOG_WHY == HE_RECALL_TROUBLE, "a sentence fits");

#define BLOCK (64u << 10)     /* bytes that are added at once */

void he_shelf_absorb(void *ctx, const char *line, size_t len)
{
  struct he_recall *r = ctx;
  uint64_t network;
  struct he_history *h = he_recall_open(r, &network);
  enum he_absorbed how = he_history_absorb(h, line, len, he_clock_now(),
                                           he_log_wall_ms());
  he_recall_close(r, false);
  if(how == HE_ABSORBED)
    he_recall_news(r);
}

/* What belongs to no network yet is nobody's. */
bool he_shelf_take(struct he_recall *r, struct he_record *out)
{
  struct he_record_head head;
  bool any;
  do {
    uint64_t network;
    struct he_history *h = he_recall_open(r, &network);
    any = he_history_take(h, out, he_clock_now(), he_log_wall_ms());
    he_recall_close(r, false);
  } while(any && (!he_record_head(out->line, out->len, &head) ||
                  !head.network));
  return any;
}

/* -- once, for any thread -- */

static struct he_log *begin(const char *path, char *why, sigset_t *before)
{
  struct he_log *log = he_log_new(path);
  sigset_t all;
  *why = 0;
  sigfillset(&all);           /* SIGXFSZ */
  if(log)
    pthread_sigmask(SIG_SETMASK, &all, before);
  return log;
}

static void end(struct he_log *log, const sigset_t *before)
{
  he_log_free(log);
  pthread_sigmask(SIG_SETMASK, before, NULL);
}

bool he_shelf_import(struct he_recall *r, const char *path, char *why)
{
  sigset_t before;
  struct he_log *log = begin(path, why, &before);
  bool ok;
  if(!log)
    return false;
  ok = he_log_read(log, why);
  if(ok)
    he_log_take(log, NULL, he_shelf_absorb, r);
  end(log, &before);
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

/* Lines from name *at on, a block of them. */
static bool fill(struct he_recall *r, const struct names *l, size_t *at,
                 struct he_bytes *out)
{
  struct he_record one;
  bool ok = true;
  for(out->len = 0; ok && out->len < BLOCK && *at < l->n; ++*at) {
    const char *host = l->name[*at].host;
    uint64_t network;
    struct he_history *h = he_recall_open(r, &network);
    bool any = he_history_record(h, l->name[*at].network, *host ? host : NULL,
                                 &one, he_clock_now(), he_log_wall_ms());
    he_recall_close(r, false);
    ok = !any || he_bytes_add_line(out, one.line, one.len);
  }
  return ok;
}

bool he_shelf_export(struct he_recall *r, const char *path, char *why)
{
  sigset_t before;
  struct he_log *log = begin(path, why, &before);
  struct he_bytes block = { NULL, 0, 0 };
  struct names l;
  bool ok;
  size_t at = 0;
  if(!log)
    return false;
  ok = list_names(r, &l);
  do
    ok = ok && fill(r, &l, &at, &block) &&
         he_log_add(log, block.at ? block.at : "", block.len, why);
  while(ok && at < l.n);
  free(block.at);
  free(l.name);
  end(log, &before);
  return ok;
}
