/* SPDX-License-Identifier: MIT */
#include "resolve/nss.h"
#include "resolve/textfile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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
#define BLANKS " \t\v\f\r"

/* -- nsswitch.conf -- */

/* These have names under .local alone, and leave others to the next one,
   whatever stands in brackets. */
static bool is_mdns(const char *word)
{
  return !strcasecmp(word, "mdns_minimal") ||
         !strcasecmp(word, "mdns4_minimal") ||
         !strcasecmp(word, "mdns6_minimal");
}

static enum he_nss parse_sources(char *words)
{
  char *rest, *w;
  bool mdns = false, dns = false, more = false;
  for(w = strtok_r(words, BLANKS, &rest); w;
      w = strtok_r(NULL, BLANKS, &rest)) {
    const bool own = !strcasecmp(w, "myhostname");
    if(mdns && !strcasecmp(w, "[NOTFOUND=return]")) {
      mdns = false;
      continue;
    }
    mdns = is_mdns(w);
    if(mdns || dns || own)
      more = true;
    if(!strcasecmp(w, "dns"))
      dns = true;
    else if(!mdns && !own && strcasecmp(w, "files"))
      return HE_NSS_WHOLE;
  }
  return !dns ? HE_NSS_WHOLE : more ? HE_NSS_VAGUE : HE_NSS_APART;
}

static char *skip_blanks(char *at)
{
  while(*at && strchr(BLANKS, *at))
    at++;
  return at;
}

/* Where a line is for hosts: what stands behind the colon, else NULL. */
static char *hosts_line(char *line)
{
  line = skip_blanks(line);
  if(strncasecmp(line, "hosts", 5))
    return NULL;
  line = skip_blanks(line + 5);
  return *line == ':' ? line + 1 : NULL;
}

/* Of two lines for hosts some versions of the C library take the first, others
   the last one. */
enum he_nss he_nss_parse(char *text)
{
  char *sources = NULL;
  while(text) {
    char *next = strchr(text, '\n'), *found;
    if(next)
      *next++ = 0;
    found = hosts_line(text);
    if(found && sources)
      return HE_NSS_WHOLE;
    if(found)
      sources = found;
    text = next;
  }
  if(!sources)
    return HE_NSS_WHOLE;
  sources[strcspn(sources, "#")] = 0;
  return parse_sources(sources);
}

/* -- the hosts file -- */

/* Is what begins at `line` and goes on to `at` a comment already, or only
   blanks, so that an address stands at `at`? */
static bool is_no_name(const char *line, const char *at)
{
  return strspn(line, BLANKS) >= (size_t)(at - line) ||
         memchr(line, '#', (size_t)(at - line));
}

bool he_nss_in_hosts(const char *text, const char *host)
{
  const size_t len = strlen(host);
  const char *at = text;
  while((at = strcasestr(at, host)) != NULL) {
    const char *line = at;
    while(line > text && line[-1] != '\n')
      line--;
    if(strchr(BLANKS "\n#", at[len]) && at > line && strchr(BLANKS, at[-1]) &&
       !is_no_name(line, at))
      return true;
    at++;
  }
  return false;
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
  enum he_nss is = HE_NSS_WHOLE;
  char *text;
  size_t n;
  if(!he_textfile_read(NSSWITCH, NSSWITCH_MOST, &text, &n, NULL) &&
     strlen(text) == n)
    is = he_nss_parse(text);
  free(text);
  return is;
}

/* Without a file there are no names; where it cannot be read, nobody knows. */
static bool in_hosts(const char *host)
{
  char *text;
  size_t n;
  const int error = he_textfile_read(HOSTS, HOSTS_MOST, &text, &n, NULL);
  const bool has = error ? error != ENOENT :
                   strlen(text) != n || he_nss_in_hosts(text, host);
  free(text);
  return has;
}

/* nscd looks up both families of a name, whatever it was asked for. */
enum he_nss he_nss_of(const char *host)
{
  enum he_nss is;
  if(!he_nss_is_ordinary(host))
    return HE_NSS_WHOLE;
  is = of_line();
  if(is == HE_NSS_WHOLE || (is == HE_NSS_VAGUE && is_own(host)) ||
     in_hosts(host) || !access(NSCD, F_OK))
    return HE_NSS_WHOLE;
  return is;
}
