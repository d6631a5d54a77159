/* SPDX-License-Identifier: MIT */
/* ech.c - libcurl looks at CURLOPT_ECH when it begins the handshake, after it
 * was given the socket. "ecl:" and the ECHConfigList in Base64 say what to use,
 * NULL says that nothing is. */
#include "curl/ech.h"
#include "curl/libcurl.h"
#include "curl/settled.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PREFIX "ecl:"

static bool is_programs(const struct he_handle *h)
{
  return he_handle_declared(h)->ech;
}

bool he_ech_may_set(struct he_handle *h)
{
  const struct curl_easyoption *o;
  if(is_programs(h))
    return false;
  o = curl_easy_option_by_name("ECH");
  /* also one that was built without it knows the name. NULL is the default. */
  return o && o->id == HE_CURLOPT_ECH &&
         !curl_easy_setopt(h->easy, HE_CURLOPT_ECH, NULL);
}

/* The caller's to free; NULL without memory. */
static char *text_of(const uint8_t *list, size_t len)
{
  static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = malloc(sizeof(PREFIX) + (len + 2) / 3 * 4);
  char *at = text;
  if(!text)
    return NULL;
  memcpy(at, PREFIX, sizeof(PREFIX) - 1);
  at += sizeof(PREFIX) - 1;
  for(size_t i = 0; i < len; i += 3) {
    const size_t left = len - i;
    const uint32_t bits = (uint32_t)list[i] << 16 |
                          (left > 1 ? (uint32_t)list[i + 1] << 8 : 0) |
                          (left > 2 ? list[i + 2] : 0);
    *at++ = digits[bits >> 18];
    *at++ = digits[bits >> 12 & 63];
    *at++ = left > 1 ? digits[bits >> 6 & 63] : '=';
    *at++ = left > 2 ? digits[bits & 63] : '=';
  }
  *at = 0;
  return text;
}

static void clear(struct he_handle *h)
{
  if(h->ech && !is_programs(h))
    curl_easy_setopt(h->easy, HE_CURLOPT_ECH, NULL);
  h->ech = false;
}

void he_ech_keep(struct he_handle *h, struct he_lookup *l)
{
  he_lookup_unref(h->tasks.served);
  he_lookup_ref(l);
  h->tasks.served = l;
}

/* The lookup that was taken, if it was this host's; or NULL. */
static const struct he_lookup *served(struct he_handle *h,
                                      const struct he_peer *p)
{
  const struct he_lookup *l = h->tasks.served;
  uint16_t port;
  he_time_ns began;
  return l && p && !strcasecmp(he_lookup_host(l, &port, &began), p->host) &&
         port == p->port ? l : NULL;
}

bool he_ech_set(struct he_handle *h, const struct he_addr *a)
{
  const struct he_peer *p = he_settled_peer(h);
  const struct he_lookup *l = served(h, p);
  size_t len;
  const uint8_t *list = l ? he_lookup_ech(l, a, &len) : NULL;
  /* once set it need not be tried, which would take it back */
  const bool may = list && (h->ech ? !is_programs(h) : he_ech_may_set(h));
  char *text = may ? text_of(list, len) : NULL;
  const bool set = text && !curl_easy_setopt(h->easy, HE_CURLOPT_ECH, text);
  free(text);
  if(set)
    h->ech = true;
  else
    clear(h);
  return set || !l || !he_lookup_relies(l) || a->port != p->port;
}

bool he_ech_relies(struct he_handle *h, const struct he_peer *p)
{
  const struct he_lookup *l = served(h, p);
  return l && he_lookup_relies(l);
}

void he_ech_forget(struct he_handle *h)
{
  clear(h);
  he_lookup_unref(h->tasks.served);
  h->tasks.served = NULL;
}
