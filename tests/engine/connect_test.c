/* SPDX-License-Identifier: MIT */
/* connect_test.c - curl_he_connect() and its twin, on loopback, in a program
 * without libcurl. */
#include "common.h"
#include "names.h"

#include <curl_he/curl_he.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include <cmocka.h>

#define HOST "dual.life.test"
#define SILENT_AT "127.0.0.2"

static CURLHE *he;
static CURLHErace *race;
static int silent, fill[FILL];
static uint16_t silent_port;

static void pause_short(void)
{
  sleep_ms(2);
}

static int set_up(void **state)
{
  (void)state;
  he = curl_he_init();
  race = curl_he_connect_init(he);
  return he && race ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  curl_he_connect_cleanup(race);
  curl_he_free(he);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
  return 0;
}

static const char *text(CURLHEINFO info)
{
  const char *s = NULL;
  assert_int_equal(curl_he_connect_getinfo(race, info, &s), CURL_HE_OK);
  return s;
}

static long number(CURLHEINFO info)
{
  long n = -1;
  assert_int_equal(curl_he_connect_getinfo(race, info, &n), CURL_HE_OK);
  return n;
}

static void assert_won(curl_socket_t fd, const char *address, uint16_t port)
{
  struct sockaddr_storage sa;
  socklen_t len = sizeof(sa);
  assert_true(fd != CURL_SOCKET_BAD);
  assert_int_equal(getpeername(fd, (struct sockaddr *)&sa, &len), 0);
  assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
  assert_string_equal(text(CURLHEINFO_WINNER), address);
  assert_int_equal(number(CURLHEINFO_PORT), port);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), 0);
}

/* -- blocking -- */

static void no_libcurl_is_there(void **state)
{
  (void)state;
  assert_null(dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD));
  assert_null(dlopen("libcurl-gnutls.so.4", RTLD_LAZY | RTLD_NOLOAD));
}

static void by_name(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  curl_socket_t fd;
  struct curl_he_steps all;
  (void)state;
  names_mean("127.0.0.1");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.1", port);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 1);
  assert_string_equal(text(CURLHEINFO_FAILURES), "");
  assert_int_equal(curl_he_connect_getinfo(race, CURLHEINFO_RACE, &all),
                   CURL_HE_OK);
  assert_string_equal(all.host, HOST);
  assert_int_equal(all.port, port);
  assert_int_equal(all.steps[all.count - 1].step, CURL_HE_STEP_WON);
  close(fd);
  close(l);
}

/* The second port answers where the first one refuses, at whichever address. */
static void two_ports(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  const unsigned short ports[] = { closed_port("127.0.0.1"), port };
  char failed[200];
  curl_socket_t fd;
  (void)state;
  names_mean("127.0.0.1 127.0.0.3");
  assert_int_equal(curl_he_connect(race, HOST, ports, 2, &fd), CURL_HE_OK);
  close(fd);
  assert_string_equal(text(CURLHEINFO_WINNER), "127.0.0.3");
  assert_int_equal(number(CURLHEINFO_PORT), port);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 4);
  snprintf(failed, sizeof(failed), "127.0.0.1:%u: Connection refused; "
           "127.0.0.3:%u: Connection refused; "
           "127.0.0.1:%u: Connection refused", ports[0], ports[0], port);
  assert_string_equal(text(CURLHEINFO_FAILURES), failed);
  close(l);
}

static void all_fail(void **state)
{
  const unsigned short port = closed_port("127.0.0.1");
  char failed[200];
  curl_socket_t fd = 5;
  (void)state;
  names_mean("127.0.0.1 127.0.0.3");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_equal(fd, CURL_SOCKET_BAD);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), ECONNREFUSED);
  assert_null(text(CURLHEINFO_WINNER));
  snprintf(failed, sizeof(failed), "127.0.0.1:%u: Connection refused; "
           "127.0.0.3:%u: Connection refused", port, port);
  assert_string_equal(text(CURLHEINFO_FAILURES), failed);
  names_mean("127.0.0.1 255.255.255.255");
  assert_int_equal(curl_he_connect(race, "again." HOST, &port, 1, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), 0);   /* they do not agree */
}

static void no_address(void **state)
{
  const unsigned short port = 80;
  curl_socket_t fd;
  (void)state;
  names_mean("");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd),
                   CURL_HE_COULDNT_RESOLVE);
  assert_true(number(CURLHEINFO_RESOLVE_ERRNO) != 0);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 0);
}

/* What still ran is named, too. */
static void too_late(void **state)
{
  const unsigned short ports[] = { closed_port(SILENT_AT), silent_port };
  char failed[200];
  curl_socket_t fd;
  (void)state;
  names_mean(SILENT_AT);
  curl_he_connect_setopt(race, CURLHEOPT_CONNECTTIMEOUT_MS, 300L);
  assert_int_equal(curl_he_connect(race, HOST, ports, 2, &fd),
                   CURL_HE_TIMEDOUT);
  snprintf(failed, sizeof(failed), SILENT_AT ":%u: Connection refused; "
           SILENT_AT ":%u: Connection timed out", ports[0], ports[1]);
  assert_string_equal(text(CURLHEINFO_FAILURES), failed);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), 0);
  assert_int_equal(curl_he_connect(race, HOST, &ports[1], 1, &fd),
                   CURL_HE_TIMEDOUT);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), ETIMEDOUT);
}

/* -- given addresses -- */

/* Of 127.0.0.x, each with its port. */
static struct addrinfo *given(struct addrinfo ai[], struct sockaddr_in sa[],
                              size_t n)
{
  for(size_t i = 0; i < n; i++) {
    ai[i] = (struct addrinfo){ .ai_family = AF_INET,
                               .ai_socktype = SOCK_STREAM,
                               .ai_addr = (struct sockaddr *)&sa[i],
                               .ai_addrlen = sizeof(sa[i]),
                               .ai_next = i + 1 < n ? &ai[i + 1] : NULL };
  }
  return ai;
}

static struct sockaddr_in inet(const char *ip, uint16_t port)
{
  struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
  const struct he_addr a = addr_of(ip, port);
  memcpy(&sa.sin_addr, a.ip, 4);
  return sa;
}

static void given_lists(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct sockaddr_in sa[] = { inet(SILENT_AT, silent_port),
                              inet("127.0.0.3", port) };
  struct addrinfo ai[2];
  const unsigned asked = names_asked();
  const unsigned short ports[] = { closed_port("127.0.0.3"), port };
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 2));
  memset(ai, 0, sizeof(ai));   /* it was copied */
  assert_int_equal(curl_he_connect(race, NULL, NULL, 0, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.3", port);
  close(fd);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 2);
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa + 1, 1));
  assert_int_equal(curl_he_connect(race, HOST, ports, 2, &fd), CURL_HE_OK);
  assert_int_equal(number(CURLHEINFO_PORT), port);
  close(fd);
  assert_int_equal(names_asked(), asked);
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, NULL);
  names_mean("127.0.0.3");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd), CURL_HE_OK);
  close(fd);
  assert_true(names_asked() > asked);
  close(l);
}

/* What is too much is left out at every port alike. */
static void long_list(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  const uint16_t ports[] = { closed_port("127.0.0.1"), port };
  struct sockaddr_in sa[70];
  struct addrinfo ai[70];
  curl_socket_t fd;
  (void)state;
  for(int i = 0; i < 70; i++) {
    char text[16];
    snprintf(text, sizeof(text), "127.0.0.%d", i + 1);
    sa[i] = inet(text, 0);
  }
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 70));
  assert_int_equal(curl_he_connect(race, NULL, ports, 2, &fd), CURL_HE_OK);
  assert_int_equal(number(CURLHEINFO_PORT), port);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 33);
  close(fd);
  close(l);
}

/* As getaddrinfo() has them without a type in its hints: once a type. */
static void each_address_once(void **state)
{
  static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
  uint16_t port = 0;
  const int l = listen_at("127.0.0.30", &port, 5);
  const uint16_t twice[] = { port, port };
  struct sockaddr_in sa[3 * 30];
  struct addrinfo ai[3 * 30];
  curl_socket_t fd;
  (void)state;
  for(int i = 0; i < 90; i++) {
    char text[16];
    snprintf(text, sizeof(text), "127.0.0.%d", i / 3 + 1);
    sa[i] = inet(text, (uint16_t)(i % 3));
  }
  given(ai, sa, 90);
  for(int i = 0; i < 90; i++)
    ai[i].ai_socktype = types[i % 3];
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, &ai[0]);
  assert_int_equal(curl_he_connect(race, NULL, &port, 1, &fd), CURL_HE_OK);
  assert_string_equal(text(CURLHEINFO_WINNER), "127.0.0.30");
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 30);
  close(fd);
  for(int i = 0; i < 90; i++)   /* differ by a port that does not count */
    ai[i].ai_socktype = 0;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, &ai[0]);
  assert_int_equal(curl_he_connect(race, NULL, twice, 2, &fd), CURL_HE_OK);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 30);
  close(fd);
  ai[0].ai_socktype = SOCK_DGRAM;
  ai[0].ai_next = NULL;
  assert_int_equal(curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES,
                                          &ai[0]), CURL_HE_BAD_OPTION);
  close(l);
}

static void literals(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  const unsigned asked = names_asked();
  curl_socket_t fd;
  (void)state;
  assert_int_equal(curl_he_connect(race, "127.0.0.1", &port, 1, &fd),
                   CURL_HE_OK);
  close(fd);
  assert_int_equal(curl_he_connect(race, "[::1]", &port, 1, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_equal(names_asked(), asked);
  close(l);
}

/* -- where from, and whose sockets -- */

static void from_here(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.1", &port, 5);
  struct sockaddr_in sa;
  socklen_t len = sizeof(sa);
  curl_socket_t fd;
  (void)state;
  assert_int_equal(curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV4,
                                          "::1"), CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV4,
                                          "127.0.0.9"), CURL_HE_OK);
  names_mean("127.0.0.1");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd), CURL_HE_OK);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
  assert_int_equal(ntohl(sa.sin_addr.s_addr), 0x7f000009);
  close(fd);
  curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV4, "192.0.2.1");
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), EADDRNOTAVAIL);
  close(l);
}

/* The kernel binds to a link-local address only with its interface. */
static void from_an_interface(void **state)
{
  static const char *const bad[] = {
    "fe80::9%nosuch0", "fe80::9%", "fe80::9%0", "fe80::g%lo", "127.0.0.1%lo",
    "%lo"
  };
  const uint16_t port = closed_port("127.0.0.1");
  curl_socket_t fd;
  (void)state;
  for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV6,
                                            bad[i]), CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV6,
                                          "fe80::9%lo"), CURL_HE_OK);
  assert_int_equal(curl_he_connect(race, "[::1]", &port, 1, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_not_equal(number(CURLHEINFO_OS_ERRNO), EINVAL);
}

struct shop {
  int made, seen, closed;
  int refuse;                 /* so many are not made */
};

static curl_socket_t make(void *data, curlsocktype purpose,
                          struct curl_sockaddr *a)
{
  struct shop *s = data;
  assert_int_equal(purpose, CURLSOCKTYPE_IPCXN);
  if(s->refuse-- > 0)
    return CURL_SOCKET_BAD;
  s->made++;
  return socket(a->family, a->socktype, a->protocol);
}

static int see(void *data, curl_socket_t fd, curlsocktype purpose)
{
  assert_true(fd >= 0);
  assert_int_equal(purpose, CURLSOCKTYPE_IPCXN);
  __atomic_add_fetch(&((struct shop *)data)->seen, 1, __ATOMIC_RELEASE);
  return CURL_SOCKOPT_OK;
}

static int shut(void *data, curl_socket_t fd)
{
  ((struct shop *)data)->closed++;
  return close(fd);
}

static curl_socket_t make_connected(void *data, curlsocktype purpose,
                                    struct curl_sockaddr *a)
{
  const curl_socket_t fd = make(data, purpose, a);
  assert_int_equal(connect(fd, &a->addr, a->addrlen), 0);
  return fd;
}

static int say_connected(void *data, curl_socket_t fd, curlsocktype purpose)
{
  see(data, fd, purpose);
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static void use(struct shop *s)
{
  curl_he_connect_setopt(race, CURLHECONNECT_OPENSOCKETFUNCTION, make);
  curl_he_connect_setopt(race, CURLHECONNECT_OPENSOCKETDATA, s);
  curl_he_connect_setopt(race, CURLHECONNECT_SOCKOPTFUNCTION, see);
  curl_he_connect_setopt(race, CURLHECONNECT_SOCKOPTDATA, s);
  curl_he_connect_setopt(race, CURLHECONNECT_CLOSESOCKETFUNCTION, shut);
  curl_he_connect_setopt(race, CURLHECONNECT_CLOSESOCKETDATA, s);
}

static void a_factory(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct sockaddr_in sa[] = { inet("127.0.0.4", port),
                              inet(SILENT_AT, silent_port),
                              inet("127.0.0.3", port) };
  struct addrinfo ai[3];
  struct shop s = { .refuse = 1 };
  curl_socket_t fd;
  (void)state;
  use(&s);
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 3));
  assert_int_equal(curl_he_connect(race, NULL, NULL, 0, &fd), CURL_HE_OK);
  assert_int_equal(number(CURLHEINFO_PORT), port);
  close(fd);
  assert_int_equal(s.made, 2);
  assert_int_equal(s.seen, 2);
  assert_int_equal(s.closed, 1);
  s.refuse = 3;
  assert_int_equal(curl_he_connect(race, NULL, NULL, 0, &fd),
                   CURL_HE_COULDNT_CONNECT);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), ECANCELED);
  s = (struct shop){ .made = 0 };   /* nobody takes it: it is closed */
  assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_OK);
  curl_he_connect_cleanup(race);
  assert_int_equal(s.made, s.closed);
  race = curl_he_connect_init(he);
  close(l);
}

static void spin(he_time_ns ns)
{
  const he_time_ns until = he_time_add(he_clock_now(), ns);
  while(he_clock_now() < until)
    continue;
}

/* Whenever it is cleaned up, about when the winner is known above all: what the
   application has made is closed by its word. */
static void a_factory_that_closes(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 128);
  struct sockaddr_in sa = inet("127.0.0.3", port);
  struct addrinfo ai;
  (void)state;
  fcntl(l, F_SETFL, O_NONBLOCK);
  for(unsigned i = 0; i < 4000; i++) {
    struct shop s = { .made = 0 };
    use(&s);
    curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
    assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_OK);
    while(i % 8 && !__atomic_load_n(&s.seen, __ATOMIC_ACQUIRE))
      continue;
    spin(i % 200 * 500);
    curl_he_connect_cleanup(race);
    race = curl_he_connect_init(he);
    assert_int_equal(s.made, s.closed);
    for(int fd = accept(l, NULL, NULL); fd >= 0; fd = accept(l, NULL, NULL))
      close(fd);
  }
  close(l);
}

/* What is connected already is sent from where it is. */
static void a_connected_socket(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct shop s = { .refuse = 0 };
  curl_socket_t fd;
  (void)state;
  use(&s);
  curl_he_connect_setopt(race, CURLHECONNECT_OPENSOCKETFUNCTION,
                         make_connected);
  curl_he_connect_setopt(race, CURLHECONNECT_SOCKOPTFUNCTION, say_connected);
  curl_he_connect_setopt(race, CURLHECONNECT_LOCAL_IPV4, "127.0.0.9");
  assert_int_equal(curl_he_connect(race, "127.0.0.3", &port, 1, &fd),
                   CURL_HE_OK);
  assert_int_equal(number(CURLHEINFO_PORT), port);
  close(fd);
  close(l);
}

/* -- not blocking -- */

static bool readable(curl_socket_t fd, int ms)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  return poll(&p, 1, ms) == 1;
}

static void by_descriptor(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct sockaddr_in sa[] = { inet(SILENT_AT, silent_port),
                              inet("127.0.0.3", port) };
  struct addrinfo ai[2];
  const curl_socket_t poll_fd = curl_he_connect_fd(race);
  curl_socket_t fd;
  (void)state;
  assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_BAD_POINTER);
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 2));
  curl_he_connect_setopt(race, CURLHEOPT_DELAY_MS, 200L);
  for(int i = 0; i < 2; i++) {
    assert_false(readable(poll_fd, 0));
    assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_OK);
    assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_BUSY);
    assert_int_equal(curl_he_connect_setopt(race, CURLHEOPT_DELAY_MS, 50L),
                     CURL_HE_BUSY);
    assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_AGAIN);
    assert_true(readable(poll_fd, 10000));
    assert_int_equal(curl_he_connect_fd(race), poll_fd);
    assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_OK);
    assert_int_equal(number(CURLHEINFO_PORT), port);
    assert_int_equal(number(CURLHEINFO_DELAY_MS), 200);
    close(fd);
    assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_BAD_POINTER);
    assert_int_equal(fd, CURL_SOCKET_BAD);
  }
  /* asked for afterwards: it is readable at once */
  curl_he_connect_start(race, NULL, NULL, 0);
  assert_true(readable(poll_fd, 10000));
  close(l);
}

static void cancelled(void **state)
{
  struct sockaddr_in sa = inet(SILENT_AT, silent_port);
  struct addrinfo ai;
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
  assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_OK);
  assert_int_equal(curl_he_connect_cancel(race), CURL_HE_OK);
  assert_true(readable(curl_he_connect_fd(race), 10000));
  assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_CANCELLED);
  assert_int_equal(curl_he_connect_cancel(race), CURL_HE_OK);   /* it is over */
}

static void *cancel_always(void *arg)
{
  while(!__atomic_load_n((bool *)arg, __ATOMIC_RELAXED))
    curl_he_connect_cancel(race);
  return NULL;
}

/* Also while one race takes the place of the last one. */
static void cancelled_at_any_time(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.2", &port, 128);
  struct sockaddr_in sa = inet("127.0.0.2", port);
  struct addrinfo ai;
  pthread_t threads[3];
  bool enough = false;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
  for(int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, cancel_always,
                                    &enough), 0);
  for(int i = 0; i < 3000; i++) {
    curl_socket_t fd;
    const CURLHEcode code = curl_he_connect(race, NULL, NULL, 0, &fd);
    if(code) {
      assert_int_equal(code, CURL_HE_CANCELLED);
      continue;
    }
    close(fd);
    close(accept(l, NULL, NULL));
  }
  __atomic_store_n(&enough, true, __ATOMIC_RELAXED);
  for(int i = 0; i < 3; i++)
    pthread_join(threads[i], NULL);
  close(l);
}

static void *cancel_once(void *arg)
{
  const uint64_t *ns = arg;
  const struct timespec t = { .tv_nsec = (long)*ns };
  nanosleep(&t, NULL);
  curl_he_connect_cancel(race);
  return NULL;
}

static void take_all(int l)
{
  for(int fd = accept(l, NULL, NULL); fd >= 0; fd = accept(l, NULL, NULL))
    close(fd);
}

/* Called about when the race ends, it is nothing to the next one. */
static void cancelled_too_late(void **state)
{
  uint16_t port[2] = { 0, 0 };
  const int l[2] = { listen_at("127.0.0.2", &port[0], 128),
                     listen_at("127.0.0.2", &port[1], 128) };
  struct sockaddr_in sa[] = { inet("127.0.0.2", port[0]),
                              inet("127.0.0.2", port[1]) };
  struct addrinfo ai[2];
  (void)state;
  fcntl(l[0], F_SETFL, O_NONBLOCK);
  fcntl(l[1], F_SETFL, O_NONBLOCK);
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 2));
  for(int i = 0; i < 2000; i++) {
    uint64_t ns = (uint64_t)(i % 100) * 2000;
    curl_socket_t fd;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_once, &ns), 0);
    if(!curl_he_connect(race, NULL, NULL, 0, &fd))
      close(fd);
    pthread_join(thread, NULL);
    assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_OK);
    close(fd);
    take_all(l[0]);
    take_all(l[1]);
  }
  close(l[0]);
  close(l[1]);
}

static void *cancel_soon(void *arg)
{
  sleep_ms(50);
  curl_he_connect_cancel(arg);
  return NULL;
}

static void cancelled_from_another_thread(void **state)
{
  struct sockaddr_in sa = inet(SILENT_AT, silent_port);
  struct addrinfo ai;
  pthread_t thread;
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
  assert_int_equal(pthread_create(&thread, NULL, cancel_soon, race), 0);
  assert_int_equal(curl_he_connect(race, NULL, NULL, 0, &fd),
                   CURL_HE_CANCELLED);
  pthread_join(thread, NULL);
}

static void *connect_slowly(void *arg)
{
  CURLHEcode *code = arg;
  curl_socket_t fd;
  *code = curl_he_connect(race, NULL, NULL, 0, &fd);
  return code;
}

/* A thread is not ended while it races: the race would be left running. */
static void a_cancelled_thread(void **state)
{
  struct sockaddr_in sa = inet(SILENT_AT, silent_port);
  struct addrinfo ai;
  CURLHEcode code = CURL_HE_OK;
  curl_socket_t fd;
  pthread_t thread;
  void *end;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
  assert_int_equal(pthread_create(&thread, NULL, connect_slowly, &code), 0);
  while(curl_he_connect_result(race, &fd) != CURL_HE_AGAIN)
    sleep_ms(1);
  sleep_ms(20);
  pthread_cancel(thread);
  sleep_ms(20);
  curl_he_connect_cancel(race);
  pthread_join(thread, &end);
  assert_ptr_equal(end, &code);
  assert_int_equal(code, CURL_HE_CANCELLED);
}

static void *init_cancelled(void *arg)
{
  pthread_cancel(pthread_self());
  *(CURLHErace **)arg = curl_he_connect_init(NULL);
  return NULL;
}

/* Nor while it reads what the default context begins with. */
static void a_cancelled_init(void **state)
{
  int status;
  const pid_t pid = fork_with_threads();
  (void)state;
  if(!pid) {
    CURLHErace *r = NULL;
    pthread_t thread;
    setenv("CURL_HE_CONFIG", "/dev/null", 1);
    if(pthread_create(&thread, NULL, init_cancelled, &r))
      _exit(2);
    pthread_join(thread, NULL);
    _exit(!r);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* -- in the background -- */

struct call {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned times;
  CURLHEcode code[4];
  long port[4];
  unsigned next;              /* goes on so often */
  bool cleans;
};

static void on_connected(CURLHErace *r, CURLHEcode code, curl_socket_t fd,
                         void *data)
{
  struct call *c = data;
  pthread_mutex_lock(&c->lock);
  c->code[c->times] = code;
  curl_he_connect_getinfo(r, CURLHEINFO_PORT, &c->port[c->times]);
  if(fd != CURL_SOCKET_BAD)
    close(fd);
  if(c->next) {
    c->next--;
    curl_he_connect_next(r, NULL);
  }
  else if(c->cleans)
    curl_he_connect_cleanup(r);
  c->times++;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
}

static void expect_call(struct call *c)
{
  *c = (struct call){ .times = 0 };
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->changed, NULL);
  curl_he_connect_setopt(race, CURLHECONNECT_DONEFUNCTION, on_connected);
  curl_he_connect_setopt(race, CURLHECONNECT_DONEDATA, c);
}

static void await_calls(struct call *c, unsigned n)
{
  pthread_mutex_lock(&c->lock);
  while(c->times < n)
    pthread_cond_wait(&c->changed, &c->lock);
  pthread_mutex_unlock(&c->lock);
}

/* The callback goes on, and is called again; at last it cleans up. */
static void by_callback(void **state)
{
  uint16_t port[2] = { 0, 0 };
  const int l[2] = { listen_at("127.0.0.3", &port[0], 5),
                     listen_at("127.0.0.3", &port[1], 5) };
  struct call c;
  curl_socket_t fd;
  (void)state;
  expect_call(&c);
  c.next = 2;
  names_mean("127.0.0.3");
  assert_int_equal(curl_he_connect_start(race, HOST, port, 2), CURL_HE_OK);
  await_calls(&c, 3);
  assert_int_equal(c.code[0], CURL_HE_OK);
  assert_int_equal(c.port[0], port[0]);
  assert_int_equal(c.code[1], CURL_HE_OK);
  assert_int_equal(c.port[1], port[1]);
  assert_int_equal(c.code[2], CURL_HE_COULDNT_CONNECT);
  assert_int_equal(c.port[2], 0);
  assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_BAD_POINTER);
  expect_call(&c);
  c.cleans = true;
  assert_int_equal(curl_he_connect_start(race, HOST, port, 1), CURL_HE_OK);
  await_calls(&c, 1);
  race = curl_he_connect_init(he);
  close(l[0]);
  close(l[1]);
}

/* The upper layer goes on, blocking and not. */
static void on_with_the_rest(void **state)
{
  uint16_t port[3] = { 0, 0, 0 };
  int l[3];
  curl_socket_t fd;
  (void)state;
  for(int i = 0; i < 3; i++)
    l[i] = listen_at("127.0.0.3", &port[i], 5);
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_BAD_POINTER);
  names_mean("127.0.0.3");
  assert_int_equal(curl_he_connect(race, HOST, port, 3, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.3", port[0]);
  close(fd);
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.3", port[1]);
  close(fd);
  assert_int_equal(curl_he_connect_next(race, NULL), CURL_HE_OK);
  assert_true(readable(curl_he_connect_fd(race), 10000));
  assert_int_equal(curl_he_connect_result(race, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.3", port[2]);
  close(fd);
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_COULDNT_CONNECT);
  assert_null(text(CURLHEINFO_WINNER));
  for(int i = 0; i < 3; i++)
    close(l[i]);
}

/* What was called off for a winner, and runs into the next race's deadline, is
   one failure. */
static void late_at_last(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct sockaddr_in sa[] = { inet(SILENT_AT, silent_port),
                              inet("127.0.0.3", port) };
  struct addrinfo ai[2];
  char failed[100];
  curl_socket_t fd;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(ai, sa, 2));
  curl_he_connect_setopt(race, CURLHEOPT_CONNECTTIMEOUT_MS, 500L);
  assert_int_equal(curl_he_connect(race, NULL, NULL, 0, &fd), CURL_HE_OK);
  assert_won(fd, "127.0.0.3", port);
  close(fd);
  assert_int_equal(curl_he_connect_next(race, &fd), CURL_HE_TIMEDOUT);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 3);
  snprintf(failed, sizeof(failed), SILENT_AT ":%u: Connection timed out",
           silent_port);
  assert_string_equal(text(CURLHEINFO_FAILURES), failed);
  assert_int_equal(number(CURLHEINFO_OS_ERRNO), ETIMEDOUT);
  close(l);
}

/* -- what is wrong -- */

static void wrong_arguments(void **state)
{
  unsigned short ports[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  CURLHErace *r = race;
  curl_socket_t fd;
  long n;
  (void)state;
#define BAD(call) assert_int_equal(call, CURL_HE_BAD_POINTER)
  BAD(curl_he_connect(NULL, HOST, ports, 1, &fd));
  BAD(curl_he_connect(r, NULL, ports, 1, &fd));
  BAD(curl_he_connect(r, "", ports, 1, &fd));
  BAD(curl_he_connect(r, HOST, NULL, 1, &fd));
  BAD(curl_he_connect(r, HOST, ports, 0, &fd));
  BAD(curl_he_connect(r, HOST, ports, 9, &fd));
  BAD(curl_he_connect(r, HOST, ports, 1, NULL));
  ports[0] = 0;
  BAD(curl_he_connect(r, HOST, ports, 1, &fd));
  BAD(curl_he_connect_start(NULL, HOST, ports, 1));
  BAD(curl_he_connect_cancel(NULL));
  BAD(curl_he_connect_getinfo(r, CURLHEINFO_PORT, (long *)NULL));
  assert_int_equal(curl_he_connect_getinfo(r, CURLHEINFO_KNOWN, &n),
                   CURL_HE_UNKNOWN_OPTION);
  assert_int_equal((curl_he_connect_setopt)(r, 1, 1L),
                   CURL_HE_UNKNOWN_OPTION);
  assert_int_equal(curl_he_connect_setopt(r, CURLHEOPT_LOOKUP, 1L),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_connect_setopt(r, CURLHEOPT_HISTORY_SIZE, 1L),
                   CURL_HE_WRONG_SCOPE);
  assert_int_equal(curl_he_connect_setopt(r, CURLHEOPT_DELAY_MS, 1L),
                   CURL_HE_BAD_OPTION);
  assert_int_equal(curl_he_connect_fd(NULL), CURL_SOCKET_BAD);
  curl_he_connect_cleanup(NULL);
}

/* -- history, trace, many, and two processes -- */

struct seen {
  unsigned starts, ends;
};

static void on_step(CURL *easy, const char *host, int port,
                    const struct curl_he_step *s, void *data)
{
  struct seen *seen = data;
  assert_null(easy);
  assert_string_equal(host, HOST);
  assert_true(port);
  seen->starts += s->step == CURL_HE_STEP_START;
  seen->ends += s->step == CURL_HE_STEP_WON || s->step == CURL_HE_STEP_LOST;
}

/* The next connect begins with what worked; and both are counted, and told. */
static void learns(void **state)
{
  uint16_t port = silent_port;
  const int l = listen_at("127.0.0.3", &port, 50);
  struct curl_he_stats stats;
  struct seen seen = { 0, 0 };
  curl_socket_t fd;
  (void)state;
  if(l < 0)
    skip();                   /* somebody else has this port */
  names_mean(SILENT_AT " 127.0.0.3");
  curl_he_connect_setopt(race, CURLHEOPT_TRACEFUNCTION, on_step);
  curl_he_connect_setopt(race, CURLHEOPT_TRACEDATA, &seen);
  /* silent for as long as it takes to be sure */
  curl_he_connect_setopt(race, CURLHEOPT_DELAY_MS, 600L);
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd), CURL_HE_OK);
  close(fd);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 2);
  assert_int_equal(curl_he_connect(race, HOST, &port, 1, &fd), CURL_HE_OK);
  close(fd);
  assert_int_equal(number(CURLHEINFO_ATTEMPTS), 1);
  assert_string_equal(text(CURLHEINFO_WINNER), "127.0.0.3");
  assert_int_equal(seen.starts, 3);
  assert_int_equal(seen.ends, 2);
  assert_int_equal(curl_he_stats(he, &stats, sizeof(stats)), CURL_HE_OK);
  assert_int_equal(stats.connects_ipv4, 2);
  assert_int_equal(stats.attempts, 3);
  assert_int_equal(stats.races, 1);
  close(l);
}

#define MANY 200

static void many_at_once(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, MANY);
  CURLHErace *r[MANY];
  curl_socket_t fd;
  (void)state;
  names_mean("127.0.0.3");
  for(int i = 0; i < MANY; i++) {
    r[i] = curl_he_connect_init(he);
    assert_int_equal(curl_he_connect_start(r[i], HOST, &port, 1), CURL_HE_OK);
  }
  for(int i = 0; i < MANY; i++) {
    assert_true(readable(curl_he_connect_fd(r[i]), 20000));
    assert_int_equal(curl_he_connect_result(r[i], &fd), CURL_HE_OK);
    close(fd);
    curl_he_connect_cleanup(r[i]);
  }
  close(l);
}

/* A child may clean up what it has inherited, and races by itself. */
static void in_a_child(void **state)
{
  uint16_t port = 0;
  const int l = listen_at("127.0.0.3", &port, 5);
  struct sockaddr_in sa = inet(SILENT_AT, silent_port);
  struct addrinfo ai;
  int status;
  pid_t pid;
  (void)state;
  curl_he_connect_setopt(race, CURLHECONNECT_ADDRESSES, given(&ai, &sa, 1));
  assert_int_equal(curl_he_connect_start(race, NULL, NULL, 0), CURL_HE_OK);
  pause_short();
  pid = fork_with_threads();
  if(!pid) {
    CURLHErace *mine = curl_he_connect_init(he);
    curl_socket_t fd;
    names_mean("127.0.0.3");
    curl_he_connect_cleanup(race);
    _exit(curl_he_connect(mine, HOST, &port, 1, &fd) != CURL_HE_OK);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(by_name), TEST(two_ports), TEST(all_fail), TEST(no_address),
    TEST(too_late), TEST(given_lists),
    TEST(long_list), TEST(each_address_once), TEST(literals),
    TEST(from_here), TEST(from_an_interface),
    TEST(a_factory), TEST(a_connected_socket),
    TEST(a_factory_that_closes),
    TEST(by_descriptor), TEST(cancelled),
    TEST(cancelled_from_another_thread), TEST(cancelled_at_any_time),
    TEST(cancelled_too_late), TEST(a_cancelled_thread),
    TEST(a_cancelled_init),
    TEST(by_callback),
    TEST(on_with_the_rest), TEST(late_at_last),
    TEST(wrong_arguments), TEST(learns),
    TEST(many_at_once), TEST(in_a_child), TEST(no_libcurl_is_there)
  };
  int failed;
  setenv("CURL_HE_CONFIG", "", 1);
  silent = silent_at(SILENT_AT, &silent_port, fill);
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  for(int i = 0; i < FILL; i++)
    close(fill[i]);
  close(silent);
  return failed;
}
