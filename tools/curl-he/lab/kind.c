/* SPDX-License-Identifier: MIT */
/* kind.c - the summary in words. */
#include "table.h"

#include <stdio.h>
#include <string.h>

static void line(const char *left, const char *right)
{
  printf("  %-27s %s\n", left, right);
}

static void print_late(const struct he_lab_late *late, const char *left,
                       const char *name)
{
  char words[80];
  switch(late->how) {
  case HE_LAB_LATE_UNKNOWN:
    return;
  case HE_LAB_LATE_NOT_ASKED:
    line(left, "it does not ask for both families");
    return;
  case HE_LAB_LATE_NO_TRY:
    line(left, "it tries no address");
    return;
  case HE_LAB_LATE_WAITS:
    snprintf(words, sizeof(words), "waits %.0f ms, for the answer for %s",
             late->ms, name);
    break;
  case HE_LAB_LATE_STARTS:
    snprintf(words, sizeof(words), "starts %.0f ms after the other answer",
             late->ms < 0 ? 0 : late->ms);
    break;
  }
  line(left, words);
}

static void print_asks(const char *asks)
{
  const char *comma = strchr(asks, ',');
  char words[32];
  if(comma)
    snprintf(words, sizeof(words), "%.*s, then %s", (int)(comma - asks), asks,
             comma + 1);
  else
    snprintf(words, sizeof(words), "%s", asks);
  line("asks the name server for", words);
}

void he_lab_table_summary(const struct he_lab_summary *s)
{
  char words[64];
  putchar('\n');
  if(*s->prefers) {
    line("prefers", !strncmp(s->prefers, "v6", 2) ? "IPv6" :
         !strncmp(s->prefers, "v4", 2) ? "IPv4" : "it does not connect");
    print_asks(s->asks);
  }
  if(s->dead_run) {
    snprintf(words, sizeof(words), s->attempt_delay_ms < 0 ?
             "none: it tries one family" : "%.0f ms", s->attempt_delay_ms);
    line("connection attempt delay", words);
  }
  print_late(&s->aaaa_late, "where AAAA comes late", "AAAA");
  print_late(&s->a_late, "where A comes late", "A");
  if(*s->families) {
    snprintf(words, sizeof(words), "%u of 4 IPv6, %u of 4 IPv4, within the "
             "limit", s->v6, s->v4);
    line("addresses tried", words);
    line("their families in order", s->families);
  }
}
