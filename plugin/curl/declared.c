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
  SAID,            /* char *; bool: there is a text */
  GIVEN,           /* likewise, but an empty text is one, too */
  NUMBER,          /* long */
  SECONDS,         /* long, kept as ms */
  PROGRESS,        /* a function, as it is, */
  PROGRESS_DATA,   /* and its void * */
  HOOK,            /* likewise, and curl-he stands in for it */
  HOOK_DATA
};

struct slot {
  enum kind kind;
  int option;
  size_t at;       /* in struct he_declared */
};

/* By the option's number without its type; written out for one that later
   versions warn of. */
#define SLOT(kind, option, field) \
  [(option) % 10000] = { kind, (int)(option), \
                         offsetof(struct he_declared, field) }
#define PROGRESSFUNCTION (CURLOPTTYPE_FUNCTIONPOINT + 56)

static const struct slot slots[] = {
  SLOT(HOOK, CURLOPT_OPENSOCKETFUNCTION, opensocket),
  SLOT(HOOK_DATA, CURLOPT_OPENSOCKETDATA, opensocket_data),
  SLOT(HOOK, CURLOPT_SOCKOPTFUNCTION, sockopt),
  SLOT(HOOK_DATA, CURLOPT_SOCKOPTDATA, sockopt_data),
  SLOT(HOOK, CURLOPT_CLOSESOCKETFUNCTION, closesocket),
  SLOT(HOOK_DATA, CURLOPT_CLOSESOCKETDATA, closesocket_data),
  SLOT(HOOK, CURLOPT_RESOLVER_START_FUNCTION, resolver_start),
  SLOT(HOOK_DATA, CURLOPT_RESOLVER_START_DATA, resolver_start_data),
  SLOT(PROGRESS, CURLOPT_XFERINFOFUNCTION, xferinfo),
  SLOT(PROGRESS, PROGRESSFUNCTION, progress),
  SLOT(PROGRESS_DATA, CURLOPT_XFERINFODATA, progress_data),
  SLOT(TEXT, CURLOPT_PROXY, proxy_url),
  SLOT(TEXT, CURLOPT_PRE_PROXY, pre_proxy_url),
  SLOT(TEXT, CURLOPT_NOPROXY, noproxy),
  SLOT(LIST, CURLOPT_RESOLVE, resolve),
  SLOT(LIST, CURLOPT_CONNECT_TO, connect_to),
  SLOT(SAID, CURLOPT_INTERFACE, interface),
  SLOT(SAID, CURLOPT_DOH_URL, doh),
  SLOT(SAID, CURLOPT_UNIX_SOCKET_PATH, unix_socket),
  SLOT(SAID, CURLOPT_ABSTRACT_UNIX_SOCKET, unix_socket),
  SLOT(GIVEN, CURLOPT_ALTSVC, altsvc),
  SLOT(SECONDS, CURLOPT_TIMEOUT, timeout_ms),
  SLOT(NUMBER, CURLOPT_TIMEOUT_MS, timeout_ms),
  SLOT(SECONDS, CURLOPT_CONNECTTIMEOUT, connecttimeout_ms),
  SLOT(NUMBER, CURLOPT_CONNECTTIMEOUT_MS, connecttimeout_ms),
  SLOT(NUMBER, CURLOPT_PROXYTYPE, proxytype),
  SLOT(NUMBER, CURLOPT_IPRESOLVE, ipresolve),
  SLOT(NUMBER, CURLOPT_LOCALPORT, local_port),
  SLOT(NUMBER, CURLOPT_PORT, port),
  SLOT(NUMBER, CURLOPT_TCP_FASTOPEN, tcp_fastopen),
  SLOT(NUMBER, CURLOPT_DNS_CACHE_TIMEOUT, dns_cache_timeout_s),
  SLOT(NUMBER, CURLOPT_ALTSVC_CTRL, altsvc_ctrl),
  SLOT(NUMBER, CURLOPT_SSL_VERIFYPEER, verify_peer),
  SLOT(NUMBER, CURLOPT_SSL_VERIFYHOST, verify_host),
  SLOT(NUMBER, CURLOPT_HTTP_VERSION, http_version),
  SLOT(SAID, HE_CURLOPT_ECH, ech),
  SLOT(NUMBER, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, happy_eyeballs_ms)
};
#define SLOTS (sizeof(slots) / sizeof(*slots))

const struct he_declared he_declared_none = {
  .ipresolve = -1,
  .dns_cache_timeout_s = 60,
  .verify_peer = 1,
  .verify_host = 2,
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

bool he_declared_progress(int option)
{
  enum kind kind = kind_of(option);
  return kind == PROGRESS || kind == PROGRESS_DATA;
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

/* Without memory, or where there is nothing to copy, *copy is NULL. */
static bool copy_text(const char *text, char **copy)
{
  *copy = text ? strdup(text) : NULL;
  return *copy || !text;
}

static bool copy_list(const struct curl_slist *list, struct curl_slist **copy)
{
  *copy = NULL;
  for(; list; list = list->next) {
    struct curl_slist *longer = curl_slist_append(*copy, list->data);
    if(!longer) {
      curl_slist_free_all(*copy);
      *copy = NULL;
      return false;
    }
    *copy = longer;
  }
  return true;
}

bool he_value_copy(int option, const union he_value *v, void **copy)
{
  struct curl_slist *list = NULL;
  char *text = NULL;
  bool ok = true;
  switch(kind_of(option)) {
  case LIST:
    ok = copy_list(v->pointer, &list);
    *copy = list;
    break;
  case TEXT:
    ok = copy_text(v->pointer, &text);
    *copy = text;
    break;
  default:
    *copy = NULL;
  }
  return ok;
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

bool he_declared_pre_proxy(const struct he_declared *d)
{
  return says(d->pre_proxy_url);
}

bool he_declared_proxy(const struct he_declared *d)
{
  return says(d->proxy_url) || he_declared_pre_proxy(d);
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

void he_declared_put(struct he_declared *d, int option,
                     const union he_value *v, void *copy)
{
  const struct slot *s = slot_of(option);
  void *field = s ? (char *)d + s->at : NULL;
  if(!s)
    return;
  switch(s->kind) {
  case NOT_KEPT:
    break;
  case LIST:
    curl_slist_free_all(*(struct curl_slist **)field);
    *(struct curl_slist **)field = copy;
    if(option == CURLOPT_RESOLVE)
      d->resolve_lent = v->pointer;
    break;
  case TEXT:
    free(*(char **)field);
    *(char **)field = copy;
    break;
  case SAID:
    *(bool *)field = says(v->pointer);
    break;
  case GIVEN:
    *(bool *)field = v->pointer != NULL;
    break;
  case NUMBER:
    *(long *)field = v->number;
    break;
  case SECONDS:
    *(long *)field = as_ms(v->number);
    break;
  case HOOK:
    he_declared_share(d, option);
    if(v->function) {
      d->unshared |= bit_of(option);
      __atomic_store_n(&any_hook, true, __ATOMIC_RELAXED);
    }
    /* FALLTHROUGH */
  case PROGRESS:
    memcpy(field, &v->function, sizeof(v->function));
    break;
  case PROGRESS_DATA:
  case HOOK_DATA:
    *(void **)field = v->pointer;
    break;
  }
}

bool he_declared_copy(struct he_declared *to, const struct he_declared *from)
{
  bool ok;
  *to = *from;
  ok = copy_text(from->proxy_url, &to->proxy_url);
  ok = copy_text(from->pre_proxy_url, &to->pre_proxy_url) && ok;
  ok = copy_text(from->noproxy, &to->noproxy) && ok;
  ok = copy_list(from->resolve, &to->resolve) && ok;
  ok = copy_list(from->connect_to, &to->connect_to) && ok;
  if(!ok)
    he_declared_clear(to);
  return ok;
}

void he_declared_clear(struct he_declared *d)
{
  free(d->proxy_url);
  free(d->pre_proxy_url);
  free(d->noproxy);
  curl_slist_free_all(d->resolve);
  curl_slist_free_all(d->connect_to);
  *d = he_declared_none;
}
