/* SPDX-License-Identifier: MIT */
/* declared.c - a table says which options are kept, where and how. */
#include "curl/declared.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind {
  NOT_KEPT,
  TEXT,            /* char *, copied */
  LIST,            /* struct curl_slist *, copied */
  NUMBER,          /* long */
  SECONDS,         /* long, kept as ms */
  POINTER,         /* void *, as it is */
  FUNCTION,        /* as it is */
  HOOK,            /* FUNCTION, and POINTER, that curl-he stands in for */
  HOOK_DATA
};

struct slot {
  enum kind kind;
  int option;
  size_t at;       /* in struct he_declared */
};

/* By the option's number without its type. It is written out for options that
   are younger than libcurl 7.75.0, and for one that later versions warn of. */
#define SLOT(kind, option, field) \
  [(option) % 10000] = { kind, (int)(option), \
                         offsetof(struct he_declared, field) }
#define PROGRESSFUNCTION (CURLOPTTYPE_FUNCTIONPOINT + 56)
#define QUICK_EXIT (CURLOPTTYPE_LONG + 322)             /* 7.87.0 */
#define DOH_SSL_VERIFYPEER (CURLOPTTYPE_LONG + 306)     /* 7.76.0 */

/* What is copied, and freed with the rest. */
#define OWNED(X) \
  X(TEXT, CURLOPT_PROXY, proxy_url) \
  X(TEXT, CURLOPT_PRE_PROXY, pre_proxy_url) \
  X(TEXT, CURLOPT_NOPROXY, noproxy) \
  X(TEXT, CURLOPT_INTERFACE, interface_name) \
  X(TEXT, CURLOPT_DNS_INTERFACE, dns_interface) \
  X(TEXT, CURLOPT_DNS_LOCAL_IP4, dns_local_ip4) \
  X(TEXT, CURLOPT_DNS_LOCAL_IP6, dns_local_ip6) \
  X(TEXT, CURLOPT_DOH_URL, doh_url) \
  X(TEXT, CURLOPT_UNIX_SOCKET_PATH, unix_path) \
  X(TEXT, CURLOPT_ABSTRACT_UNIX_SOCKET, abstract_path) \
  X(TEXT, CURLOPT_ALTSVC, altsvc_file) \
  X(LIST, CURLOPT_RESOLVE, resolve) \
  X(LIST, CURLOPT_CONNECT_TO, connect_to)

#define OWNED_SLOT(kind, option, field) SLOT(kind, option, field),

static const struct slot slots[] = {
  SLOT(HOOK, CURLOPT_OPENSOCKETFUNCTION, opensocket),
  SLOT(HOOK_DATA, CURLOPT_OPENSOCKETDATA, opensocket_data),
  SLOT(HOOK, CURLOPT_SOCKOPTFUNCTION, sockopt),
  SLOT(HOOK_DATA, CURLOPT_SOCKOPTDATA, sockopt_data),
  SLOT(HOOK, CURLOPT_CLOSESOCKETFUNCTION, closesocket),
  SLOT(HOOK_DATA, CURLOPT_CLOSESOCKETDATA, closesocket_data),
  SLOT(HOOK, CURLOPT_RESOLVER_START_FUNCTION, resolver_start),
  SLOT(HOOK_DATA, CURLOPT_RESOLVER_START_DATA, resolver_start_data),
  SLOT(FUNCTION, CURLOPT_XFERINFOFUNCTION, xferinfo),
  SLOT(FUNCTION, PROGRESSFUNCTION, progress),
  SLOT(POINTER, CURLOPT_XFERINFODATA, progress_data),
  SLOT(NUMBER, CURLOPT_NOPROGRESS, noprogress),
  OWNED(OWNED_SLOT)
  SLOT(SECONDS, CURLOPT_TIMEOUT, timeout_ms),
  SLOT(NUMBER, CURLOPT_TIMEOUT_MS, timeout_ms),
  SLOT(SECONDS, CURLOPT_CONNECTTIMEOUT, connecttimeout_ms),
  SLOT(NUMBER, CURLOPT_CONNECTTIMEOUT_MS, connecttimeout_ms),
  SLOT(NUMBER, CURLOPT_PROXYTYPE, proxytype),
  SLOT(NUMBER, CURLOPT_IPRESOLVE, ipresolve),
  SLOT(NUMBER, CURLOPT_LOCALPORT, local_port),
  SLOT(NUMBER, CURLOPT_LOCALPORTRANGE, local_ports),
  SLOT(NUMBER, CURLOPT_PORT, port),
  SLOT(NUMBER, CURLOPT_TCP_FASTOPEN, tcp_fastopen),
  SLOT(NUMBER, CURLOPT_HTTP_VERSION, http_version),
  SLOT(NUMBER, CURLOPT_DNS_CACHE_TIMEOUT, dns_cache_timeout_s),
  SLOT(NUMBER, QUICK_EXIT, quick_exit),
  SLOT(NUMBER, CURLOPT_ALTSVC_CTRL, altsvc_ctrl),
  SLOT(NUMBER, CURLOPT_SSL_VERIFYPEER, verify_peer),
  SLOT(NUMBER, CURLOPT_SSL_VERIFYHOST, verify_host),
  SLOT(NUMBER, DOH_SSL_VERIFYPEER, doh_verify_peer),
  SLOT(NUMBER, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, happy_eyeballs_ms)
};
#define SLOTS (sizeof(slots) / sizeof(*slots))

#define OWNED_OPTION(kind, option, field) option,
static const int owned[] = { OWNED(OWNED_OPTION) };
#define OWNED_COUNT (sizeof(owned) / sizeof(*owned))

const struct he_declared he_declared_none = {
  .noprogress = 1,
  .ipresolve = -1,
  .local_ports = 1,
  .dns_cache_timeout_s = 60,
  .verify_peer = 1,
  .verify_host = 2,
  .doh_verify_peer = 1,
  .happy_eyeballs_ms = -1
};

static bool any_hook;    /* atomic */

static const struct slot *slot_of(int option)
{
  size_t i = option < 0 ? SLOTS : (size_t)option % 10000;
  return i < SLOTS && slots[i].option == option && slots[i].kind ? &slots[i] :
         NULL;
}

static enum kind kind_of(int option)
{
  const struct slot *s = slot_of(option);
  return s ? s->kind : NOT_KEPT;
}

bool he_declared_keeps(int option)
{
  return slot_of(option) != NULL;
}

bool he_declared_hooks(int option)
{
  enum kind kind = kind_of(option);
  return kind == HOOK || kind == HOOK_DATA;
}

bool he_declared_sockets(int option)
{
  return he_declared_hooks(option) &&
         option != CURLOPT_RESOLVER_START_FUNCTION &&
         option != CURLOPT_RESOLVER_START_DATA;
}

bool he_declared_progress(int option)
{
  return option == CURLOPT_XFERINFOFUNCTION || option == PROGRESSFUNCTION ||
         option == CURLOPT_XFERINFODATA;
}

bool he_declared_any_hook(void)
{
  return __atomic_load_n(&any_hook, __ATOMIC_RELAXED);
}

/* -- values -- */

/* A type that is not known yet is a pointer. */
void he_value_read(int option, va_list ap, union he_value *v)
{
  switch(option / 10000) {
  case CURLOPTTYPE_LONG / 10000:
    v->number = va_arg(ap, long);
    break;
  case CURLOPTTYPE_FUNCTIONPOINT / 10000:
    v->function = va_arg(ap, void (*)(void));
    break;
  case CURLOPTTYPE_OFF_T / 10000:
    v->offset = va_arg(ap, curl_off_t);
    break;
  default:
    v->pointer = va_arg(ap, void *);
    break;
  }
}

CURLcode he_value_set(CURL *easy, int option, const union he_value *v)
{
  CURLoption o = (CURLoption)option;
  switch(option / 10000) {
  case CURLOPTTYPE_LONG / 10000:
    return curl_easy_setopt(easy, o, v->number);
  case CURLOPTTYPE_FUNCTIONPOINT / 10000:
    return curl_easy_setopt(easy, o, v->function);
  case CURLOPTTYPE_OFF_T / 10000:
    return curl_easy_setopt(easy, o, v->offset);
  }
  return curl_easy_setopt(easy, o, v->pointer);
}

static bool copy_list(const struct curl_slist *list, void **copy)
{
  struct curl_slist *all = NULL;
  for(; list; list = list->next) {
    struct curl_slist *longer = curl_slist_append(all, list->data);
    if(!longer) {
      curl_slist_free_all(all);
      return false;
    }
    all = longer;
  }
  *copy = all;
  return true;
}

bool he_value_copy(int option, const union he_value *v, void **copy)
{
  enum kind kind = kind_of(option);
  *copy = NULL;
  if((kind != TEXT && kind != LIST) || !v->pointer)
    return true;
  if(kind == LIST)
    return copy_list(v->pointer, copy);
  *copy = strdup(v->pointer);
  return *copy != NULL;
}

void he_value_drop(int option, void *copy)
{
  if(kind_of(option) == LIST)
    curl_slist_free_all(copy);
  else
    free(copy);
}

/* -- keeping them -- */

static bool says(const char *text)
{
  return text && *text;
}

static void conclude(struct he_declared *d)
{
  d->proxy = says(d->proxy_url);
  d->pre_proxy = says(d->pre_proxy_url);
  d->interface = says(d->interface_name);
  d->localport = d->local_port != 0;
  d->doh = says(d->doh_url);
  d->unix_socket = says(d->unix_path) || says(d->abstract_path);
  d->altsvc = d->altsvc_file || d->altsvc_ctrl;
  d->any_peer = !d->verify_peer;
  d->any_host = !d->verify_host;
}

static long as_ms(long seconds)
{
  return seconds > LONG_MAX / 1000 ? LONG_MAX : seconds * 1000;
}

static unsigned bit_of(int option)
{
  switch(option) {
  case CURLOPT_OPENSOCKETFUNCTION:
    return 1;
  case CURLOPT_SOCKOPTFUNCTION:
    return 2;
  case CURLOPT_CLOSESOCKETFUNCTION:
    return 4;
  }
  return 0;
}

void he_declared_share(struct he_declared *d, int option)
{
  d->unshared &= ~bit_of(option);
}

static void put_owned(char *field, int option, void *copy)
{
  void *old;
  memcpy(&old, field, sizeof(old));
  if(old)
    he_value_drop(option, old);
  memcpy(field, &copy, sizeof(copy));
}

void he_declared_put(struct he_declared *d, int option,
                     const union he_value *v, void *copy)
{
  const struct slot *s = slot_of(option);
  char *field = s ? (char *)d + s->at : NULL;
  long ms;
  if(!s)
    return;
  switch(s->kind) {
  case NOT_KEPT:
    break;
  case LIST:
    if(option == CURLOPT_RESOLVE)
      d->resolve_lent = v->pointer;
    /* FALLTHROUGH */
  case TEXT:
    put_owned(field, option, copy);
    break;
  case NUMBER:
    memcpy(field, &v->number, sizeof(v->number));
    break;
  case SECONDS:
    ms = as_ms(v->number);
    memcpy(field, &ms, sizeof(ms));
    break;
  case HOOK:
    he_declared_share(d, option);
    if(v->function) {
      d->unshared |= bit_of(option);
      __atomic_store_n(&any_hook, true, __ATOMIC_RELAXED);
    }
    /* FALLTHROUGH */
  case FUNCTION:
    memcpy(field, &v->function, sizeof(v->function));
    break;
  case POINTER:
  case HOOK_DATA:
    memcpy(field, &v->pointer, sizeof(v->pointer));
    break;
  }
  conclude(d);
}

/* The strings and lists of one, which has no others then. */
static bool own(struct he_declared *d)
{
  bool ok = true;
  for(size_t i = 0; i < OWNED_COUNT; i++) {
    char *field = (char *)d + slot_of(owned[i])->at;
    union he_value v;
    void *copy = NULL;
    memcpy(&v.pointer, field, sizeof(v.pointer));
    if(ok)
      ok = he_value_copy(owned[i], &v, &copy);
    memcpy(field, &copy, sizeof(copy));
  }
  return ok;
}

bool he_declared_copy(struct he_declared *to, const struct he_declared *from)
{
  bool ok;
  *to = *from;
  ok = own(to);
  if(!ok)
    he_declared_clear(to);
  return ok;
}

void he_declared_clear(struct he_declared *d)
{
  for(size_t i = 0; i < OWNED_COUNT; i++)
    put_owned((char *)d + slot_of(owned[i])->at, owned[i], NULL);
  *d = he_declared_none;
}
