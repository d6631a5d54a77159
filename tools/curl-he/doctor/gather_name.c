/* SPDX-License-Identifier: MIT */
/* gather_name.c - whom a word of the command line names. */
#include "gather.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_address(const char *name)
{
  unsigned char raw[16];
  return inet_pton(AF_INET6, name, raw) == 1 ||
         inet_pton(AF_INET, name, raw) == 1;
}

/* Letters of names, of addresses, and of names in UTF-8. */
static bool is_name(const char *name)
{
  if(!*name || *name == '-')
    return false;
  for(; *name; name++) {
    if(!isalnum((unsigned char)*name) && !strchr("-._:%", *name) &&
       !(*name & 0x80))
      return false;
  }
  return true;
}

static bool read_port(const char *text, int *port)
{
  char *end;
  const long n = strtol(text, &end, 10);
  if(!isdigit((unsigned char)*text) || *end || n < 1 || n > 65535)
    return false;
  *port = (int)n;
  return true;
}

static const char *take_scheme(const char *word, struct he_host *h,
                               bool *said)
{
  *said = true;
  if(!strncasecmp(word, "https://", 8))
    return word + 8;
  if(!strncasecmp(word, "http://", 7)) {
    h->port = 80;
    h->tls = false;
    return word + 7;
  }
  *said = false;
  return word;
}

bool he_gather_name(const char *word, struct he_host *h)
{
  char rest[300], *name = rest, *port = NULL;
  bool said;
  memset(h, 0, sizeof(*h));
  h->port = 443;
  h->tls = true;
  word = take_scheme(word, h, &said);
  if(snprintf(rest, sizeof(rest), "%s", word) >= (int)sizeof(rest))
    return false;
  if(said)
    rest[strcspn(rest, "/?#")] = 0;
  if(*rest == '[') {
    char *end = strchr(rest, ']');
    if(!end || (end[1] && end[1] != ':'))
      return false;
    port = end[1] ? end + 2 : NULL;
    *end = 0;
    name = rest + 1;
    if(!is_address(name))
      return false;
  }
  else if(!is_address(rest) && (port = strchr(rest, ':')) != NULL)
    *port++ = 0;
  if(port) {
    if(!read_port(port, &h->port))
      return false;
    h->tls = h->tls && (said || h->port == 443);
  }
  h->literal = is_address(name);
  return is_name(name) && (h->literal || !strchr(name, ':')) &&
         snprintf(h->name, sizeof(h->name), "%s", name) <
         (int)sizeof(h->name);
}
