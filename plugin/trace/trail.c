/* SPDX-License-Identifier: MIT */
/* trail.c - from a step to a line. */
#include "trace/trail.h"
#include "base/clock.h"
#include "trace/errors.h"
#include "trace/stamp.h"
#include "trace/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct he_trail {
  unsigned refs;              /* atomic */
  pid_t process;              /* where it was made; this and the next one:
                                 constant */
  struct he_sink *sink;
  uint64_t number;            /* 0: nothing was told yet */
  struct he_addr remote;      /* of the last one that connected, */
  struct he_addr local;       /* valid where its port is not 0 */
  /* for stderr: */
  struct he_trace steps;      /* those of a timeline that is to come */
  bool over;                  /* it was printed */
  uint16_t port;              /* this and the next valid with the first step */
  char *host;
};

static uint64_t races;        /* atomic: with a number */
static int trails;            /* atomic: alive, of the next one */
static pid_t process;         /* atomic; where they are counted */

static const char *const names[] = {
  [HE_STEP_RESOLVE] = "resolve",
  [HE_STEP_ANSWER] = "answer",
  [HE_STEP_START] = "start",
  [HE_STEP_CONNECTED] = "connected",
  [HE_STEP_FAILED] = "failed",
  [HE_STEP_TIMED_OUT] = "timed_out",
  [HE_STEP_CANCELLED] = "cancelled",
  [HE_STEP_GONE] = "gone",
  [HE_STEP_PROVOKED] = "provoked",
  [HE_STEP_HANDED_OVER] = "handed_over",
  [HE_STEP_ASIDE] = "aside",
  [HE_STEP_WON] = "won",
  [HE_STEP_LOST] = "lost",
  [HE_STEP_REMEMBERED] = "remembered",
  [HE_STEP_LOOKUP] = "lookup",
  [HE_STEP_SERVICES] = "services"
};

static const char *const whys[] = {
  [HE_DELAY_COLD] = "cold",
  [HE_DELAY_NETWORK] = "network",
  [HE_DELAY_LEARNED] = "learned",
  [HE_DELAY_RULE] = "rule"
};

static const char *const origins[] = {
  [HE_ORIGIN_UNKNOWN] = NULL,
  [HE_ORIGIN_QUERY] = "query",
  [HE_ORIGIN_CACHE] = "cache",
  [HE_ORIGIN_REMEMBERED] = "remembered",
  [HE_ORIGIN_GIVEN] = "given",
  [HE_ORIGIN_HINT] = "hint"
};

struct he_trail *he_trail_new(struct he_sink *s)
{
  struct he_trail *t = calloc(1, sizeof(*t));
  if(!t)
    return NULL;
  t->refs = 1;
  t->process = getpid();
  t->sink = s;
  he_sink_ref(s);
  /* a child of fork() does not wait for what it has inherited */
  if(__atomic_exchange_n(&process, t->process, __ATOMIC_ACQ_REL) !=
     t->process)
    __atomic_store_n(&trails, 0, __ATOMIC_RELEASE);
  __atomic_add_fetch(&trails, 1, __ATOMIC_RELAXED);
  return t;
}

/* -- a timeline -- */

static void print(struct he_trail *t)
{
  size_t len = 0;
  char *text = t->steps.count && !t->over ?
    he_timeline(t->host, t->port, &t->steps, he_sink_has_colours(t->sink),
                &len) : NULL;
  if(text)
    he_sink_put(t->sink, text, len);
  free(text);
  t->over = true;
  he_trace_clear(&t->steps);
}

static void keep(struct he_trail *t, const struct he_trail_race *r,
                 const struct he_step *s)
{
  if(t->over)
    return;
  if(!t->host) {
    t->host = strdup(r->host ? r->host : "");
    t->port = r->port;
  }
  he_trace_add(&t->steps, s);
  if(s->kind == HE_STEP_WON || s->kind == HE_STEP_LOST)
    print(t);
}

/* -- its life -- */

void he_trail_ref(struct he_trail *t)
{
  __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

void he_trail_unref(struct he_trail *t)
{
  if(!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL))
    return;
  if(t->process == getpid()) {
    print(t);                 /* a race that was given up */
    __atomic_sub_fetch(&trails, 1, __ATOMIC_RELEASE);
  }
  he_trace_clear(&t->steps);
  he_sink_unref(t->sink);
  free(t->host);
  free(t);
}

int he_trail_count(void)
{
  if(__atomic_load_n(&process, __ATOMIC_ACQUIRE) != getpid())
    return 0;
  return __atomic_load_n(&trails, __ATOMIC_ACQUIRE);
}

/* -- a step as a line -- */

static void put_error(struct he_json *j, const struct he_step *s)
{
  char name[HE_ERROR_NAME];
  if(s->kind == HE_STEP_ANSWER && s->error) {
    he_json_number(j, "eai", s->error);
    he_json_text(j, "error", he_error_eai(s->error, name));
  }
  else if(s->error) {
    he_json_number(j, "errno", s->error);
    he_json_text(j, "error", he_error_name(s->error, name));
  }
}

static void put_race(struct he_json *j, struct he_trail *t,
                     const struct he_trail_race *r)
{
  char text[HE_STAMP_RACE];
  if(!t->number)
    t->number = __atomic_add_fetch(&races, 1, __ATOMIC_RELAXED);
  he_stamp_race(t->number, text);
  he_json_text(j, "race", text);
  he_json_text(j, "host", r->host);
  he_json_number(j, "port", r->port);
  if(r->network) {
    snprintf(text, sizeof(text), "%016" PRIx64, r->network);
    he_json_text(j, "network", text);
  }
}

static void put_step(struct he_json *j, const struct he_step *s)
{
  char address[HE_ADDR_TEXT];
  he_json_number(j, "time_us", s->at_us);
  if(s->has_family)
    he_json_number(j, "family", s->family == HE_IPV4 ? 4 : 6);
  if(s->has_addr) {
    he_json_text(j, "by", s->native ? "libcurl" : "curl-he");
    he_json_text(j, "remote", he_addr_format(&s->addr, address));
  }
  if(s->kind == HE_STEP_ANSWER || s->kind == HE_STEP_REMEMBERED ||
     s->kind == HE_STEP_SERVICES)
    he_json_number(j, "count", s->count);
  he_json_text(j, "origin", origins[s->origin]);
  if(s->kind == HE_STEP_ASIDE)
    he_json_text(j, "text", s->text);
  else if(s->kind != HE_STEP_START)
    put_error(j, s);
  else if(s->delay_ms) {
    he_json_number(j, "delay_ms", s->delay_ms);
    he_json_text(j, "delay_why", whys[s->why]);
  }
}

/* A winner's is that of the attempt that connected. */
static void put_local(struct he_json *j, struct he_trail *t,
                      const struct he_step *s, const struct he_addr *local)
{
  char address[HE_ADDR_TEXT];
  if(local && s->kind == HE_STEP_CONNECTED) {
    t->remote = s->addr;
    t->local = *local;
  }
  if(!local && s->has_addr && t->local.port &&
     (s->kind == HE_STEP_WON || s->kind == HE_STEP_HANDED_OVER) &&
     he_addr_equal(&s->addr, &t->remote))
    local = &t->local;
  if(local)
    he_json_text(j, "local", he_addr_format(local, address));
}

void he_trail_tell(struct he_trail *t, const struct he_trail_race *r,
                   const struct he_step *s, const struct he_addr *local)
{
  struct he_json j;
  if(!he_sink_takes(t->sink))
    return;
  if(he_sink_is_stderr(t->sink)) {
    keep(t, r, s);
    return;
  }
  he_stamp_begin(&j, names[s->kind],
                 r->began + (he_time_ns)s->at_us * 1000);
  put_race(&j, t, r);
  put_step(&j, s);
  put_local(&j, t, s, local);
  he_json_end(&j);
  he_sink_put(t->sink, j.at, j.len);
}

void he_trail_mistake(struct he_sink *s, const char *text)
{
  struct he_json j;
  char line[HE_JSON_LINE];
  int n;
  if(he_sink_is_stderr(s)) {
    n = snprintf(line, sizeof(line), "curl-he: %s\n", text);
    if(n > 0 && n < (int)sizeof(line))
      he_sink_put(s, line, (size_t)n);
    return;
  }
  he_stamp_begin(&j, "mistake", he_clock_now());
  he_json_text(&j, "text", text);
  he_json_end(&j);
  he_sink_put(s, j.at, j.len);
}
