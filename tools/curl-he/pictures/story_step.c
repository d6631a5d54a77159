/* SPDX-License-Identifier: MIT */
/* story_step.c - a story by the steps of the API. */
#include "story.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int step_family(int family)
{
  return family == AF_INET6 ? 6 : family == AF_INET ? 4 : 0;
}

/* A later curl-he may have more of them. */
static const char *step_origin(long origin)
{
  static const char *const names[] = { NULL, "query", "cache", "remembered",
                                       "given", "hint" };
  return origin > 0 && origin < 6 ? names[origin] : NULL;
}

static const char *step_why(long why)
{
  static const char *const names[] = { "cold", "network", "learned", "rule" };
  return why >= 0 && why < 4 ? names[why] : NULL;
}

void he_story_step(struct he_moment *m, const struct curl_he_step *step,
                   char *error, size_t size)
{
  memset(m, 0, sizeof(*m));
  m->step = step->step;
  m->family = step_family(step->family);
  m->libcurls = step->libcurls;
  m->time_us = step->time_us;
  m->count = step->count;
  m->delay_ms = -1;
  if(step->step == CURL_HE_STEP_START && step->delay_ms) {
    m->delay_ms = step->delay_ms;
    m->why = step_why(step->delay_why);
  }
  m->origin = step_origin(step->origin);
  m->address = step->address;
  m->local = step->local;
  m->text = step->text;
  if(step->error) {
    snprintf(error, size, "%s", step->error == CURL_HE_EAI_UNPROVEN ?
             "The resolver could not prove who it is" :
             step->step == CURL_HE_STEP_ANSWER ? gai_strerror(step->error) :
             strerror(step->error));
    m->error = error;
    m->code = step->step == CURL_HE_STEP_ANSWER ? 0 : step->error;
  }
}
