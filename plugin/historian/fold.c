/* SPDX-License-Identifier: MIT */
/* fold.c - all lines go into a history of their own, and its records are the
 * new lines. */
#include "historian/fold.h"
#include "historian/lines.h"
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000
#define NETWORKS 256
/* Bytes of lines that forget: 64 of them, the last ones. */
#define FORGETS (64u * 62)

bool he_bytes_add(struct he_bytes *b, const void *bytes, size_t n)
{
  if(b->room - b->len < n) {
    size_t room = 2 * b->room > b->len + n ? 2 * b->room : b->len + n + 1024;
    char *more = realloc(b->at, room);
    if(!more)
      return false;
    b->at = more;
    b->room = room;
  }
  if(n)
    memcpy(b->at + b->len, bytes, n);
  b->len += n;
  return true;
}

bool he_bytes_add_line(struct he_bytes *b, const char *line, size_t n)
{
  const size_t before = b->len;
  const bool ok = he_bytes_add(b, line, n) && he_bytes_add(b, "\n", 1);
  b->len = ok ? b->len : before;
  return ok;
}

static struct he_history *history_new(unsigned hosts)
{
  struct he_history_limits limits;
  he_history_limits_usual(&limits);
  /* who reads a record decides by its own limits what is too old */
  limits.verdict_age = limits.times_age = HE_MS(365 * 86400000LL);
  limits.max_hosts = hosts;
  limits.max_networks = NETWORKS;
  return he_history_new(&limits);
}

/* Does it forget, and is its time within a day? */
static bool is_told_on(struct he_word line, int64_t wall_ms)
{
  struct he_record_head head;
  return he_record_head(line.at, line.len, &head) &&
         head.kind == HE_RECORD_FORGET && head.wall_ms > wall_ms - DAY_MS &&
         head.wall_ms <= wall_ms + DAY_MS;
}

/* The lines that forget are to be told on. */
static bool absorb_all(struct he_history *h, struct he_word rest,
                       he_time_ns now, int64_t wall_ms,
                       struct he_bytes *forgets)
{
  struct he_word line;
  while(he_lines_next(&rest, &line)) {
    if(he_history_absorb(h, line.at, line.len, now, wall_ms) ==
       HE_ABSORB_NO_MEMORY)
      return false;
    if(is_told_on(line, wall_ms) &&
       !he_bytes_add_line(forgets, line.at, line.len))
      return false;
  }
  return true;
}

static bool add_record(void *ctx, const struct he_record *r)
{
  return he_bytes_add_line(ctx, r->line, r->len);
}

/* The last lines, as many as fit. */
static struct he_word end_of(const struct he_bytes *b, size_t most)
{
  struct he_word rest = { b->at, b->len }, line;
  while(rest.len > most && he_lines_next(&rest, &line))
    ;
  return rest;
}

bool he_fold(const char *bytes, size_t len,
             const struct he_fold_limits *limits, he_time_ns now,
             int64_t wall_ms, struct he_bytes *out)
{
  struct he_bytes forgets = { NULL, 0, 0 }, records = { NULL, 0, 0 };
  struct he_history *h = history_new(limits->hosts);
  const struct he_word all = { bytes, len };
  char header[HE_LINES_HEADER_MAX];
  bool ok = h && absorb_all(h, all, now, wall_ms, &forgets) &&
            he_history_each(h, add_record, &records, now, wall_ms);
  const struct he_word told = end_of(&forgets, FORGETS);
  const struct he_word kept = end_of(&records, limits->bytes);
  ok = ok && he_bytes_add(out, header,
                          he_lines_header(header, wall_ms,
                                          told.len + kept.len)) &&
       he_bytes_add(out, told.at, told.len) &&
       he_bytes_add(out, kept.at, kept.len);
  free(records.at);
  free(forgets.at);
  he_history_free(h);
  return ok;
}
