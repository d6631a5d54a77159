/* SPDX-License-Identifier: MIT */
#ifndef HE_APPS_H
#define HE_APPS_H
/* apps.h - which of the application's socket callbacks a race of a handle has
 * to ask. On the handle's thread. */
#include "curl/handle.h"

/* The application's callbacks for a race that begins, with a reference, in
   *app; NULL where there are none to be called from the racer's thread. False
   without memory. */
bool he_apps_of(struct he_handle *h, struct he_racer *r,
                struct he_app **app);

/* CURLHEOPT_RACER_CALLBACKS; false, too, where a callback came by
   curl_easy_setopt(), unless the option was set to 1 for this handle. */
bool he_apps_racer_calls(struct he_handle *h);

#endif
