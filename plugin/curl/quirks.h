/* SPDX-License-Identifier: MIT */
#ifndef HE_QUIRKS_H
#define HE_QUIRKS_H
/* quirks.h - how versions of libcurl differ, by name. No other file knows a
 * version's number. */
#include <stdbool.h>

enum he_quirk {
  /* Closes an attempt that failed before it asks for the next socket. Before
     7.88.0 it is the other way round, and there are no words for a connect()
     that fails at once. */
  HE_QUIRK_CLOSES_FIRST,
  /* Takes up the next address with the next wake-up only, and loses a timer
     that runs out within a millisecond after another one of its transfer. */
  HE_QUIRK_SLEEPS_ON,
  /* Has one attempt a family at a time, which it gives up for the next one. */
  HE_QUIRK_WALKS_FAMILIES,
  /* Tells the event loop of a failed socket once more when it goes on, unless
     it was paused before. */
  HE_QUIRK_TELLS_OF_FAILED,
  /* Keeps what an event loop said last of any socket until there is a
     connection. */
  HE_QUIRK_KEEPS_EVENTS,
  /* Begins with IPv6, whatever list it is given. */
  HE_QUIRK_BEGINS_WITH_IPV6,
  /* CURLINFO_USED_PROXY is right. */
  HE_QUIRK_SAYS_USED_PROXY,
  /* Keeps its earlier attempts while it makes new ones, one each interval. */
  HE_QUIRK_RACES,
  /* CURLE_ABORTED_BY_CALLBACK is what a veto of the resolver-start callback
     comes to, and not CURLE_COULDNT_RESOLVE_HOST. */
  HE_QUIRK_VETO_ABORTS,
  /* Asks for each family by a call of its own. */
  HE_QUIRK_LOOKS_UP_APART,
  HE_QUIRKS
};

/* Has the libcurl in use this one? Any thread. */
bool he_quirk(enum he_quirk q);

#endif
