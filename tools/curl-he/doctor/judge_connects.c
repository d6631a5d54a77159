/* SPDX-License-Identifier: MIT */
/* judge_connects.c - where a host answers, and how. */
#include "judge.h"

#include <stdio.h>

/* As CURLHEOPT_LEEWAY_MS has it: so much longer IPv6 may take. */
#define SLOWER_MS 50

static const char *const family_words[] = { "IPv6", "IPv4" };

/* The best of a family; NULL: there is no address of it. */
static const struct he_trial *best_of(const struct he_site *h,
                                      enum he_six_four family)
{
  const struct he_trial *best = NULL;
  for(size_t i = 0; i < h->tried_n; i++) {
    const struct he_trial *t = &h->tried[i];
    if(t->family != family || t->reach == HE_REACH_UNTRIED)
      continue;
    if(!best || (t->reach == HE_REACH_CONNECTED &&
                 (best->reach != HE_REACH_CONNECTED || t->ms < best->ms)))
      best = t;
  }
  return best;
}

static bool connects(const struct he_trial *t)
{
  return t && t->reach == HE_REACH_CONNECTED;
}

/* The family does not connect, and the other one does. */
static void judge_family(const struct he_facts *f, const struct he_site *h,
                         const struct he_trial *t, struct he_findings *out)
{
  char ms[16], port[16];
  const char *const pairs[] = { "HOST", h->name, "ADDRESS", t->address,
                                "MS", he_judge_ms(f->limit_ms, ms),
                                "PORT", port, NULL };
  const bool six = t->family == HE_SIX;
  snprintf(port, sizeof(port), "%d", h->port);
  switch(t->reach) {
  case HE_REACH_SILENT:
    he_find(out, six ? HE_IPV6_SILENT : HE_IPV4_SILENT, pairs);
    break;
  case HE_REACH_REFUSED:
    he_find(out, six ? HE_IPV6_REFUSED : HE_IPV4_REFUSED, pairs);
    break;
  case HE_REACH_UNREACHABLE:
    /* a machine without IPv6 is told so once */
    if(!six || (f->way[HE_SIX].global && f->way[HE_SIX].route))
      he_find(out, six ? HE_IPV6_UNREACHABLE : HE_IPV4_UNREACHABLE, pairs);
    break;
  case HE_REACH_CONNECTED:
  case HE_REACH_UNTRIED:
    break;
  }
}

static void judge_silent(const struct he_facts *f, const struct he_site *h,
                         struct he_findings *out)
{
  char ms[16];
  for(size_t i = 0; i < h->tried_n; i++) {
    const struct he_trial *t = &h->tried[i];
    const char *const pairs[] = { "HOST", h->name, "ADDRESS", t->address,
                                  "MS", he_judge_ms(f->limit_ms, ms), NULL };
    if(t->reach == HE_REACH_SILENT && connects(best_of(h, t->family)))
      he_find(out, HE_SOME_SILENT, pairs);
  }
}

static void judge_shake(const struct he_facts *f, const struct he_site *h,
                        const struct he_trial *t, struct he_findings *out)
{
  char ms[16], port[16];
  const char *const pairs[] = {
    "HOST", h->name, "FAMILY", family_words[t->family], "ADDRESS", t->address,
    "MS", he_judge_ms(f->limit_ms, ms), "PORT", port, "ERROR", t->shook.why,
    NULL };
  snprintf(port, sizeof(port), "%d", h->port);
  switch(t->shook.shake) {
  case HE_SHAKE_STALLED:
    he_find(out, HE_LARGE_PACKETS, pairs);
    break;
  case HE_SHAKE_FAILED:
    he_find(out, HE_TLS_FAILS, pairs);
    break;
  case HE_SHAKE_COMPLETED:
  case HE_SHAKE_UNTRIED:
    break;
  }
}

/* Then it is not the way that tells them apart. */
static bool all_stalled(const struct he_site *h)
{
  bool any = false;
  for(size_t i = 0; i < h->tried_n; i++) {
    if(h->tried[i].reach != HE_REACH_CONNECTED)
      continue;
    if(h->tried[i].shook.shake != HE_SHAKE_STALLED)
      return false;
    any = true;
  }
  return any;
}

static void judge_shakes(const struct he_facts *f, const struct he_site *h,
                         struct he_findings *out)
{
  char ms[16];
  const char *const pairs[] = { "HOST", h->name, "MS",
                                he_judge_ms(f->limit_ms, ms), NULL };
  if(all_stalled(h)) {
    he_find(out, HE_TLS_SILENT, pairs);
    return;
  }
  for(size_t i = 0; i < h->tried_n; i++)
    judge_shake(f, h, &h->tried[i], out);
}

static void judge_well(const struct he_site *h, const struct he_trial *t,
                       struct he_findings *out)
{
  if(t->shook.shake == HE_SHAKE_COMPLETED)
    he_find_well(out, "%s: %s connects in %.0f ms (%s), TLS is there after"
                 " %.0f ms.", h->name, family_words[t->family], t->ms,
                 t->address, t->shook.ms);
  else
    he_find_well(out, "%s: %s connects in %.0f ms (%s).", h->name,
                 family_words[t->family], t->ms, t->address);
}

static void judge_slow(const struct he_site *h, const struct he_trial *six,
                       const struct he_trial *four, struct he_findings *out)
{
  char ms[16], other[16];
  const char *const pairs[] = { "HOST", h->name,
                                "MS", he_judge_ms(six->ms, ms),
                                "OTHER", he_judge_ms(four->ms, other), NULL };
  if(six->ms > four->ms + SLOWER_MS)
    he_find(out, HE_IPV6_SLOW, pairs);
}

static void judge_race(const struct he_site *h, struct he_findings *out)
{
  const char *const pairs[] = { "HOST", h->name, NULL };
  if(h->remembered)
    he_find_well(out, "%s: history knows it. %s", h->name, h->next);
  if(!h->raced)
    return;
  if(*h->winner)
    he_find_well(out, "%s: curl-he connects to %s in %.0f ms, lookup%s"
                 " included.", h->name, h->winner, h->race_ms,
                 h->tls ? " and TLS" : "");
  else
    he_find(out, HE_RACE_LOST, pairs);
}

void he_judge_connects(const struct he_facts *f, const struct he_site *h,
                       struct he_findings *out)
{
  const struct he_trial *best[2] = { best_of(h, HE_SIX),
                                     best_of(h, HE_FOUR) };
  char port[16];
  const char *const pairs[] = { "HOST", h->name, "PORT", port, NULL };
  snprintf(port, sizeof(port), "%d", h->port);
  if(!best[HE_SIX] && !best[HE_FOUR])
    return;
  if(!connects(best[HE_SIX]) && !connects(best[HE_FOUR])) {
    he_find(out, HE_NOTHING_ANSWERS, pairs);
    return;
  }
  for(int family = 0; family < 2; family++) {
    if(connects(best[family]))
      judge_well(h, best[family], out);
    else if(best[family])
      judge_family(f, h, best[family], out);
  }
  judge_silent(f, h, out);
  judge_shakes(f, h, out);
  if(connects(best[HE_SIX]) && connects(best[HE_FOUR]))
    judge_slow(h, best[HE_SIX], best[HE_FOUR], out);
  judge_race(h, out);
}
