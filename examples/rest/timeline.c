/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "text.h"

static const char *step_name(CURLHEstep step)
{
  switch(step) {
  case CURL_HE_STEP_RESOLVE:
    return "ask";
  case CURL_HE_STEP_ANSWER:
    return "answer";
  case CURL_HE_STEP_START:
    return "attempt";
  case CURL_HE_STEP_CONNECTED:
    return "connected";
  case CURL_HE_STEP_FAILED:
    return "failed";
  case CURL_HE_STEP_TIMED_OUT:
    return "timed out";
  case CURL_HE_STEP_CANCELLED:
    return "cancelled";
  case CURL_HE_STEP_GONE:
    return "gone";
  case CURL_HE_STEP_PROVOKED:
    return "provoked";
  case CURL_HE_STEP_HANDED_OVER:
    return "handed over";
  case CURL_HE_STEP_ASIDE:
    return "aside";
  case CURL_HE_STEP_WON:
    return "won";
  case CURL_HE_STEP_LOST:
    return "lost";
  case CURL_HE_STEP_REMEMBERED:
    return "remembered";
  case CURL_HE_STEP_LOOKUP:
    return "lookup";
  }
  return "?";
}

static const char *family_name(int family)
{
  return family == AF_INET6 ? "IPv6" : family == AF_INET ? "IPv4" : "";
}

/* What else there is to say about a step, after its name. */
static void print_detail(FILE *out, const struct curl_he_step *step)
{
  if(step->step == CURL_HE_STEP_RESOLVE)
    fputs(family_name(step->family), out);
  else if(step->step == CURL_HE_STEP_ANSWER ||
          step->step == CURL_HE_STEP_REMEMBERED)
    fprintf(out, "%s: %u address%s", family_name(step->family), step->count,
            step->count == 1 ? "" : "es");
  else if(step->address)
    text_put(out, step->address);
  if(step->text) {
    fputs(step->address ? ": " : "", out);
    text_put(out, step->text);
  }
  if(step->error) {
    fputs(step->step == CURL_HE_STEP_LOST && !step->address ? "" : ": ", out);
    text_put(out, step->step == CURL_HE_STEP_ANSWER ?
             gai_strerror(step->error) : strerror(step->error));
  }
}

void timeline_print(FILE *out, const struct curl_he_steps *race)
{
  size_t i;
  if(!race || !race->count) {
    fputs("no race\n", out);
    return;
  }
  fputs("race to ", out);
  text_put(out, race->host);
  fprintf(out, " port %d\n", race->port);
  for(i = 0; i < race->count; i++) {
    const struct curl_he_step *step = &race->steps[i];
    fprintf(out, "%8.1f ms  %s  %-11s  ", (double)step->time_us / 1000,
            step->libcurls ? "libcurl" : "curl-he", step_name(step->step));
    print_detail(out, step);
    fputc('\n', out);
  }
}
