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

#define COMPUTED (1u << HE_QUIRKS)

static unsigned quirks_of(unsigned version)
{
  unsigned bits = COMPUTED;
  for(int i = 0; i < HE_QUIRKS; i++) {
    if(version >= spans[i].from &&
       (!spans[i].before || version < spans[i].before))
      bits |= 1u << i;
  }
  return bits;
}

bool he_quirk(enum he_quirk q)
{
  static unsigned quirks;     /* the same for all of the process */
  unsigned bits = __atomic_load_n(&quirks, __ATOMIC_RELAXED);
  if(!bits) {
    bits = quirks_of(he_libcurl_version());
    __atomic_store_n(&quirks, bits, __ATOMIC_RELAXED);
  }
  return bits >> q & 1;
}
