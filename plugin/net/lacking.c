/* SPDX-License-Identifier: MIT */
#include "net/lacking.h"
#include "net/network.h"
#include "net/pref64.h"

#define BELIEVED HE_MS(10000)

static bool has_way(const char *text)
{
  struct he_addr to, source;
  if(!he_addr_parse(&to, text))
    return false;
  to.port = 443;
  return he_network_source(&to, &source);
}

/* One in each half of all IPv4 addresses: a default route may be two. These are
   the addresses that network.c asks for. */
bool he_lacking_ipv4(void)
{
  return !has_way("198.41.0.4") && !has_way("20.0.0.1") &&
         has_way("2001:503:ba3e::2:30");
}

bool he_lacking_seems(he_time_ns now)
{
  static he_time_ns until;    /* atomic, as the next */
  static unsigned where;
  const unsigned network = he_pref64_network();
  if(__atomic_load_n(&where, __ATOMIC_RELAXED) == network &&
     __atomic_load_n(&until, __ATOMIC_RELAXED) > now)
    return false;
  if(he_lacking_ipv4())
    return true;
  __atomic_store_n(&where, network, __ATOMIC_RELAXED);
  __atomic_store_n(&until, he_time_add(now, BELIEVED), __ATOMIC_RELAXED);
  return false;
}
