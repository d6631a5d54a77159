/* SPDX-License-Identifier: MIT */
#include "sentences.h"
#include "../words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *he_say_time(char *out, int64_t us)
{
  if(us == HE_NEVER_US)
    snprintf(out, HE_TIME_SIZE, "none");
  else if(us < 10000000)
    snprintf(out, HE_TIME_SIZE, "%.1f ms", (double)us / 1000);
  else
    snprintf(out, HE_TIME_SIZE, "%.2f s", (double)us / 1000000);
  return out;
}

const char *he_say_family(int family)
{
  return family == 6 ? "IPv6" : family == 4 ? "IPv4" : "?";
}

const char *he_say_question(const struct he_asked *a)
{
  return a->family == 6 ? "AAAA" : a->family == 4 ? "A" : "AAAA and A";
}

void he_say_story(char *out, size_t size, const struct he_story *s)
{
  const struct he_tried *t = he_story_winner(s);
  char time[HE_TIME_SIZE], bare[72];
  if(t) {
    he_story_bare(bare, sizeof(bare), t->address);
    snprintf(out, size, "connected in %s, over %s, to %s",
             he_say_time(time, t->end), he_say_family(t->family), bare);
  }
  else if(he_story_is_lost(s) && !s->ntried)
    snprintf(out, size, "not connected, no address was found in %s",
             he_say_time(time, he_story_span_us(s)));
  else if(s->lost)
    snprintf(out, size, "not connected, given up after %s%s%s",
             he_say_time(time, s->over), *s->error ? ": " : "", s->error);
  else if(s->ntried || s->nasked)
    snprintf(out, size, "no end was told");
  else
    snprintf(out, size, "no race");
}

void he_say_asked(char *out, size_t size, const struct he_asked *a)
{
  char time[HE_TIME_SIZE];
  const char *s = a->count == 1 ? "" : "es";
  he_say_time(time, a->end - a->start);
  if(a->remembered)
    snprintf(out, size, "%u address%s remembered", a->count, s);
  else if(a->end == HE_NEVER_US)
    snprintf(out, size, "no answer by then");
  else if(*a->error)
    snprintf(out, size, "%s, after %s", a->error, time);
  else if(!a->family)
    snprintf(out, size, "answered after %s", time);
  else if(!a->count)
    snprintf(out, size, "no address, after %s", time);
  else
    snprintf(out, size, "%u address%s after %s%s%s%s", a->count, s, time,
             *a->origin ? " (" : "", a->origin, *a->origin ? ")" : "");
}

/* Did both try? Then it matters who. */
static bool say_by_libcurl(const struct he_story *s, const struct he_tried *t)
{
  for(size_t i = 0; i < s->ntried; i++) {
    if(!s->tried[i].libcurls)
      return t->libcurls;
  }
  return false;
}

static void say_outcome(char *out, size_t size, const struct he_story *s,
                        const struct he_tried *t)
{
  char time[HE_TIME_SIZE];
  const int64_t end = t->end == HE_NEVER_US ? he_story_span_us(s) : t->end;
  he_say_time(time, end - t->start);
  switch(t->outcome) {
  case HE_CONNECTED:
    snprintf(out, size, t->won ? "connected after %s" :
             "connected after %s, too late", time);
    break;
  case HE_FAILED:
    snprintf(out, size, "%s after %s", *t->error ? t->error : "failed", time);
    break;
  case HE_TIMED_OUT:
    snprintf(out, size, "no answer in %s, given up", time);
    break;
  case HE_CANCELLED:
    snprintf(out, size, "no answer in %s, cancelled", time);
    break;
  case HE_GONE:
    snprintf(out, size, "no answer in %s, closed by libcurl", time);
    break;
  case HE_OPEN:
    if(s->over == HE_NEVER_US)
      snprintf(out, size, "no end was told");
    else
      snprintf(out, size, "no answer in %s, until the end", time);
    break;
  }
}

void he_say_tried(char *out, size_t size, const struct he_story *s,
                  const struct he_tried *t)
{
  say_outcome(out, size, s, t);
  if(say_by_libcurl(s, t))
    snprintf(out + strlen(out), size - strlen(out), ", by libcurl");
}

void he_say_start(char *out, size_t size, const struct he_tried *t)
{
  char time[HE_TIME_SIZE], delay[64] = "";
  if(t->delay_ms >= 0)
    snprintf(delay, sizeof(delay), ", delay %" PRId64 " ms%s%s%s", t->delay_ms,
             *t->why ? " (" : "", t->why, *t->why ? ")" : "");
  snprintf(out, size, "from %s%s%s%s%s", he_say_time(time, t->start),
           delay, !*t->origin ? "" : !strcmp(t->origin, "query") ||
           !strcmp(t->origin, "cache") ? ", address by " : ", address ",
           t->origin,
           t->provoked ? ", shut down for the winner" : "");
}

void he_say_delays(char *out, size_t size, const struct he_story *s)
{
  int64_t last = -1;
  const char *why = "";
  size_t used = 0;
  *out = 0;
  for(size_t i = 0; i < s->ntried && used < size; i++) {
    const struct he_tried *t = &s->tried[i];
    if(t->delay_ms < 0 || (t->delay_ms == last && !strcmp(t->why, why)))
      continue;
    used += (size_t)snprintf(out + used, size - used, "%s%" PRId64 " ms%s%s%s",
                             last < 0 ? "" : ", ", t->delay_ms,
                             strcmp(t->why, why) ? " (" : "",
                             strcmp(t->why, why) ? t->why : "",
                             strcmp(t->why, why) ? ")" : "");
    last = t->delay_ms;
    why = t->why;
  }
}

const char *he_say_times(char *out, size_t size, const char *word,
                         unsigned long n)
{
  if(n == 1)
    snprintf(out, size, "%s once", word);
  else
    snprintf(out, size, "%s %lu times", word, n);
  return out;
}

static void say_more(char *out, size_t size, const char *word,
                     unsigned long n)
{
  const size_t used = strlen(out);
  if(!n)
    return;
  snprintf(out + used, size - used, ", ");
  he_say_times(out + used + 2, size - used - 2, word, n);
}

void he_say_remembered(char *out, size_t size, const struct he_recalled *m)
{
  char time[HE_TIME_SIZE], age[32];
  if(!m->successes && !m->failures && !m->losses) {
    snprintf(out, size, "%s, not tried yet", he_verdict_word(m->verdict));
    return;
  }
  he_age_words(age, sizeof(age), m->age_ms);
  snprintf(out, size, "%s%s%s", he_verdict_word(m->verdict),
           m->connect_us ? ", connects in " : "",
           m->connect_us ? he_say_time(time, m->connect_us) : "");
  say_more(out, size, "connected", m->successes);
  say_more(out, size, "failed", m->failures);
  say_more(out, size, "unanswered", m->losses);
  snprintf(out + strlen(out), size - strlen(out), ", last %s ago", age);
}

void he_say_spread(char *out, size_t size, const struct he_spread *s)
{
  snprintf(out, size, "min %.1f, median %.1f, p95 %.1f, max %.1f ms",
           (double)he_spread_at(s, 0) / 1000,
           (double)he_spread_at(s, 50) / 1000,
           (double)he_spread_at(s, 95) / 1000,
           (double)he_spread_at(s, 100) / 1000);
}
