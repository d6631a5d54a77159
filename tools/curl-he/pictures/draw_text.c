/* SPDX-License-Identifier: MIT */
/* draw_text.c - a report for a terminal, or a file. */
#include "../colour.h"
#include "sentences.h"
#include "text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROW 60
#define WIDEST 160

void he_terminal_look(struct he_terminal *t)
{
  const char *columns = getenv("COLUMNS");
  struct winsize size;
  memset(&size, 0, sizeof(size));
  t->colours = he_colours(stdout);
  setlocale(LC_CTYPE, "");
  t->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
  t->columns = 80;
  if(!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
    t->columns = size.ws_col;
  else if(columns && *columns)
    t->columns = (size_t)strtoul(columns, NULL, 10);
  if(t->columns < NARROW)
    t->columns = NARROW;
  if(t->columns > WIDEST)
    t->columns = WIDEST;
}

void he_text_colour(const struct he_text *p, const char *code)
{
  if(p->t->colours)
    fprintf(p->out, "\033[%sm", code);
}

void he_text_heading(const struct he_text *p, const char *text)
{
  he_text_colour(p, "1");
  fputs(text, p->out);
  he_text_colour(p, "0");
  putc('\n', p->out);
}

static void text_spread(const struct he_text *p, const struct he_spread *s,
                        const char *whose)
{
  char line[160];
  if(s->count)
    he_say_spread(line, sizeof(line), s);
  fprintf(p->out, "%s%lu connects of %lu: ", whose, s->connected, s->races);
  fprintf(p->out, "%s\n", s->count ? line : "no times");
  for(size_t i = 0; i < s->nwinners; i++)
    fprintf(p->out, "  %s: %s %s\n", he_say_times(line, sizeof(line), "won",
                                                  s->winners[i].count),
            he_say_family(s->winners[i].family), s->winners[i].address);
}

static void text_silent(const struct he_text *p, const struct he_summary *s)
{
  struct he_silent silent[10];
  const size_t all = he_summary_silent(s, silent, 10);
  char time[HE_TIME_SIZE], tried[48];
  for(size_t i = 0; i < all && i < 10; i++) {
    const struct he_known *k = silent[i].known;
    fprintf(p->out, "  never answered: %s %s of %s port %d,\n"
            "    %s, longest silence %s\n", he_say_family(k->family),
            k->address, silent[i].host->host, silent[i].host->port,
            he_say_times(tried, sizeof(tried), "tried", k->tries),
            he_say_time(time, k->longest_us));
  }
  if(all > 10)
    fprintf(p->out, "  never answered: %zu more\n", all - 10);
  if(s->crowded)
    fprintf(p->out, "  %lu attempts were at addresses beyond those that are "
            "counted\n", s->crowded);
}

static void text_summary(const struct he_text *p, const struct he_summary *s)
{
  char line[160];
  const int64_t saved = s->saved_us < 0 ? -s->saved_us : s->saved_us;
  he_text_heading(p, "Summary");
  fprintf(p->out, "  %lu race%s: %lu connected, %lu did not, %lu have no end"
          "\n", s->spread.races, s->spread.races == 1 ? "" : "s",
          s->spread.connected, s->lost, s->unfinished);
  fprintf(p->out, "  winners: IPv6 %lu, IPv4 %lu\n", s->spread.by_family[1],
          s->spread.by_family[0]);
  if(s->spread.count) {
    he_say_spread(line, sizeof(line), &s->spread);
    fprintf(p->out, "  time to connect: %s\n", line);
  }
  fprintf(p->out, "  %s RFC 8305 without memory: %s in %lu connects\n",
          s->saved_us < 0 ? "lost against" : "saved against",
          he_say_time(line, saved), s->compared);
  if(s->aside)
    fprintf(p->out, "  curl-he stood aside in %lu\n", s->aside);
  text_silent(p, s);
  if(s->dropped)
    fprintf(p->out, "  the program lost %lu lines\n", s->dropped);
  if(s->mistakes)
    fprintf(p->out, "  %lu mistakes in configurations\n", s->mistakes);
  if(s->damaged)
    fprintf(p->out, "  %lu of %lu lines are damaged, line %lu the first\n",
            s->damaged, s->lines, s->first_damaged);
}

static void text_history(const struct he_text *p, const struct he_report *r)
{
  char line[200];
  int width = 0;
  if(!r->nrecalled && r->asked_history)
    fputs("History knows nothing of this host.\n", p->out);
  if(!r->nrecalled)
    return;
  if(r->spread)
    putc('\n', p->out);
  he_text_heading(p, "What history now says");
  for(size_t i = 0; i < r->nrecalled; i++) {
    const int len = (int)strlen(r->recalled[i].address);
    width = len > width ? len : width;
  }
  for(size_t i = 0; i < r->nrecalled; i++) {
    const struct he_recalled *m = &r->recalled[i];
    he_say_remembered(line, sizeof(line), m);
    fprintf(p->out, "  %s %-*s  %s\n", he_say_family(m->family), width,
            m->address, line);
  }
}

static void text_slo(const struct he_text *p, const struct he_report *r)
{
  char limit[HE_TIME_SIZE], was[HE_TIME_SIZE];
  const bool met = he_report_met(r);
  he_say_time(limit, r->slo_us);
  he_say_time(was, r->slo_was_us);
  he_text_colour(p, met ? "32" : "31");
  fprintf(p->out, "objective %s: connect %s, the limit is %s\n",
          met ? "met" : "missed", was, limit);
  he_text_colour(p, "0");
}

void he_draw_text(FILE *out, const struct he_report *r,
                  const struct he_terminal *t)
{
  const struct he_text p = { out, t };
  if(r->summary)
    text_summary(&p, r->summary);
  for(size_t i = 0; i < r->count; i++) {
    if(i || r->summary)
      putc('\n', out);
    he_text_story(&p, r->stories[i], "");
  }
  if(r->more)
    fprintf(out, "\n%lu more races are not drawn.\n", r->more);
  if(r->error)
    fprintf(out, "  %s\n", r->error);
  if(r->alone) {
    putc('\n', out);
    he_text_story(&p, r->alone, "libcurl alone: ");
  }
  if(r->alone_error)
    fprintf(out, "  %s\n", r->alone_error);
  if(r->spread || r->asked_history)
    putc('\n', out);
  if(r->spread)
    text_spread(&p, r->spread, "");
  if(r->alone_spread)
    text_spread(&p, r->alone_spread, "libcurl alone: ");
  text_history(&p, r);
  if(r->slo_us)
    text_slo(&p, r);
}
