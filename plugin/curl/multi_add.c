/* SPDX-License-Identifier: MIT */
/* multi_add.c - a transfer joins a multi handle, and its race with it. */
#include "curl/apply.h"
#include "curl/settled.h"
#include "curl/waiting.h"

/* The handle, with a reference; NULL: *rc says why. */
static struct he_handle *set_up(CURL *easy, CURLMcode *rc)
{
  struct he_handle *h = he_handle_current(easy);
  CURLHEcode code;
  *rc = CURLM_INTERNAL_ERROR;
  if(h)
    return h;
  code = curl_he_setup(easy);
  if(code == CURL_HE_NO_MEMORY)
    *rc = CURLM_OUT_OF_MEMORY;
  return code ? NULL : he_handle_of(easy);
}

/* Without memory libcurl looks the name up by itself. */
static void arm(struct he_handle *h)
{
  const struct he_peer *p = he_settled_peer(h);
  if(p && he_waiting_may(h, p))
    he_waiting_arm(h, p);
  else
    he_waiting_disarm(h);
}

CURLMcode curl_he_multi_add(CURLM *multi, CURL *easy)
{
  struct he_handle *h;
  CURLMcode rc;
  if(!easy)
    return CURLM_BAD_EASY_HANDLE;
  h = set_up(easy, &rc);
  if(!h)
    return rc;
  rc = curl_multi_add_handle(multi, easy);
  if(!rc) {                   /* it has not begun, and is in no other one */
    he_known_joins(easy, multi, false);
    he_apply_host(h);
    arm(h);
  }
  he_handle_put(h);
  return rc;
}
