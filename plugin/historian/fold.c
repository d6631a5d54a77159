/* SPDX-License-Identifier: MIT */
#include "historian/fold.h"
#include "historian/lines.h"
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000
#define FORGETS 64               /* such lines that stay, the last ones */
#define NONE SIZE_MAX

struct entry {
  const char *line;
  size_t len;
  struct he_record_head head;
  size_t before;                 /* the entry before with the same key; NONE */
  bool last;                     /* none after it has the same key */
  bool forgotten;
};

struct fold {
  struct entry *entry;           /* in the file's order */
  size_t n;
  size_t *place;                 /* a hash table of entries: the last of a key,
                                    or NONE */
  size_t places;                 /* a power of two, more than entries */
  struct he_history *scratch;    /* for one host */
  he_time_ns now;
  int64_t wall_ms;
};

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

/* -- which lines are about the same ------------------------------------- */

static size_t *place_of(struct fold *f, const struct entry *e)
{
  size_t at = (size_t)(e->head.name_hash ^
                       (e->head.network * 0x9e3779b97f4a7c15u >> 17));
  for(at &= f->places - 1; f->place[at] != NONE;
      at = (at + 1) & (f->places - 1)) {
    const struct entry *other = &f->entry[f->place[at]];
    if(other->head.key_len == e->head.key_len &&
       !memcmp(other->line, e->line, e->head.key_len))
      break;
  }
  return &f->place[at];
}

static void forget(struct fold *f, const struct he_record_head *by)
{
  for(size_t i = 0; i < f->n; i++) {
    struct entry *e = &f->entry[i];
    if(e->head.kind != HE_RECORD_FORGET &&
       (!by->some || (e->head.kind == HE_RECORD_HOST &&
                      e->head.name_hash == by->name_hash)))
      e->forgotten = true;
  }
}

static void enter(struct fold *f, struct he_word line)
{
  struct entry *e = &f->entry[f->n];
  *e = (struct entry){ .line = line.at, .len = line.len, .before = NONE,
                       .last = true };
  if(!he_record_head(line.at, line.len, &e->head))
    return;
  if(e->head.kind == HE_RECORD_FORGET)
    forget(f, &e->head);
  else {
    size_t *place = place_of(f, e);
    e->before = *place;
    if(e->before != NONE)
      f->entry[e->before].last = false;
    *place = f->n;
  }
  f->n++;
}

static bool enter_all(struct fold *f, const char *bytes, size_t len)
{
  struct he_word rest = { bytes, len }, line;
  size_t lines = 0;
  while(he_lines_next(&rest, &line))
    lines++;
  for(f->places = 64; f->places < 2 * lines;)
    f->places *= 2;
  f->entry = malloc((lines + 1) * sizeof(*f->entry));
  f->place = malloc(f->places * sizeof(*f->place));
  if(!f->entry || !f->place)
    return false;
  for(size_t i = 0; i < f->places; i++)
    f->place[i] = NONE;
  rest = (struct he_word){ bytes, len };
  while(he_lines_next(&rest, &line))
    enter(f, line);
  return true;
}

/* -- what stays --------------------------------------------------------- */

static bool is_recent(const struct fold *f, const struct entry *e)
{
  return e->head.wall_ms > f->wall_ms - DAY_MS &&
         e->head.wall_ms <= f->wall_ms + DAY_MS;
}

/* The last that fit: `last` of all others becomes false. */
static void choose(struct fold *f, const struct he_fold_limits *limits)
{
  size_t records = 0, bytes = 0, forgets = 0;
  for(size_t i = f->n; i--;) {
    struct entry *e = &f->entry[i];
    if(e->head.kind == HE_RECORD_FORGET)
      e->last = is_recent(f, e) && forgets++ < FORGETS;
    else if(e->last) {
      bytes += e->len + 1;
      e->last = !e->forgotten && records < limits->records &&
                bytes <= limits->bytes;
      records += e->last;
      if(e->forgotten)
        bytes -= e->len + 1;
    }
  }
}

/* All that was said of what `e` is about, as one line. */
static bool add_merged(struct fold *f, const struct entry *e,
                       struct he_bytes *out)
{
  struct he_record merged;
  bool any = false;
  he_history_forget(f->scratch, NULL, NULL);
  for(const struct entry *one = e;; one = &f->entry[one->before]) {
    if(!one->forgotten &&
       he_history_absorb(f->scratch, one->line, one->len, f->now,
                         f->wall_ms) == HE_ABSORBED)
      any = true;
    if(one->before == NONE)
      break;
  }
  if(!any || !he_history_only(f->scratch, &merged, f->now, f->wall_ms))
    return he_bytes_add_line(out, e->line, e->len);
  return he_bytes_add_line(out, merged.line, merged.len);
}

static bool add_all(struct fold *f, struct he_bytes *out)
{
  for(size_t i = 0; i < f->n; i++) {
    const struct entry *e = &f->entry[i];
    if(!e->last)
      continue;
    if(e->before == NONE || f->entry[e->before].forgotten ?
       !he_bytes_add_line(out, e->line, e->len) : !add_merged(f, e, out))
      return false;
  }
  return true;
}

static struct he_history *scratch_new(void)
{
  struct he_history_limits one;
  he_history_limits_usual(&one);
  /* who reads the record decides by its own limits what is too old */
  one.max_hosts = one.max_networks = 1;
  one.verdict_age = one.times_age = HE_MS(365 * 86400000LL);
  return he_history_new(&one);
}

bool he_fold(const char *bytes, size_t len,
             const struct he_fold_limits *limits, he_time_ns now,
             int64_t wall_ms, struct he_bytes *out)
{
  struct fold f = { .now = now, .wall_ms = wall_ms };
  struct he_bytes body = { NULL, 0, 0 };
  char header[HE_LINES_HEADER_MAX];
  bool ok;
  f.scratch = scratch_new();
  ok = f.scratch && enter_all(&f, bytes, len);
  if(ok) {
    choose(&f, limits);
    ok = add_all(&f, &body);
  }
  ok = ok && he_bytes_add(out, header,
                          he_lines_header(header, wall_ms, body.len)) &&
       he_bytes_add(out, body.at, body.len);
  free(body.at);
  he_history_free(f.scratch);
  free(f.place);
  free(f.entry);
  return ok;
}
