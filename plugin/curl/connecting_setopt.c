/* SPDX-License-Identifier: MIT */
#include "curl/connecting.h"

#include <net/if.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#undef curl_he_connect_setopt

/* Without a type in its hints getaddrinfo() gives each address once a type. */
static bool is_for_tcp(const struct addrinfo *ai)
{
  return ai->ai_addr && (ai->ai_socktype == SOCK_STREAM || !ai->ai_socktype);
}

/* Copies what is IPv4 or IPv6 and for TCP; NULL and 0 for NULL. False without
   memory. */
static bool copy_list(const struct addrinfo *ai, struct he_addr **list,
                      size_t *n)
{
  size_t count = 0;
  for(const struct addrinfo *a = ai; a; a = a->ai_next)
    count++;
  *n = 0;
  *list = ai ? calloc(count, sizeof(**list)) : NULL;
  for(; *list && ai; ai = ai->ai_next)
    *n += is_for_tcp(ai) &&
          he_addr_from_sockaddr(&(*list)[*n], ai->ai_addr, ai->ai_addrlen);
  return *list || !count;
}

static CURLHEcode set_list(CURLHErace *r, const struct addrinfo *ai)
{
  struct he_addr *list;
  size_t n;
  if(!copy_list(ai, &list, &n))
    return CURL_HE_NO_MEMORY;
  if(ai && !n) {              /* nothing that could be tried */
    free(list);
    return CURL_HE_BAD_OPTION;
  }
  free(r->list);
  r->list = list;
  r->list_count = n;
  return CURL_HE_OK;
}

/* As in "fe80::9%eth0", too: he_addr_parse() asks nobody for an index. */
static bool parse_local(struct he_addr *out, const char *text)
{
  const char *percent = strchr(text, '%');
  const size_t len = percent ? (size_t)(percent - text) : 0;
  char ip[HE_ADDR_TEXT];
  if(he_addr_parse(out, text))
    return true;
  if(!percent || len >= sizeof(ip))
    return false;
  memcpy(ip, text, len);
  ip[len] = 0;
  if(!he_addr_parse(out, ip) || out->family != HE_IPV6)
    return false;
  out->scope = if_nametoindex(percent + 1);
  return out->scope != 0;
}

static CURLHEcode set_local(CURLHErace *r, enum he_family f, const char *text)
{
  struct he_addr a;
  if(text && (!parse_local(&a, text) || a.family != f))
    return CURL_HE_BAD_OPTION;
  r->has_local[f] = text != NULL;
  if(text)
    r->local[f] = a;
  return CURL_HE_OK;
}

static CURLHEcode set_own(CURLHErace *r, CURLHEconnectoption option,
                          va_list *ap)
{
  switch(option) {
  case CURLHECONNECT_ADDRESSES:
    return set_list(r, va_arg(*ap, const struct addrinfo *));
  case CURLHECONNECT_LOCAL_IPV4:
    return set_local(r, HE_IPV4, va_arg(*ap, const char *));
  case CURLHECONNECT_LOCAL_IPV6:
    return set_local(r, HE_IPV6, va_arg(*ap, const char *));
  case CURLHECONNECT_OPENSOCKETFUNCTION:
    r->sockets.opensocket = va_arg(*ap, curl_opensocket_callback);
    break;
  case CURLHECONNECT_OPENSOCKETDATA:
    r->sockets.opensocket_data = va_arg(*ap, void *);
    break;
  case CURLHECONNECT_SOCKOPTFUNCTION:
    r->sockets.sockopt = va_arg(*ap, curl_sockopt_callback);
    break;
  case CURLHECONNECT_SOCKOPTDATA:
    r->sockets.sockopt_data = va_arg(*ap, void *);
    break;
  case CURLHECONNECT_CLOSESOCKETFUNCTION:
    r->sockets.closesocket = va_arg(*ap, curl_closesocket_callback);
    break;
  case CURLHECONNECT_CLOSESOCKETDATA:
    r->sockets.closesocket_data = va_arg(*ap, void *);
    break;
  case CURLHECONNECT_DONEFUNCTION:
    r->done = va_arg(*ap, curl_he_connect_callback);
    break;
  case CURLHECONNECT_DONEDATA:
    r->done_data = va_arg(*ap, void *);
    break;
  default:
    return CURL_HE_UNKNOWN_OPTION;
  }
  return CURL_HE_OK;
}

/* One that a handle has, too. */
static CURLHEcode set_shared(CURLHErace *r, enum he_option which, va_list *ap)
{
  if(which == HE_OPT_LOOKUP || which == HE_OPT_RACER_CALLBACKS ||
     !(he_option_row(which)->scopes & HE_SCOPE_HANDLE))
    return CURL_HE_WRONG_SCOPE;
  if(which == HE_OPT_TRACEFUNCTION)
    r->tracer.fn = va_arg(*ap, curl_he_trace_callback);
  else if(which == HE_OPT_TRACEDATA)
    r->tracer.data = va_arg(*ap, void *);
  else
    return he_options_set(&r->options, which, va_arg(*ap, long)) ?
           CURL_HE_OK : CURL_HE_BAD_OPTION;
  return CURL_HE_OK;
}

CURLHEcode curl_he_connect_setopt(CURLHErace *r, int option, ...)
{
  CURLHEcode code = CURL_HE_OK;
  enum he_option which;
  va_list ap;
  if(!he_connecting_is(r))
    return CURL_HE_BAD_POINTER;
  pthread_mutex_lock(&r->lock);
  if(r->state == HE_CONNECTING_RUNS)
    code = CURL_HE_BUSY;
  pthread_mutex_unlock(&r->lock);
  if(code)
    return code;
  va_start(ap, option);
  code = he_option_find(option, &which) ? set_shared(r, which, &ap) :
         set_own(r, (CURLHEconnectoption)option, &ap);
  va_end(ap);
  return code;
}
