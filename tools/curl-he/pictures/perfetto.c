/* SPDX-License-Identifier: MIT */
/* perfetto.c - complete events ("X") of a track must not overlap, unless one
 * holds the other: so things that overlap go to tracks of their own. */
#include "perfetto.h"
#include "sentences.h"

#include <jansson.h>
#include <string.h>

#define LANES (1 + HE_STORY_LOOKUPS + HE_STORY_ATTEMPTS)
#define TRACKS 128              /* numbers that a race has for its tracks */

struct track {
  json_int_t pid, first;        /* the number of its first track */
  int64_t busy[LANES];          /* until when; each lane but the race's own */
  size_t lanes;
};

static void perfetto_put(struct he_perfetto *p, json_t *event)
{
  if(!event) {
    p->failed = true;
    return;
  }
  fputs(p->begun ? ",\n" : "", p->out);
  p->begun = true;
  if(json_dumpf(event, p->out, JSON_COMPACT) && !ferror(p->out))
    p->failed = true;
  json_decref(event);
}

static void perfetto_name(struct he_perfetto *p, const char *what,
                          json_int_t pid, json_int_t tid, const char *name)
{
  perfetto_put(p, json_pack("{s:s,s:s,s:I,s:I,s:{s:s}}", "ph", "M", "name",
                            what, "pid", pid, "tid", tid, "args", "name",
                            name));
}

static void perfetto_process(struct he_perfetto *p, const struct he_story *s)
{
  char name[96];
  for(size_t i = 0; i < p->nnamed; i++) {
    if(p->named[i] == s->pid)
      return;
  }
  if(p->nnamed < HE_PERFETTO_PROCESSES)
    p->named[p->nnamed++] = s->pid;
  snprintf(name, sizeof(name), "%s", *s->program ? s->program : "a program");
  perfetto_name(p, "process_name", s->pid, 0, name);
}

/* A thing that has a begin and an end. */
static void perfetto_span(struct he_perfetto *p, const struct he_story *s,
                          json_int_t tid, const char *name, const char *kind,
                          int64_t start, int64_t end, const char *outcome)
{
  perfetto_put(p, json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:{s:s,s:s,s:s}}",
                            "ph", "X", "name", name, "cat", kind, "pid",
                            (json_int_t)s->pid, "tid", tid, "ts",
                            (json_int_t)(s->began_us + start), "dur",
                            (json_int_t)(end - start), "args", "race", s->id,
                            "host", s->host, "outcome", outcome));
}

/* The first lane that is free; one more where none is. */
static json_int_t track_lane(struct he_perfetto *p, const struct he_story *s,
                             struct track *t, int64_t start, int64_t end)
{
  char name[400];
  size_t i = 1;
  while(i < t->lanes && t->busy[i] > start)
    i++;
  t->busy[i] = end;
  if(i == t->lanes) {
    t->lanes++;
    snprintf(name, sizeof(name), "%s port %d, beside %zu", s->host, s->port,
             i);
    perfetto_name(p, "thread_name", t->pid, t->first + (json_int_t)i, name);
  }
  return t->first + (json_int_t)i;
}

static void perfetto_asked(struct he_perfetto *p, const struct he_story *s,
                           struct track *t)
{
  for(size_t i = 0; i < s->nasked; i++) {
    const struct he_asked *a = &s->asked[i];
    const int64_t end = a->end == HE_NEVER_US ? he_story_span_us(s) : a->end;
    char name[64], text[200];
    snprintf(name, sizeof(name), "DNS %s", he_say_question(a));
    he_say_asked(text, sizeof(text), a);
    perfetto_span(p, s, track_lane(p, s, t, a->start, end), name, "lookup",
                  a->start, end, text);
  }
}

static void perfetto_tried(struct he_perfetto *p, const struct he_story *s,
                           struct track *t)
{
  for(size_t i = 0; i < s->ntried; i++) {
    const struct he_tried *a = &s->tried[i];
    const int64_t end = a->end == HE_NEVER_US ? he_story_span_us(s) : a->end;
    char name[128], text[200];
    snprintf(name, sizeof(name), "%s %s%s", he_say_family(a->family),
             a->address, a->won ? " (winner)" : "");
    he_say_tried(text, sizeof(text), s, a);
    perfetto_span(p, s, track_lane(p, s, t, a->start, end), name, "attempt",
                  a->start, end, text);
  }
}

void he_perfetto_begin(struct he_perfetto *p, FILE *out)
{
  memset(p, 0, sizeof(*p));
  p->out = out;
  fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", out);
}

void he_perfetto_story(struct he_perfetto *p, const struct he_story *s)
{
  struct track t = { .pid = s->pid, .lanes = 1 };
  char name[400], text[400];
  t.first = (json_int_t)(++p->races * TRACKS);
  perfetto_process(p, s);
  snprintf(name, sizeof(name), "%s port %d, race %s", s->host, s->port, s->id);
  perfetto_name(p, "thread_name", t.pid, t.first, name);
  he_say_story(text, sizeof(text), s);
  snprintf(name, sizeof(name), "race to %s port %d", s->host, s->port);
  perfetto_span(p, s, t.first, name, "race", 0, he_story_span_us(s), text);
  perfetto_asked(p, s, &t);
  perfetto_tried(p, s, &t);
}

bool he_perfetto_end(struct he_perfetto *p)
{
  fputs("\n]}\n", p->out);
  return !p->failed;
}
