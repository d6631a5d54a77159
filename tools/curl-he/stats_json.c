/* SPDX-License-Identifier: MIT */
/* stats_json.c - figures for machines, by the names that curl-he trace --json
 * has for the same. */
#include "json_write.h"
#include "stats.h"

static json_t *of_history(const struct he_figures *f)
{
  return json_pack("{s:i, s:{s:I, s:I, s:I}}", "v", 1, "addresses",
                   "good", (json_int_t)f->addresses[0],
                   "doubted", (json_int_t)f->addresses[1],
                   "bad", (json_int_t)f->addresses[2]);
}

static json_t *of_trace(const struct he_figures *f)
{
  return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
                   " s:I, s:I, s:I, s:I, s:I}", "v", 1,
                   "ipv6", (json_int_t)f->connects[1],
                   "ipv4", (json_int_t)f->connects[0],
                   "ipv6_connect_us", (json_int_t)f->took_us[1],
                   "ipv4_connect_us", (json_int_t)f->took_us[0],
                   "lost", (json_int_t)f->failed,
                   "several_attempts", (json_int_t)f->races,
                   "attempts_by_curl_he", (json_int_t)f->attempts[0],
                   "attempts_by_libcurl", (json_int_t)f->attempts[1],
                   "handed_over", (json_int_t)f->handed_over,
                   "aside", (json_int_t)f->asides,
                   "compared", (json_int_t)f->compared,
                   "saved_us", (json_int_t)f->saved_us,
                   "dropped_lines", (json_int_t)f->dropped,
                   "damaged_lines", (json_int_t)f->damaged,
                   "mistakes", (json_int_t)f->mistakes);
}

bool he_stats_json(const struct he_figures *f, FILE *out)
{
  return he_json_write(f->of_history ? of_history(f) : of_trace(f), out);
}
