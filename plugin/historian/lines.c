/* SPDX-License-Identifier: MIT */
#include "historian/lines.h"
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#define ABOUT "(what connects taught; safe to delete)"
#define VOID '!'

size_t he_lines_header(char out[HE_LINES_HEADER_MAX], int64_t wall_ms,
                       size_t folded)
{
  struct he_writer w = { .out = out, .size = HE_LINES_HEADER_MAX };
  he_put_text(&w, "# curl-he history ");
  he_put_number(&w, HE_LINES_FORMAT);
  he_put_text(&w, " folded ");
  he_put_time(&w, wall_ms);
  he_put_text(&w, " to ");
  he_put_number(&w, folded);
  he_put_text(&w, " bytes " ABOUT);
  he_put_sum(&w, 0);
  he_put_text(&w, "\n");
  return w.len;
}

enum he_lines_head he_lines_read_header(const char *bytes, size_t len,
                                        size_t *folded)
{
  static const char *const begin[] = { "#", "curl-he", "history" };
  struct he_word rest = { bytes, len }, line, w;
  uint64_t n = 0;
  *folded = 0;
  if(!he_lines_next(&rest, &line) || !he_read_sum(line, 0, &line))
    return HE_LINES_NONE;
  for(size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
    if(!he_next_word(&line, &w) || !he_word_is(w, begin[i]))
      return HE_LINES_NONE;
  if(!he_next_word(&line, &w) || !he_read_number(w, UINT32_MAX, &n))
    return HE_LINES_NONE;
  if(n != HE_LINES_FORMAT)
    return HE_LINES_LATER;
  /* folded TIME to N */
  for(int i = 0; i < 4; i++)
    if(!he_next_word(&line, &w))
      return HE_LINES_OURS;
  if(he_read_number(w, UINT32_MAX, &n))
    *folded = (size_t)n;
  return HE_LINES_OURS;
}

bool he_lines_next(struct he_word *rest, struct he_word *out)
{
  const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
  if(!end)
    return false;
  *out = (struct he_word){ rest->at, (size_t)(end - rest->at) };
  rest->len -= out->len + 1;
  rest->at = end + 1;
  return true;
}

bool he_lines_any(const char *bytes, size_t len)
{
  struct he_word rest = { bytes, len }, line;
  struct he_record_head head;
  while(he_lines_next(&rest, &line))
    if(he_record_head(line.at, line.len, &head))
      return true;
  return false;
}

/* -- what is taken back ------------------------------------------------- */

struct forget {
  const char *at;
  struct he_record_head head;
};

struct forgets {
  struct forget *list;
  size_t n;
  size_t room;
};

static bool is_forget(struct he_word line, struct he_record_head *head)
{
  return line.len > 7 && !memcmp(line.at, "forget ", 7) &&
         he_record_head(line.at, line.len, head);
}

static bool note(struct forgets *f, const char *at,
                 const struct he_record_head *head)
{
  if(f->n == f->room) {
    size_t room = f->room ? 2 * f->room : 16;
    struct forget *more = realloc(f->list, room * sizeof(*more));
    if(!more)
      return false;
    f->list = more;
    f->room = room;
  }
  f->list[f->n++] = (struct forget){ at, *head };
  return true;
}

static bool find_forgets(char *bytes, size_t len, struct forgets *f)
{
  struct he_word rest = { bytes, len }, line;
  struct he_record_head head;
  while(he_lines_next(&rest, &line))
    if(is_forget(line, &head) && !note(f, line.at, &head))
      return false;
  return true;
}

/* *from: the first one that comes after the line; lines come in order. */
static bool taken_back(const struct forgets *f, size_t *from,
                       struct he_word line)
{
  struct he_record_head head;
  while(*from < f->n && f->list[*from].at <= line.at)
    ++*from;
  if(*from == f->n || !he_record_head(line.at, line.len, &head) ||
     head.kind == HE_RECORD_FORGET)
    return false;
  for(size_t i = *from; i < f->n; i++) {
    const struct he_record_head *by = &f->list[i].head;
    if(!by->some || (head.kind == HE_RECORD_HOST &&
                     by->name_hash == head.name_hash))
      return true;
  }
  return false;
}

bool he_lines_void(char *bytes, size_t len, int64_t since)
{
  struct he_word rest = { bytes, len }, line;
  struct forgets f = { NULL, 0, 0 };
  size_t from = 0;
  bool ok = find_forgets(bytes, len, &f);
  if(ok && f.n) {
    while(he_lines_next(&rest, &line))
      if(taken_back(&f, &from, line))
        bytes[line.at - bytes] = VOID;
    for(size_t i = 0; i < f.n; i++)
      if(f.list[i].head.wall_ms <= since)
        bytes[f.list[i].at - bytes] = VOID;
  }
  free(f.list);
  return ok;
}
