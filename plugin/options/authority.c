/* SPDX-License-Identifier: MIT */
#include "options/authority.h"

#include <string.h>

#define PORT 443

static bool wrong(struct he_wrong *w, const char *at, const char *why)
{
  *w = (struct he_wrong){ why, at };
  return false;
}

/* libcurl takes a name that ends in a number for an address of some kind. */
static bool ends_in_number(const char *name)
{
  const char *dot = strrchr(name, '.');
  const char *last = dot ? dot + 1 : name;
  return *last >= '0' && *last <= '9';
}

static bool take_address(struct he_upstream *u)
{
  const struct he_addr *a = &u->list[0];
  char text[HE_ADDR_TEXT];
  u->n = 1;
  u->port = a->port;
  he_addr_text(a, text);
  memcpy(u->name, text, strlen(text) + 1);
  return true;
}

static bool read_name(struct he_piece p, struct he_upstream *u,
                      struct he_wrong *w)
{
  struct he_piece port = p, host;
  he_piece_next(&port, ':', &host);
  u->port = PORT;
  return (!port.from || he_piece_port(port, &u->port, w)) &&
         he_piece_name(host, u->name, sizeof(u->name), w) &&
         (!ends_in_number(u->name) || wrong(w, p.from, "no IP address"));
}

bool he_authority_read(struct he_piece p, struct he_upstream *u,
                       struct he_wrong *w)
{
  const bool bracket = p.len && *p.from == '[';
  if(p.len && memchr(p.from, '@', p.len))
    return wrong(w, p.from, "no user can be given");
  if(!he_piece_server(p, PORT, &u->list[0], w)) {
    memset(&u->list[0], 0, sizeof(u->list[0]));
    return !bracket && read_name(p, u, w);
  }
  if(!bracket && u->list[0].family == HE_IPV6)
    return wrong(w, p.from, "wants [IPv6]:PORT");
  return take_address(u);
}
