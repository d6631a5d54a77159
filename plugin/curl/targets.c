/* SPDX-License-Identifier: MIT */
/* targets.c - where libcurl connects to, by what the handle was told. */
#include "curl/targets.h"
#include "curl/proxy.h"

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

struct proxy {
  bool there;
  bool resolves_here;     /* libcurl asks for the name that it is to reach */
};

static bool is_socks(const char *scheme)
{
  return !strncasecmp(scheme, "socks", 5);
}

/* SOCKS4 and SOCKS5 want addresses, SOCKS4a and SOCKS5h take names. */
static bool wants_addresses(const char *scheme)
{
  return is_socks(scheme) && strcasecmp(scheme, "socks4a") &&
         strcasecmp(scheme, "socks5h");
}

static bool type_is_socks(long type)
{
  return type == CURLPROXY_SOCKS4 || type == CURLPROXY_SOCKS5 ||
         type == CURLPROXY_SOCKS4A || type == CURLPROXY_SOCKS5_HOSTNAME;
}

static bool type_wants_addresses(long type)
{
  return type == CURLPROXY_SOCKS4 || type == CURLPROXY_SOCKS5;
}

/* A proxy as libcurl reads it: CURLOPT_PROXYTYPE holds where the text names no
   scheme. Its port may be set elsewhere: any will do. */
static struct proxy add_proxy(struct he_targets *t, const char *text,
                              long type)
{
  struct proxy out = { .there = false };
  CURLU *u = curl_url();
  char *scheme = NULL, *host = NULL;
  if(u && !curl_url_set(u, CURLUPART_URL, text,
                        CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) &&
     !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
     !curl_url_get(u, CURLUPART_HOST, &host, 0)) {
    out.there = true;
    out.resolves_here = strstr(text, "://") ? wants_addresses(scheme) :
                        type_is_socks(type) && type_wants_addresses(type);
    add_copy(t, host, strlen(host), 0);
  }
  curl_free(scheme);
  curl_free(host);
  curl_url_cleanup(u);
  return out;
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

/* The proxy that libcurl connects to first; none: libcurl connects to the
   host. */
static struct proxy first_proxy(struct he_handle *h, const struct he_peer *p,
                                struct he_targets *t)
{
  const struct he_declared *d = he_handle_declared(h);
  const char *text = d->proxy_url ? d->proxy_url :
                     he_proxy_environment(d, p->scheme);
  struct proxy none = { .there = false };
  if(needs_no_proxy(d, p->host))
    return none;
  if(d->pre_proxy)
    return add_proxy(t, d->pre_proxy_url, CURLPROXY_SOCKS4);
  return text && *text ? add_proxy(t, text, d->proxytype) : none;
}

void he_targets_find(struct he_handle *h, const struct he_peer *p,
                     struct he_targets *out)
{
  const struct he_declared *d = he_handle_declared(h);
  struct proxy proxy;
  memset(out, 0, sizeof(*out));
  proxy = first_proxy(h, p, out);
  out->others_follow = proxy.resolves_here;
  if(proxy.there && (d->pre_proxy || proxy.resolves_here))
    return;               /* any other name is the proxy's business */
  for(const struct curl_slist *c = d->connect_to; c; c = c->next)
    add_connect_to(out, c->data);
  if(*p->host != '[')
    add(out, p->host, d->port ? 0 : p->port);
  out->any = d->altsvc || !is_ascii(p->host);
}
