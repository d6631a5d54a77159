/* SPDX-License-Identifier: MIT */
/* draw_text.c - a report for a terminal, or a file.
 *
 *   s6.lab.test port 443: connected in 191.3 ms, over IPv4, to 198.19.6.2
 *                          0    50   100  150  200 ms
 *     ask AAAA             ====                       1 address after 20.3 ms
 *     IPv6 3fff:106::1         ################>      no answer in 170.9 ms
 *     IPv4 198.19.6.2                       +++*      connected, won
 *
 * IPv6 and IPv4 have different strokes, so that no colour is needed. A label
 * that is too long has a line of its own. */
#include "draw.h"
#include "plain.h"
#include "sentences.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LABEL_MAX 24
#define NOTE_SIZE 160
#define NARROW 60
#define WIDEST 160

enum stroke { ASK, SIX, FOUR, STROKES };

struct style {
  const char *bar[STROKES];
  const char *won, *failed, *ended, *open, *tick;
};

static const struct style ascii = {
  { "-", "=", "+" }, "*", "x", "|", ">", "|"
};
static const struct style utf8 = {
  { "─", "█", "▒" }, "★", "✗", "┤", "▷", "┆"
};
static const char *const colours[STROKES] = { "35", "34", "33" };

void he_terminal_look(struct he_terminal *t)
{
  const char *no = getenv("NO_COLOR"), *columns = getenv("COLUMNS");
  struct winsize size;
  memset(&size, 0, sizeof(size));
  t->colours = isatty(STDOUT_FILENO) && !(no && *no);
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

struct page {
  FILE *out;
  const struct he_terminal *t;
  const struct style *style;
  struct he_axis axis;
  size_t label;                 /* columns */
  size_t bar;
};

static void page_colour(const struct page *p, const char *code)
{
  if(p->t->colours)
    fprintf(p->out, "\033[%sm", code);
}

static void page_spaces(const struct page *p, size_t n)
{
  fprintf(p->out, "%*s", (int)n, "");
}

static void page_heading(const struct page *p, const char *text)
{
  page_colour(p, "1");
  fputs(text, p->out);
  page_colour(p, "0");
  putc('\n', p->out);
}

/* -- bars -- */

struct bar {
  char label[96];
  char note[NOTE_SIZE];
  int64_t start, end;
  enum stroke stroke;
  const char *mark;             /* at its end, one column */
  const char *colour;           /* of the mark */
};

static size_t page_at(const struct page *p, int64_t us)
{
  const double at = he_axis_at(&p->axis, us) * (double)(p->bar - 1) / 100;
  return (size_t)(at + 0.5);
}

static void page_bar(const struct page *p, const struct bar *b)
{
  const size_t from = page_at(p, b->start), to = page_at(p, b->end);
  const size_t wide = he_columns(b->label);
  fprintf(p->out, "  %s", b->label);
  if(wide > p->label)
    fputs("\n  ", p->out);
  page_spaces(p, (wide > p->label ? p->label : p->label - wide) + 1 + from);
  page_colour(p, colours[b->stroke]);
  for(size_t i = from; i < to; i++)
    fputs(p->style->bar[b->stroke], p->out);
  page_colour(p, b->colour);
  fputs(b->mark, p->out);
  page_colour(p, "0");
  page_spaces(p, p->bar - 1 - to);
  page_colour(p, b->colour);
  fprintf(p->out, " %s", b->note);
  page_colour(p, "0");
  putc('\n', p->out);
}

static void bar_asked(const struct page *p, const struct he_story *s,
                      const struct he_asked *a, struct bar *b)
{
  snprintf(b->label, sizeof(b->label), a->remembered ? "kept %s" : "ask %s",
           he_say_question(a));
  he_say_asked(b->note, sizeof(b->note), a);
  b->start = a->start;
  b->end = a->end == HE_NEVER_US ? he_story_span_us(s) : a->end;
  b->stroke = ASK;
  b->mark = a->end == HE_NEVER_US ? p->style->open :
            *a->error ? p->style->failed : p->style->ended;
  b->colour = *a->error ? "31" : "35";
}

static void bar_tried(const struct page *p, const struct he_story *s,
                      const struct he_tried *t, struct bar *b)
{
  char bare[72], note[NOTE_SIZE - 8];
  he_story_bare(bare, sizeof(bare), t->address);
  snprintf(b->label, sizeof(b->label), "%s %s", he_say_family(t->family),
           bare);
  he_say_tried(note, sizeof(note), s, t);
  snprintf(b->note, sizeof(b->note), "%s%s", note, t->won ? ", WON" : "");
  b->start = t->start;
  b->end = t->end == HE_NEVER_US ? he_story_span_us(s) : t->end;
  b->stroke = t->family == 6 ? SIX : FOUR;
  b->mark = t->won ? p->style->won : t->outcome == HE_FAILED ?
            p->style->failed : t->outcome == HE_CONNECTED ? p->style->ended :
            p->style->open;
  b->colour = t->won ? "1;32" : t->outcome == HE_FAILED ? "31" : "2";
}

/* -- a timeline -- */

static size_t page_bars(const struct page *p, const struct he_story *s,
                        struct bar *bars)
{
  size_t n = 0;
  for(size_t i = 0; i < s->nasked; i++)
    bar_asked(p, s, &s->asked[i], &bars[n++]);
  for(size_t i = 0; i < s->ntried; i++)
    bar_tried(p, s, &s->tried[i], &bars[n++]);
  return n;
}

/* Labels and notes get what they need, the bars the rest; a note that is too
   long goes over the edge. */
static void page_fit(struct page *p, const struct bar *bars, size_t n)
{
  const size_t least = 24;
  size_t label = 8, note = 8;
  for(size_t i = 0; i < n; i++) {
    const size_t l = he_columns(bars[i].label), k = he_columns(bars[i].note);
    if(l > label && l <= LABEL_MAX)
      label = l;
    note = k > note ? k : note;
  }
  p->label = label;
  p->bar = p->t->columns > label + note + 4 + least ?
           p->t->columns - label - note - 4 : least;
}

static void page_ticks(const struct page *p)
{
  size_t at = 0, used = 0;
  page_spaces(p, p->label + 3);
  for(int64_t us = 0; us <= p->axis.span; us += p->axis.step) {
    char text[48];
    const bool last = us + p->axis.step > p->axis.span;
    snprintf(text, sizeof(text), "%g%s", (double)us / 1000, last ? " ms" : "");
    at = page_at(p, us);
    if(at < used || (used && at == used))
      continue;
    page_spaces(p, at - used);
    fputs(text, p->out);
    used = at + strlen(text);
  }
  putc('\n', p->out);
}

static void page_story(struct page *p, const struct he_story *s,
                       const char *whose)
{
  static struct bar bars[HE_STORY_LOOKUPS + HE_STORY_ATTEMPTS];
  char what[400], line[800];
  const size_t n = page_bars(p, s, bars);
  he_say_story(what, sizeof(what), s);
  snprintf(line, sizeof(line), "%s%s port %d: %s", whose, s->host, s->port,
           what);
  page_heading(p, line);
  if(*s->id)
    fprintf(p->out, "  race %s%s%s%s%s\n", s->id, *s->program ? " of " : "",
            s->program, *s->wall ? ", " : "", s->wall);
  if(n) {
    page_fit(p, bars, n);
    p->axis = he_axis_for(he_story_span_us(s), (unsigned)(p->bar / 8));
    page_ticks(p);
  }
  for(size_t i = 0; i < n; i++)
    page_bar(p, &bars[i]);
  for(size_t i = 0; i < s->nasides; i++)
    fprintf(p->out, "  curl-he stood aside: %s\n", s->asides[i].text);
  if(s->left_out)
    fprintf(p->out, "  %u more steps are not shown\n", s->left_out);
}

/* -- the rest of a report -- */

static void page_spread(const struct page *p, const struct he_spread *s,
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

static void page_silent(const struct page *p, const struct he_summary *s)
{
  struct he_silent silent[10];
  const size_t all = he_summary_silent(s, silent, 10);
  char time[HE_TIME_SIZE], tried[48];
  for(size_t i = 0; i < all && i < 10; i++) {
    const struct he_known *k = silent[i].known;
    fprintf(p->out, "  never answered: %s %s of %s port %d, %s, longest silence "
            "%s\n", he_say_family(k->family), k->address,
            silent[i].host->host, silent[i].host->port,
            he_say_times(tried, sizeof(tried), "tried", k->tries),
            he_say_time(time, k->longest_us));
  }
  if(all > 10)
    fprintf(p->out, "  never answered: %zu more\n", all - 10);
  if(s->crowded)
    fprintf(p->out, "  %lu attempts were at addresses beyond those that are "
            "counted\n", s->crowded);
}

static void page_summary(const struct page *p, const struct he_summary *s)
{
  char line[160];
  const int64_t saved = s->saved_us < 0 ? -s->saved_us : s->saved_us;
  page_heading(p, "Summary");
  fprintf(p->out, "  %lu races: %lu connected, %lu did not, %lu have no end\n",
          s->spread.races, s->spread.connected, s->lost, s->unfinished);
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
  page_silent(p, s);
  if(s->dropped)
    fprintf(p->out, "  the program lost %lu lines\n", s->dropped);
  if(s->mistakes)
    fprintf(p->out, "  %lu mistakes in configurations\n", s->mistakes);
  if(s->damaged)
    fprintf(p->out, "  %lu of %lu lines are damaged, line %lu the first\n",
            s->damaged, s->lines, s->first_damaged);
}

static void page_history(const struct page *p, const struct he_report *r)
{
  char line[200];
  if(!r->nrecalled && r->asked_history)
    fputs("History knows nothing of this host.\n", p->out);
  if(!r->nrecalled)
    return;
  if(r->spread)
    putc('\n', p->out);
  page_heading(p, "What history now says");
  for(size_t i = 0; i < r->nrecalled; i++) {
    const struct he_recalled *m = &r->recalled[i];
    he_say_remembered(line, sizeof(line), m);
    fprintf(p->out, "  %s %-*s  %s\n", he_say_family(m->family), 20,
            m->address, line);
  }
}

static void page_slo(const struct page *p, const struct he_report *r)
{
  char limit[HE_TIME_SIZE], was[HE_TIME_SIZE];
  const bool met = he_report_met(r);
  he_say_time(limit, r->slo_us);
  he_say_time(was, r->slo_was_us);
  page_colour(p, met ? "32" : "31");
  fprintf(p->out, "objective %s: connect %s, the limit is %s\n",
          met ? "met" : "missed", was, limit);
  page_colour(p, "0");
}

void he_draw_text(FILE *out, const struct he_report *r,
                  const struct he_terminal *t)
{
  struct page p = { .out = out, .t = t, .style = t->utf8 ? &utf8 : &ascii };
  if(r->summary)
    page_summary(&p, r->summary);
  for(size_t i = 0; i < r->count; i++) {
    if(i || r->summary)
      putc('\n', out);
    page_story(&p, r->stories[i], "");
  }
  if(r->more)
    fprintf(out, "\n%lu more races are not drawn.\n", r->more);
  if(r->error)
    fprintf(out, "  %s\n", r->error);
  if(r->alone) {
    putc('\n', out);
    page_story(&p, r->alone, "libcurl alone: ");
  }
  if(r->alone_error)
    fprintf(out, "  %s\n", r->alone_error);
  if(r->spread || r->asked_history)
    putc('\n', out);
  if(r->spread)
    page_spread(&p, r->spread, "");
  if(r->alone_spread)
    page_spread(&p, r->alone_spread, "libcurl alone: ");
  page_history(&p, r);
  if(r->slo_us)
    page_slo(&p, r);
}
