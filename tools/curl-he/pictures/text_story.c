/* SPDX-License-Identifier: MIT */
/* text_story.c - a race, as bars.
 *
 *   s6.lab.test port 443: connected in 191.3 ms, over IPv4, to 198.19.6.2
 *                          0    50   100  150  200 ms
 *     ask AAAA             ====                       1 address after 20.3 ms
 *     IPv6 3fff:106::1         ################>      no answer in 170.9 ms
 *     IPv4 198.19.6.2                       +++*      connected, won
 *
 * IPv6 and IPv4 have different strokes, so that no colour is needed. A label
 * that is too long has a line of its own. */
#include "../plain.h"
#include "sentences.h"
#include "text.h"

#include <string.h>

#define LABEL_MAX 24
#define NOTE_SIZE 160

enum stroke { ASK, SIX, FOUR, STROKES };

struct style {
  const char *bar[STROKES];
  const char *won, *failed, *ended, *open;
};

static const struct style ascii = {
  { "-", "=", "+" }, "*", "x", "|", ">"
};
static const struct style utf8 = {
  { "─", "█", "▒" }, "★", "✗", "┤", "▷"
};
static const char *const colours[STROKES] = { "35", "34", "33" };

struct page {
  struct he_text text;
  const struct style *style;
  struct he_axis axis;
  size_t label;                 /* columns */
  size_t bar;
};

static void page_spaces(const struct page *p, size_t n)
{
  fprintf(p->text.out, "%*s", (int)n, "");
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
  fprintf(p->text.out, "  %s", b->label);
  if(wide > p->label)
    fputs("\n  ", p->text.out);
  page_spaces(p, (wide > p->label ? p->label : p->label - wide) + 1 + from);
  he_text_colour(&p->text, colours[b->stroke]);
  for(size_t i = from; i < to; i++)
    fputs(p->style->bar[b->stroke], p->text.out);
  he_text_colour(&p->text, b->colour);
  fputs(b->mark, p->text.out);
  he_text_colour(&p->text, "0");
  page_spaces(p, p->bar - 1 - to);
  he_text_colour(&p->text, b->colour);
  fprintf(p->text.out, " %s", b->note);
  he_text_colour(&p->text, "0");
  putc('\n', p->text.out);
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
  p->bar = p->text.t->columns > label + note + 4 + least ?
           p->text.t->columns - label - note - 4 : least;
}

static void page_ticks(const struct page *p)
{
  const bool seconds = p->axis.span >= 10000000;
  size_t at = 0, used = 0;
  page_spaces(p, p->label + 3);
  for(int64_t us = 0; us <= p->axis.span; us += p->axis.step) {
    char text[48];
    const bool last = us + p->axis.step > p->axis.span;
    snprintf(text, sizeof(text), "%g%s", (double)us / (seconds ? 1e6 : 1e3),
             !last ? "" : seconds ? " s" : " ms");
    at = page_at(p, us);
    if(at < used || (used && at == used))
      continue;
    page_spaces(p, at - used);
    fputs(text, p->text.out);
    used = at + strlen(text);
  }
  putc('\n', p->text.out);
}

void he_text_story(const struct he_text *text, const struct he_story *s,
                   const char *whose)
{
  struct page p = { .text = *text, .style = text->t->utf8 ? &utf8 : &ascii };
  static struct bar bars[HE_STORY_LOOKUPS + HE_STORY_ATTEMPTS];
  char what[400], line[800];
  const size_t n = page_bars(&p, s, bars);
  he_say_story(what, sizeof(what), s);
  snprintf(line, sizeof(line), "%s%s port %d: %s", whose, s->host, s->port,
           what);
  he_text_heading(text, line);
  if(*s->id)
    fprintf(text->out, "  race %s%s%s%s%s\n", s->id, *s->program ? " of " : "",
            s->program, *s->wall ? ", " : "", s->wall);
  if(n) {
    page_fit(&p, bars, n);
    p.axis = he_axis_for(he_story_span_us(s), (unsigned)(p.bar / 8));
    page_ticks(&p);
  }
  for(size_t i = 0; i < n; i++)
    page_bar(&p, &bars[i]);
  he_say_delays(what, sizeof(what), s);
  if(*what)
    fprintf(text->out, "  Connection Attempt Delay: %s\n", what);
  for(size_t i = 0; i < s->nasides; i++)
    fprintf(text->out, "  curl-he stood aside: %s\n", s->asides[i].text);
  if(s->left_out)
    fprintf(text->out, "  %u more steps are not shown\n", s->left_out);
}
