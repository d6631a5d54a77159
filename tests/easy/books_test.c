/* SPDX-License-Identifier: MIT */
/* books_test.c - an epoll loop that keeps books by pointer: what epoll says
 * of a socket that libcurl has taken out of the loop is an error, for the
 * entry may be freed. Built twice, as faults_test.c is. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct entry {
  curl_socket_t fd;
  bool out;                   /* libcurl has taken it out */
  struct entry *next;
};

struct loop {
  CURLM *multi;
  int epoll;
  int64_t due_ns;             /* -1: libcurl wants no call */
  struct entry *all;          /* none is freed before the end */
  unsigned stale;             /* events of what was taken out */
  unsigned refused;           /* by epoll_ctl(), but for taking out */
};

static uint32_t wanted(int what)
{
  return (what & CURL_POLL_IN ? EPOLLIN : 0u) |
         (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user,
                     void *known)
{
  struct loop *l = user;
  struct entry *e = known;
  struct epoll_event ev = { .events = 0 };
  const int op = e ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  (void)easy;
  if(what == CURL_POLL_REMOVE) {
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, &ev);
    if(e)
      e->out = true;
    return 0;
  }
  if(!e) {
    e = calloc(1, sizeof(*e));
    assert_non_null(e);
    e->fd = fd;
    e->next = l->all;
    l->all = e;
    curl_multi_assign(l->multi, fd, e);
  }
  ev.events = wanted(what);
  ev.data.ptr = e;
  l->refused += epoll_ctl(l->epoll, op, fd, &ev) != 0;
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
  struct loop *l = user;
  (void)multi;
  l->due_ns = ms < 0 ? -1 : lab_now_ns() + ms * 1000000;
  return 0;
}

static void open_loop(struct loop *l)
{
  memset(l, 0, sizeof(*l));
  l->due_ns = -1;
  l->epoll = epoll_create1(EPOLL_CLOEXEC);
  assert_true(l->epoll >= 0);
  l->multi = curl_multi_init();
  curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
  curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
}

static void close_loop(struct loop *l)
{
  curl_multi_cleanup(l->multi);
  close(l->epoll);
  while(l->all) {
    struct entry *e = l->all;
    l->all = e->next;
    free(e);
  }
}

static int wait_ms(const struct loop *l)
{
  const int64_t left = l->due_ns < 0 ? 100000000 : l->due_ns - lab_now_ns();
  return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

static int turn(struct loop *l)
{
  struct epoll_event ev[16];
  int running = 1;
  int n = epoll_wait(l->epoll, ev, 16, wait_ms(l));
  for(int i = 0; i < n; i++) {
    const struct entry *e = ev[i].data.ptr;
    const uint32_t got = ev[i].events;
    if(e->out)
      l->stale++;
    else
      curl_multi_socket_action(l->multi, e->fd,
                               (got & EPOLLIN ? CURL_CSELECT_IN : 0) |
                               (got & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                               (got & (EPOLLERR | EPOLLHUP) ?
                                CURL_CSELECT_ERR : 0), &running);
  }
  if(l->due_ns >= 0 && l->due_ns <= lab_now_ns()) {
    l->due_ns = -1;
    curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  return running;
}

static CURLcode run(struct loop *l, CURL *easy)
{
  const int64_t limit = lab_now_ns() + 10000000000;
  const CURLMsg *msg;
  CURLcode rc;
  int running = 1, left;
  curl_multi_add_handle(l->multi, easy);
  curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  while(running && !l->stale && lab_now_ns() < limit)
    running = turn(l);
  assert_int_equal(l->stale, 0);
  assert_int_equal(l->refused, 0);
  assert_int_equal(running, 0);
  msg = curl_multi_info_read(l->multi, &left);
  assert_non_null(msg);
  rc = msg->data.result;
  curl_multi_remove_handle(l->multi, easy);
  return rc;
}

struct param {
  const char *url;
  enum way way;
  bool late;                  /* the first A answers after 1.3 s */
};

static void test_books(void **state)
{
  const struct param *p = *state;
  struct client c;
  struct loop l;
  CURLcode rc;
  if(p->way == UNDECLARED)    /* not known, and so not raced in a lookup */
    needs_beside();
  if(p->late) {
    assert_int_equal(lab_rule("198.19.7.1", "rtt=1300"), 0);
    assert_int_equal(lab_rule("198.19.7.2", "drop"), 0);
  }
  open_loop(&l);
  client_open_for(&c, p->way, BESIDE, p->url);
  client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
  rc = run(&l, c.easy);
  if(!p->late)
    assert_int_equal(rc, CURLE_OK);
  client_close(&c);
  close_loop(&l);
}

int main(void)
{
  static const char *const urls[] = {
    "http://s7.lab.test/", "http://s9.lab.test/", "http://s6.lab.test/",
    "http://refuse1.lab.test/", "http://s2.lab.test/"
  };
  static struct param params[2][5];
  struct suite s = { NULL, 0 };
  for(int known = 0; known < 2; known++) {
    for(size_t i = 0; i < 5; i++) {
      struct param *p = &params[known][i];
      p->url = urls[i];
      p->way = known ? SEEN : UNDECLARED;
      p->late = !i;
      suite_add(&s, test_books, p, "%s%s, %s", p->url, i ? "" : ", 1.3 s late",
                known ? "known" : "unknown");
    }
  }
  return suite_run(&s, "books");
}
