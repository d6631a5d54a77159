/* SPDX-License-Identifier: MIT */
/* reading.c - the races in the making are in a list, the one that was told of
 * last in front, and in a table by the hash of their names. */
#include "reading.h"
#include "line.h"
#include "../plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024
#define PROCESSES 64

struct making {
  struct he_story story;
  struct making *before, *after;    /* of the list */
  struct making *next;              /* of the bucket */
  size_t bucket;
};

struct process {
  long pid;
  char program[64];
};

struct reading {
  const struct he_reader *r;
  struct making *first, *last;
  struct making *buckets[BUCKETS];
  size_t count;
  struct process processes[PROCESSES];
  size_t nprocesses;
  int error;
};

/* -- the list -- */

static void reading_unlink(struct reading *d, struct making *m)
{
  if(m->before)
    m->before->after = m->after;
  else
    d->first = m->after;
  if(m->after)
    m->after->before = m->before;
  else
    d->last = m->before;
}

static void reading_front(struct reading *d, struct making *m)
{
  m->before = NULL;
  m->after = d->first;
  if(d->first)
    d->first->before = m;
  else
    d->last = m;
  d->first = m;
}

static size_t reading_bucket(const char *id)
{
  uint32_t h = 2166136261u;
  for(; *id; id++)
    h = (h ^ (unsigned char)*id) * 16777619u;
  return h % BUCKETS;
}

/* The longest silent one is told to its end; it is out of list and table. */
static struct making *reading_finish(struct reading *d)
{
  struct making *m = d->last;
  struct making **at = &d->buckets[m->bucket];
  while(*at != m)
    at = &(*at)->next;
  *at = m->next;
  reading_unlink(d, m);
  d->count--;
  if(!d->error && !d->r->take(&m->story, d->r->data))
    d->error = ECANCELED;
  return m;
}

/* -- processes -- */

static void reading_process(struct reading *d, const struct he_line *l)
{
  size_t i = 0;
  while(i < d->nprocesses && d->processes[i].pid != l->pid)
    i++;
  if(i == PROCESSES)
    i = (size_t)l->pid % PROCESSES;
  else if(i == d->nprocesses)
    d->nprocesses++;
  d->processes[i].pid = l->pid;
  he_plain_string(d->processes[i].program, sizeof(d->processes[i].program),
                  l->program);
}

static const char *reading_program(const struct reading *d, long pid)
{
  for(size_t i = 0; i < d->nprocesses; i++) {
    if(d->processes[i].pid == pid)
      return d->processes[i].program;
  }
  return "";
}

/* -- races -- */

static struct making *reading_begin(struct reading *d, const char *id,
                                    size_t bucket, const struct he_line *l)
{
  struct making *m = d->count == HE_READING_OPEN ? reading_finish(d) :
                     malloc(sizeof(*m));
  if(!m) {
    d->error = ENOMEM;
    return NULL;
  }
  he_story_init(&m->story, l->host, l->port);
  snprintf(m->story.id, sizeof(m->story.id), "%s", id);
  m->story.pid = l->pid;
  snprintf(m->story.program, sizeof(m->story.program), "%s",
           reading_program(d, l->pid));
  he_plain_string(m->story.wall, sizeof(m->story.wall), l->wall);
  he_plain_string(m->story.network, sizeof(m->story.network), l->network);
  m->story.began_us = l->mono_us > l->moment.time_us ?
                      l->mono_us - l->moment.time_us : 0;
  m->bucket = bucket;
  m->next = d->buckets[bucket];
  d->buckets[bucket] = m;
  d->count++;
  reading_front(d, m);
  return m;
}

static void reading_step(struct reading *d, const struct he_line *l)
{
  char id[sizeof(d->first->story.id)];
  struct making *m;
  size_t bucket;
  he_plain_string(id, sizeof(id), l->race);
  bucket = reading_bucket(id);
  m = d->buckets[bucket];
  while(m && strcmp(m->story.id, id))
    m = m->next;
  if(m) {
    reading_unlink(d, m);
    reading_front(d, m);
  }
  else
    m = reading_begin(d, id, bucket, l);
  if(m)
    he_story_tell(&m->story, &l->moment);
}

/* -- lines -- */

static void reading_damaged(struct reading *d, const char *why)
{
  struct he_summary *s = d->r->summary;
  if(!s->damaged++)
    s->first_damaged = s->lines;
  if(d->r->damaged)
    d->r->damaged(s->lines, why, d->r->data);
}

static void reading_line(struct reading *d, const char *text, size_t len)
{
  struct he_line l;
  he_line_read(&l, text, len);
  switch(l.kind) {
  case HE_LINE_STEP:
    reading_step(d, &l);
    break;
  case HE_LINE_PROCESS:
    reading_process(d, &l);
    break;
  case HE_LINE_MISTAKE:
    d->r->summary->mistakes++;
    break;
  case HE_LINE_DROPPED:
    d->r->summary->dropped += l.count;
    break;
  case HE_LINE_OTHER:
    break;
  case HE_LINE_DAMAGED:
    reading_damaged(d, l.why);
    break;
  }
  he_line_free(&l);
}

/* Reads one line into `text`. *len is beyond HE_LINE_MAX for a line that is
   too long: its rest was skipped. False: the end. */
static bool reading_next(FILE *in, char *text, size_t *len)
{
  int c;
  *len = 0;
  while((c = getc_unlocked(in)) != EOF && c != '\n') {
    if(*len < HE_LINE_MAX)
      text[*len] = (char)c;
    if(*len <= HE_LINE_MAX)
      ++*len;
  }
  return c != EOF || *len;
}

int he_reading_run(FILE *in, const struct he_reader *r)
{
  struct reading d;
  char text[HE_LINE_MAX];
  size_t len;
  memset(&d, 0, sizeof(d));
  d.r = r;
  errno = 0;
  while(!d.error && reading_next(in, text, &len)) {
    r->summary->lines++;
    if(len > HE_LINE_MAX)
      reading_damaged(&d, "it is too long");
    else if(len)
      reading_line(&d, text, len);
  }
  if(!d.error && ferror(in))
    d.error = errno ? errno : EIO;
  while(d.last)
    free(reading_finish(&d));
  return d.error;
}
