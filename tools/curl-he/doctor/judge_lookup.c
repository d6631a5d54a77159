/* SPDX-License-Identifier: MIT */
/* judge_lookup.c - how a host's name is answered. */
#include "judge.h"

#include <stdio.h>

static void judge_pair(const struct he_facts *f, const struct he_site *h,
                       enum he_six_four late, enum he_symptom_id silent,
                       enum he_symptom_id slow, struct he_findings *out)
{
  const struct he_query *a = &h->asked[late], *b = &h->asked[!late];
  char ms[16], other[16];
  const bool silence = a->answer == HE_ANSWER_SILENT;
  const char *const pairs[] = {
    "HOST", h->name, "MS", he_judge_ms(silence ? f->limit_ms : a->ms, ms),
    "OTHER", he_judge_ms(b->ms, other), NULL };
  if(b->answer != HE_ANSWER_ADDRESSES)
    return;
  if(silence)
    he_find(out, silent, pairs);
  else if(a->answer == HE_ANSWER_FAILED && late == HE_SIX)
    he_find(out, HE_AAAA_FAILS, pairs);
  else if(a->ms > b->ms + HE_LATE_MS)
    he_find(out, slow, pairs);
}

static void judge_none(const struct he_facts *f, const struct he_site *h,
                       struct he_findings *out)
{
  const struct he_query *six = &h->asked[HE_SIX], *four = &h->asked[HE_FOUR];
  char ms[16];
  const char *const pairs[] = { "HOST", h->name, "MS",
                                he_judge_ms(f->limit_ms, ms), NULL };
  if(six->answer == HE_ANSWER_SILENT || four->answer == HE_ANSWER_SILENT)
    he_find(out, HE_DNS_SILENT, pairs);
  else if(six->answer == HE_ANSWER_FAILED || four->answer == HE_ANSWER_FAILED)
    he_find(out, HE_DNS_FAILS, pairs);
  else
    he_find(out, HE_NO_SUCH_NAME, pairs);
}

static bool answered(const struct he_query *a)
{
  return a->answer == HE_ANSWER_ADDRESSES || a->answer == HE_ANSWER_NONE;
}

static void tell(const struct he_query *a, const char *what, char *out,
                 size_t size)
{
  if(a->answer == HE_ANSWER_NONE)
    snprintf(out, size, "no %s address (%.0f ms)", what, a->ms);
  else
    snprintf(out, size, "%u %s address%s in %.0f ms", a->n, what,
             a->n == 1 ? "" : "es", a->ms);
}

void he_judge_lookup(const struct he_facts *f, const struct he_site *h,
                     struct he_findings *out)
{
  char six[64], four[64], line[16];
  const char *const pairs[] = { "HOST", h->name, "LINE", line, "ADDRESS",
                                h->hosts_address, NULL };
  snprintf(line, sizeof(line), "%u", h->hosts_line);
  if(h->hosts_line)
    he_find(out, HE_HOSTS_FILE, pairs);
  if(h->literal)
    return;
  if(h->asked[HE_SIX].answer != HE_ANSWER_ADDRESSES &&
     h->asked[HE_FOUR].answer != HE_ANSWER_ADDRESSES) {
    judge_none(f, h, out);
    return;
  }
  if(answered(&h->asked[HE_SIX]) && answered(&h->asked[HE_FOUR])) {
    tell(&h->asked[HE_SIX], "IPv6", six, sizeof(six));
    tell(&h->asked[HE_FOUR], "IPv4", four, sizeof(four));
    he_find_well(out, "%s: %s, %s.", h->name, six, four);
  }
  judge_pair(f, h, HE_SIX, HE_AAAA_SILENT, HE_AAAA_LATE, out);
  judge_pair(f, h, HE_FOUR, HE_A_SILENT, HE_A_LATE, out);
}
