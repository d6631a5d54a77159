/* SPDX-License-Identifier: MIT */
/* prepare.c - a handle's addresses, before it connects. */
#include "curl/apply.h"
#include "curl/settled.h"
#include "curl/targets.h"
#include "resolve/gai.h"

#include <string.h>

/* The handle's thread waits where it ends the handle's interest, so that the
   handle is there; in the program's callback it may go. */
static void ready(void *arg, int error)
{
  const struct he_handle *h = arg;
  const curl_he_prepared_callback told = h->prepared.told;
  told(h->easy, error, h->prepared.data);
}

static bool is_literal(const char *host)
{
  struct he_addr a;
  return *host == '[' || he_addr_parse(&a, host);
}

/* The name that libcurl connects to first; NULL: it needs none. */
static const char *first_name(struct he_handle *h, const struct he_targets *t)
{
  const struct he_declared *d = he_handle_declared(h);
  return t->count && !d->doh && !d->unix_socket &&
         !is_literal(t->names[0].host) ? t->names[0].host : NULL;
}

/* Asks for `name`; NULL: for nothing. */
static struct he_prepared *begin(struct he_handle *h, const struct he_peer *p,
                                 const char *name)
{
  const struct he_settled *s = he_settled_for(h, p ? p->host : NULL);
  const struct he_policy *policy = he_gai_known();
  struct he_prepared_config c = {
    .host = name ? name : "", .port = p ? p->port : 0, .ready = ready,
    .arg = h, .delay = s->race.resolution_delay
  };
  c.first = he_order_first(policy, s->race.preference);
  if(name)
    memcpy(c.allowed, s->race.allowed, sizeof(c.allowed));
  c.resolver = he_settled_resolver(h, p ? p->host : NULL);
  he_policy_unref(policy);
  return he_prepared_new(&c);
}

static bool prepare(struct he_handle *h)
{
  const struct he_peer *p = he_settled_peer(h);
  struct he_targets t = { .count = 0 };
  struct he_prepared *answers;
  if(p)
    he_targets_find(h, p, &t);
  answers = begin(h, p, first_name(h, &t));
  __atomic_store_n(&h->prepared.answers, answers, __ATOMIC_RELEASE);
  he_targets_free(&t);
  return answers;
}

CURLHEcode curl_he_prepare(CURL *easy, curl_he_prepared_callback told,
                           void *data)
{
  struct he_handle *h;
  CURLHEcode code = CURL_HE_OK;
  if(!easy || !told)
    return CURL_HE_BAD_POINTER;
  h = he_handle_current(easy);
  if(!h) {
    code = curl_he_setup(easy);
    if(code)
      return code;
    h = he_handle_of(easy);
  }
  if(!h)
    return CURL_HE_NO_MEMORY;
  he_handle_unprepare(h);
  h->prepared.told = told;
  h->prepared.data = data;
  if(!prepare(h))
    code = CURL_HE_NO_MEMORY;
  he_handle_put(h);
  return code;
}

CURLHEcode curl_he_prepare_cancel(CURL *easy)
{
  struct he_handle *h = easy ? he_handle_own(easy) : NULL;
  if(!easy)
    return CURL_HE_BAD_POINTER;
  if(!h)
    return CURL_HE_NOT_SET_UP;
  he_handle_unprepare(h);
  he_handle_put(h);
  return CURL_HE_OK;
}
