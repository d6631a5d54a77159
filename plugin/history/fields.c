/* SPDX-License-Identifier: MIT */
#include "history/fields.h"

#include <string.h>

#define MS HE_MS(1)
/* What was written by a clock this far ahead is let pass. */
#define FUTURE_MS 60000
#define YEAR_MS (365 * 86400000LL)

/* -- members: integers of any size, he_time_ns among them ---------------- */

static uint64_t load(const struct he_field *f, const void *in)
{
  const void *at = (const char *)in + f->at;
  switch(f->size) {
  case 1:
    return *(const uint8_t *)at;
  case 2:
    return *(const uint16_t *)at;
  case 4:
    return *(const uint32_t *)at;
  default:
    return *(const uint64_t *)at;
  }
}

static void store(const struct he_field *f, void *in, uint64_t v)
{
  void *at = (char *)in + f->at;
  switch(f->size) {
  case 1:
    *(uint8_t *)at = (uint8_t)v;
    break;
  case 2:
    *(uint16_t *)at = (uint16_t)v;
    break;
  case 4:
    *(uint32_t *)at = (uint32_t)v;
    break;
  default:
    *(uint64_t *)at = v;
    break;
  }
}

static void *list_in(const struct he_field *f, const void *in)
{
  return (void *)((uintptr_t)in + f->at);
}

static bool says_nothing(const struct he_field *f, const void *in)
{
  switch(f->type) {
  case HE_FIELD_NUMBER:
    return !load(f, in);
  case HE_FIELD_SPAN:
    return (he_time_ns)load(f, in) < MS;
  case HE_FIELD_AGO:
    return (he_time_ns)load(f, in) == HE_LONG_AGO;
  case HE_FIELD_LIST:
    for(size_t i = 0; i < f->n; i++)
      if(f->list[i].type == HE_FIELD_AGO &&
         says_nothing(&f->list[i], list_in(f, in)))
        return true;
    break;
  case HE_FIELD_HEX:
    break;
  }
  return false;
}

/* -- writing ------------------------------------------------------------ */

static void put_value(struct he_writer *w, const struct he_field *f,
                      const void *in, struct he_moment m)
{
  uint64_t v = f->type == HE_FIELD_LIST ? 0 : load(f, in);
  he_time_ns age;
  switch(f->type) {
  case HE_FIELD_SPAN:
    v /= (uint64_t)MS;
    /* fall through */
  case HE_FIELD_NUMBER:
    he_put_number(w, v < f->most ? v : f->most);
    break;
  case HE_FIELD_HEX:
    he_put_hex(w, v, 2 * (unsigned)f->size);
    break;
  case HE_FIELD_AGO:
    age = he_age((he_time_ns)v, m.now);
    he_put_text(w, "-");
    he_put_number(w, (uint64_t)(age / MS + (age % MS > 0)));
    he_put_text(w, "ms");
    break;
  case HE_FIELD_LIST:
    for(size_t i = 0; i < f->n; i++) {
      he_put_text(w, i ? "," : "");
      put_value(w, &f->list[i], list_in(f, in), m);
    }
    break;
  }
}

void he_section_put(struct he_writer *w, const struct he_section *s,
                    struct he_moment m)
{
  for(int p = 0; p < 2; p++)
    for(size_t i = 0; i < s->part[p].n; i++) {
      const struct he_field *f = &s->part[p].table[i];
      if(says_nothing(f, s->part[p].in))
        continue;
      he_put_text(w, " ");
      he_put_text(w, f->name);
      he_put_text(w, "=");
      put_value(w, f, s->part[p].in, m);
    }
}

/* -- reading ------------------------------------------------------------ */

static void clear(const struct he_field *f, size_t n, void *in)
{
  for(; n; n--, f++) {
    if(f->type == HE_FIELD_AGO)
      store(f, in, (uint64_t)HE_LONG_AGO);
    else if(f->type == HE_FIELD_LIST)
      clear(f->list, f->n, list_in(f, in));
  }
}

void he_section_clear(const struct he_section *s)
{
  for(int p = 0; p < 2; p++)
    clear(s->part[p].table, s->part[p].n, s->part[p].in);
}

bool he_line_time(struct he_word *rest, struct he_moment m, int64_t *line_ms)
{
  struct he_word w;
  return he_next_word(rest, &w) && he_read_time(w, line_ms) &&
         *line_ms <= m.wall_ms + FUTURE_MS;
}

static bool read_ago(struct he_word w, struct he_moment m, int64_t line_ms,
                     uint64_t *out)
{
  uint64_t ago;
  int64_t ms;
  if(w.len < 4 || w.at[0] != '-' || memcmp(w.at + w.len - 2, "ms", 2) ||
     !he_read_number((struct he_word){ w.at + 1, w.len - 3 }, INT64_MAX / 2,
                     &ago))
    return false;
  ms = line_ms - (int64_t)ago;
  if(ms < m.wall_ms - YEAR_MS)
    *out = (uint64_t)HE_LONG_AGO;
  else if(ms > m.wall_ms)
    *out = (uint64_t)m.now;
  else
    *out = (uint64_t)(m.now - (m.wall_ms - ms) * MS);
  return true;
}

/* Takes what is before the next comma; the last part has none. */
static bool next_part(struct he_word *rest, bool last, struct he_word *out)
{
  const char *comma = rest->len ? memchr(rest->at, ',', rest->len) : NULL;
  *out = *rest;
  if(last || !comma)
    return last && !comma;
  out->len = (size_t)(comma - rest->at);
  rest->at += out->len + 1;
  rest->len -= out->len + 1;
  return true;
}

static bool read_value(const struct he_field *f, struct he_word w, void *in,
                       struct he_moment m, int64_t line_ms)
{
  struct he_word part;
  uint64_t v = 0;
  bool ok = false;
  switch(f->type) {
  case HE_FIELD_NUMBER:
    ok = he_read_number(w, f->most, &v);
    break;
  case HE_FIELD_SPAN:
    ok = he_read_number(w, f->most, &v);
    v *= (uint64_t)MS;
    break;
  case HE_FIELD_HEX:
    ok = he_read_hex(w, 2 * (unsigned)f->size, &v);
    break;
  case HE_FIELD_AGO:
    ok = read_ago(w, m, line_ms, &v);
    break;
  case HE_FIELD_LIST:
    for(size_t i = 0; i < f->n; i++)
      if(!next_part(&w, i + 1 == f->n, &part) ||
         !read_value(&f->list[i], part, list_in(f, in), m, line_ms))
        return false;
    return true;
  }
  if(ok)
    store(f, in, v);
  return ok;
}

bool he_section_read(const struct he_section *s, struct he_word w,
                     struct he_moment m, int64_t line_ms)
{
  struct he_word name, value;
  if(!he_word_split(w, &name, &value))
    return false;
  for(int p = 0; p < 2; p++)
    for(size_t i = 0; i < s->part[p].n; i++) {
      const struct he_field *f = &s->part[p].table[i];
      if(*name.at == *f->name && he_word_is(name, f->name))
        return read_value(f, value, s->part[p].in, m, line_ms);
    }
  return true;
}
