/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "text.h"

static const char *const words[] = {
  [CURL_HE_STEP_RESOLVE] = "ask",
  [CURL_HE_STEP_ANSWER] = "answer",
  [CURL_HE_STEP_START] = "attempt",
  [CURL_HE_STEP_CONNECTED] = "connected",
  [CURL_HE_STEP_FAILED] = "failed",
  [CURL_HE_STEP_TIMED_OUT] = "timed out",
  [CURL_HE_STEP_CANCELLED] = "cancelled",
  [CURL_HE_STEP_GONE] = "gone",
  [CURL_HE_STEP_PROVOKED] = "provoked",
  [CURL_HE_STEP_HANDED_OVER] = "handed over",
  [CURL_HE_STEP_ASIDE] = "aside",
  [CURL_HE_STEP_WON] = "won",
  [CURL_HE_STEP_LOST] = "lost",
  [CURL_HE_STEP_REMEMBERED] = "remembered",
  [CURL_HE_STEP_LOOKUP] = "lookup"
};

/* A later curl-he may have more steps. */
static const char *step_name(CURLHEstep step)
{
  const size_t i = (size_t)step;
  return i < sizeof(words) / sizeof(*words) ? words[i] : "?";
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
