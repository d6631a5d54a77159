/* SPDX-License-Identifier: MIT */
#include "real.h"
#include "server.h"
#include "../easy/libcurls.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint16_t port;
static int silent[2], fill[2][FILL];
static unsigned names;

bool network(void)
{
  silent[0] = silent_at(SILENT, &port, fill[0]);
  silent[1] = silent_at(SILENT2, &port, fill[1]);
  names_mean(SILENT " " GOOD);
  return silent[0] >= 0 && silent[1] >= 0 && server_start(GOOD, &port);
}

void no_network(void)
{
  server_stop();
  for(int k = 0; k < 2; k++) {
    close(silent[k]);
    for(int i = 0; i < FILL; i++)
      close(fill[k][i]);
  }
}

static size_t swallow(char *p, size_t size, size_t n, void *arg)
{
  (void)p;
  (void)arg;
  return size * n;
}

void aim(CURL *e, long timeout_ms)
{
  char url[100];
  snprintf(url, sizeof(url), "http://n%u.life.test:%u/",
           __atomic_add_fetch(&names, 1, __ATOMIC_SEQ_CST), (unsigned)port);
  curl_easy_setopt(e, CURLOPT_URL, url);
  curl_easy_setopt(e, CURLOPT_PROXY, "");
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout_ms);
}

void aim_at(CURL *e, const char *host)
{
  char url[100];
  snprintf(url, sizeof(url), "http://%s.life.test:%u/", host, (unsigned)port);
  curl_easy_setopt(e, CURLOPT_URL, url);
}

CURL *new_easy(long timeout_ms)
{
  CURL *e = curl_easy_init();
  if(!e)
    abort();
  aim(e, timeout_ms);
  return e;
}

bool he_is_needed(void)
{
  return !libcurl_races();
}

void print_race(CURL *e)
{
  struct curl_he_steps race;
  if(curl_he_easy_getinfo(e, CURLHEINFO_RACE, &race))
    return;
  for(size_t i = 0; i < race.count; i++) {
    const struct curl_he_step *s = &race.steps[i];
    print_message("# %7.1f ms: step %d %s %s\n", (double)s->time_us / 1000,
                  (int)s->step, s->address ? s->address : "",
                  s->libcurls ? "(libcurl's)" : s->text ? s->text : "");
  }
}

void assert_raced(CURL *e)
{
  long handed = 0;
  assert_int_equal(curl_he_easy_getinfo(e, CURLHEINFO_HANDED_OVER, &handed),
                   CURL_HE_OK);
  if(handed != he_is_needed())
    print_race(e);
  assert_int_equal(handed, he_is_needed());
}

void assert_nothing_left(void)
{
  curl_he_free(curl_he_default());
  assert_int_equal(threads_left(1), 0);   /* but for the server */
  assert_int_equal(own_netlinks(), 0);
}

void drive(CURLM *m, unsigned ms)
{
  he_time_ns start = he_clock_now();
  int running = 1;
  do {
    curl_multi_perform(m, &running);
    curl_multi_poll(m, NULL, 0, 5, NULL);
  } while(running && elapsed_ms(start) < ms);
}

/* -- what there is -- */

/* One that tells of changes of the network, or answers about it? */
static bool is_netlink(int fd)
{
  int domain = 0;
  socklen_t len = sizeof(domain);
  return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
         domain == AF_NETLINK;
}

static unsigned count_fds(const char *kind, int from, bool netlink)
{
  DIR *d = opendir("/proc/self/fd");
  const struct dirent *e;
  unsigned n = 0;
  if(!d)
    abort();
  while((e = readdir(d)) != NULL) {
    char target[100];
    ssize_t len = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);
    if(len > 0 && atoi(e->d_name) >= from &&
       is_netlink(atoi(e->d_name)) == netlink) {
      target[len] = 0;
      n += !strncmp(target, kind, strlen(kind));
    }
  }
  closedir(d);
  return n;
}

static int first_own(void)
{
  struct rlimit limit;
  if(getrlimit(RLIMIT_NOFILE, &limit))
    abort();
  return limit.rlim_cur / 2 < 16384 ? (int)(limit.rlim_cur / 2) : 16384;
}

unsigned own_sockets(void)
{
  return count_fds("socket:", first_own(), false);
}

unsigned own_netlinks(void)
{
  return count_fds("socket:", first_own(), true);
}

unsigned own_others(void)
{
  return count_fds("anon_inode:[eventpoll]", 0, false) +
         count_fds("anon_inode:[timerfd]", 0, false);
}

unsigned own_sockets_left(void)
{
  unsigned n;
  /* what is probed in the background is no race's */
  curl_he_history_forget(curl_he_default(), NULL);
  n = own_sockets();
  for(int ms = 0; n && ms < 10000; ms += 10) {
    sleep_ms(10);
    n = own_sockets();
  }
  return n;
}

/* Is this one of those that fill a silent listener's queue? */
static bool fills(unsigned local_port)
{
  for(int i = 0; i < 2 * FILL; i++) {
    struct sockaddr_in in;
    socklen_t len = sizeof(in);
    if(!getsockname(fill[i / FILL][i % FILL], (struct sockaddr *)&in, &len) &&
       ntohs(in.sin_port) == local_port)
      return true;
  }
  return false;
}

static unsigned count_syn_sent(const char *to)
{
  FILE *f = fopen("/proc/net/tcp", "r");
  char line[300];
  unsigned n = 0;
  if(!f)
    abort();
  while(fgets(line, sizeof(line), f)) {
    unsigned from, ip, at, state;
    n += sscanf(line, " %*u: %*8x:%4x %8x:%4x %2x", &from, &ip, &at,
                &state) == 4 &&
         ip == inet_addr(to) && at == port && state == 2 && !fills(from);
  }
  fclose(f);
  return n;
}

unsigned syn_sent_to(const char *ip)
{
  unsigned n = count_syn_sent(ip);
  for(int ms = 0; n && ms < 10000; ms += 10) {
    sleep_ms(10);
    n = count_syn_sent(ip);
  }
  return n;
}

int end_of(pid_t pid, int limit_ms)
{
  int status = -1;
  for(int ms = 0; pid > 0 && ms < limit_ms; ms += 5) {
    if(waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    sleep_ms(5);
  }
  if(pid > 0) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  return HUNG;
}

bool ends_well(pid_t pid)
{
  return end_of(pid, 30000) == 0;
}
