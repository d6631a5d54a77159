/* SPDX-License-Identifier: MIT */
/* resolvers.c - numbers are places of a table that only grows: a place is
 * filled once, by an atomic exchange, and constant from then on. */
#include "options/resolvers.h"

#include <stdlib.h>
#include <string.h>

#define PORT_DNS 53
#define SCHEME "dns://"

/* -- reading -- */

/* One server: [from, from + len). */
struct piece {
  const char *from;
  size_t len;
};

static bool begins(const char *text, size_t len, const char *with)
{
  const size_t n = strlen(with);
  return len >= n && !memcmp(text, with, n);
}

/* False: *at is where the port is wrong, from its beginning. */
static bool read_port(struct piece p, uint16_t *out, size_t *at)
{
  unsigned long port = 0;
  for(*at = 0; *at < p.len; ++*at) {
    const char c = p.from[*at];
    if(c < '0' || c > '9')
      return false;
    port = port * 10 + (unsigned long)(c - '0');
    if(port > 65535)
      return false;
  }
  *at = 0;
  *out = (uint16_t)port;
  return port != 0;
}

/* Splits "[v6]:port", "[v6]", "v6", "v4:port" and "v4". False: a bracket is
   not closed, or something else than a port stands behind it. */
static bool split(struct piece p, struct piece *address, struct piece *port,
                  size_t *at)
{
  const bool bracket = p.len && *p.from == '[';
  const char *close = bracket ? memchr(p.from, ']', p.len) : NULL;
  const char *colon = memchr(p.from, ':', p.len), *end = p.from + p.len;
  *address = p;
  *port = (struct piece){ NULL, 0 };
  *at = 0;
  if(bracket) {
    if(!close)
      return false;
    *address = (struct piece){ p.from + 1, (size_t)(close - p.from) - 1 };
    colon = close + 1 < end ? close + 1 : NULL;
    *at = (size_t)(close - p.from) + 1;
    if(colon && *colon != ':')
      return false;
  }
  else if(colon && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
    colon = NULL;             /* an IPv6 address without a port */
  else if(colon)
    address->len = (size_t)(colon - p.from);
  if(colon)
    *port = (struct piece){ colon + 1, (size_t)(end - colon) - 1 };
  return true;
}

static const char *read_address(struct piece p, bool brackets,
                                struct he_addr *out)
{
  char text[HE_ADDR_TEXT];
  if(!p.len)
    return "a server's address is missing";
  if(memchr(p.from, '%', p.len))
    return "no scope can be given";
  if(p.len >= sizeof(text))
    return "no IP address";
  memcpy(text, p.from, p.len);
  text[p.len] = 0;
  if(strlen(text) != p.len || !he_addr_parse(out, text) ||
     (brackets && out->family == HE_IPV4))
    return "no IP address";
  return NULL;
}

/* NULL, or what is wrong at *at of the piece. */
static const char *read_server(struct piece p, struct he_addr *out, size_t *at)
{
  struct piece address, port;
  const char *why;
  uint16_t number = PORT_DNS;
  size_t wrong;
  if(!split(p, &address, &port, at))
    return "wants [IPv6]:PORT";
  *at = (size_t)(address.from - p.from);
  why = read_address(address, *at == 1, out);
  if(why)
    return why;
  if(port.from && !read_port(port, &number, &wrong)) {
    *at = (size_t)(port.from - p.from) + wrong;
    return "a port is 1 to 65535";
  }
  out->port = number;
  return NULL;
}

/* The servers behind the scheme. */
static bool read_servers(const char *text, size_t len, struct he_servers *out,
                         size_t *at, const char **why)
{
  size_t from = strlen(SCHEME), wrong = 0;
  do {
    const char *comma = memchr(text + from, ',', len - from);
    const size_t end = comma ? (size_t)(comma - text) : len;
    const struct piece p = { text + from, end - from };
    *why = out->n == HE_SERVERS_MAX ? "more than 8 servers" :
           read_server(p, &out->list[out->n], &wrong);
    *at = from + wrong;
    if(*why)
      return false;
    out->n++;
    from = end + 1;
  } while(from <= len);
  return true;
}

bool he_resolvers_read(const char *text, size_t len, struct he_servers *out,
                       size_t *at, const char **why)
{
  memset(out, 0, sizeof(*out));
  *at = 0;
  *why = NULL;
  if(len == strlen("system") && begins(text, len, "system"))
    return true;
  if(!begins(text, len, SCHEME)) {
    *why = "wants system, or dns://ADDRESS[:PORT],...";
    return false;
  }
#ifdef HE_CARES
  return read_servers(text, len, out, at, why);
#else
  (void)read_servers;
  *why = "this curl-he was built without c-ares, which dns:// takes";
  return false;
#endif
}

/* -- numbers -- */

static struct he_servers *table[HE_RESOLVERS_MAX];   /* the first is unused */

static bool same(const struct he_servers *a, const struct he_servers *b)
{
  if(a->n != b->n)
    return false;
  for(size_t i = 0; i < a->n; i++) {
    if(!he_addr_equal(&a->list[i], &b->list[i]))
      return false;
  }
  return true;
}

long he_resolvers_number(const struct he_servers *s)
{
  struct he_servers *mine = NULL;
  long i;
  if(!s->n)
    return 0;
  for(i = 1; i < HE_RESOLVERS_MAX; i++) {
    struct he_servers *there = __atomic_load_n(&table[i], __ATOMIC_ACQUIRE);
    if(!there && !mine) {
      mine = malloc(sizeof(*mine));
      if(!mine)
        return -1;
      *mine = *s;
    }
    if(!there && __atomic_compare_exchange_n(&table[i], &there, mine, false,
                                             __ATOMIC_ACQ_REL,
                                             __ATOMIC_ACQUIRE))
      return i;
    if(same(there, s))        /* perhaps another thread's, of this moment */
      break;
  }
  free(mine);
  return i < HE_RESOLVERS_MAX ? i : -1;
}

const struct he_servers *he_resolvers_servers(long number)
{
  return number > 0 && number < HE_RESOLVERS_MAX ?
         __atomic_load_n(&table[number], __ATOMIC_ACQUIRE) : NULL;
}
