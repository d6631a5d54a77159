/* SPDX-License-Identifier: MIT */
#include "history/fields.h"

#include <string.h>

#define MS HE_MS(1)
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

static const void *list_in(const struct he_field *f, const void *in)
{
  return (const char *)in + f->at;
}

static bool says_nothing(const struct he_field *f, const void *in)
{
  if(f->type == HE_FIELD_AGO)
    return (he_time_ns)load(f, in) == HE_LONG_AGO;
  for(size_t i = 0; f->list && i < f->list->n; i++)
    if(f->list->field[i].type == HE_FIELD_AGO &&
       says_nothing(&f->list->field[i], list_in(f, in)))
      return true;
  return f->type == HE_FIELD_NUMBER && !load(f, in);
}

/* -- writing ------------------------------------------------------------ */

static void put_value(struct he_writer *w, const struct he_field *f,
                      const void *in, struct he_moment m)
{
  he_time_ns age;
  switch(f->type) {
  case HE_FIELD_NUMBER:
    he_put_number(w, load(f, in));
    break;
  case HE_FIELD_HEX:
    he_put_hex(w, load(f, in), 2 * (unsigned)f->size);
    break;
  case HE_FIELD_AGO:
    age = he_age((he_time_ns)load(f, in), m.now);
    he_put_text(w, "-");
    he_put_number(w, (uint64_t)(age / MS + (age % MS > 0)));
    he_put_text(w, "ms");
    break;
  case HE_FIELD_LIST:
    for(size_t i = 0; i < f->list->n; i++) {
      he_put_text(w, i ? "," : "");
      put_value(w, &f->list->field[i], list_in(f, in), m);
    }
    break;
  }
}

void he_fields_put(struct he_writer *w, const struct he_fields *fields,
                   const void *in, struct he_moment m)
{
  for(size_t i = 0; i < fields->n; i++) {
    const struct he_field *f = &fields->field[i];
    if(says_nothing(f, in))
      continue;
    he_put_text(w, " ");
    he_put_text(w, f->name);
    he_put_text(w, "=");
    put_value(w, f, in, m);
  }
}

/* -- reading ------------------------------------------------------------ */

void he_fields_clear(const struct he_fields *fields, void *in)
{
  for(size_t i = 0; i < fields->n; i++) {
    const struct he_field *f = &fields->field[i];
    if(f->type == HE_FIELD_AGO)
      store(f, in, (uint64_t)HE_LONG_AGO);
    else if(f->type == HE_FIELD_LIST)
      he_fields_clear(f->list, (char *)in + f->at);
  }
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
  case HE_FIELD_HEX:
    ok = he_read_hex(w, 2 * (unsigned)f->size, &v);
    break;
  case HE_FIELD_AGO:
    ok = read_ago(w, m, line_ms, &v);
    break;
  case HE_FIELD_LIST:
    for(size_t i = 0; i < f->list->n; i++)
      if(!next_part(&w, i + 1 == f->list->n, &part) ||
         !read_value(&f->list->field[i], part, (char *)in + f->at, m,
                     line_ms))
        return false;
    return true;
  }
  if(ok)
    store(f, in, v);
  return ok;
}

bool he_fields_read(const struct he_fields *fields, struct he_word w, void *in,
                    struct he_moment m, int64_t line_ms)
{
  const char *sign = memchr(w.at, '=', w.len);
  const struct he_word name = { w.at, sign ? (size_t)(sign - w.at) : 0 };
  if(!sign)
    return false;
  for(size_t i = 0; i < fields->n; i++)
    if(he_word_is(name, fields->field[i].name))
      return read_value(&fields->field[i], (struct he_word){
                          sign + 1, w.len - name.len - 1 }, in, m, line_ms);
  return true;
}

/* -- merging ------------------------------------------------------------ */

/* Does b win, by its time, else by the first number that differs? */
static bool wins(const struct he_field *f, size_t n, const void *a,
                 const void *b)
{
  int by_number = 0;
  for(; n; n--, f++) {
    const uint64_t x = load(f, a), y = load(f, b);
    if(f->type == HE_FIELD_AGO && x != y)
      return (he_time_ns)y > (he_time_ns)x;
    if(!by_number && x != y)
      by_number = y > x ? 1 : -1;
  }
  return by_number > 0;
}

void he_fields_merge(const struct he_fields *fields, void *into,
                     const void *from)
{
  const struct he_field *f = fields->field;
  const struct he_field *end = f + fields->n;
  while(f < end) {
    size_t n = 1;
    bool theirs;
    if(f->type == HE_FIELD_LIST)
      theirs = wins(f->list->field, f->list->n, list_in(f, into),
                    list_in(f, from));
    else {
      while(f->type == HE_FIELD_AGO && f + n < end &&
            f[n].type == HE_FIELD_NUMBER)
        n++;
      theirs = wins(f, n, into, from);
    }
    for(; n; n--, f++)
      if(theirs)
        memcpy((char *)into + f->at, (const char *)from + f->at, f->size);
  }
}
