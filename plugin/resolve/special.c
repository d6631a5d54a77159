/* SPDX-License-Identifier: MIT */
#include "resolve/special.h"

#include <string.h>
#include <strings.h>

bool he_special_in(const char *host, const char *domain)
{
  size_t len = strlen(host);
  const size_t n = strlen(domain);
  if(len && host[len - 1] == '.')
    len--;
  return len >= n && !strncasecmp(host + len - n, domain, n) &&
         (len == n || host[len - n - 1] == '.');
}

/* No domain ends in a number: who writes one means an address. */
static bool is_number(const char *name)
{
  const char *dot = strrchr(name, '.');
  const char *last = dot ? dot + 1 : name;
  return (*last && strspn(last, "0123456789") == strlen(last)) ||
         strchr(name, ':');
}

bool he_special_may_ask(const char *name, enum he_upstream_kind kind)
{
  return kind == HE_UPSTREAM_FIXED ||
         !(he_special_in(name, "localhost") || he_special_in(name, "local") ||
           he_special_in(name, "onion") || is_number(name));
}
