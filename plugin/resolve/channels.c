/* SPDX-License-Identifier: MIT */
#include "resolve/channels.h"

#include <string.h>

struct channel {
  struct he_upstream_channel *c;   /* a reference */
  const struct he_upstream_ops *ops;   /* valid with c */
};

static struct channel table[HE_RESOLVERS_MAX][HE_UPSTREAMS_MAX];

static void drop(struct channel *c)
{
  if(c->c)
    c->ops->unref(c->c);
  c->c = NULL;
}

struct he_upstream_channel *he_channels_get(long number, size_t which,
                                            const struct he_upstream *u,
                                            struct he_racer *r)
{
  struct channel *c = &table[number][which];
  if(c->c && !c->ops->usable(c->c, r))
    drop(c);
  if(!c->c) {
    c->ops = he_upstream_ops(u->kind);
    c->c = c->ops ? c->ops->create(r, u) : NULL;
  }
  return c->c;
}

void he_channels_forget(void)
{
  for(int n = 0; n < HE_RESOLVERS_MAX; n++)
    for(int k = 0; k < HE_UPSTREAMS_MAX; k++)
      drop(&table[n][k]);
}

void he_channels_lose(void)
{
  memset(table, 0, sizeof(table));
}
