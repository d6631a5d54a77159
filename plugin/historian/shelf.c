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
#include <stdlib.h>

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

/* Some lines at once, for the history changes in between. */
struct block {
  struct he_bytes lines;
  unsigned next;              /* part of the history */
  bool failed;                /* for want of memory */
};

static bool add_record(void *ctx, const struct he_record *r)
{
  struct block *b = ctx;
  b->failed = !he_bytes_add_line(&b->lines, r->line, r->len);
  return !b->failed;
}

/* False: there is no more after this block. */
static bool fill(struct block *b, struct he_recall *r)
{
  bool more = true;
  b->lines.len = 0;
  while(more && !b->failed && b->lines.len < BLOCK) {
    uint64_t network;
    struct he_history *h = he_recall_open(r, &network);
    more = he_history_part(h, b->next++, add_record, b, he_clock_now(),
                           he_log_wall_ms());
    he_recall_close(r, false);
  }
  return more;
}

bool he_shelf_export(struct he_recall *r, const char *path, char *why)
{
  sigset_t before;
  struct he_log *log = begin(path, why, &before);
  struct block b = { { NULL, 0, 0 }, 0, false };
  bool ok, more;
  if(!log)
    return false;
  do {
    more = fill(&b, r);
    ok = !b.failed && he_log_add(log, b.lines.at ? b.lines.at : "",
                                 b.lines.len, why);
  } while(ok && more);
  free(b.lines.at);
  end(log, &before);
  return ok;
}
