/* SPDX-License-Identifier: MIT */
/* targets.c - where libcurl connects to, by what the handle was told. */
#include "curl/targets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* -- names -- */

static void add(struct he_targets *t, const char *host, uint16_t port)
{
  if(t->count < HE_LOOKUP_NAMES && *host) {
    t->names[t->count].host = host;
    t->names[t->count++].port = port;
  }
}

/* `n` bytes of `host`, copied. */
static void add_copy(struct he_targets *t, const char *host, size_t n,
                     uint16_t port)
{
  char *copy = t->owned_count < HE_LOOKUP_NAMES ? strndup(host, n) : NULL;
  if(copy) {
    t->owned[t->owned_count++] = copy;
    add(t, copy, port);
  }
}

void he_targets_free(struct he_targets *t)
{
  while(t->owned_count)
    free(t->owned[--t->owned_count]);
}

/* -- proxies -- */

/* name_proxy, or NAME_PROXY, but HTTP_PROXY: a CGI program has that from
   whoever asks. */
static const char *proxy_for(const char *scheme)
{
  char name[48];
  const char *value;
  if(strlen(scheme) >= 32)
    return NULL;
  strcpy(name, scheme);
  strcat(name, "_proxy");
  value = getenv(name);
  if(!value && strcmp(scheme, "http")) {
    for(char *c = name; *c; c++)
      *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    value = getenv(name);
  }
  return value;
}

const char *he_targets_environment(const struct he_declared *d,
                                   const char *scheme)
{
  const char *value;
  if(d->proxy_url || d->pre_proxy_url)
    return NULL;
  value = proxy_for(scheme);
  if(!value && !strcmp(scheme, "ws"))
    value = proxy_for("http");
  if(!value && !strcmp(scheme, "wss"))
    value = proxy_for("https");
  if(!value)
    value = getenv("all_proxy");
  if(!value)
    value = getenv("ALL_PROXY");
  return value && *value ? value : NULL;
}

struct proxy {
  char *scheme;           /* NULL: it is none that libcurl could use */
  char *host;
  uint16_t port;
};

/* A proxy as libcurl reads it: without a port 1080, for https 443. */
static struct proxy read_proxy(const char *text)
{
  struct proxy out = { .scheme = NULL };
  CURLU *u = curl_url();
  char *port = NULL;
  if(u && !curl_url_set(u, CURLUPART_URL, text,
                        CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) &&
     !curl_url_get(u, CURLUPART_HOST, &out.host, 0) &&
     !curl_url_get(u, CURLUPART_SCHEME, &out.scheme, 0)) {
    if(!curl_url_get(u, CURLUPART_PORT, &port, 0))
      out.port = (uint16_t)strtoul(port, NULL, 10);
    else
      out.port = strcasecmp(out.scheme, "https") ? 1080 : 443;
  }
  curl_free(port);
  curl_url_cleanup(u);
  return out;
}

static void free_proxy(struct proxy *p)
{
  curl_free(p->scheme);
  curl_free(p->host);
}

bool he_targets_proxy_at(const struct he_declared *d, const char *scheme,
                         uint16_t port)
{
  const char *text = he_targets_environment(d, scheme);
  struct proxy p = { .scheme = NULL };
  bool yes;
  if(text)
    p = read_proxy(text);
  yes = p.scheme && p.port == port;
  free_proxy(&p);
  return yes;
}

/* SOCKS4 and SOCKS5 want addresses, SOCKS4a and SOCKS5h take names: libcurl
   asks for the name that the former are to reach. */
static bool wants_addresses(const char *scheme)
{
  return !strcasecmp(scheme, "socks") || !strcasecmp(scheme, "socks4") ||
         !strcasecmp(scheme, "socks5");
}

/* CURLOPT_PROXYTYPE, `type`, holds where the text names no scheme. The port may
   be set elsewhere: any will do. */
static void add_proxy(struct he_targets *t, const char *text, long type)
{
  struct proxy p = read_proxy(text);
  if(p.scheme) {
    t->proxied = true;
    t->others_follow = strstr(text, "://") ? wants_addresses(p.scheme) :
                       type == CURLPROXY_SOCKS4 || type == CURLPROXY_SOCKS5;
    add_copy(t, p.host, strlen(p.host), 0);
  }
  free_proxy(&p);
}

/* -- CURLOPT_CONNECT_TO -- */

/* "HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT", each of them may be empty; a
   host may be an address in brackets, which is not looked up. */
static void add_connect_to(struct he_targets *t, const char *entry)
{
  const char *to = *entry == '[' ? strchr(entry, ']') : entry;
  size_t n;
  to = to ? strchr(to, ':') : NULL;
  to = to ? strchr(to + 1, ':') : NULL;
  if(!to || to[1] == '[')
    return;
  n = strcspn(++to, ":");
  if(n)
    add_copy(t, to, n, 0);
}

/* -- CURLOPT_NOPROXY -- */

/* Is the host this name, or in this domain? "*": any is. */
static bool is_in(const char *host, const char *domain, size_t n)
{
  const size_t length = strlen(host);
  if(n == 1 && *domain == '*')
    return true;
  return n && length >= n && !strncasecmp(host + length - n, domain, n) &&
         (length == n || host[length - n - 1] == '.');
}

/* A list as CURLOPT_NOPROXY has it. Only what all versions of libcurl take for
   a match is one. */
static bool is_listed(const char *list, const char *host)
{
  while(*list) {
    const size_t n = strcspn(list, ", ");
    if(is_in(host, list, n))
      return true;
    list += n + strspn(list + n, ", ");
  }
  return false;
}

static bool needs_no_proxy(const struct he_declared *d, const char *host)
{
  const char *list = d->noproxy;
  if(!list)
    list = getenv("no_proxy");
  if(!list)
    list = getenv("NO_PROXY");
  return list && is_listed(list, host);
}

/* -- all -- */

static bool is_ascii(const char *host)
{
  for(; *host; host++) {
    if(*host & 0x80)
      return false;
  }
  return true;
}

/* The proxy that libcurl connects to first, if there is one. */
static void add_first_proxy(struct he_handle *h, const struct he_peer *p,
                            struct he_targets *t)
{
  const struct he_declared *d = he_handle_declared(h);
  const char *text = d->proxy_url ? d->proxy_url :
                     he_targets_environment(d, p->scheme);
  if(needs_no_proxy(d, p->host))
    return;
  if(he_declared_pre_proxy(d))
    add_proxy(t, d->pre_proxy_url, CURLPROXY_SOCKS4);
  else if(text && *text)
    add_proxy(t, text, d->proxytype);
}

static void add_host(const struct he_declared *d, const struct he_peer *p,
                     struct he_targets *t)
{
  for(const struct curl_slist *c = d->connect_to; c; c = c->next)
    add_connect_to(t, c->data);
  if(*p->host != '[')
    add(t, p->host, d->port ? 0 : p->port);
  t->any = d->altsvc || d->altsvc_ctrl || !is_ascii(p->host);
}

void he_targets_find(struct he_handle *h, const struct he_peer *p,
                     struct he_targets *out)
{
  const struct he_declared *d = he_handle_declared(h);
  memset(out, 0, sizeof(*out));
  add_first_proxy(h, p, out);
  /* else any other name is the proxy's business */
  if(!(out->proxied && (he_declared_pre_proxy(d) || out->others_follow)))
    add_host(d, p, out);
}

void he_targets_beyond(struct he_handle *h, const struct he_peer *p,
                       struct he_targets *t)
{
  const struct he_declared *d = he_handle_declared(h);
  const char *text = he_declared_pre_proxy(d) ? d->proxy_url : NULL;
  if(text && *text)           /* the second proxy, which gets a name */
    add_proxy(t, text, d->proxytype);
  else
    add_host(d, p, t);
}
