/* SPDX-License-Identifier: MIT */
#include "table.h"
#include "../plain.h"

#include <stdio.h>
#include <string.h>

#define ORDER 21              /* columns */
#define DELAYS 16

/* Words with a blank between them in so many columns; "..." for the rest. */
struct line {
  char text[64];
  size_t room;
};

static void put(struct line *l, const char *word, bool last)
{
  const size_t len = strlen(l->text);
  const size_t more = strlen(word) + (len > 0);
  const size_t keep = last ? 0 : 4;
  if(len >= 3 && !strcmp(l->text + len - 3, "..."))
    return;
  if(len + more + keep <= l->room)
    snprintf(l->text + len, sizeof(l->text) - len, "%s%s", len ? " " : "",
             word);
  else
    snprintf(l->text + len, sizeof(l->text) - len, " ...");
}

const char *he_lab_number(const struct lab_scenario *s, char out[16])
{
  *out = 0;
  if(s->number)
    snprintf(out, 16, "%d", s->number);
  return out;
}

static void print_ms(double ms, int width)
{
  if(ms < 0)
    printf(" %*s", width, "-");
  else
    printf(" %*.0f", width, ms);
}

void he_lab_table_head(const struct he_lab_plan *plan)
{
  printf("curl-he lab:");
  for(char **word = plan->command; *word; word++) {
    const bool plain = **word && !strpbrk(*word, " \t\n\"'\\$*?;&|<>()#");
    printf(plain ? " %s" : " '%.60s'", *word);
  }
  printf("\n\n %2s  %-18s %7s  %-*s %4s  %-*s %4s %4s\n", "#", "scenario",
         "connect", ORDER, "tried", "SYNs", DELAYS, "delays", "wait", "left");
}

/* What a number does not say. */
static void print_end(const struct he_lab_run *run)
{
  if(run->killed)
    printf("  killed");
  else if(run->status > 128)
    printf("  signal %d", run->status - 128);
  else if(run->status)
    printf("  exit %d", run->status);
  else if(run->seen.winner >= 0 &&
          run->seen.tries[run->seen.winner].heard_ns == HE_LAB_NEVER)
    printf("  no answer");
}

static void print_question(const struct he_lab_seen *s, int kind,
                           const char *name)
{
  const struct he_lab_asked *a = &s->asked[kind];
  if(!a->times)
    return;
  printf("       %8.1f  asks for %s%s", he_lab_at_ms(s, a->asked_ns), name,
         a->times > 1 ? ", more than once" : "");
  if(a->answered_ns == HE_LAB_NEVER)
    printf("; no answer\n");
  else
    printf("; %8.1f  %u record%s%s\n", he_lab_at_ms(s, a->answered_ns),
           a->answers, a->answers == 1 ? "" : "s",
           a->rcode == 2 ? ", SERVFAIL" : a->rcode ? ", an error" : "");
}

static void print_try(const struct he_lab_seen *s, size_t i)
{
  const struct he_lab_try *t = &s->tries[i];
  printf("       %8.1f  %-5s %-15s %u SYN%s, %s", he_lab_at_ms(s, t->at_ns),
         t->label, t->addr, t->syns, t->syns == 1 ? "" : "s",
         he_lab_end_word(t->end));
  if(t->connected_ns != HE_LAB_NEVER)
    printf(" at %.1f", he_lab_at_ms(s, t->connected_ns));
  if((int)i == s->winner)
    printf(t->heard_ns == HE_LAB_NEVER ? ", used, no answer" :
           ", used, answered at %.1f", he_lab_at_ms(s, t->heard_ns));
  else if(t->end == HE_LAB_CONNECTED)
    printf(t->closed_ns == HE_LAB_NEVER ? ", left open" : ", closed at %.1f",
           he_lab_at_ms(s, t->closed_ns));
  putchar('\n');
}

/* The client's last words. */
static void print_said(const char *said)
{
  size_t lines = 0;
  const char *at = said + strlen(said);
  while(at > said && lines < 6) {
    if(*--at == '\n' && at[1])
      lines++;
  }
  if(lines == 6)
    at++;
  while(*at) {
    const size_t n = strcspn(at, "\n");
    char plain[72];             /* what is longer is cut */
    if(n)
      printf("       | ");
    he_plain(plain, sizeof(plain), at, n);
    if(n)
      puts(plain);
    at += n + (at[n] == '\n');
  }
}

static void print_run(const struct he_lab_run *run)
{
  const struct he_lab_seen *s = &run->seen;
  print_question(s, HE_LAB_AAAA, "AAAA");
  print_question(s, HE_LAB_A, "A");
  print_question(s, HE_LAB_HTTPS, "HTTPS");
  for(size_t i = 0; i < s->ntries; i++)
    print_try(s, i);
  if(s->more)
    printf("       and more tries\n");
  if(run->killed)
    printf("       killed after %.1f ms\n", run->took_ms);
  else
    printf("       ended %.1f ms after its start, with %d\n", run->took_ms,
           run->status);
  if(run->left_after > 0)
    printf("       %d sockets in SYN-SENT outlived it\n", run->left_after);
  print_said(run->said);
}

void he_lab_table_row(const struct he_lab_result *r, bool verbose)
{
  const struct he_lab_run *run = he_lab_typical(r);
  const struct he_lab_seen *s = &run->seen;
  struct line order = { "", ORDER }, delays = { "", DELAYS };
  char word[32];
  for(size_t i = 0; i < s->ntries; i++) {
    const bool last = i + 1 == s->ntries;
    snprintf(word, sizeof(word), "%s%s", s->tries[i].label,
             (int)i == s->winner ? "*" : "");
    put(&order, word, last);
    if(i) {
      snprintf(word, sizeof(word), "%.0f", he_lab_delay_ms(s, i));
      put(&delays, word, last);
    }
  }
  printf(" %2s  %-18.18s", he_lab_number(r->scenario, word),
         r->scenario->name);
  print_ms(he_lab_connect_ms(s), 7);
  printf("  %-*s %4u  %-*s", ORDER, *order.text ? order.text : "-", s->syns,
         DELAYS, *delays.text ? delays.text : "-");
  print_ms(he_lab_wait_ms(s), 4);
  printf(" %4d", run->left);
  print_end(run);
  putchar('\n');
  for(size_t i = 0; verbose && i < r->n; i++) {
    if(r->n > 1)
      printf("     run %zu\n", i + 1);
    print_run(&r->runs[i]);
  }
  fflush(stdout);
}

void he_lab_table_foot(const struct he_lab_plan *plan)
{
  printf("\n"
         "Times in ms, round trips of %d ms. connect: from the first question "
         "to the\n"
         "name server to the connected socket; tried: in that order, * was "
         "used; delays:\n"
         "between the tries; wait: from the first answer with addresses to "
         "the first SYN;\n"
         "left: sockets in SYN-SENT when the client ended; killed: it took "
         "more than %g s.\n", LAB_RTT_MS, plan->limit_s);
}
