/* SPDX-License-Identifier: MIT */
/* gather_shakes.c - libcurl's TLS handshakes, with all addresses that connect,
 * at once. Whether a certificate is the host's is not looked at: large packets
 * are. */
#include "gather.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

struct shake {
  CURL *easy;
  struct curl_slist *resolve;
  char why[CURL_ERROR_SIZE];
};

static bool prepare(struct shake *s, const struct he_site *h,
                    const char *address, double limit_ms)
{
  const bool six = strchr(address, ':');
  const char *open = six ? "[" : "", *shut = six ? "]" : "";
  char url[400], entry[400];
  s->easy = curl_easy_init();
  if(!s->easy)
    return false;
  if(h->literal)
    snprintf(url, sizeof(url), "https://%s%s%s:%d/", open, h->name, shut,
             h->port);
  else {
    snprintf(url, sizeof(url), "https://%s:%d/", h->name, h->port);
    snprintf(entry, sizeof(entry), "%s:%d:%s%s%s", h->name, h->port, open,
             address, shut);
    s->resolve = curl_slist_append(NULL, entry);
    curl_easy_setopt(s->easy, CURLOPT_RESOLVE, s->resolve);
  }
  curl_easy_setopt(s->easy, CURLOPT_URL, url);
  curl_easy_setopt(s->easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
  curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)limit_ms);
  curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->why);
  return true;
}

/* TCP connected there a moment ago. */
static void decide(struct shake *s, CURLcode code, struct he_shook *out)
{
  curl_off_t shook = 0;
  curl_easy_getinfo(s->easy, CURLINFO_APPCONNECT_TIME_T, &shook);
  out->ms = (double)shook / 1000;
  if(!code)
    out->shake = HE_SHAKE_COMPLETED;
  else if(code == CURLE_OPERATION_TIMEDOUT)
    out->shake = HE_SHAKE_STALLED;
  else if(code != CURLE_COULDNT_CONNECT) {
    out->shake = HE_SHAKE_FAILED;
    snprintf(out->why, sizeof(out->why), "%.127s", *s->why ? s->why :
             curl_easy_strerror(code));
  }
}

static void run_all(CURLM *multi, struct shake *list, struct he_site *h)
{
  int running = 1, left;
  CURLMsg *m;
  while(running && !curl_multi_perform(multi, &running)) {
    while((m = curl_multi_info_read(multi, &left)) != NULL) {
      for(size_t i = 0; i < h->tried_n; i++) {
        if(list[i].easy == m->easy_handle)
          decide(&list[i], m->data.result, &h->tried[i].shook);
      }
    }
    if(running)
      curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
}

void he_gather_shakes(struct he_site *h, double limit_ms)
{
  struct shake list[HE_TRIES];
  CURLM *multi = h->tls ? curl_multi_init() : NULL;
  if(!multi)
    return;
  memset(list, 0, sizeof(list));
  for(size_t i = 0; i < h->tried_n; i++) {
    if(h->tried[i].reach == HE_REACH_CONNECTED &&
       prepare(&list[i], h, h->tried[i].address, limit_ms))
      curl_multi_add_handle(multi, list[i].easy);
  }
  run_all(multi, list, h);
  for(size_t i = 0; i < h->tried_n; i++) {
    if(list[i].easy)
      curl_multi_remove_handle(multi, list[i].easy);
    curl_easy_cleanup(list[i].easy);
    curl_slist_free_all(list[i].resolve);
  }
  curl_multi_cleanup(multi);
}
