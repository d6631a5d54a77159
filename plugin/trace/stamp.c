/* SPDX-License-Identifier: MIT */
/* stamp.c - gmtime_r() would look at the environment, and take a lock that a
 * child of fork() may find taken. */
#include "trace/stamp.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define DAY 86400

static const char *of_curl_he, *of_libcurl;

void he_stamp_introduce(const char *curl_he, const char *libcurl)
{
  __atomic_store_n(&of_curl_he, curl_he, __ATOMIC_RELEASE);
  __atomic_store_n(&of_libcurl, libcurl, __ATOMIC_RELEASE);
}

static int64_t wall_now(void)
{
  struct timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Days since 1 March of the year 0 to a date, in the calendar of today. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t of_era = days - era * 146097;
  const int64_t y = (of_era - of_era / 1460 + of_era / 36524 -
                     of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
  const int64_t m = (5 * of_year + 2) / 153;   /* from March */
  *day = (int)(of_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = y + era * 400 + (*month <= 2);
}

/* RFC 3339, with microseconds. */
#define WALL 96               /* more than any number of its fields takes */
static void wall_text(int64_t us, char out[WALL])
{
  int64_t seconds = us / 1000000, year;
  int64_t of_day, rest = us % 1000000;
  int month, day;
  if(rest < 0) {
    rest += 1000000;
    seconds--;
  }
  of_day = (seconds % DAY + DAY) % DAY;
  date_of((seconds - of_day) / DAY + 719468, &year, &month, &day);
  snprintf(out, WALL, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)year, month,
           day, (int)(of_day / 3600), (int)(of_day / 60 % 60),
           (int)(of_day % 60), (int)rest);
}

void he_stamp_begin(struct he_json *j, const char *event, he_time_ns at)
{
  char wall[WALL];
  wall_text(wall_now() - (he_clock_now() - at) / 1000, wall);
  he_json_begin(j);
  he_json_number(j, "v", 1);
  he_json_text(j, "event", event);
  he_json_number(j, "pid", getpid());
  he_json_text(j, "wall", wall);
  he_json_number(j, "mono_us", at / 1000);
}

/* A number of a process may come again, and a process may have curl-he
   twice (preload/). */
static unsigned mark(void)
{
  static unsigned mine;
  unsigned seen = __atomic_load_n(&mine, __ATOMIC_RELAXED), none = 0;
  if(!seen) {
    const uint64_t image = (uintptr_t)&mine >> 12;
    seen = (unsigned)((uint64_t)wall_now() / 1000 ^ image * 2654435761u) | 1;
    if(!__atomic_compare_exchange_n(&mine, &none, seen, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      seen = none;
  }
  return seen;
}

void he_stamp_race(uint64_t number, char out[HE_STAMP_RACE])
{
  snprintf(out, HE_STAMP_RACE, "%d-%x-%" PRIu64, (int)getpid(), mark(),
           number);
}

/* The name by which the kernel ran it: argv[0] is the program's to write to,
   and some write there what nobody else is to see. */
static const char *program(void)
{
  const char *path, *slash;
  unsigned long at = getauxval(AT_EXECFN);
  memcpy(&path, &at, sizeof(path));
  slash = path ? strrchr(path, '/') : NULL;
  return slash ? slash + 1 : path;
}

size_t he_stamp_hello(char line[HE_JSON_LINE])
{
  struct he_json j;
  he_stamp_begin(&j, "trace", he_clock_now());
  he_json_text(&j, "program", program());
  he_json_text(&j, "curl_he", __atomic_load_n(&of_curl_he, __ATOMIC_ACQUIRE));
  he_json_text(&j, "libcurl", __atomic_load_n(&of_libcurl, __ATOMIC_ACQUIRE));
  he_json_end(&j);
  memcpy(line, j.at, j.len);
  return j.len;
}

size_t he_stamp_dropped(char line[HE_JSON_LINE], unsigned count, bool words)
{
  struct he_json j;
  if(words)
    return (size_t)snprintf(line, HE_JSON_LINE, "curl-he: %u lines were lost "
                            "here\n", count);
  he_stamp_begin(&j, "dropped", he_clock_now());
  he_json_number(&j, "count", count);
  he_json_end(&j);
  memcpy(line, j.at, j.len);
  return j.len;
}
