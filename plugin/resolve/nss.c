/* SPDX-License-Identifier: MIT */
#include "resolve/nss.h"
#include "base/forks.h"
#include "resolve/hosts.h"
#include "resolve/textfile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NSSWITCH "/etc/nsswitch.conf"
#define HOSTS "/etc/hosts"
#define NSCD "/var/run/nscd/socket"
#define NSSWITCH_MOST (64 * 1024)
#define HOSTS_MOST (16 * 1024 * 1024)
#define HOST_MOST 253         /* the longest name that DNS has */

/* What was read last. The lock is held for no file. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_textfile_mark nss_mark, hosts_mark;
static enum he_nss nss;
static struct he_hosts *hosts;   /* NULL: it could not be read */

/* -- nsswitch.conf -- */

struct word {
  const char *at;
  size_t len;
};

static bool is_word(const struct word *w, const char *text)
{
  return strlen(text) == w->len && !strncasecmp(w->at, text, w->len);
}

static bool is_blank(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool next_word(const char **at, const char *end, struct word *w)
{
  while(*at < end && is_blank(**at))
    ++*at;
  w->at = *at;
  while(*at < end && !is_blank(**at))
    ++*at;
  w->len = (size_t)(*at - w->at);
  return w->len > 0;
}

/* These have names under .local alone, and leave others to the next one,
   whatever stands in brackets. */
static bool is_mdns(const struct word *w)
{
  return is_word(w, "mdns_minimal") || is_word(w, "mdns4_minimal") ||
         is_word(w, "mdns6_minimal");
}

static enum he_nss parse_sources(const char *at, const char *end)
{
  struct word w;
  bool mdns = false, dns = false, more = false;
  while(next_word(&at, end, &w)) {
    if(mdns && is_word(&w, "[NOTFOUND=return]")) {
      mdns = false;
      continue;
    }
    mdns = is_mdns(&w);
    if(mdns || dns || is_word(&w, "myhostname"))
      more = true;
    if(is_word(&w, "dns"))
      dns = true;
    else if(!mdns && !is_word(&w, "files") && !is_word(&w, "myhostname"))
      return HE_NSS_WHOLE;
  }
  return !dns ? HE_NSS_WHOLE : more ? HE_NSS_VAGUE : HE_NSS_APART;
}

/* Where a line is for hosts: what stands behind the colon, else NULL. */
static const char *hosts_line(const char *at, const char *end)
{
  static const char name[] = "hosts";
  const size_t len = sizeof(name) - 1;
  while(at < end && is_blank(*at))
    at++;
  if((size_t)(end - at) <= len || strncasecmp(at, name, len))
    return NULL;
  at += len;
  while(at < end && is_blank(*at))
    at++;
  return at < end && *at == ':' ? at + 1 : NULL;
}

/* Of two lines for hosts some versions of the C library take the first, others
   the last one. */
enum he_nss he_nss_parse(const char *text, size_t n)
{
  const char *end = text + n;
  enum he_nss found = HE_NSS_WHOLE;
  bool seen = false;
  while(text < end) {
    const char *next = memchr(text, '\n', (size_t)(end - text));
    const char *stop = next ? next : end;
    const char *comment = memchr(text, '#', (size_t)(stop - text));
    const char *line = hosts_line(text, comment ? comment : stop);
    if(line && seen)
      return HE_NSS_WHOLE;
    if(line) {
      found = parse_sources(line, comment ? comment : stop);
      seen = true;
    }
    text = next ? next + 1 : end;
  }
  return found;
}

/* -- names -- */

static bool ends_in(const char *name, size_t len, const char *domain)
{
  const size_t tail = strlen(domain);
  if(len && name[len - 1] == '.')
    len--;
  return len >= tail && !strncasecmp(name + len - tail, domain, tail) &&
         (len == tail || name[len - tail - 1] == '.');
}

bool he_nss_is_ordinary(const char *host)
{
  const size_t len = strlen(host);
  struct in_addr in;
  bool dot = false;
  if(!len || len > HOST_MOST)
    return false;
  for(size_t i = 0; i < len; i++) {
    const char c = host[i];
    if(c == '.' && (!i || host[i - 1] == '.'))
      return false;
    dot = dot || c == '.';
    if(!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
       !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
      return false;
  }
  return dot && !(*host >= '0' && *host <= '9' && inet_aton(host, &in)) &&
         !ends_in(host, len, "local") && !ends_in(host, len, "localhost") &&
         !ends_in(host, len, "localhost.localdomain");
}

/* myhostname, which may stand behind dns, knows this machine's name. */
static bool is_own(const char *host)
{
  char own[256];
  return gethostname(own, sizeof(own)) || !strcasecmp(own, host);
}

/* -- what the files say -- */

static enum he_nss of_line(void)
{
  struct he_textfile_mark mark;
  enum he_nss is;
  char *text;
  size_t n;
  pthread_mutex_lock(&lock);
  mark = nss_mark;
  is = nss;
  pthread_mutex_unlock(&lock);
  if(he_textfile_same(NSSWITCH, &mark))
    return is;
  is = HE_NSS_WHOLE;
  if(!he_textfile_read(NSSWITCH, NSSWITCH_MOST, &text, &n, &mark))
    is = he_nss_parse(text, n);
  free(text);
  pthread_mutex_lock(&lock);
  nss_mark = mark;
  nss = is;
  pthread_mutex_unlock(&lock);
  return is;
}

/* Without a file it has no names; where it cannot be read, nobody knows. */
static struct he_hosts *read_hosts(struct he_textfile_mark *mark)
{
  struct he_hosts *h = NULL;
  char *text;
  size_t n = 0;
  int error = he_textfile_read(HOSTS, HOSTS_MOST, &text, &n, mark);
  if(!error || mark->missing)
    h = he_hosts_parse(text ? text : "", n);
  free(text);
  return h;
}

static bool in_hosts(const char *host)
{
  struct he_textfile_mark mark;
  struct he_hosts *old = NULL;
  bool same, has;
  pthread_mutex_lock(&lock);
  mark = hosts_mark;
  pthread_mutex_unlock(&lock);
  same = he_textfile_same(HOSTS, &mark);
  if(!same)
    old = read_hosts(&mark);
  pthread_mutex_lock(&lock);
  if(!same) {
    struct he_hosts *fresh = old;
    old = hosts;
    hosts = fresh;
    hosts_mark = mark;
  }
  has = !hosts || he_hosts_has(hosts, host);
  pthread_mutex_unlock(&lock);
  he_hosts_free(old);
  return has;
}

/* nscd looks up both families of a name, whatever it was asked for. */
enum he_nss he_nss_of(const char *host)
{
  enum he_nss is;
  he_fork_hold(HE_FORK_NSS, &lock);
  if(!he_nss_is_ordinary(host))
    return HE_NSS_WHOLE;
  is = of_line();
  if(is == HE_NSS_WHOLE || (is == HE_NSS_VAGUE && is_own(host)) ||
     in_hosts(host) || !access(NSCD, F_OK))
    return HE_NSS_WHOLE;
  return is;
}

void he_nss_forget(void)
{
  struct he_hosts *old;
  pthread_mutex_lock(&lock);
  old = hosts;
  hosts = NULL;
  memset(&hosts_mark, 0, sizeof(hosts_mark));
  memset(&nss_mark, 0, sizeof(nss_mark));
  pthread_mutex_unlock(&lock);
  he_hosts_free(old);
}
