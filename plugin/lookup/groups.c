/* SPDX-License-Identifier: MIT */
#include "lookup/groups.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SLOTS 1024u
static struct he_expected_group *slots[SLOTS];

void he_groups_forget(void)
{
  memset(slots, 0, sizeof(slots));
}

/* A final dot is no part of the name. */
static size_t length(const char *host)
{
  size_t n = strlen(host);
  return n && host[n - 1] == '.' ? n - 1 : n;
}

static uint64_t hash_of(const char *host)
{
  return he_hash_name(HE_HASH_BEGIN, host, length(host));
}

static struct he_expected_group **slot_of(uint64_t hash)
{
  return &slots[hash % SLOTS];
}

static bool is_host(const struct he_expected_group *g, uint64_t hash,
                    const char *host)
{
  return g->hash == hash && g->length == length(host) &&
         !strncasecmp(g->host, host, g->length);
}

static bool suits(const struct he_expected_group *g,
                  const struct he_lookup_config *c)
{
  return g->app == c->app && g->recall == c->recall &&
         g->allowed[HE_IPV6] == c->race.allowed[HE_IPV6] &&
         g->allowed[HE_IPV4] == c->race.allowed[HE_IPV4];
}

static struct he_expected_group *new_group(const struct he_lookup_config *c,
                                           const struct he_lookup_name *name,
                                           uint64_t hash)
{
  const size_t n = length(name->host);
  struct he_expected_group *g = calloc(1, sizeof(*g) + n + 1);
  if(!g)
    return NULL;
  g->end = &g->first;
  g->hash = hash;
  g->port = name->port;
  g->app = c->app;
  g->recall = c->recall;
  memcpy(g->allowed, c->race.allowed, sizeof(g->allowed));
  g->length = n;
  memcpy(g->host, name->host, n);
  g->next = *slot_of(hash);
  *slot_of(hash) = g;
  return g;
}

struct he_expected_group *he_group_of(const struct he_lookup_config *c,
                                      const struct he_lookup_name *name)
{
  const uint64_t hash = hash_of(name->host);
  struct he_expected_group *g = *slot_of(hash);
  while(g && !(g->port == name->port && is_host(g, hash, name->host) &&
               suits(g, c)))
    g = g->next;
  return g ? g : new_group(c, name, hash);
}

struct he_expected_group *he_group_next(const struct he_expected_group *g,
                                        const char *host, uint16_t port)
{
  const uint64_t hash = g ? g->hash : hash_of(host);
  struct he_expected_group *next = g ? g->next : *slot_of(hash);
  while(next && ((next->port && next->port != port) ||
                 !is_host(next, hash, host)))
    next = next->next;
  return next;
}

void he_group_end(struct he_expected_group *g)
{
  struct he_expected_group **at = slot_of(g->hash);
  if(g->first || g->racing)
    return;
  while(*at != g)
    at = &(*at)->next;
  *at = g->next;
  free(g);
}

void he_group_enter(struct he_expected_group *g, struct he_expected_entry *e)
{
  e->group = g;
  e->next = NULL;
  e->link = g->end;
  *g->end = e;
  g->end = &e->next;
}

void he_group_leave(struct he_expected_entry *e)
{
  struct he_expected_group *g = e->group;
  *e->link = e->next;
  if(e->next)
    e->next->link = e->link;
  else
    g->end = e->link;
  he_group_end(g);
}

void he_group_add_racing(struct he_expected_group *g, struct he_lookup *l)
{
  l->group = g;
  l->racing_next = g->racing;
  l->racing_link = &g->racing;
  if(g->racing)
    g->racing->racing_link = &l->racing_next;
  g->racing = l;
}

bool he_group_remove_racing(struct he_lookup *l)
{
  if(!l->racing_link)
    return false;
  *l->racing_link = l->racing_next;
  if(l->racing_next)
    l->racing_next->racing_link = l->racing_link;
  l->racing_link = NULL;
  return true;
}
