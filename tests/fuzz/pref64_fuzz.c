/* SPDX-License-Identifier: MIT */
/* pref64_fuzz.c - the kernel's messages with what routers advertise
 * (he_pref64_read()). */
#include "fuzz.h"
#include "net/pref64.h"

#include <string.h>

static void found(void *count, const struct he_pref64 *p)
{
  struct he_addr v4 = { .family = HE_IPV4, .ip = { 8, 8, 4, 4 }, .port = 1 };
  struct he_addr v6, back;
  ++*(size_t *)count;
  fuzz_assert(p->device && p->lifetime_s <= 65528);
  fuzz_assert(he_nat64_embed(&p->prefix, &v4, &v6));
  fuzz_assert(he_nat64_extract(&p->prefix, &v6, &back));
  fuzz_assert(he_addr_equal(&v4, &back));
}

/* The kernel's are aligned. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  void *messages = malloc(size ? size : 1);
  size_t count = 0;
  fuzz_assert(messages != NULL);
  if(size)
    memcpy(messages, data, size);
  he_pref64_read(messages, size, found, &count);
  fuzz_assert(count <= size / 16);
  free(messages);
  return 0;
}
