/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define PID_MAX 2147483647L
#define COUNT_MAX 1000000000L
#define ERRNO_MAX 4095
#define DELAY_MAX 600000
#define MONO_MAX ((json_int_t)1 << 60)

static void line_damaged(struct he_line *l, const char *why)
{
  if(l->kind != HE_LINE_DAMAGED)
    l->why = why;
  l->kind = HE_LINE_DAMAGED;
}

/* The string of a key, or NULL. */
static const char *line_word(struct he_line *l, const char *key)
{
  const json_t *value = json_object_get(l->root, key);
  if(value && !json_is_string(value))
    line_damaged(l, "a value is no string that has to be one");
  return json_string_value(value);
}

/* The number of a key, or `none`. */
static json_int_t line_number(struct he_line *l, const char *key,
                              json_int_t least, json_int_t most,
                              json_int_t none)
{
  const json_t *value = json_object_get(l->root, key);
  const json_int_t n = json_integer_value(value);
  if(!value)
    return none;
  if(!json_is_integer(value) || n < least || n > most) {
    line_damaged(l, "a number is none, or out of bounds");
    return none;
  }
  return n;
}

/* Words for an error: those of this machine where there is a number. */
static void line_error(struct he_line *l)
{
  const int code = (int)line_number(l, "errno", 0, ERRNO_MAX, 0);
  const int eai = (int)line_number(l, "eai", -ERRNO_MAX, ERRNO_MAX, 0);
  l->moment.error = line_word(l, "error");
  l->moment.code = code;
  if(code || eai) {
    snprintf(l->error, sizeof(l->error), "%s", code ? strerror(code) :
             gai_strerror(eai));
    l->moment.error = l->error;
  }
}

static void line_step(struct he_line *l, int step)
{
  struct he_moment *m = &l->moment;
  const char *by = line_word(l, "by");
  const json_int_t family = line_number(l, "family", 4, 6, 0);
  l->kind = HE_LINE_STEP;
  m->step = (CURLHEstep)step;
  m->family = family == 5 ? 0 : (int)family;
  m->libcurls = by && !strcmp(by, "libcurl");
  m->time_us = line_number(l, "time_us", 0, HE_STORY_LONGEST_US, 0);
  m->count = (unsigned)line_number(l, "count", 0, 65535, 0);
  m->delay_ms = line_number(l, "delay_ms", 0, DELAY_MAX, -1);
  m->why = line_word(l, "delay_why");
  m->origin = line_word(l, "origin");
  m->address = line_word(l, "remote");
  m->local = line_word(l, "local");
  m->text = line_word(l, "text");
  line_error(l);
  l->race = line_word(l, "race");
  if(!l->race || !*l->race)
    line_damaged(l, "it is a step of no race");
  if(step == CURL_HE_STEP_START && !m->address)
    line_damaged(l, "an attempt has no address");
}

static void line_event(struct he_line *l, const char *event)
{
  const int step = he_step_named(event);
  if(step >= 0)
    line_step(l, step);
  else if(!strcmp(event, "trace"))
    l->kind = HE_LINE_PROCESS;
  else if(!strcmp(event, "mistake"))
    l->kind = HE_LINE_MISTAKE;
  else if(!strcmp(event, "dropped"))
    l->kind = HE_LINE_DROPPED;
}

void he_line_read(struct he_line *l, const char *text, size_t len)
{
  json_error_t error;
  const char *event;
  memset(l, 0, sizeof(*l));
  l->kind = HE_LINE_OTHER;
  l->root = json_loadb(text, len, 0, &error);
  if(!json_is_object(l->root)) {
    line_damaged(l, "it is no JSON object");
    return;
  }
  if(line_number(l, "v", 1, 1000, 0) > 1)
    return;
  event = line_word(l, "event");
  if(!event || !json_object_get(l->root, "v")) {
    line_damaged(l, "it is no line of a trace");
    return;
  }
  line_event(l, event);
  l->host = line_word(l, "host");
  l->port = (int)line_number(l, "port", 0, 65535, 0);
  l->pid = (long)line_number(l, "pid", 0, PID_MAX, 0);
  l->wall = line_word(l, "wall");
  l->mono_us = line_number(l, "mono_us", 0, MONO_MAX, 0);
  l->program = line_word(l, "program");
  l->network = line_word(l, "network");
  if(l->kind == HE_LINE_DROPPED)
    l->count = (unsigned long)line_number(l, "count", 0, COUNT_MAX, 1);
}

void he_line_free(struct he_line *l)
{
  json_decref(l->root);
  l->root = NULL;
}
