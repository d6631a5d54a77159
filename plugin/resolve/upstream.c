/* SPDX-License-Identifier: MIT */
#include "resolve/upstream.h"
#include "resolve/cares.h"
#include "resolve/fixed.h"

/* Those of this room are there from the beginning. */
static const struct he_upstream_ops *table[HE_UPSTREAM_KINDS] = {
#ifdef HE_CARES
  [HE_UPSTREAM_DNS] = &he_cares_ops,
#endif
  [HE_UPSTREAM_FIXED] = &he_fixed_ops
};

void he_upstream_register(enum he_upstream_kind kind,
                          const struct he_upstream_ops *ops)
{
  __atomic_store_n(&table[kind], ops, __ATOMIC_RELEASE);
}

const struct he_upstream_ops *he_upstream_ops(enum he_upstream_kind kind)
{
  return __atomic_load_n(&table[kind], __ATOMIC_ACQUIRE);
}
