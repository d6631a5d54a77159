/* SPDX-License-Identifier: MIT */
/* gather_race.c - curl-he: its configuration, what its history says of a host,
 * and how it connects there. */
#include "../program.h"
#include "../remembered.h"
#include "gather.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As libcurl-he-config(5) has it. */
static void find_config(char *path)
{
  const char *said = getenv("CURL_HE_CONFIG");
  const char *dir = getenv("XDG_CONFIG_HOME"), *below = "";
  if(said) {
    snprintf(path, PATH_MAX, "%s", said);
    return;
  }
  if(!dir || *dir != '/') {
    dir = getenv("HOME");
    below = "/.config";
  }
  if(dir && *dir == '/')
    snprintf(path, PATH_MAX, "%s%s/curl-he/config", dir, below);
  if(access(path, F_OK))
    *path = 0;
}

void he_gather_ours(struct he_facts *f)
{
  const char *said = getenv("CURL_HE"), *options = getenv("CURL_HE_OPTIONS");
  char module[PATH_MAX];
  find_config(f->ours.config);
  f->ours.options = options && *options;
  f->ours.off = said && !strcmp(said, "off");
  f->ours.module = he_module_find(module);
  curl_he_config_error(NULL, f->ours.config_error,
                       sizeof(f->ours.config_error));
}

static void remember(struct he_site *h)
{
  struct he_memory m = { .n = 0 };
  const struct he_remembered *r;
  if(!he_memory_file(&m) || !he_memory_read(&m, "doctor", h->port))
    return;
  r = he_memory_find(&m, h->name);
  if(r && r->turns_n) {
    h->remembered = true;
    he_memory_next(r, h->next, sizeof(h->next));
  }
  he_memory_free(&m);
}

void he_gather_race(struct he_site *h, double limit_ms)
{
  const bool six = h->literal && strchr(h->name, ':');
  CURL *easy = curl_easy_init();
  char url[400], *winner = NULL;
  double start;
  remember(h);
  if(!easy || curl_he_setup(easy)) {
    curl_easy_cleanup(easy);
    return;
  }
  snprintf(url, sizeof(url), "%s://%s%s%s:%d/", h->tls ? "https" : "http",
           six ? "[" : "", h->name, six ? "]" : "", h->port);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)limit_ms);
  h->raced = true;
  start = he_gather_now();
  if(!curl_he_perform(easy)) {
    h->race_ms = he_gather_now() - start;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &winner);
    snprintf(h->winner, sizeof(h->winner), "%s", winner ? winner : "");
  }
  curl_easy_cleanup(easy);
}
