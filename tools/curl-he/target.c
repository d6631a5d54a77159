/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 253        /* RFC 1035, in text */
#define LETTERS \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool target_port(const char *word, int *port)
{
  int value = 0;
  if(!*word || strlen(word) > 5)
    return false;
  for(; *word; word++) {
    if(*word < '0' || *word > '9')
      return false;
    value = value * 10 + (*word - '0');
  }
  *port = value;
  return value > 0 && value <= 65535;
}

/* Letters, digits, "-", "_" and "."; libcurl judges what is beyond ASCII. */
static bool target_name(const char *name, size_t n)
{
  if(!n || n > NAME_MAX_LEN || *name == '-' || *name == '.')
    return false;
  for(size_t i = 0; i < n; i++) {
    if(!(name[i] & 0x80) && !strchr(LETTERS "-_.", name[i]))
      return false;
  }
  return true;
}

/* An address, perhaps with a zone: fe80::1%eth0. */
static bool target_ipv6(const char *text, struct he_target *t)
{
  char address[64];
  struct in6_addr a;
  const size_t n = strcspn(text, "%");
  const char *zone = text[n] ? text + n + 1 : NULL;
  snprintf(address, sizeof(address), "%.*s", (int)n, text);
  if(n >= sizeof(address) || inet_pton(AF_INET6, address, &a) != 1)
    return false;
  if(zone && (!*zone || strlen(zone) > 15 ||
              zone[strspn(zone, LETTERS "-_.")]))
    return false;
  snprintf(t->url_host, sizeof(t->url_host), "[%s%s%s]", address,
           zone ? "%25" : "", zone ? zone : "");
  return true;
}

bool he_target_read(const char *word, int port, struct he_target *t,
                    const char **why)
{
  const bool brackets = *word == '[';
  const size_t n = strcspn(word, brackets ? "]" : ":");
  const char *rest = word + n + (brackets && word[n]);
  const size_t skip = brackets ? 1 : 0;
  t->port = port;
  *why = "it is neither a host name nor an address";
  if(brackets && !word[n]) {
    *why = "the bracket is not closed";
    return false;
  }
  if(n - skip >= sizeof(t->host))
    return false;
  snprintf(t->host, sizeof(t->host), "%.*s", (int)(n - skip), word + skip);
  snprintf(t->url_host, sizeof(t->url_host), "%s", t->host);
  if(!brackets && strchr(word, ':') != strrchr(word, ':')) {
    *why = "an IPv6 address stands in brackets, as in [2001:db8::1]:443";
    return false;
  }
  if(brackets ? !target_ipv6(t->host, t) : !target_name(word, n))
    return false;
  *why = "the port is not a number from 1 to 65535";
  return !*rest || (*rest == ':' && target_port(rest + 1, &t->port));
}
