/* SPDX-License-Identifier: MIT */
#include "racing.h"
#include "../plain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void racing_fail(struct he_result *r, const char *why)
{
  r->connected = false;
  he_plain_string(r->error, sizeof(r->error), why);
}

bool he_racing_prepare(CURL *easy, const struct he_course *c, char *errors,
                       struct he_result *r)
{
  char url[320];
  CURLcode code = CURLE_FAILED_INIT;
  snprintf(url, sizeof(url), "%s://%s:%d/", c->tls ? "https" : "http",
           c->target.url_host, c->target.port);
  errors[0] = 0;
  if(easy)
    code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, errors);
  if(!code)
    code = curl_easy_setopt(easy, CURLOPT_URL, url);
  if(!code && c->cacert)
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, c->cacert);
  if(!code)
    code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if(!code)
    code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if(!code)
    code = curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  if(!code)
    code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, c->timeout_ms);
  if(code)
    racing_fail(r, curl_easy_strerror(code));
  return !code;
}

void he_racing_judge(CURLcode code, const char *errors, struct he_result *r)
{
  r->connected = !code;
  if(code)
    racing_fail(r, *errors ? errors : curl_easy_strerror(code));
}

void he_racing_settle(struct he_result *r)
{
  struct he_story *s = &r->story;
  if(r->connected || s->winner >= 0 || s->lost)
    return;
  s->lost = true;
  s->over = s->last;
}

/* -- live -- */

/* On curl-he's or the resolver's thread, one call at a time. That it is set is
   what makes curl-he find out all of a step. */
static void racing_live(CURL *easy, const char *host, int port,
                        const struct curl_he_step *step, void *clientp)
{
  const struct he_course *c = clientp;
  char address[80], text[80];
  (void)easy;
  (void)host;
  (void)port;
  if(!c->live)
    return;
  he_plain_string(address, sizeof(address), step->address);
  he_plain_string(text, sizeof(text), step->text);
  fprintf(stderr, "\r\033[K%9.1f ms  %s %s%s", (double)step->time_us / 1000,
          he_step_name(step->step), address, text);
}

static CURLHEcode racing_options(CURL *easy, struct he_course *c)
{
  CURLHEcode code = curl_he_setup(easy);
  if(!code && c->cold)
    code = curl_he_easy_setopt(easy, CURLHEOPT_HISTORY, 0L);
  if(!code)
    code = curl_he_easy_setopt(easy, CURLHEOPT_TRACEDATA, c);
  if(!code)
    code = curl_he_easy_setopt(easy, CURLHEOPT_TRACEFUNCTION, racing_live);
  return code;
}

/* -- the race -- */

/* Where curl-he stood aside, what libcurl tells of its own connect. */
static void racing_libcurls(CURL *easy, struct he_story *s)
{
  struct he_moment m = { .libcurls = true, .delay_ms = -1 };
  curl_off_t lookup = 0, connect = 0;
  char *ip = NULL, address[96];
  long port = 0;
  if(curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip) || !ip || !*ip ||
     curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port) ||
     curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup) ||
     curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect))
    return;
  m.family = strchr(ip, ':') ? 6 : 4;
  snprintf(address, sizeof(address), m.family == 6 ? "[%s]:%ld" : "%s:%ld", ip,
           port);
  m.address = address;
  m.step = CURL_HE_STEP_START;
  m.time_us = lookup;
  he_story_tell(s, &m);
  m.step = CURL_HE_STEP_WON;
  m.time_us = connect;
  if(connect)
    he_story_tell(s, &m);
}

static void racing_story(CURL *easy, struct he_story *s)
{
  struct curl_he_steps race;
  if(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &race))
    return;
  for(size_t i = 0; i < race.count; i++) {
    struct he_moment m;
    char error[128];
    he_story_step(&m, &race.steps[i], error, sizeof(error));
    he_story_tell(s, &m);
  }
}

void he_racing_run(struct he_course *c, struct he_result *r)
{
  char errors[CURL_ERROR_SIZE];
  CURL *easy = curl_easy_init();
  CURLHEcode he;
  CURLcode code;
  memset(r, 0, sizeof(*r));
  he_story_init(&r->story, c->target.host, c->target.port);
  if(!he_racing_prepare(easy, c, errors, r))
    goto out;
  he = racing_options(easy, c);
  if(he) {
    racing_fail(r, curl_he_strerror(he));
    goto out;
  }
  code = c->perform ? curl_he_perform(easy) : curl_easy_perform(easy);
  if(c->live)
    fputs("\r\033[K", stderr);
  he_racing_judge(code, errors, r);
  racing_story(easy, &r->story);
  if(!r->story.ntried)
    racing_libcurls(easy, &r->story);
  he_racing_settle(r);
out:
  if(easy)
    curl_easy_cleanup(easy);
}
