/* SPDX-License-Identifier: MIT */
/* svg_story.c - one race: a lane a lookup or attempt, over one axis. */
#include "../plain.h"
#include "sentences.h"
#include "svg.h"

#include <string.h>

#define NOTE_SIZE 200
#define LANE_LABEL 20
#define LANE_BAR 14
#define LANE_GAP 14
#define SIGN_ROOM 104           /* percent: so that the last sign has room */

struct lane {
  const char *badge;
  const char *badge_class;
  char label[80];
  char note[NOTE_SIZE];
  const char *note_class;
  char detail[NOTE_SIZE];       /* for who points at it */
  int64_t start, end;
  const char *bar;              /* its class */
  const char *sign;
  bool quiet, won, thin;
};

static void lane_asked(const struct he_story *s, const struct he_asked *a,
                       struct lane *l)
{
  memset(l, 0, sizeof(*l));
  l->badge = "DNS";
  l->badge_class = "badge badgeq";
  snprintf(l->label, sizeof(l->label), "%s", he_say_question(a));
  he_say_asked(l->note, sizeof(l->note), a);
  l->note_class = *a->error ? "note failed" : "note";
  l->start = a->start;
  l->end = a->end == HE_NEVER_US ? he_story_span_us(s) : a->end;
  l->bar = "q";
  l->sign = a->end == HE_NEVER_US ? "open" : *a->error ? "failed" : "ended";
  l->quiet = a->end == HE_NEVER_US;
  l->thin = true;
}

static void lane_tried(const struct he_story *s, const struct he_tried *t,
                       struct lane *l)
{
  char note[NOTE_SIZE - 16];
  const bool failed = t->outcome == HE_FAILED;
  memset(l, 0, sizeof(*l));
  l->badge = he_say_family(t->family);
  l->badge_class = t->family == 6 ? "badge badge6" : "badge badge4";
  he_story_bare(l->label, sizeof(l->label), t->address);
  he_say_tried(note, sizeof(note), s, t);
  snprintf(l->note, sizeof(l->note), "%s%s", t->won ? "winner, " : "", note);
  l->note_class = t->won ? "note won" : failed ? "note failed" : "note";
  he_say_start(l->detail, sizeof(l->detail), t);
  l->start = t->start;
  l->end = t->end == HE_NEVER_US ? he_story_span_us(s) : t->end;
  l->bar = t->family == 6 ? "b6" : "b4";
  l->won = t->won;
  l->quiet = !failed && t->outcome != HE_CONNECTED;
  l->sign = t->won ? "won" : failed ? "failed" : l->quiet ? "open" : "ended";
}

/* Does the note stand beside the label, where it is narrow? */
static bool lane_is_short(const struct lane *l)
{
  return 44 + he_svg_wide(l->label, 7.3) + he_svg_wide(l->note, 6.6) <
         HE_SVG_NARROW - 12;
}

static double lane_height(const struct lane *l)
{
  return LANE_LABEL + LANE_BAR + LANE_GAP + (lane_is_short(l) ? 0 : 16);
}

static void lane_bar(struct svg *s, const struct lane *l,
                     const struct he_axis *a, double y)
{
  const double from = he_axis_at(a, l->start);
  const double wide = he_axis_at(a, l->end) - from;
  const int high = l->thin ? 6 : LANE_BAR;
  y += (LANE_BAR - high) / 2.0;
  if(!strcmp(l->bar, "b4"))
    fprintf(s->out, "<rect class=\"under4\" x=\"%.3f%%\" y=\"%.1f\" "
            "width=\"%.3f%%\" height=\"%d\" rx=\"3\"/>\n", from, y, wide,
            high);
  fprintf(s->out, "<rect class=\"bar %s%s\" x=\"%.3f%%\" y=\"%.1f\" "
          "width=\"%.3f%%\" height=\"%d\" rx=\"3\"/>\n", l->bar,
          l->quiet ? " quiet" : "", from, y, wide > 0.2 ? wide : 0.2, high);
  if(l->won)
    fprintf(s->out, "<rect class=\"winner\" x=\"%.3f%%\" y=\"%.1f\" "
            "width=\"%.3f%%\" height=\"%d\" rx=\"5\"/>\n", from, y - 3,
            wide > 0.2 ? wide : 0.2, high + 6);
  he_svg_sign(s, l->sign, from + wide, y + high / 2.0);
}

static void lane_draw(struct svg *s, const struct lane *l,
                      const struct he_axis *a)
{
  const double top = s->y;
  fputs("<g class=\"lane\"><title>", s->out);
  he_put_xml(s->out, l->label);
  fputs(": ", s->out);
  he_put_xml(s->out, l->note);
  if(*l->detail)
    fputs("; ", s->out);
  he_put_xml(s->out, l->detail);
  fputs("</title>\n", s->out);
  he_svg_text(s, l->badge_class, "start", "0", top + 12, l->badge);
  he_svg_text(s, "mono", "start", "36", top + 12, l->label);
  if(lane_is_short(l))
    he_svg_text(s, l->note_class, "end", "100%", top + 12, l->note);
  else
    he_svg_text(s, l->note_class, "start", "0",
                top + LANE_LABEL + LANE_BAR + 15, l->note);
  lane_bar(s, l, a, top + LANE_LABEL);
  fputs("</g>\n", s->out);
  s->y += lane_height(l);
}

/* The moment of the connection, through all lanes. */
static void story_now(struct svg *s, const struct he_story *story,
                      const struct he_axis *a, double height)
{
  const int64_t us = he_story_connect_us(story);
  const double at = he_axis_at(a, us);
  char x[24], time[HE_TIME_SIZE];
  if(us == HE_NEVER_US)
    return;
  snprintf(x, sizeof(x), "%.3f%%", at);
  fprintf(s->out, "<line class=\"now\" x1=\"%s\" x2=\"%s\" y1=\"%.1f\" "
          "y2=\"%.1f\"/>\n", x, x, s->y + 18, s->y + 18 + height);
  he_svg_text(s, "at", at > 88 ? "end" : at < 12 ? "start" : "middle", x,
              s->y + 13, he_say_time(time, us));
}

static void story_head(struct svg *s, const struct he_story *story,
                       const char *whose)
{
  char line[640], what[400];
  s->y += 10;
  snprintf(line, sizeof(line), "%s%s port %d", whose, story->host,
           story->port);
  he_svg_lines(s, "host", 12, 24, line);
  he_say_story(what, sizeof(what), story);
  he_svg_lines(s, he_story_is_lost(story) ? "what bad" : "what", 7.6, 20,
               what);
  if(*story->id) {
    snprintf(line, sizeof(line), "race %s%s%s%s%s", story->id,
             *story->program ? " of " : "", story->program,
             *story->wall ? ", " : "", story->wall);
    he_svg_lines(s, "fine", 7, 17, line);
  }
}

static size_t story_lanes(const struct he_story *story, struct lane *lanes)
{
  size_t n = 0;
  for(size_t i = 0; i < story->nasked; i++)
    lane_asked(story, &story->asked[i], &lanes[n++]);
  for(size_t i = 0; i < story->ntried; i++)
    lane_tried(story, &story->tried[i], &lanes[n++]);
  return n;
}

static void story_foot(struct svg *s, const struct he_story *story,
                       const char *error)
{
  char line[480], delays[400];
  he_say_delays(delays, sizeof(delays), story);
  snprintf(line, sizeof(line), "Connection Attempt Delay: %s", delays);
  if(*delays)
    he_svg_lines(s, "fine", 7, 17, line);
  for(size_t i = 0; i < story->nasides; i++) {
    snprintf(line, sizeof(line), "curl-he stood aside: %s",
             story->asides[i].text);
    he_svg_lines(s, "fine", 7, 17, line);
  }
  if(story->left_out) {
    snprintf(line, sizeof(line), "%u more steps are not shown",
             story->left_out);
    he_svg_lines(s, "fine", 7, 17, line);
  }
  if(error)
    he_svg_lines(s, "fine bad", 7, 17, error);
}

void he_svg_story(struct svg *s, const struct he_story *story,
                  const char *whose, const char *error)
{
  static struct lane lanes[HE_STORY_LOOKUPS + HE_STORY_ATTEMPTS];
  const size_t n = story_lanes(story, lanes);
  const int64_t span = he_story_span_us(story);
  const struct he_axis a = he_axis_for(span + span * (SIGN_ROOM - 100) / 100,
                                       5);
  double height = 8;
  story_head(s, story, whose);
  for(size_t i = 0; i < n; i++)
    height += lane_height(&lanes[i]);
  s->y += 8;
  if(n) {
    const double top = s->y;
    s->y += 18 + height;
    he_svg_axis(s, &a, height);
    s->y = top;
    story_now(s, story, &a, height);
    s->y += 26;
    for(size_t i = 0; i < n; i++)
      lane_draw(s, &lanes[i], &a);
    s->y = top + 18 + height + 24;
  }
  story_foot(s, story, error);
  s->y += 12;
}
