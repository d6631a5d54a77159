/* SPDX-License-Identifier: MIT */
/* svg_panels.c - pictures of more than one race. */
#include "sentences.h"
#include "svg.h"

#include <string.h>

#define DOTS 2000
#define ROWS 5                  /* over which dots are spread */

static void panel_head(struct svg *s, const char *text)
{
  s->y += 10;
  he_svg_lines(s, "host", 12, 24, text);
}

/* A bar with its name above it, its value at the right. */
static void panel_bar(struct svg *s, const char *class, double percent,
                      const char *name, const char *value)
{
  s->y += 10;
  he_svg_text(s, "fine", "start", "0", s->y + 12, name);
  he_svg_text(s, "badge", "end", "100%", s->y + 12, value);
  fprintf(s->out, "<rect class=\"cell\" x=\"0\" y=\"%.1f\" width=\"100%%\" "
          "height=\"%d\" rx=\"3\"/>\n", s->y + 18, 14);
  if(!strcmp(class, "b4"))
    fprintf(s->out, "<rect class=\"under4\" x=\"0\" y=\"%.1f\" "
            "width=\"%.3f%%\" height=\"14\" rx=\"3\"/>\n", s->y + 18, percent);
  if(percent > 0)
    fprintf(s->out, "<rect class=\"bar %s\" x=\"0\" y=\"%.1f\" "
            "width=\"%.3f%%\" height=\"14\" rx=\"3\"/>\n", class, s->y + 18,
            percent > 0.3 ? percent : 0.3);
  s->y += 34;
}

void he_svg_compare(struct svg *s, const struct he_report *r)
{
  const struct he_story *he = r->stories[0], *alone = r->alone;
  const int64_t a = he_story_span_us(he), b = he_story_span_us(alone);
  const double most = (double)(a > b ? a : b);
  char time[HE_TIME_SIZE], text[64];
  const struct {
    const struct he_story *story;
    const char *class, *name;
    int64_t span;
  } two[] = { { he, "quick", "with curl-he", a },
              { alone, "dota", "libcurl alone", b } };
  panel_head(s, "Time to connect");
  for(size_t i = 0; i < 2; i++) {
    const int64_t us = he_story_connect_us(two[i].story);
    snprintf(text, sizeof(text), "%s%s", us == HE_NEVER_US ?
             "not connected in " : "",
             he_say_time(time, us == HE_NEVER_US ? two[i].span : us));
    panel_bar(s, two[i].class, 100 * (double)(us == HE_NEVER_US ? two[i].span :
                                              us) / most, two[i].name, text);
  }
  s->y += 10;
}

/* -- how times spread -- */

static void spread_marks(struct svg *s, const struct he_spread *d,
                         const struct he_axis *a)
{
  static const unsigned at[] = { 0, 50, 95, 100 };
  for(size_t i = 0; i < 4; i++) {
    const double x = he_axis_at(a, he_spread_at(d, at[i]));
    fprintf(s->out, "<line class=\"mark\" x1=\"%.3f%%\" x2=\"%.3f%%\" "
            "y1=\"%.1f\" y2=\"%.1f\"/>\n", x, x, s->y, s->y + 40);
  }
}

static void spread_strip(struct svg *s, const struct he_spread *d,
                         const struct he_axis *a, const char *name,
                         const char *class)
{
  const size_t each = d->count / DOTS + 1;
  char line[240], text[200];
  snprintf(line, sizeof(line), "%s: %lu of %lu connected", name, d->connected,
           d->races);
  he_svg_lines(s, "what", 7.6, 22, line);
  if(d->count) {
    he_say_spread(text, sizeof(text), d);
    he_svg_lines(s, "fine", 6.8, 18, text);
  }
  s->y += 8;
  fprintf(s->out, "<rect class=\"cell\" x=\"0\" y=\"%.1f\" width=\"100%%\" "
          "height=\"40\" rx=\"3\"/>\n", s->y);
  if(d->count)
    spread_marks(s, d, a);
  for(size_t i = 0; i < d->count; i += each)
    fprintf(s->out, "<circle class=\"%s\" cx=\"%.3f%%\" cy=\"%.1f\" "
            "r=\"4\"/>\n", class, he_axis_at(a, d->times[i]),
            s->y + 8 + (double)(i / each % ROWS) * 6);
  s->y += 44;
}

static void spread_winners(struct svg *s, const struct he_spread *d)
{
  for(size_t i = 0; i < d->nwinners && i < 10; i++) {
    const struct he_won *w = &d->winners[i];
    char name[96], value[48];
    snprintf(name, sizeof(name), "%s %s", he_say_family(w->family),
             w->address);
    snprintf(value, sizeof(value), "won %lu of %lu", w->count, d->races);
    panel_bar(s, w->family == 6 ? "b6" : "b4",
              100 * (double)w->count / (double)d->races, name, value);
  }
}

void he_svg_spread(struct svg *s, const struct he_report *r)
{
  const int64_t one = he_spread_at(r->spread, 100);
  const int64_t two = r->alone_spread ? he_spread_at(r->alone_spread, 100) : 0;
  const int64_t most = one > two ? one : two;
  const struct he_axis a = he_axis_for(most > 0 ? most + most / 25 : 1000, 5);
  panel_head(s, "All connects");
  spread_strip(s, r->spread, &a, r->alone_spread ? "with curl-he" :
               "time to connect", "dot");
  if(r->alone_spread)
    spread_strip(s, r->alone_spread, &a, "libcurl alone", "dota");
  s->y += 4;
  he_svg_axis(s, &a, 0);
  s->y += 26;
  spread_winners(s, r->spread);
  s->y += 10;
}

/* -- a trace -- */

static void summary_families(struct svg *s, const struct he_summary *m)
{
  for(size_t six = 2; six-- > 0;) {
    const double part = m->spread.connected ?
      100 * (double)m->spread.by_family[six] / (double)m->spread.connected : 0;
    char value[48];
    snprintf(value, sizeof(value), "%lu won (%.0f %%)",
             m->spread.by_family[six], part);
    panel_bar(s, six ? "b6" : "b4", part, six ? "IPv6" : "IPv4", value);
  }
}

void he_svg_summary(struct svg *s, const struct he_summary *m)
{
  struct he_silent silent[5];
  const size_t all = he_summary_silent(m, silent, 5);
  char line[480], time[HE_TIME_SIZE], tried[48];
  snprintf(line, sizeof(line), "%lu race%s", m->spread.races,
           m->spread.races == 1 ? "" : "s");
  panel_head(s, line);
  snprintf(line, sizeof(line), "%lu connected, %lu did not, %lu have no end",
           m->spread.connected, m->lost, m->unfinished);
  he_svg_lines(s, "what", 7.6, 20, line);
  if(m->spread.count) {
    he_say_spread(line, sizeof(line), &m->spread);
    he_svg_lines(s, "fine", 6.8, 18, line);
  }
  he_say_time(time, m->saved_us < 0 ? -m->saved_us : m->saved_us);
  snprintf(line, sizeof(line), "%s RFC 8305 without memory: %s in %lu "
           "connects",
           m->saved_us < 0 ? "lost against" : "saved against", time,
           m->compared);
  he_svg_lines(s, "fine", 6.8, 18, line);
  summary_families(s, m);
  for(size_t i = 0; i < all && i < 5; i++) {
    snprintf(line, sizeof(line), "never answered: %s of %s port %d, %s",
             silent[i].known->address, silent[i].host->host,
             silent[i].host->port, he_say_times(tried, sizeof(tried), "tried",
                                                silent[i].known->tries));
    he_svg_lines(s, "fine bad", 6.8, 17, line);
  }
  if(all > 5) {
    snprintf(line, sizeof(line), "never answered: %zu more", all - 5);
    he_svg_lines(s, "fine bad", 6.8, 17, line);
  }
  s->y += 10;
}
