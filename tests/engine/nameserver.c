/* SPDX-License-Identifier: MIT */
#include "nameserver.h"
#include "common.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVERS 2             /* the second one never answers */
#define HEADER 12
#define CNAME 5
#define NAME_MOST 256
#define LATER_MOST 64
#define LOG_MOST 2000
#define ZONE_MOST 20

static const char *const addresses[SERVERS] = { "127.0.0.53", "127.0.0.54" };

struct question {
  char name[NAME_MOST];
  enum ns_type type;
};

/* an answer that is sent when its time has come */
struct reply {
  he_time_ns due;
  struct sockaddr_in to;
  size_t len;
  unsigned char bytes[512];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ns_record zone[ZONE_MOST + 1];   /* ends as any table */
static struct question asked[LOG_MOST];
static unsigned asked_count;
static int fds[SERVERS];
static struct reply later[LATER_MOST];   /* the thread's */
static unsigned later_count;

/* -- what is said -- */

static bool same(const struct question *q, const char *name,
                 enum ns_type type)
{
  return (!name || !strcmp(q->name, name)) && (!type || q->type == type);
}

static unsigned count_locked(const char *name, enum ns_type type)
{
  unsigned n = 0;
  for(unsigned i = 0; i < asked_count; i++)
    n += same(&asked[i], name, type);
  return n;
}

static bool matches(const char *pattern, const char *name)
{
  size_t len = strlen(name), tail = strlen(pattern);
  if(strncmp(pattern, "*.", 2))
    return !strcmp(pattern, name);
  tail--;
  return len > tail && !strcmp(name + len - tail, pattern + 1);
}

static const char *look_up_locked(const struct question *q)
{
  bool known = false;
  for(int wild = 0; wild < 2 && !known; wild++) {
    for(const struct ns_record *r = zone; r->name; r++) {
      if((r->name[0] == '*') != wild || !matches(r->name, q->name))
        continue;
      known = true;
      if(r->type == q->type)
        return r->says;
    }
  }
  return known ? "nodata" : "nxdomain";
}

/* The part that is for who asks for the `nth` time. */
static void pick(const char *says, unsigned nth, char *part, size_t size)
{
  const char *end;
  while((end = strchr(says, '|')) != NULL && nth > 1) {
    says = end + 1;
    nth--;
  }
  snprintf(part, size, "%.*s", (int)(end ? (size_t)(end - says) :
                                     strlen(says)), says);
}

/* -- messages -- */

static bool parse(const unsigned char *m, size_t len, struct question *q,
                  size_t *end)
{
  size_t at = HEADER, n = 0;
  while(at < len && m[at]) {
    size_t label = m[at++];
    if(label > 63 || at + label > len || n + label + 2 > sizeof(q->name))
      return false;
    if(n)
      q->name[n++] = '.';
    for(; label; label--)
      q->name[n++] = (char)(m[at] >= 'A' && m[at] <= 'Z' ? m[at] + 32 : m[at]),
      at++;
  }
  q->name[n] = 0;
  if(at + 5 > len)
    return false;
  q->type = (enum ns_type)(m[at + 1] << 8 | m[at + 2]);
  *end = at + 5;
  return true;
}

static size_t put_name(unsigned char *p, const char *name)
{
  size_t n = 0;
  while(*name) {
    size_t label = strcspn(name, ".");
    p[n++] = (unsigned char)label;
    memcpy(p + n, name, label);
    n += label;
    name += label + (name[label] == '.');
  }
  p[n++] = 0;
  return n;
}

/* An address, or an alias "=name"; of `owner`. */
static void add_record(struct reply *r, const char *owner, enum ns_type type,
                       const char *word)
{
  unsigned char *p = r->bytes + r->len, *size;
  p += put_name(p, owner);
  memcpy(p, "\0\0\0\1\0\0\0\0\0", 10);
  p[1] = *word == '=' ? CNAME : (unsigned char)type;
  size = p + 9;
  p += 10;
  if(*word == '=')
    *size = (unsigned char)put_name(p, word + 1);
  else if(inet_pton(type == NS_A ? AF_INET : AF_INET6, word, p) == 1)
    *size = type == NS_A ? 4 : 16;
  else
    abort();
  r->len = (size_t)(p + *size - r->bytes);
  r->bytes[7]++;
}

/* False: there is nothing to send. */
static bool answer(struct reply *r, const struct question *q, char *says)
{
  static const struct {
    const char *word;
    unsigned char code;
  } codes[] = {
    { "nodata", 0 }, { "servfail", 2 }, { "nxdomain", 3 }, { "refused", 5 }
  };
  const char *owner = q->name;
  char *save = NULL;
  unsigned ms;
  int n = 0;
  r->due = he_clock_now();
  if(sscanf(says, "%u:%n", &ms, &n) == 1 && n) {
    r->due += HE_MS(ms);
    says += n;
  }
  if(!strcmp(says, "silent"))
    return false;
  if(!strcmp(says, "truncated")) {
    r->bytes[2] |= 2;         /* TC */
    return true;
  }
  for(size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
    if(!strcmp(says, codes[i].word)) {
      r->bytes[3] |= codes[i].code;
      return true;
    }
  }
  for(char *word = strtok_r(says, " ", &save); word;
      word = strtok_r(NULL, " ", &save)) {
    add_record(r, owner, q->type, word);
    if(*word == '=')
      owner = word + 1;
  }
  return true;
}

static bool take_question(const struct question *q, char *says, size_t size)
{
  pthread_mutex_lock(&lock);
  if(asked_count < LOG_MOST)
    asked[asked_count++] = *q;
  pick(look_up_locked(q), count_locked(q->name, q->type), says, size);
  pthread_mutex_unlock(&lock);
  return true;
}

static void serve(int server)
{
  unsigned char m[512];
  struct question q;
  struct reply *r = &later[later_count];
  socklen_t size = sizeof(r->to);
  char says[400];
  ssize_t n = recvfrom(fds[server], m, sizeof(m), MSG_DONTWAIT,
                       (struct sockaddr *)&r->to, &size);
  if(n < HEADER || !parse(m, (size_t)n, &q, &r->len))
    return;
  take_question(&q, says, sizeof(says));
  if(server)
    return;
  memcpy(r->bytes, m, r->len);
  memset(r->bytes + 6, 0, 6);
  r->bytes[2] = 0x81;
  r->bytes[3] = 0x80;
  if(answer(r, &q, says) && later_count < LATER_MOST - 1)
    later_count++;
}

/* Sends what is due; ms until the next one, or -1. */
static int send_due(void)
{
  he_time_ns now = he_clock_now(), next = HE_NEVER;
  for(unsigned i = 0; i < later_count;) {
    struct reply *r = &later[i];
    if(r->due > now) {
      next = r->due < next ? r->due : next;
      i++;
      continue;
    }
    sendto(fds[0], r->bytes, r->len, 0, (struct sockaddr *)&r->to,
           sizeof(r->to));
    later[i] = later[--later_count];
  }
  return next == HE_NEVER ? -1 : (int)((next - now) / HE_MS(1)) + 1;
}

static int ending = -1;     /* an eventfd */

static void *run(void *arg)
{
  for(;;) {
    struct pollfd p[SERVERS + 1];
    for(int i = 0; i < SERVERS; i++)
      p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    p[SERVERS] = (struct pollfd){ .fd = ending, .events = POLLIN };
    poll(p, SERVERS + 1, send_due());
    if(p[SERVERS].revents)
      return arg;
    for(int i = 0; i < SERVERS; i++)
      if(p[i].revents)
        serve(i);
  }
}

/* -- the world -- */

static bool loopback_up(void)
{
  struct ifreq req;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool ok;
  memset(&req, 0, sizeof(req));
  strcpy(req.ifr_name, "lo");
  req.ifr_flags = IFF_UP | IFF_RUNNING;
  ok = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &req);
  if(fd >= 0)
    close(fd);
  return ok;
}

static bool open_server(int i)
{
  struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(53) };
  inet_pton(AF_INET, addresses[i], &sa.sin_addr);
  fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fds[i] >= 0 && !bind(fds[i], (struct sockaddr *)&sa, sizeof(sa));
}

static pthread_t thread;

bool ns_world(void)
{
  sigset_t all, before;
  bool ok = !unshare(CLONE_NEWNS | CLONE_NEWNET) &&
    !mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) &&
    !mount("etc", "/etc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") &&
    loopback_up();
  for(int i = 0; ok && i < SERVERS; i++)
    ok = open_server(i);
  ending = eventfd(0, EFD_CLOEXEC);
  ok = ok && ending >= 0;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  ok = ok && !pthread_create(&thread, NULL, run, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

void ns_end(void)
{
  const uint64_t one = 1;
  if(write(ending, &one, sizeof(one)) != (ssize_t)sizeof(one))
    abort();
  pthread_join(thread, NULL);
  close(ending);
  for(int i = 0; i < SERVERS; i++)
    close(fds[i]);
}

/* A file is replaced, so that it is another one for who goes by its number. */
void ns_etc(const char *name, const char *text)
{
  char path[64], fresh[80];
  FILE *f;
  snprintf(path, sizeof(path), "/etc/%s", name);
  snprintf(fresh, sizeof(fresh), "%s.new", path);
  if(!text) {
    unlink(path);
    return;
  }
  f = fopen(fresh, "we");
  if(!f || fputs(text, f) < 0 || fclose(f) || rename(fresh, path))
    abort();
}

void ns_zone(const struct ns_record *table)
{
  unsigned n = 0;
  pthread_mutex_lock(&lock);
  for(; table && table[n].name; n++) {
    if(n == ZONE_MOST)
      abort();
    zone[n] = table[n];
  }
  zone[n].name = NULL;
  asked_count = 0;
  pthread_mutex_unlock(&lock);
}

unsigned ns_asked(const char *name, enum ns_type type)
{
  unsigned n;
  pthread_mutex_lock(&lock);
  n = count_locked(name, type);
  pthread_mutex_unlock(&lock);
  return n;
}

const char *ns_log(void)
{
  static char text[4000];
  size_t n = 0;
  text[0] = 0;
  pthread_mutex_lock(&lock);
  for(unsigned i = 0; i < asked_count && n < sizeof(text) - 300; i++)
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s/%s",
                          i ? " " : "", asked[i].name,
                          asked[i].type == NS_A ? "A" : "AAAA");
  pthread_mutex_unlock(&lock);
  return text;
}
