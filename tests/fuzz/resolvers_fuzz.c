/* SPDX-License-Identifier: MIT */
/* resolvers_fuzz.c - a value of CURLHEOPT_RESOLVER (he_resolvers_read()). */
#include "fuzz.h"
#include "options/resolvers.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct he_upstreams u;
  const char *why = NULL;
  size_t at = 0;
  if(!he_resolvers_read((const char *)data, size, &u, &at, &why)) {
    fuzz_assert(why && at <= size);
    return 0;
  }
  fuzz_assert(u.n <= HE_UPSTREAMS_MAX &&
              memchr(u.search, 0, sizeof(u.search)));
  for(size_t i = 0; i < u.n; i++) {
    const struct he_upstream *one = &u.list[i];
    fuzz_assert(one->kind < HE_UPSTREAM_KINDS && one->n <= HE_SERVERS_MAX &&
                one->pins <= HE_PINS_MAX &&
                memchr(one->name, 0, sizeof(one->name)) &&
                memchr(one->url, 0, sizeof(one->url)) &&
                one->bootstrap < HE_RESOLVERS_MAX);
    fuzz_assert(one->n || one->kind == HE_UPSTREAM_HTTPS);
    fuzz_assert(one->kind != HE_UPSTREAM_TLS || *one->name || one->pins ||
                one->opportunistic);
    fuzz_assert(one->kind != HE_UPSTREAM_HTTPS ||
                (*one->name && *one->url && one->port &&
                 (one->n == 1 || one->bootstrap >= 0)));
  }
  return 0;
}
