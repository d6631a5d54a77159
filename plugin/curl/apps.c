/* SPDX-License-Identifier: MIT */
/* apps.c - one gate a handle, as long as its callbacks stay what they are. */
#include "curl/apps.h"
#include "curl/settled.h"

bool he_apps_racer_calls(struct he_handle *h)
{
  if(he_handle_declared(h)->unshared &&
     h->options.value[HE_OPT_RACER_CALLBACKS] != 1)
    return false;
  return he_settled_option(h, h->peer.host, HE_OPT_RACER_CALLBACKS) != 0;
}

bool he_apps_of(struct he_handle *h, struct he_racer *r,
                struct he_app **out)
{
  const struct he_declared *d = he_handle_declared(h);
  struct he_app *app;
  *out = NULL;
  if(!(d->opensocket || d->sockopt) || !he_apps_racer_calls(h))
    return true;
  app = he_tasks_app(&h->tasks);
  if(!app) {
    app = he_app_new(d, r);
    if(!app)
      return false;
    if(!he_tasks_keep_app(&h->tasks, app))
      he_app_shut(app);   /* The context was freed meanwhile. Nobody would shut
                             it later. */
  }
  *out = app;
  return true;
}
