/* SPDX-License-Identifier: MIT */
#ifndef HE_WAITING_H
#define HE_WAITING_H
/* waiting.h - libcurl waits for a race that curl-he runs on a thread of its
 * own, where libcurl's lookup cannot be raced in: curl_he_multi_add().
 *
 * libcurl finds stand-in addresses (net/standin.h) for the host: by a "*" entry
 * of CURLOPT_RESOLVE, which libcurl looks at for this very handle only, and
 * only where its cache has nothing of the host. So a connection that is reused,
 * or a name that is cached, is none of this. Asked for a socket to a stand-in,
 * curl-he begins the race, and answers with a socket that never connects:
 *
 *   ARMED --request--> RACING --over, socket is shut down, request--> SPENT
 *
 * SPENT: the winner was given, or there is none, and libcurl fails to connect.
 * A request for a stand-in that libcurl had before is one of another connect:
 * as ARMED.
 *
 * On the handle's thread, but for the one that races. */
#include "curl/ahead.h"

/* Can the handle's connect to `p` be waited for so? Not where libcurl's own
   lookup is raced, nor where libcurl may be led elsewhere than to the host's
   addresses. */
bool he_waiting_may(struct he_handle *h, const struct he_peer *p);

/* libcurl is told of the stand-ins; before the handle joins a multi handle. */
CURLcode he_waiting_arm(struct he_handle *h, const struct he_peer *p);
/* libcurl forgets them with its next transfer of the easy handle. Nothing,
   where it was never told. */
void he_waiting_disarm(struct he_handle *h);

/* What a request for a socket to a stand-in address comes to. */
enum he_waiting_says {
  HE_WAITING_NOT,             /* the address is none */
  HE_WAITING_WAIT,            /* out->fd is to be connected to out->addr */
  HE_WAITING_GIVEN,           /* *out is what came of the race */
  HE_WAITING_FAIL,            /* no socket */
  HE_WAITING_OVER             /* never returned */
};
enum he_waiting_says he_waiting_asked(struct he_handle *h,
                                      const struct he_addr *addr,
                                      struct he_stood *out);

/* Is this the handle's socket that never connects, or the one that is to fail?
   They are none of the application's. */
bool he_waiting_is(struct he_handle *h, int fd);
/* libcurl closes it. True where it is one of these. */
bool he_waiting_closing(struct he_handle *h, int fd);

#endif
