/* SPDX-License-Identifier: MIT */
#include "curl/figures.h"
#include "base/words.h"
#include "dial/outcome.h"
#include "resolve/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* -- steps -- */

/* A step's number is that of the public header. */
#define SAME_STEP(name) \
  _Static_assert((int)CURL_HE_STEP_##name == (int)HE_STEP_##name, #name);
HE_STEP_TABLE(SAME_STEP)

/* And so are reasons and origins. */
_Static_assert((int)CURL_HE_DELAY_COLD == (int)HE_DELAY_COLD &&
               (int)CURL_HE_DELAY_NETWORK == (int)HE_DELAY_NETWORK &&
               (int)CURL_HE_DELAY_LEARNED == (int)HE_DELAY_LEARNED &&
               (int)CURL_HE_DELAY_RULE == (int)HE_DELAY_RULE, "delays");
_Static_assert((int)CURL_HE_ORIGIN_UNKNOWN == (int)HE_ORIGIN_UNKNOWN &&
               (int)CURL_HE_ORIGIN_QUERY == (int)HE_ORIGIN_QUERY &&
               (int)CURL_HE_ORIGIN_CACHE == (int)HE_ORIGIN_CACHE &&
               (int)CURL_HE_ORIGIN_REMEMBERED == (int)HE_ORIGIN_REMEMBERED &&
               (int)CURL_HE_ORIGIN_GIVEN == (int)HE_ORIGIN_GIVEN &&
               (int)CURL_HE_ORIGIN_HINT == (int)HE_ORIGIN_HINT, "origins");

void he_figures_publish(const struct he_step *s, uint64_t network,
                        struct curl_he_step *out, char address[HE_ADDR_TEXT])
{
  memset(out, 0, sizeof(*out));
  out->step = (CURLHEstep)s->kind;
  if(s->has_family)
    out->family = s->family == HE_IPV4 ? AF_INET : AF_INET6;
  out->libcurls = s->native;
  out->time_us = (curl_off_t)s->at_us;
  if(s->has_addr)
    out->address = he_addr_format(&s->addr, address);
  out->network = network;
  out->origin = s->origin;
  if(s->kind == HE_STEP_ASIDE)
    out->text = s->text;
  else if(s->kind == HE_STEP_START) {
    out->delay_ms = (long)s->delay_ms;
    out->delay_why = s->why;
  }
  else {
    out->error = s->error;
    out->count = s->count;
  }
}

/* -- figures -- */

_Static_assert(CURL_HE_EAI_UNPROVEN == HE_EAI_UNPROVEN, "errors");

CURLHEcode he_figures_resolver(const struct he_figures *t)
{
  for(size_t i = 0; i < t->n; i++) {
    if(t->steps[i].kind == HE_STEP_ANSWER &&
       t->steps[i].error == HE_EAI_UNPROVEN)
      return CURL_HE_RESOLVER_UNPROVEN;
  }
  return CURL_HE_OK;
}

const struct he_step *he_figures_find(const struct he_figures *t,
                                      enum he_step_kind kind)
{
  for(size_t i = 0; i < t->n; i++) {
    if(t->steps[i].kind == kind)
      return &t->steps[i];
  }
  return NULL;
}

const struct he_step *he_figures_winner(const struct he_figures *t)
{
  for(size_t i = t->n; i-- > 0;) {
    if(t->steps[i].kind == HE_STEP_WON)
      return &t->steps[i];
    if(t->steps[i].kind == HE_STEP_LOST)
      return NULL;
  }
  return NULL;
}

long he_figures_attempts(const struct he_figures *t)
{
  long count = 0;
  for(size_t i = 0; i < t->n; i++)
    count += t->steps[i].kind == HE_STEP_START;
  return count;
}

curl_off_t he_figures_connect_time(const struct he_figures *t)
{
  const struct he_step *first = he_figures_find(t, HE_STEP_START);
  const struct he_step *won = he_figures_winner(t);
  for(size_t i = 0; first && won && i < t->n; i++) {
    if(t->steps[i].kind == HE_STEP_CONNECTED &&
       he_addr_equal(&t->steps[i].addr, &won->addr))
      return (curl_off_t)(t->steps[i].at_us - first->at_us);
  }
  return 0;
}

/* where curl-he asked before anything was tried */
curl_off_t he_figures_resolve_time(const struct he_figures *t)
{
  const struct he_step *asked = he_figures_find(t, HE_STEP_RESOLVE);
  const struct he_step *first = he_figures_find(t, HE_STEP_START);
  return asked && first && asked < first ?
         (curl_off_t)(first->at_us - asked->at_us) : 0;
}

/* Is it a failure? *error: an errno value, 0: not known. */
static bool is_failure(const struct he_figures *t, size_t i, bool late,
                       int *error)
{
  const struct he_step *s = &t->steps[i];
  if(s->kind == HE_STEP_START) {
    *error = ETIMEDOUT;
    return late && he_dial_outcome_ran_on(t->steps, t->n, i);
  }
  *error = s->error;
  return s->kind == HE_STEP_FAILED || s->kind == HE_STEP_TIMED_OUT;
}

typedef const char *(*namer)(const struct he_addr *a, char buf[HE_ADDR_TEXT]);

static char *failures(const struct he_figures *t, bool late, namer name)
{
  char address[HE_ADDR_TEXT], why[HE_WORDS], *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  const char *between = "";
  for(size_t i = 0; f && i < t->n; i++) {
    int error;
    if(!is_failure(t, i, late, &error))
      continue;
    fprintf(f, "%s%s: %s", between, name(&t->steps[i].addr, address),
            error ? he_errno_words(error, why) : "unknown reason");
    between = "; ";
  }
  if(f && fclose(f)) {
    free(text);
    text = NULL;
  }
  return text;
}

char *he_figures_failures(const struct he_figures *t)
{
  return failures(t, false, he_addr_text);
}

char *he_figures_failures_at(const struct he_figures *t, bool late)
{
  return failures(t, late, he_addr_format);
}

void *he_figures_race(const struct he_figures *t, struct curl_he_steps *out)
{
  const char *host = t->host ? t->host : "";
  const size_t addresses = t->n * sizeof(struct curl_he_step);
  const size_t name = addresses + t->n * HE_ADDR_TEXT;
  char *all = malloc(name + strlen(host) + 1);
  struct curl_he_step *steps = (struct curl_he_step *)all;
  if(!all)
    return NULL;
  for(size_t i = 0; i < t->n; i++)
    he_figures_publish(&t->steps[i], t->network, &steps[i],
                       all + addresses + i * HE_ADDR_TEXT);
  strcpy(all + name, host);
  out->host = t->host ? all + name : NULL;
  out->port = t->port;
  out->count = t->n;
  out->steps = steps;
  return all;
}
