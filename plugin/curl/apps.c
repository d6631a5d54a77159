/* SPDX-License-Identifier: MIT */
/* apps.c - one gate a handle, as long as its callbacks stay what they are. */
#include "curl/apps.h"
#include "curl/settled.h"

bool he_handle_racer_calls(struct he_handle *h)
{
  if(he_handle_declared(h)->unshared &&
     h->options.value[HE_OPT_RACER_CALLBACKS] != 1)
    return false;
  return he_handle_option(h, h->peer.host, HE_OPT_RACER_CALLBACKS) != 0;
}

bool he_handle_app(struct he_handle *h, struct he_racer *r,
                   struct he_app **out)
{
  const struct he_declared *d = he_handle_declared(h);
  struct he_app *app;
  *out = NULL;
  if(!(d->opensocket || d->sockopt) || !he_handle_racer_calls(h))
    return true;
  app = he_handle_known_app(h);
  if(!app) {
    app = he_app_new(d, r);
    if(!app)
      return false;
    if(!he_handle_keep_app(h, app))
      he_app_shut(app);   /* the context was freed meanwhile: nobody would do
                             it later */
  }
  *out = app;
  return true;
}
