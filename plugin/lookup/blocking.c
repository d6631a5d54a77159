/* SPDX-License-Identifier: MIT */
#include "lookup/blocking.h"
#include "resolve/system.h"

void he_blocking_ask(const char *host, uint16_t port,
                     const bool allowed[HE_FAMILIES],
                     he_resolver_answer answer, void *arg)
{
  struct he_asked said;
  /* without a port: no handle expects this call */
  he_system_ask(host, port, allowed[HE_IPV6] && allowed[HE_IPV4] ?
                HE_ASK_BOTH : allowed[HE_IPV4] ? HE_ASK_IPV4 : HE_ASK_IPV6,
                &said);
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(allowed[f])
      answer(arg, (enum he_family)f, said.family[f].error,
             said.family[f].list, said.family[f].n);
  }
}
