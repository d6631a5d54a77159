/* SPDX-License-Identifier: MIT */
/* addr.c - conversions between he_addr, sockaddr and text. No I/O. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool he_addr_from_sockaddr(struct he_addr *out, const struct sockaddr *sa,
                           size_t len)
{
  struct he_addr a = { .port = 0 };
  if(len < sizeof(sa->sa_family))
    return false;
  if(sa->sa_family == AF_INET) {
    struct sockaddr_in in;
    if(len < sizeof(in))
      return false;
    memcpy(&in, sa, sizeof(in));
    a.family = HE_IPV4;
    a.port = ntohs(in.sin_port);
    memcpy(a.ip, &in.sin_addr, 4);
  }
  else if(sa->sa_family == AF_INET6) {
    struct sockaddr_in6 in6;
    if(len < sizeof(in6))
      return false;
    memcpy(&in6, sa, sizeof(in6));
    a.family = HE_IPV6;
    a.port = ntohs(in6.sin6_port);
    a.scope = in6.sin6_scope_id;
    memcpy(a.ip, &in6.sin6_addr, 16);
  }
  else
    return false;
  *out = a;
  return true;
}

size_t he_addr_to_sockaddr(const struct he_addr *a, struct sockaddr *sa,
                           size_t size)
{
  if(a->family == HE_IPV4) {
    struct sockaddr_in in = { .sin_family = AF_INET };
    if(size < sizeof(in))
      return 0;
    in.sin_port = htons(a->port);
    memcpy(&in.sin_addr, a->ip, 4);
    memcpy(sa, &in, sizeof(in));
    return sizeof(in);
  }
  else {
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    if(size < sizeof(in6))
      return 0;
    in6.sin6_port = htons(a->port);
    in6.sin6_scope_id = a->scope;
    memcpy(&in6.sin6_addr, a->ip, 16);
    memcpy(sa, &in6, sizeof(in6));
    return sizeof(in6);
  }
}

bool he_addr_equal(const struct he_addr *a, const struct he_addr *b)
{
  return a->family == b->family && a->port == b->port &&
         a->scope == b->scope && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

const char *he_addr_text(const struct he_addr *a, char buf[HE_ADDR_TEXT])
{
  char ip[INET6_ADDRSTRLEN] = "?";
  inet_ntop(a->family == HE_IPV4 ? AF_INET : AF_INET6, a->ip, ip, sizeof(ip));
  if(a->scope)
    snprintf(buf, HE_ADDR_TEXT, "%s%%%u", ip, (unsigned)a->scope);
  else
    snprintf(buf, HE_ADDR_TEXT, "%s", ip);
  return buf;
}

const char *he_addr_format(const struct he_addr *a, char buf[HE_ADDR_TEXT])
{
  char text[HE_ADDR_TEXT];
  he_addr_text(a, text);
  snprintf(buf, HE_ADDR_TEXT, a->family == HE_IPV4 ? "%.62s:%u" :
           "[%.62s]:%u", text, (unsigned)a->port);
  return buf;
}

bool he_addr_parse(struct he_addr *out, const char *text)
{
  struct he_addr a = { .family = HE_IPV4 };
  const char *percent = strchr(text, '%');
  char ip[INET6_ADDRSTRLEN];
  size_t len = percent ? (size_t)(percent - text) : strlen(text);
  if(len >= sizeof(ip))
    return false;
  memcpy(ip, text, len);
  ip[len] = 0;
  if(!percent && inet_pton(AF_INET, ip, a.ip) == 1) {
    *out = a;
    return true;
  }
  a.family = HE_IPV6;
  if(inet_pton(AF_INET6, ip, a.ip) != 1)
    return false;
  if(percent) {
    char *end;
    unsigned long scope;
    if(percent[1] < '0' || percent[1] > '9')
      return false;
    scope = strtoul(percent + 1, &end, 10);
    if(*end || !scope || scope > UINT32_MAX)
      return false;
    a.scope = (uint32_t)scope;
  }
  *out = a;
  return true;
}
