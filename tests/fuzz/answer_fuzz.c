/* SPDX-License-Identifier: MIT */
/* answer_fuzz.c - a name server's answer with addresses (he_dns_parse()). */
#include "fuzz.h"
#include "resolve/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    struct he_addr list[4];
    uint32_t ttl = 0;
    const int n = he_dns_parse(data, size, "he.test", (enum he_family)f, list,
                               4, &ttl);
    fuzz_assert(n >= -1);
    for(int i = 0; i < n && i < 4; i++)
      fuzz_assert(list[i].family == f);
  }
  return 0;
}
