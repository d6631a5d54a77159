/* SPDX-License-Identifier: MIT */
/* nat64_fuzz.c - the addresses of ipv4only.arpa (he_nat64_discover()), 16 bytes
 * each. */
#include "fuzz.h"
#include "base/nat64.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct he_nat64_prefix out[HE_NAT64_PREFIXES];
  struct he_addr list[16];
  size_t n = 0, found;
  memset(list, 0, sizeof(list));
  for(; n < 16 && size >= 16; n++, data += 16, size -= 16) {
    memcpy(list[n].ip, data, 16);
    list[n].family = HE_IPV6;
  }
  found = he_nat64_discover(list, n, out);
  fuzz_assert(found <= HE_NAT64_PREFIXES && found <= n);
  for(size_t i = 0; i < found; i++) {
    bool there = false;
    for(size_t j = 0; j < i; j++)
      fuzz_assert(!he_nat64_equal(&out[i], &out[j]));
    for(size_t j = 0; j < n; j++) {
      struct he_addr v4;
      there = there || (he_nat64_extract(&out[i], &list[j], &v4) &&
                        v4.ip[0] == 192 && (v4.ip[3] & 0xfe) == 170);
    }
    fuzz_assert(there);
  }
  return 0;
}
