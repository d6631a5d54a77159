/* SPDX-License-Identifier: MIT */
/* timeline.c - no number is written as a fraction by printf(): the program's
 * language may have a comma there. */
#include "trace/timeline.h"
#include "trace/errors.h"

#include <stdio.h>
#include <stdlib.h>

#define RED "\033[31m"
#define GREEN "\033[32m"
#define FAINT "\033[2m"
#define PLAIN "\033[0m"

/* A host may have been made to play tricks on a terminal. */
#define HOST 254
static const char *shown(const char *host, char out[HOST])
{
  size_t n = 0;
  while(host && host[n] && n < HOST - 1) {
    const unsigned char c = (unsigned char)host[n];
    const bool second = n && (unsigned char)host[n - 1] == 0xc2 && c < 0xa0;
    out[n++] = c < ' ' || c == 0x7f || second ? '?' : (char)c;
  }
  out[n] = 0;
  return out;
}

static const char *family_of(const struct he_step *s)
{
  return s->family == HE_IPV4 ? "A" : "AAAA";
}

/* What happened, of an attempt. */
static const char *fate_of(const struct he_step *s)
{
  switch(s->kind) {
  case HE_STEP_START:
    return s->native ? "libcurl begins" : "begins";
  case HE_STEP_CONNECTED:
    return "connected";
  case HE_STEP_FAILED:
    return "failed";
  case HE_STEP_TIMED_OUT:
    return "given up: it took too long";
  case HE_STEP_CANCELLED:
    return "closed: another one was faster";
  case HE_STEP_GONE:
    return "closed by libcurl";
  case HE_STEP_PROVOKED:
    return "shut down, so that libcurl takes the winner";
  case HE_STEP_HANDED_OVER:
    return "libcurl has it";
  case HE_STEP_WON:
    return "won";
  case HE_STEP_RESOLVE:
  case HE_STEP_ANSWER:
  case HE_STEP_REMEMBERED:
  case HE_STEP_ASIDE:
  case HE_STEP_LOST:
  case HE_STEP_LOOKUP:
  case HE_STEP_SERVICES:
    break;
  }
  return "";
}

static void put_attempt(FILE *f, const struct he_step *s, int width)
{
  char address[HE_ADDR_TEXT], name[HE_ERROR_NAME];
  fprintf(f, "%-*s  %s", width, he_addr_format(&s->addr, address), fate_of(s));
  if(s->kind == HE_STEP_FAILED)
    fprintf(f, ": %s", s->error ? he_error_name(s->error, name) : "unknown");
}

static void put_answer(FILE *f, const struct he_step *s)
{
  char name[HE_ERROR_NAME];
  if(s->error)
    fprintf(f, "%s: no answer: %s", family_of(s),
            he_error_eai(s->error, name));
  else
    fprintf(f, "%s: %u address%s", family_of(s), s->count,
            s->count == 1 ? "" : "es");
}

static void put_step(FILE *f, const struct he_step *s, int width)
{
  switch(s->kind) {
  case HE_STEP_LOOKUP:
    fputs("libcurl asks for the name", f);
    break;
  case HE_STEP_RESOLVE:
    fprintf(f, "%s asked for", family_of(s));
    break;
  case HE_STEP_ANSWER:
    put_answer(f, s);
    break;
  case HE_STEP_REMEMBERED:
    put_answer(f, s);
    fputs(", of an earlier answer", f);
    break;
  case HE_STEP_SERVICES:
    fprintf(f, "HTTPS: %u endpoint%s", s->count, s->count == 1 ? "" : "s");
    break;
  case HE_STEP_ASIDE:
    fprintf(f, "stands aside: %s", s->text ? s->text : "");
    break;
  case HE_STEP_LOST:
    fputs("no address is left", f);
    break;
  default:
    put_attempt(f, s, width);
  }
}

static const char *colour_of(const struct he_step *s)
{
  switch(s->kind) {
  case HE_STEP_WON:
    return GREEN;
  case HE_STEP_FAILED:
  case HE_STEP_TIMED_OUT:
  case HE_STEP_LOST:
  case HE_STEP_ASIDE:
    return RED;
  case HE_STEP_LOOKUP:
  case HE_STEP_RESOLVE:
    return FAINT;
  default:
    return "";
  }
}

static void put_time(FILE *f, uint64_t us, int width)
{
  fprintf(f, "%*llu.%llu ms", width, (unsigned long long)us / 1000,
          (unsigned long long)us % 1000 / 100);
}

/* The column of addresses is as wide as the longest of them. */
static int widest(const struct he_trace *t)
{
  char address[HE_ADDR_TEXT];
  int most = 0;
  for(size_t i = 0; i < t->count; i++) {
    const struct he_step *s = &t->steps[i];
    int n = s->has_addr ?
            snprintf(NULL, 0, "%s", he_addr_format(&s->addr, address)) : 0;
    most = n > most ? n : most;
  }
  return most;
}

static void put_summary(FILE *f, const char *host, uint16_t port,
                        const struct he_trace *t)
{
  const struct he_step *end = NULL;
  char address[HE_ADDR_TEXT], name[HOST];
  unsigned attempts = 0;
  for(size_t i = 0; i < t->count; i++) {
    const struct he_step *s = &t->steps[i];
    attempts += s->kind == HE_STEP_START;
    if(s->kind == HE_STEP_WON || s->kind == HE_STEP_LOST)
      end = s;
  }
  fprintf(f, "curl-he: %s, port %u: ", shown(host, name), port);
  if(!end)
    fputs("given up", f);
  else if(end->kind == HE_STEP_LOST)
    fputs("no connection", f);
  else {
    fprintf(f, "%s in ", he_addr_text(&end->addr, address));
    put_time(f, end->at_us, 0);
  }
  fprintf(f, ", %u attempt%s\n", attempts, attempts == 1 ? "" : "s");
}

char *he_timeline(const char *host, uint16_t port, const struct he_trace *t,
                  bool colours, size_t *len)
{
  const int width = widest(t);
  char *text = NULL;
  FILE *f = open_memstream(&text, len);
  if(!f)
    return NULL;
  put_summary(f, host, port, t);
  for(size_t i = 0; i < t->count; i++) {
    const struct he_step *s = &t->steps[i];
    const char *colour = colours ? colour_of(s) : "";
    put_time(f, s->at_us, 8);
    fprintf(f, "  %s", colour);
    put_step(f, s, width);
    fprintf(f, "%s\n", *colour ? PLAIN : "");
  }
  if(fclose(f)) {
    free(text);
    return NULL;
  }
  return text;
}
