/* SPDX-License-Identifier: MIT */
/* message_fuzz.c - an answer of a configured resolver (he_message_read()). */
#include "fuzz.h"
#include "resolve/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const enum he_dns_type types[] = {
    HE_DNS_A, HE_DNS_AAAA, HE_DNS_HTTPS
  };
  for(size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
    struct he_addr list[HE_MESSAGE_ADDRESSES];
    const struct he_message m = he_message_read(data, size, "he.test",
                                                types[i]);
    size_t n;
    if(m.says != HE_MESSAGE_FOUND || types[i] == HE_DNS_HTTPS)
      continue;
    n = he_message_addresses(data, size, "he.test", types[i], list);
    fuzz_assert(n <= HE_MESSAGE_ADDRESSES);
    for(size_t k = 0; k < n; k++)
      fuzz_assert(list[k].family ==
                  (types[i] == HE_DNS_A ? HE_IPV4 : HE_IPV6));
  }
  return 0;
}
