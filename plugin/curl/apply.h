/* SPDX-License-Identifier: MIT */
#ifndef HE_APPLY_H
#define HE_APPLY_H
/* apply.h - what libcurl has to be told of a handle's options of curl-he's. On
 * the handle's thread. */
#include "curl/handle.h"

/* Which families libcurl may use. */
CURLcode he_apply_families(struct he_handle *h);
/* That and the HE timer, for the host that the URL now has. */
CURLcode he_apply_host(struct he_handle *h);
/* `option`, a CURLHEOPT_, was set. Where libcurl refuses what follows, the
   handle's options are `before` again. */
CURLHEcode he_apply_option(struct he_handle *h, int option,
                           const struct he_options *before);

#endif
