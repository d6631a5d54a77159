/* SPDX-License-Identifier: MIT */
/* peer.c - the URL's host, and the doubts. libcurl's options cannot be read
 * back; what the application did not declare is inferred from what can be
 * seen. Later evidence (is the address one of the host's? is the socket
 * bound?) is the racer's to look at, before it adds anything. */
#include "curl/peer.h"
#include "curl/outlook.h"
#include "curl/quirks.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void he_peer_free(struct he_peer *p)
{
  free(p->url);
  free(p->host);
  free(p->scheme);
  memset(p, 0, sizeof(*p));
}

static bool ends_with(const char *s, const char *end)
{
  size_t n = strlen(s), m = strlen(end);
  return n >= m && !strcasecmp(s + n - m, end);
}

/* A name that the system's resolver would be asked for as libcurl asks it: not
   an address, not localhost (which libcurl answers by itself), ASCII only. */
static bool is_name(const char *h)
{
  struct in_addr in;
  if(*h == '[' || !*h || inet_pton(AF_INET, h, &in) == 1)
    return false;
  if(!strcasecmp(h, "localhost") || ends_with(h, ".localhost"))
    return false;
  for(; *h; h++) {
    if(*h <= ' ' || *h > '~' || *h == ',' || *h == ':')
      return false;
  }
  return h[-1] != '.';
}

/* The client speaks first, and TLS, by these. */
static bool is_tls(const char *scheme)
{
  static const char *const schemes[] = {
    "https", "wss", "ftps", "imaps", "pop3s", "smtps", "ldaps"
  };
  for(size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
    if(!strcasecmp(scheme, schemes[i]))
      return true;
  }
  return false;
}

static bool is_alpha(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_host_byte(char c)
{
  return is_alpha(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* A URL of the usual form: "http://" or "https://", a name of letters, digits,
   "-" and ".", whose last label begins with a letter (else it may be an
   address), and a slash or the end. libcurl's own parser takes 6,000
   instructions for what 300 do. False: another form, or no memory. */
static bool parse_usual(const char *url, struct he_peer *out)
{
  const bool tls = !strncmp(url, "https://", 8);
  const char *host = url + (tls ? 8 : 7), *end = host, *label = host;
  if(!tls && strncmp(url, "http://", 7))
    return false;
  for(; is_host_byte(*end); end++) {
    if(*end == '.')
      label = end + 1;
  }
  if(!is_alpha(*label) || (*end && *end != '/'))
    return false;
  out->host = strndup(host, (size_t)(end - host));
  out->scheme = strdup(tls ? "https" : "http");
  out->port = tls ? 443 : 80;
  return out->host && out->scheme;
}

static bool parse_any(const char *url, struct he_peer *out)
{
  CURLU *u = curl_url();
  char *host = NULL, *scheme = NULL, *port = NULL;
  bool ok = u &&
            !curl_url_set(u, CURLUPART_URL, url,
                          CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) &&
            !curl_url_get(u, CURLUPART_HOST, &host, 0) &&
            !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
            !curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
  if(ok) {
    out->host = strdup(host);
    out->scheme = strdup(scheme);
    out->port = (uint16_t)strtoul(port, NULL, 10);
    ok = out->host && out->scheme;
  }
  curl_free(host);
  curl_free(scheme);
  curl_free(port);
  curl_url_cleanup(u);
  return ok;
}

static bool parse(const char *url, struct he_peer *out)
{
  memset(out, 0, sizeof(*out));
  out->url = strdup(url);
  if(!out->url || !(parse_usual(url, out) || parse_any(url, out))) {
    he_peer_free(out);
    return false;
  }
  out->is_name = is_name(out->host);
  out->is_tls = is_tls(out->scheme);
  out->sighting = he_sighting_name(out->host, out->port);
  return true;
}

const struct he_peer *he_peer_of(struct he_handle *h)
{
  char *url = NULL;
  if(curl_easy_getinfo(h->easy, CURLINFO_EFFECTIVE_URL, &url) || !url || !*url)
    return NULL;
  if(!h->peer.url || strcmp(h->peer.url, url)) {
    he_peer_free(&h->peer);
    if(h->settled.host)       /* it was this one's */
      h->settled.generation = 0;
    if(!parse(url, &h->peer))
      return NULL;
  }
  return &h->peer;
}

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

const char *he_peer_environment_proxy(const struct he_declared *d,
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

/* The port of a proxy; libcurl takes 1080 where none is given, 443 for https.
   0 where this is no proxy that libcurl could use. */
static uint16_t proxy_port(const char *proxy)
{
  CURLU *u = curl_url();
  char *scheme = NULL, *port = NULL;
  unsigned long number = 0;
  if(u && !curl_url_set(u, CURLUPART_URL, proxy,
                        CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) &&
     !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0)) {
    if(!curl_url_get(u, CURLUPART_PORT, &port, 0))
      number = strtoul(port, NULL, 10);
    else
      number = strcasecmp(scheme, "https") ? 1080 : 443;
  }
  curl_free(scheme);
  curl_free(port);
  curl_url_cleanup(u);
  return (uint16_t)number;
}

static bool environment_proxy_at(const struct he_declared *d,
                                 const char *scheme, uint16_t port)
{
  const char *proxy = he_peer_environment_proxy(d, scheme);
  return proxy && proxy_port(proxy) == port;
}

/* Its number is written out for headers that do not have it yet. */
static bool used_proxy(CURL *easy)
{
  enum { INFO_USED_PROXY = CURLINFO_LONG + 66 };
  long used = 0;
  return he_quirk(HE_QUIRK_SAYS_USED_PROXY) &&
         !curl_easy_getinfo(easy, (CURLINFO)INFO_USED_PROXY, &used) && used;
}

/* Is this the entry of CURLOPT_RESOLVE that says "[+]HOST:PORT:ADDRESSES" for
   this host, or "*" for all? */
static bool pins(const char *entry, const struct he_peer *p)
{
  size_t n = strlen(p->host);
  char *end;
  entry += *entry == '+';
  if(*entry == '*')
    entry++;
  else if(strncasecmp(entry, p->host, n))
    return false;
  else
    entry += n;
  return *entry == ':' && strtoul(entry + 1, &end, 10) == p->port &&
         *end == ':';
}

static bool pinned(const struct curl_slist *list, const struct he_peer *p)
{
  for(; list; list = list->next) {
    if(pins(list->data, p))
      return true;
  }
  return false;
}

bool he_peer_led_away(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return d->proxy || d->pre_proxy || d->doh || d->connect_to ||
         pinned(d->resolve, p) || he_peer_environment_proxy(d, p->scheme);
}

const char he_elsewhere[] =
  "the thread is in another network namespace than curl-he's";

const char *he_peer_doubt(struct he_handle *h, const struct he_peer *p,
                          uint16_t port)
{
  const struct he_declared *d = he_handle_declared(h);
  if(d->proxy || d->pre_proxy || used_proxy(h->easy))
    return "a proxy is used";
  if(environment_proxy_at(d, p->scheme, port))
    return "the environment names a proxy at this port";
  if(d->interface || d->localport)
    return "the socket is bound to an address, a port or an interface";
  if(d->tcp_fastopen)
    return "TCP Fast Open: a connection begins with its first data";
  if(d->doh)
    return "names are resolved by DNS over HTTPS";
  if(d->connect_to)
    return "CURLOPT_CONNECT_TO is set";
  /* it may refuse addresses, or route what it opens: nothing passes it by */
  if(d->opensocket && !he_handle_racer_calls(h))
    return "the application opens its sockets itself";
  if(pinned(d->resolve, p))
    return "CURLOPT_RESOLVE names the host";
  if(!p->is_name)
    return "the host is not a name that the system resolves";
  if(he_handle_elsewhere(h))
    return he_elsewhere;
  return NULL;
}
