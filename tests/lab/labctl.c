/* SPDX-License-Identifier: MIT */
#include "labctl.h"
#include "scenarios.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static _Thread_local char reason[256];

static void *say(const char *text)
{
  snprintf(reason, sizeof(reason), "%s", text);
  return NULL;
}

const char *lab_error(void)
{
  return reason;
}

static int call(void)
{
  const char *path = getenv("HE_LAB_CONTROL");
  struct sockaddr_un sa;
  int fd;
  if(!path || strlen(path) >= sizeof(sa.sun_path)) {
    say("not inside a laboratory");
    return -1;
  }
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memset(&sa, 0, sizeof(sa));
  sa.sun_family = AF_UNIX;
  strcpy(sa.sun_path, path);
  if(fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
    say(strerror(errno));
    if(fd >= 0)
      close(fd);
    return -1;
  }
  return fd;
}

static char *read_all(int fd)
{
  size_t len = 0;
  size_t room = 0;
  char *text = NULL;
  for(;;) {
    ssize_t n;
    if(room - len < 2) {
      char *more = realloc(text, room = room ? room * 2 : 4096);
      if(!more)
        break;
      text = more;
    }
    n = read(fd, text + len, room - len - 1);
    if(n < 0 && errno == EINTR)
      continue;
    if(n < 0)
      break;
    text[len += (size_t)n] = 0;
    if(!n)
      return text;
  }
  say(strerror(errno));
  free(text);
  return NULL;
}

static bool send_line(int fd, const char *line)
{
  char copy[512];
  int n = snprintf(copy, sizeof(copy), "%s\n", line);
  if(n < 0 || (size_t)n >= sizeof(copy)) {
    say("request too long");
    return false;
  }
  if(send(fd, copy, (size_t)n, MSG_NOSIGNAL) == n)
    return true;
  say(strerror(errno));
  return false;
}

char *lab_request(const char *line)
{
  char *text;
  int fd = call();
  if(fd < 0)
    return NULL;
  text = send_line(fd, line) ? read_all(fd) : NULL;
  close(fd);
  if(!text)
    return NULL;
  if(!strncmp(text, "ok\n", 3)) {
    memmove(text, text + 3, strlen(text + 3) + 1);
    return text;
  }
  text[strcspn(text, "\n")] = 0;
  say(strncmp(text, "error ", 6) ? "no answer" : text + 6);
  free(text);
  return NULL;
}

static int command(const char *line)
{
  char *text = lab_request(line);
  free(text);
  return text ? 0 : -1;
}

bool lab_available(void)
{
  return !command("rules");
}

int lab_reset(void)
{
  return command("reset");
}

int lab_restore(void)
{
  return command("restore");
}

long lab_syns(const char *addr)
{
  char line[128];
  char *text;
  long n;
  snprintf(line, sizeof(line), "syns %s", addr);
  text = lab_request(line);
  if(!text)
    return -1;
  n = strtol(text, NULL, 10);
  free(text);
  return n;
}

static long syns_list(const struct lab_address *list)
{
  long sum = 0;
  for(; list->addr; list++) {
    long n = lab_syns(list->addr);
    if(n < 0)
      return -1;
    sum += n;
  }
  return sum;
}

long lab_syns_host(const char *host)
{
  const struct lab_scenario *s = lab_scenario_host(host);
  long v6;
  long v4;
  if(!s) {
    say("no such host in the table of scenarios");
    return -1;
  }
  v6 = syns_list(s->v6);
  v4 = syns_list(s->v4);
  return v6 < 0 || v4 < 0 ? -1 : v6 + v4;
}

/* A line of the record. */
static bool read_packet(const char *line, struct lab_packet *p, bool all)
{
  int n = 0;
  memset(p, 0, sizeof(*p));
  if(sscanf(line, "%" SCNd64 " %45s %u %45s %u %u %u %u %c%n", &p->time_ns,
            p->src, &p->sport, p->dst, &p->dport, &p->proto, &p->flags,
            &p->length, &p->fate, &n) != 9)
    return false;
  return !all || sscanf(line + n, " %u %u %u %u %u %63s", &p->payload, &p->id,
                        &p->type, &p->rcode, &p->answers, p->name) == 6;
}

static long read_record(bool all, int (*each)(const struct lab_packet *packet,
                                              void *user), void *user)
{
  char *text = lab_request(all ? "traffic" : "log");
  char *save = NULL;
  char *line;
  long n = 0;
  if(!text)
    return -1;
  for(line = strtok_r(text, "\n", &save); line;
      line = strtok_r(NULL, "\n", &save)) {
    struct lab_packet p;
    if(!read_packet(line, &p, all)) {
      say("the record cannot be read");
      n = -1;
      break;
    }
    n++;
    if(each(&p, user))
      break;
  }
  free(text);
  return n;
}

long lab_packets(int (*each)(const struct lab_packet *packet, void *user),
                 void *user)
{
  return read_record(false, each, user);
}

long lab_traffic(int (*each)(const struct lab_packet *packet, void *user),
                 void *user)
{
  return read_record(true, each, user);
}

int lab_rule(const char *prefix, const char *words)
{
  char line[400];
  if(snprintf(line, sizeof(line), "rule %s %s", prefix, words) >=
     (int)sizeof(line)) {
    say("rule too long");
    return -1;
  }
  return command(line);
}

int lab_nat64(const char *prefixes)
{
  char line[400];
  if(snprintf(line, sizeof(line), "nat64 %s", prefixes) >= (int)sizeof(line)) {
    say("too many prefixes");
    return -1;
  }
  return command(line);
}

int lab_pref64(const char *prefix, unsigned int lifetime_s)
{
  char line[100];
  snprintf(line, sizeof(line), "pref64 %.60s %u", prefix, lifetime_s);
  return command(line);
}

int64_t lab_now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
