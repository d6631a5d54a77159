/* SPDX-License-Identifier: MIT */
/* alone.c - libcurl without curl-he: what it tries is seen by the sockets that
 * it asks for, and closes. */
#include "racing.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct alone {
  struct he_story *story;
  int64_t began;
  curl_socket_t sockets[HE_STORY_ATTEMPTS];
  char addresses[HE_STORY_ATTEMPTS][80];
  size_t n;
};

static int64_t alone_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool alone_name(const struct sockaddr *a, char *out, size_t size)
{
  char ip[INET6_ADDRSTRLEN] = "";
  union {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } at;
  if(a->sa_family == AF_INET6) {
    memcpy(&at.v6, a, sizeof(at.v6));
    inet_ntop(AF_INET6, &at.v6.sin6_addr, ip, sizeof(ip));
    snprintf(out, size, "[%s]:%u", ip, ntohs(at.v6.sin6_port));
  }
  else if(a->sa_family == AF_INET) {
    memcpy(&at.v4, a, sizeof(at.v4));
    inet_ntop(AF_INET, &at.v4.sin_addr, ip, sizeof(ip));
    snprintf(out, size, "%s:%u", ip, ntohs(at.v4.sin_port));
  }
  return *ip;
}

static void alone_tell(struct alone *a, CURLHEstep step, const char *address)
{
  const struct he_moment m = {
    .step = step, .libcurls = true, .address = address, .delay_ms = -1,
    .family = *address == '[' ? 6 : 4, .time_us = alone_now() - a->began
  };
  he_story_tell(a->story, &m);
}

static curl_socket_t alone_open(void *clientp, curlsocktype purpose,
                                struct curl_sockaddr *address)
{
  struct alone *a = clientp;
  const int type = address->socktype | SOCK_CLOEXEC;
  const curl_socket_t fd = socket(address->family, type, address->protocol);
  (void)purpose;
  if(fd != CURL_SOCKET_BAD && a->n < HE_STORY_ATTEMPTS &&
     alone_name(&address->addr, a->addresses[a->n], sizeof(*a->addresses))) {
    a->sockets[a->n] = fd;
    alone_tell(a, CURL_HE_STEP_START, a->addresses[a->n++]);
  }
  return fd;
}

/* libcurl has read a refusal off the socket; its state still tells. */
static int alone_close(void *clientp, curl_socket_t fd)
{
  struct alone *a = clientp;
  struct tcp_info info;
  socklen_t len = sizeof(info);
  memset(&info, 0, sizeof(info));
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
  for(size_t i = 0; i < a->n; i++) {
    if(a->sockets[i] != fd)
      continue;
    a->sockets[i] = CURL_SOCKET_BAD;
    alone_tell(a, info.tcpi_state == TCP_CLOSE ? CURL_HE_STEP_FAILED :
               CURL_HE_STEP_GONE, a->addresses[i]);
    break;
  }
  return close(fd);
}

/* The one answer that libcurl waits for: of both families, or one. */
static void alone_lookup(CURL *easy, struct he_story *s)
{
  curl_off_t lookup = 0;
  if(curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup))
    return;
  if(!lookup && s->ntried)
    lookup = s->tried[0].start;
  s->asked[s->nasked++] = (struct he_asked){
    .end = lookup ? lookup : HE_NEVER_US
  };
}

/* The winner is the last attempt at the address that libcurl names. Whether
   its socket was closed tells nothing: libcurl closes losers without a
   callback. */
static void alone_winner(CURL *easy, struct he_story *s)
{
  struct he_tried *won = NULL;
  curl_off_t connect = 0;
  char *ip = NULL;
  if(curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect) || !connect ||
     curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip) || !ip)
    return;
  for(size_t i = 0; i < s->ntried; i++) {
    char bare[80];
    he_story_bare(bare, sizeof(bare), s->tried[i].address);
    if(!strcmp(bare, ip))
      won = &s->tried[i];
  }
  if(!won)
    return;
  for(size_t i = 0; i < s->ntried; i++) {
    struct he_tried *t = &s->tried[i];
    if(t != won && t->outcome == HE_OPEN) {
      t->outcome = HE_GONE;
      t->end = connect > t->start ? connect : t->start;
    }
  }
  won->won = true;
  won->outcome = HE_CONNECTED;
  won->end = connect > won->start ? connect : won->start;
  s->over = won->end;
  s->winner = (int)(won - s->tried);
}

/* What still went on when libcurl gave up was closed then. */
static void alone_end(struct he_story *s, int64_t now)
{
  if(s->winner >= 0)
    return;
  s->over = now;
  for(size_t i = 0; i < s->ntried; i++) {
    if(s->tried[i].outcome == HE_OPEN) {
      s->tried[i].outcome = HE_GONE;
      s->tried[i].end = now;
    }
  }
}

void he_racing_alone(const struct he_course *c, struct he_result *r)
{
  char errors[CURL_ERROR_SIZE];
  struct alone a = { .story = &r->story };
  CURL *easy = curl_easy_init();
  CURLcode code;
  memset(r, 0, sizeof(*r));
  r->alone = true;
  he_story_init(&r->story, c->target.host, c->target.port);
  if(!he_racing_prepare(easy, c, errors, r))
    goto out;
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, alone_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &a);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, alone_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &a);
  a.began = alone_now();
  code = curl_easy_perform(easy);
  he_racing_judge(code, errors, r);
  alone_lookup(easy, &r->story);
  alone_winner(easy, &r->story);
  he_racing_settle(r);
  alone_end(&r->story, alone_now() - a.began);
out:
  if(easy)
    curl_easy_cleanup(easy);
}
