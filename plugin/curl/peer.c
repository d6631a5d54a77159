/* SPDX-License-Identifier: MIT */
/* peer.c - a URL is read as libcurl reads it. */
#include "curl/peer.h"
#include "curl/libcurl.h"
#include "curl/sightings.h"

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

bool he_peer_read(struct he_peer *out, const char *url)
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
