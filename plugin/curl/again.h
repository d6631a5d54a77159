/* SPDX-License-Identifier: MIT */
#ifndef HE_AGAIN_H
#define HE_AGAIN_H
/* again.h - whether to perform a transfer again, with another address. */
#include "curl/handle.h"

/* curl_he_perform() has performed with this race (NULL: with none), and libcurl
   said `rc`. True where nothing was sent, and another address may do better;
   h->afresh: one that the resolver gives now. What the transfer tells of its
   address goes to the history. On the handle's thread; may block for a
   lookup. */
bool he_again_may_help(struct he_handle *h, struct he_connect *c, CURLcode rc);

#endif
