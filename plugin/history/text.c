/* SPDX-License-Identifier: MIT */
#include "history/text.h"
#include "history/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUM " sum="
#define SUM_DIGITS 8
#define SUM_LEN (sizeof(SUM) - 1 + SUM_DIGITS)
#define DAY_MS 86400000
#define TIME_LEN 24              /* 2026-11-30T00:06:03.123Z */

static const char hex[] = "0123456789abcdef";

/* -- writing ------------------------------------------------------------ */

void he_put_bytes(struct he_writer *w, const char *bytes, size_t n)
{
  if(w->full || w->size - w->len < n) {
    w->full = true;
    return;
  }
  memcpy(w->out + w->len, bytes, n);
  w->len += n;
}

void he_put_text(struct he_writer *w, const char *text)
{
  he_put_bytes(w, text, strlen(text));
}

void he_put_number(struct he_writer *w, uint64_t v)
{
  char text[24];
  snprintf(text, sizeof(text), "%" PRIu64, v);
  he_put_text(w, text);
}

void he_put_hex(struct he_writer *w, uint64_t v, unsigned digits)
{
  char text[16];
  for(unsigned i = digits; i--; v >>= 4)
    text[i] = hex[v & 15];
  he_put_bytes(w, text, digits);
}

void he_put_escaped(struct he_writer *w, const char *bytes, size_t n)
{
  for(size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if(c > ' ' && c < 0x7f && c != '\\')
      he_put_bytes(w, bytes + i, 1);
    else {
      he_put_text(w, "\\x");
      he_put_hex(w, c, 2);
    }
  }
}

static uint64_t sum(uint64_t seed, const char *body, size_t len)
{
  return he_hash_of(seed, body, len) & 0xffffffff;
}

void he_put_sum(struct he_writer *w, uint64_t seed)
{
  uint64_t of_it = sum(seed, w->out, w->len);
  he_put_text(w, SUM);
  he_put_hex(w, of_it, SUM_DIGITS);
}

/* -- dates: the Gregorian calendar in years that begin in March, so that the
   leap day is a year's last -- */

static void date_of(int64_t days, unsigned *year, unsigned *month,
                    unsigned *day)
{
  unsigned of_era, of_year, y, m;
  days += 719468;                /* from 0000-03-01 to 1970-01-01 */
  of_era = (unsigned)(days % 146097);
  y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  of_year = of_era - (365 * y + y / 4 - y / 100);
  m = (5 * of_year + 2) / 153;
  *day = of_year - (153 * m + 2) / 5 + 1;
  *month = m < 10 ? m + 3 : m - 9;
  *year = y + 400 * (unsigned)(days / 146097) + (*month <= 2);
}

static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
  unsigned y = year - (month <= 2);
  unsigned of_era = y % 400;
  unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
                     day - 1;
  return (int64_t)(y / 400) * 146097 +
         (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

void he_put_time(struct he_writer *w, int64_t wall_ms)
{
  unsigned year, month, day;
  unsigned ms = (unsigned)(wall_ms % DAY_MS);
  char text[64];
  date_of(wall_ms / DAY_MS, &year, &month, &day);
  snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year,
           month, day, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
           ms % 1000);
  he_put_text(w, text);
}

/* -- reading ------------------------------------------------------------ */

bool he_next_word(struct he_word *rest, struct he_word *out)
{
  const char *space = rest->len ? memchr(rest->at, ' ', rest->len) : NULL;
  size_t len = space ? (size_t)(space - rest->at) : rest->len;
  *out = (struct he_word){ rest->at, len };
  if(!len)
    return false;
  len += len + 1 < rest->len;    /* a space at the end is left: an empty word
  */
  rest->at += len;
  rest->len -= len;
  return true;
}

bool he_word_is(struct he_word w, const char *text)
{
  return w.len == strlen(text) && !memcmp(w.at, text, w.len);
}

bool he_read_number(struct he_word w, uint64_t most, uint64_t *out)
{
  uint64_t v = 0;
  if(!w.len || w.len > 19)
    return false;
  for(size_t i = 0; i < w.len; i++) {
    if(w.at[i] < '0' || w.at[i] > '9')
      return false;
    v = v * 10 + (uint64_t)(w.at[i] - '0');
  }
  *out = v;
  return v <= most;
}

bool he_read_hex(struct he_word w, unsigned digits, uint64_t *out)
{
  uint64_t v = 0;
  if(w.len != digits)
    return false;
  for(size_t i = 0; i < w.len; i++) {
    const char *at = w.at[i] ? strchr(hex, w.at[i]) : NULL;
    if(!at)
      return false;
    v = v << 4 | (uint64_t)(at - hex);
  }
  *out = v;
  return true;
}

/* `n` digits at w.at + at, up to `most`. */
static bool part(struct he_word w, size_t at, size_t n, unsigned most,
                 unsigned *out)
{
  uint64_t v = 0;
  if(!he_read_number((struct he_word){ w.at + at, n }, most, &v))
    return false;
  *out = (unsigned)v;
  return true;
}

bool he_read_time(struct he_word w, int64_t *wall_ms)
{
  unsigned year, month, day, hour, minute, second, ms;
  if(w.len != TIME_LEN || w.at[4] != '-' || w.at[7] != '-' ||
     w.at[10] != 'T' || w.at[13] != ':' || w.at[16] != ':' ||
     w.at[19] != '.' || w.at[23] != 'Z')
    return false;
  if(!part(w, 0, 4, 9999, &year) || !part(w, 5, 2, 12, &month) ||
     !part(w, 8, 2, 31, &day) || !part(w, 11, 2, 23, &hour) ||
     !part(w, 14, 2, 59, &minute) || !part(w, 17, 2, 59, &second) ||
     !part(w, 20, 3, 999, &ms) || year < 1970 || !month || !day)
    return false;
  *wall_ms = days_of(year, month, day) * DAY_MS +
             ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + ms;
  return true;
}

bool he_read_escaped(struct he_word w, char *out, size_t size)
{
  size_t len = 0;
  for(size_t i = 0; i < w.len; i++) {
    uint64_t c = (unsigned char)w.at[i];
    if(c == '\\') {
      if(w.len - i < 4 || w.at[i + 1] != 'x' ||
         !he_read_hex((struct he_word){ w.at + i + 2, 2 }, 2, &c))
        return false;
      i += 3;
    }
    else if(c <= ' ' || c >= 0x7f)
      return false;
    if(!c || len + 1 >= size)
      return false;
    out[len++] = (char)c;
  }
  out[len] = 0;
  return true;
}

bool he_read_sum(struct he_word line, uint64_t seed, struct he_word *body)
{
  struct he_word digits = { NULL, SUM_DIGITS };
  uint64_t said;
  if(line.len <= SUM_LEN)
    return false;
  *body = (struct he_word){ line.at, line.len - SUM_LEN };
  digits.at = line.at + line.len - SUM_DIGITS;
  return !memcmp(body->at + body->len, SUM, sizeof(SUM) - 1) &&
         he_read_hex(digits, SUM_DIGITS, &said) &&
         said == sum(seed, body->at, body->len);
}
