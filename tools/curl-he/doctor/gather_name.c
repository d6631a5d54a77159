/* SPDX-License-Identifier: MIT */
/* gather_name.c - whom a word of the command line names. */
#include "../target.h"
#include "gather.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_address(const char *name)
{
  unsigned char raw[16];
  return inet_pton(AF_INET6, name, raw) == 1 ||
         inet_pton(AF_INET, name, raw) == 1;
}

static const char *take_scheme(const char *word, struct he_site *h,
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

bool he_gather_name(const char *word, struct he_site *h, const char **why)
{
  char rest[300];
  struct he_target t;
  bool said;
  memset(h, 0, sizeof(*h));
  h->port = 443;
  h->tls = true;
  *why = "it is too long";
  word = take_scheme(word, h, &said);
  if(snprintf(rest, sizeof(rest), "%s", word) >= (int)sizeof(rest))
    return false;
  if(said)
    rest[strcspn(rest, "/?#")] = 0;
  if(!he_target_read(rest, h->port, &t, why))
    return false;
  *why = "an address with a zone is not looked at";
  if(strchr(t.host, '%'))
    return false;
  snprintf(h->name, sizeof(h->name), "%s", t.host);
  h->port = t.port;
  h->tls = h->tls && (said || h->port == 443);
  h->literal = is_address(h->name);
  return true;
}
