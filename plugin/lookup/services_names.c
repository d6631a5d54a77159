/* SPDX-License-Identifier: MIT */
/* services_names.c - the names that HTTPS records lead to. */
#include "lookup/services_own.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Called once a family, on whatever thread. */
static void on_addresses(void *arg, enum he_family f, int error,
                         struct he_candidate *list, size_t n)
{
  struct he_service_name *name = arg;
  struct he_lookup *l = name->of->l;
  struct he_lookup_answer *a = &name->news[f];
  pthread_mutex_lock(&l->lock);
  if(a->there)
    free(list);
  else {
    *a = (struct he_lookup_answer){
      .list = list, .n = n, .error = error, .there = true
    };
    he_lookup_wake_locked(l);
  }
  pthread_mutex_unlock(&l->lock);
}

static void ask_addresses(struct he_service_name *name)
{
  struct he_lookup *l = name->of->l;
  const bool *allowed = l->config.race.allowed;
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(!allowed[f])
      continue;
    name->query[f] = he_resolver_ask(l->config.resolver, name->text, l->port,
                                     (enum he_family)f,
                                     !allowed[he_other_family(
                                       (enum he_family)f)],
                                     on_addresses, name);
    if(!name->query[f])
      on_addresses(name, (enum he_family)f, EAI_MEMORY, NULL, 0);
  }
}

static bool is_in_localhost(const char *name)
{
  static const char domain[] = "localhost";
  const size_t len = strlen(name), n = sizeof(domain) - 1;
  return len >= n && !strcasecmp(name + len - n, domain) &&
         (len == n || name[len - n - 1] == '.');
}

bool he_services_same(const char *a, const char *b)
{
  size_t n = strlen(a), m = strlen(b);
  n -= n && a[n - 1] == '.';
  m -= m && b[m - 1] == '.';
  return n == m && !strncasecmp(a, b, n);
}

/* A record names hosts, in full. Not so an address in text, which no server has
   told, nor a name that a search domain would be added to. */
static bool is_full_name(const char *text)
{
  struct he_addr a;
  return strchr(text, '.') && !he_addr_parse(&a, text);
}

int he_services_place(struct he_services *s, const char *text)
{
  struct he_service_name *name;
  if(he_services_same(text, s->l->host))
    return 0;
  for(size_t i = 1; i < s->e.names; i++) {
    if(he_services_same(text, s->names[i - 1].text))
      return (int)i;
  }
  if(s->e.names == HE_ENDPOINT_NAMES || is_in_localhost(text) ||
     !is_full_name(text))
    return -1;
  name = &s->names[s->e.names - 1];
  name->of = s;
  memcpy(name->text, text, strlen(text) + 1);
  ask_addresses(name);
  return (int)s->e.names++;
}
