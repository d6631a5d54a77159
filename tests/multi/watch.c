/* SPDX-License-Identifier: MIT */
#include "watch.h"
#include "../easy/libcurls.h"
#include "../lab/labctl.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/epoll.h>

CURLMcode __real_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t s,
                                          int bits, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t s,
                                          int bits, int *running);
int __real_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev);
int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev);

static int64_t longest;
static long refused;
static long accepted;

void watch_reset(void)
{
  longest = 0;
  refused = accepted = 0;
}

int64_t watch_longest_ns(void)
{
  return longest;
}

long watch_refused(void)
{
  return refused;
}

long watch_accepted(void)
{
  return accepted;
}

static void note(int64_t since)
{
  int64_t took = lab_now_ns() - since;
  if(took > longest)
    longest = took;
}

CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running)
{
  int64_t start = lab_now_ns();
  CURLMcode rc = __real_curl_multi_perform(multi, running);
  note(start);
  return rc;
}

CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t s,
                                          int bits, int *running)
{
  int64_t start = lab_now_ns();
  CURLMcode rc = __real_curl_multi_socket_action(multi, s, bits, running);
  note(start);
  return rc;
}

int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev)
{
  int rc = __real_epoll_ctl(epoll, op, fd, ev);
  if(!rc)
    accepted++;
  else if(op != EPOLL_CTL_DEL || !libcurl_closes_silently())
    refused++;
  return rc;
}
