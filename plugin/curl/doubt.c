/* SPDX-License-Identifier: MIT */
/* doubt.c - libcurl's options cannot be read back; what the application did
 * not declare is inferred from what can be seen. Later evidence (is the address
 * one of the host's? is the socket bound?) is the racer's to look at, before it
 * adds an attempt. */
#include "curl/doubt.h"
#include "curl/outlook.h"
#include "curl/quirks.h"
#include "curl/settled.h"
#include "curl/targets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The info's number is written out for headers that do not have it yet. */
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

bool he_doubt_led_away(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return he_declared_proxy(d) || d->doh || d->connect_to ||
         pinned(d->resolve, p) || he_targets_environment(d, p->scheme);
}

const char *he_doubt_of(struct he_handle *h, const struct he_peer *p,
                        uint16_t port)
{
  const struct he_declared *d = he_handle_declared(h);
  if(he_declared_proxy(d) || used_proxy(h->easy))
    return "a proxy is used";
  if(he_targets_proxy_at(d, p->scheme, port))
    return "the environment names a proxy at this port";
  if(d->interface || d->local_port)
    return "the socket is bound to an address, a port or an interface";
  if(d->tcp_fastopen)
    return "TCP Fast Open: a connection begins with its first data";
  if(d->doh)
    return "names are resolved by DNS over HTTPS";
  if(d->connect_to)
    return "CURLOPT_CONNECT_TO is set";
  /* it may refuse addresses, or route what it opens: nothing passes it by */
  if(d->opensocket && !he_apps_racer_calls(h))
    return "the application opens its sockets itself";
  if(pinned(d->resolve, p))
    return "CURLOPT_RESOLVE names the host";
  if(!p->is_name)
    return "the host is not a name that the system resolves";
  return he_outlook_elsewhere(h);
}

bool he_doubt_answers(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return h->known && he_lookup_arrives() && !d->doh && !d->unix_socket &&
         he_settled_resolver(h, p->host) != &he_resolver_shared;
}

/* TCP Fast Open: libcurl connects with the first data, not before. */
bool he_doubt_races_ahead(struct he_handle *h, const struct he_peer *p)
{
  const struct he_declared *d = he_handle_declared(h);
  return h->known && he_lookup_in_effect() &&
         he_settled_option(h, p->host, HE_OPT_LOOKUP) && !d->interface &&
         !d->local_port && !d->doh && !d->unix_socket && !d->tcp_fastopen &&
         !((d->opensocket || d->sockopt) && !he_apps_racer_calls(h));
}
