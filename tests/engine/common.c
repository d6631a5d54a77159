/* SPDX-License-Identifier: MIT */
#include "common.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 10000

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define TSAN 1
#endif
#ifdef __SANITIZE_ADDRESS__
#define ASAN 1
#endif
#ifndef TSAN
#define TSAN 0
#endif
#ifndef ASAN
#define ASAN 0
#endif

static uint64_t dice;

void test_seed(void)
{
  const char *given = getenv("HE_SEED");
  dice = given ? strtoull(given, NULL, 0) :
         (uint64_t)he_clock_now() * 1000003u + (uint64_t)getpid();
  if(!dice)
    dice = 1;
  printf("# HE_SEED=%llu\n", (unsigned long long)dice);
  fflush(stdout);
}

unsigned roll_of(uint64_t *d, unsigned sides)
{
  *d ^= *d << 13;
  *d ^= *d >> 7;
  *d ^= *d << 17;
  return (unsigned)((*d >> 20) % sides);
}

unsigned roll(unsigned sides)
{
  return roll_of(&dice, sides);
}

uint64_t new_dice(void)
{
  roll(2);
  return dice;
}

unsigned rounds(unsigned n)
{
  if(TSAN || ASAN || getenv("HE_SLOW"))
    return n / 5 + 1;
  return getenv("HE_QUICK") ? n / 2 + 1 : n;
}

#if TSAN
/* A child of a process with threads may have threads, too. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
  return "die_after_fork=0";
}
#endif

void end_with_parent(void)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

pid_t fork_with_threads(void)
{
  pid_t pid = fork();
  if(!pid)
    end_with_parent();
  if(TSAN && !pid) {
    pthread_attr_t attr;
    size_t size;
    if(pthread_getattr_default_np(&attr) ||
       pthread_attr_getstacksize(&attr, &size) ||
       pthread_attr_setstacksize(&attr, 2 * size) ||
       pthread_setattr_default_np(&attr))
      _exit(125);
  }
  return pid;
}

bool under_tsan(void)
{
  return TSAN;
}

/* -- counting -- */

static int count_entries(const char *path)
{
  DIR *d = opendir(path);
  int n = 0;
  if(!d)
    return -1;
  while(readdir(d))
    n++;
  closedir(d);
  return n;
}

static int threads(void)
{
  return count_entries("/proc/self/task");
}

static int fds(void)
{
  return count_entries("/proc/self/fd");
}

static int threads_at_start, fds_at_start;

static void *nothing(void *arg)
{
  return arg;
}

void count_start(void)
{
  pthread_t t;
  if(!pthread_create(&t, NULL, nothing, NULL))
    pthread_join(t, NULL);
  sleep_ms(50);
  threads_at_start = threads();
  fds_at_start = fds();
}

static int left(int (*count)(void), int want)
{
  int n = count();
  for(int ms = 0; n > want && ms < PATIENCE_MS; ms += 10) {
    sleep_ms(10);
    n = count();
  }
  return n - want;
}

int threads_left(int but)
{
  return left(threads, threads_at_start + but);
}

int fds_left(void)
{
  return left(fds, fds_at_start);
}

void sleep_ms(unsigned ms)
{
  struct timespec ts = { .tv_sec = ms / 1000 };
  ts.tv_nsec = (long)(ms % 1000) * 1000000;
  while(nanosleep(&ts, &ts) && errno == EINTR)
    ;
}

unsigned elapsed_ms(he_time_ns since)
{
  return (unsigned)((he_clock_now() - since) / HE_MS(1));
}

/* -- loopback -- */

struct he_addr addr_of(const char *ip, uint16_t port)
{
  struct he_addr a;
  if(!he_addr_parse(&a, ip))
    abort();
  a.port = port;
  return a;
}

static int bound_at(const char *ip, uint16_t *port)
{
  struct he_addr a = addr_of(ip, *port);
  struct sockaddr_storage sa;
  socklen_t len = (socklen_t)he_addr_to_sockaddr(&a, (struct sockaddr *)&sa,
                                                 sizeof(sa));
  int on = 1;
  int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if(fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if(bind(fd, (struct sockaddr *)&sa, len) ||
     getsockname(fd, (struct sockaddr *)&sa, &len) ||
     !he_addr_from_sockaddr(&a, (struct sockaddr *)&sa, len)) {
    close(fd);
    return -1;
  }
  *port = a.port;
  return fd;
}

int listen_at(const char *ip, uint16_t *port, int backlog)
{
  int fd = bound_at(ip, port);
  if(fd >= 0 && listen(fd, backlog)) {
    close(fd);
    return -1;
  }
  return fd;
}

/* With a backlog of 0 Linux lets one connection wait to be accepted. What
   comes after it gets no answer. */
int silent_at(const char *ip, uint16_t *port, int fill[FILL])
{
  int fd = listen_at(ip, port, 0);
  struct he_addr a;
  if(fd < 0)
    return -1;
  a = addr_of(ip, *port);
  for(int i = 0; i < FILL; i++) {
    fill[i] = connect_to(&a);
    if(!i && !connects(fill[i]))
      abort();
  }
  return fd;
}

uint16_t closed_port(const char *ip)
{
  uint16_t port = 0;
  int fd = bound_at(ip, &port);
  if(fd < 0)
    abort();
  close(fd);
  return port;
}

int connect_to(const struct he_addr *a)
{
  struct sockaddr_storage sa;
  socklen_t len = (socklen_t)he_addr_to_sockaddr(a, (struct sockaddr *)&sa,
                                                 sizeof(sa));
  int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if(fd >= 0)
    connect(fd, (struct sockaddr *)&sa, len);
  return fd;
}

bool connects(int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLOUT };
  int error = 0;
  socklen_t len = sizeof(error);
  return poll(&p, 1, PATIENCE_MS) == 1 &&
         !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) && !error;
}
