/* SPDX-License-Identifier: MIT */
#include "curl/quirks.h"
#include "curl/libcurl.h"

/* From the first of these versions on, and before the second; 0: all later
   ones. */
static const struct {
  unsigned from, before;
} spans[HE_QUIRKS] = {
  [HE_QUIRK_CLOSES_FIRST] = { 0x075800, 0 },
  [HE_QUIRK_SLEEPS_ON] = { 0x075800, 0x080400 },
  [HE_QUIRK_WALKS_FAMILIES] = { 0x075800, 0x081000 },
  [HE_QUIRK_TELLS_OF_FAILED] = { 0, 0x080800 },
  [HE_QUIRK_KEEPS_EVENTS] = { 0, 0x080a00 },
  [HE_QUIRK_BEGINS_WITH_IPV6] = { 0x080a00, 0 },
  [HE_QUIRK_SAYS_USED_PROXY] = { 0x080a00, 0 },
  [HE_QUIRK_RACES] = { 0x081000, 0 },
  [HE_QUIRK_VETO_ABORTS] = { 0x081200, 0 },
  [HE_QUIRK_LOOKS_UP_APART] = { 0x081400, 0 }
};

bool he_quirk(enum he_quirk q)
{
  const unsigned version = he_libcurl_version();
  return version >= spans[q].from &&
         (!spans[q].before || version < spans[q].before);
}
