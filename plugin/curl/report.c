/* SPDX-License-Identifier: MIT */
/* report.c - steps for the public interface, and the figures drawn from them:
 * the trace is the one record of a race, everything else is computed. */
#include "curl/report.h"
#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct he_report {
  char winner[HE_ADDR_TEXT];
  char *failures;
  struct curl_he_steps race;
  struct curl_he_step *steps;     /* race.steps */
  char (*addresses)[HE_ADDR_TEXT];
  char *host;                     /* race.host */
};

/* A step's number is that of the public header. */
#define SAME_STEP(name) \
  _Static_assert((int)CURL_HE_STEP_##name == (int)HE_STEP_##name, #name);
HE_STEP_TABLE(SAME_STEP)

void he_step_publish(const struct he_step *s, struct curl_he_step *out,
                     char address[HE_ADDR_TEXT])
{
  memset(out, 0, sizeof(*out));
  out->step = (CURLHEstep)s->kind;
  if(s->has_family)
    out->family = s->family == HE_IPV4 ? AF_INET : AF_INET6;
  out->libcurls = s->native;
  out->time_us = (curl_off_t)s->at_us;
  if(s->has_addr)
    out->address = he_addr_format(&s->addr, address);
  if(s->kind == HE_STEP_ASIDE)
    out->text = s->text;
  else {
    out->error = s->error;
    out->count = s->count;
  }
}

void he_step_tell(const struct he_step *s, void *const *fn, CURL *owner,
                  const char *host, uint16_t port, void *data)
{
  struct curl_he_step out;
  char address[HE_ADDR_TEXT];
  curl_he_trace_callback call;
  he_step_publish(s, &out, address);
  memcpy(&call, fn, sizeof(call));
  call(owner, host, port, &out, data);
}

/* -- figures -- */

static const struct he_step *find(const struct he_step *s, size_t n,
                                  enum he_step_kind kind)
{
  for(size_t i = 0; i < n; i++) {
    if(s[i].kind == kind)
      return &s[i];
  }
  return NULL;
}

static long attempts(const struct he_step *s, size_t n)
{
  long count = 0;
  for(size_t i = 0; i < n; i++)
    count += s[i].kind == HE_STEP_START;
  return count;
}

static curl_off_t connect_time(const struct he_step *s, size_t n)
{
  const struct he_step *first = find(s, n, HE_STEP_START);
  const struct he_step *won = find(s, n, HE_STEP_WON);
  for(size_t i = 0; first && won && i < n; i++) {
    if(s[i].kind == HE_STEP_CONNECTED &&
       he_addr_equal(&s[i].addr, &won->addr))
      return (curl_off_t)(s[i].at_us - first->at_us);
  }
  return 0;
}

/* where curl-he asked before anything was tried */
static curl_off_t resolve_time(const struct he_step *s, size_t n)
{
  const struct he_step *asked = find(s, n, HE_STEP_RESOLVE);
  const struct he_step *first = find(s, n, HE_STEP_START);
  return asked && first && asked < first ?
         (curl_off_t)(first->at_us - asked->at_us) : 0;
}

static bool failed(const struct he_step *s)
{
  return s->kind == HE_STEP_FAILED || s->kind == HE_STEP_TIMED_OUT;
}

static char *failures(const struct he_step *s, size_t n)
{
  size_t room = 1, len = 0;
  char *text;
  for(size_t i = 0; i < n; i++)
    room += failed(&s[i]) ? HE_ADDR_TEXT + 128 : 0;
  text = malloc(room);
  if(text)
    *text = 0;
  for(size_t i = 0; text && i < n; i++) {
    char address[HE_ADDR_TEXT], why[HE_WORDS];
    if(failed(&s[i]))
      len += (size_t)snprintf(text + len, room - len, "%s%s: %.111s",
                              len ? "; " : "",
                              he_addr_text(&s[i].addr, address),
                              s[i].error ?
                              he_errno_words(s[i].error, why) :
                              "unknown reason");
  }
  return text;
}

/* -- what is given out -- */

void he_report_free(struct he_report *r)
{
  if(!r)
    return;
  free(r->failures);
  free(r->steps);
  free(r->addresses);
  free(r->host);
  free(r);
}

static CURLHEcode give_winner(struct he_report *r, const struct he_step *s,
                              size_t n, const char **out)
{
  const struct he_step *won = find(s, n, HE_STEP_WON);
  *out = won ? he_addr_text(&won->addr, r->winner) : NULL;
  return CURL_HE_OK;
}

static CURLHEcode give_failures(struct he_report *r, const struct he_step *s,
                                size_t n, const char **out)
{
  char *text = failures(s, n);
  if(!text)
    return CURL_HE_NO_MEMORY;
  free(r->failures);
  *out = r->failures = text;
  return CURL_HE_OK;
}

static CURLHEcode give_race(struct he_report *r, const struct he_told *t,
                            struct curl_he_steps *out)
{
  struct curl_he_step *steps = calloc(t->n ? t->n : 1, sizeof(*steps));
  char (*addresses)[HE_ADDR_TEXT] = calloc(t->n ? t->n : 1, sizeof(*addresses));
  char *host = strdup(t->host ? t->host : "");
  if(!steps || !addresses || !host) {
    free(steps);
    free(addresses);
    free(host);
    return CURL_HE_NO_MEMORY;
  }
  for(size_t i = 0; i < t->n; i++)
    he_step_publish(&t->steps[i], &steps[i], addresses[i]);
  free(r->steps);
  free(r->addresses);
  free(r->host);
  r->steps = steps;
  r->addresses = addresses;
  r->host = host;
  out->host = t->host ? host : NULL;
  out->port = t->port;
  out->count = t->n;
  out->steps = steps;
  return CURL_HE_OK;
}

CURLHEcode he_report_give(struct he_report **report, const struct he_told *t,
                          CURLHEINFO info, void *out)
{
  const struct he_step *s = t->steps;
  const size_t n = t->n;
  struct he_report *r = *report;
  if(!r)
    r = *report = calloc(1, sizeof(*r));
  if(!r)
    return CURL_HE_NO_MEMORY;
  switch(info) {
  case CURLHEINFO_WINNER:
    return give_winner(r, s, n, out);
  case CURLHEINFO_FAILURES:
    if(t->host)
      return give_failures(r, s, n, out);
    *(const char **)out = NULL;
    return CURL_HE_OK;
  case CURLHEINFO_RACE:
    return give_race(r, t, out);
  case CURLHEINFO_ATTEMPTS:
    *(long *)out = attempts(s, n);
    return CURL_HE_OK;
  case CURLHEINFO_DELAY_MS:
    *(long *)out = (long)(t->delay / HE_MS(1));
    return CURL_HE_OK;
  case CURLHEINFO_HANDED_OVER:
    *(long *)out = find(s, n, HE_STEP_HANDED_OVER) != NULL;
    return CURL_HE_OK;
  case CURLHEINFO_KNOWN:
    *(long *)out = t->known;
    return CURL_HE_OK;
  case CURLHEINFO_RESOLVE_TIME_T:
    *(curl_off_t *)out = resolve_time(s, n);
    return CURL_HE_OK;
  case CURLHEINFO_CONNECT_TIME_T:
    *(curl_off_t *)out = connect_time(s, n);
    return CURL_HE_OK;
  }
  return CURL_HE_UNKNOWN_OPTION;
}
