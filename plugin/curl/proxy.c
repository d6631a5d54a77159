/* SPDX-License-Identifier: MIT */
/* proxy.c - getenv(), once a connect, where no proxy is declared. */
#include "curl/proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

const char *he_proxy_environment(const struct he_declared *d,
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
static uint16_t port_of(const char *proxy)
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

bool he_proxy_at(const struct he_declared *d, const char *scheme,
                 uint16_t port)
{
  const char *proxy = he_proxy_environment(d, scheme);
  return proxy && port_of(proxy) == port;
}
