/* SPDX-License-Identifier: MIT */
#include "client.h"
#include "alone.h"
#include "../examples/multi/transfers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* The first thing that libcurl says once a connection is good to use. */
static int on_connected(void *clientp, char *ip, char *local_ip, int port,
                        int local_port)
{
  struct client *c = clientp;
  (void)ip;
  (void)local_ip;
  (void)port;
  (void)local_port;
  c->connected = now_ms();
  return CURL_PREREQFUNC_OK;
}

static void watch_connect(struct client *c)
{
  curl_easy_setopt(c->easy, CURLOPT_PREREQFUNCTION, on_connected);
  curl_easy_setopt(c->easy, CURLOPT_PREREQDATA, c);
}
#else
/* Older libcurls tell of the request that they send right away. */
static int on_text(CURL *easy, curl_infotype kind, char *text, size_t size,
                   void *clientp)
{
  struct client *c = clientp;
  (void)easy;
  (void)text;
  (void)size;
  if(kind == CURLINFO_HEADER_OUT)
    c->connected = now_ms();
  return 0;
}

static void watch_connect(struct client *c)
{
  curl_easy_setopt(c->easy, CURLOPT_DEBUGFUNCTION, on_text);
  curl_easy_setopt(c->easy, CURLOPT_DEBUGDATA, c);
  curl_easy_setopt(c->easy, CURLOPT_VERBOSE, 1L);
}
#endif

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

bool client_open(struct client *c, const char *mode, const char *url,
                 long limit_ms)
{
  CURLHEcode he = CURL_HE_OK;
  memset(c, 0, sizeof(*c));
  c->mode = mode;
  c->easy = curl_easy_init();
  if(!c->easy)
    return false;
  curl_easy_setopt(c->easy, CURLOPT_URL, url);
  curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
  curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, limit_ms);
  curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, limit_ms + 10000L);
  curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->said);
  if(getenv("HE_LAB_CA"))
    curl_easy_setopt(c->easy, CURLOPT_CAINFO, getenv("HE_LAB_CA"));
  watch_connect(c);
  if(strcmp(mode, "curl"))
    he = curl_he_setup(c->easy);
  if(he)
    fprintf(stderr, "bench: curl_he_setup: %s\n", curl_he_strerror(he));
  return !he;
}

/* How long TLS took, which came before libcurl said that it is connected. */
static double tls_ms(CURL *easy)
{
  curl_off_t tcp = 0;
  curl_off_t tls = 0;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &tcp);
  curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls);
  return tls > tcp ? (double)(tls - tcp) / 1e3 : 0;
}

static void on_done(CURL *easy, CURLcode result, void *user)
{
  (void)easy;
  *(CURLcode *)user = result;
}

static CURLcode run_loop(CURL *easy)
{
  CURLcode code = CURLE_FAILED_INIT;
  struct transfers t = { .done = on_done, .user = &code };
  struct loop *l;
  t.multi = curl_multi_init();
  l = t.multi ? loop_new(&t) : NULL;
  if(l) {
    curl_multi_add_handle(t.multi, easy);
    if(!loop_run(l, -1))
      code = CURLE_FAILED_INIT;
    curl_multi_remove_handle(t.multi, easy);
  }
  curl_multi_cleanup(t.multi);
  loop_free(l);
  return code;
}

static CURLcode run(struct client *c)
{
  if(!strcmp(c->mode, "perform"))
    return curl_he_perform(c->easy);
  return strcmp(c->mode, "epoll") ? curl_easy_perform(c->easy) :
         run_loop(c->easy);
}

void client_go(struct client *c)
{
  double started = now_ms();
  CURLcode code = run(c);
  const char *text = "connected";
  char *ip = NULL;
  /* failed: when the call came back */
  if(c->connected <= 0)
    c->connected = now_ms();
  else
    c->connected -= tls_ms(c->easy);
  if(code)
    text = *c->said ? c->said : curl_easy_strerror(code);
  else
    curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip);
  printf("%.1f %s %d %s\n", c->connected - started, ip && *ip ? ip : "-",
         (int)code, text);
  fflush(stdout);
}

void client_close(struct client *c)
{
  curl_easy_cleanup(c->easy);
  c->easy = NULL;
}
