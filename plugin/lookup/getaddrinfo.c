/* SPDX-License-Identifier: MIT */
/* getaddrinfo.c - the function that libcurl's threaded resolver calls. In a
 * program that links libcurl-he, libcurl's call arrives here, since the
 * definition stands before the C library's in the order of symbols.
 *
 * A call is libcurl's for a handle of curl-he's where such a handle expects it
 * (expected.c). Every other call goes to the C library, with its own arguments
 * and errno. */
#include "lookup/drive.h"
#include "lookup/expected.h"
#include "resolve/behind.h"
#include "resolve/prepared.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#if defined(HE_LOOKUP) && defined(PIC)

/* Where the preload module has calls passed on to; else NULL. */
static he_getaddrinfo preloaded;

/* -- the list that libcurl gets -- */

/* glibc's freeaddrinfo() frees each node by itself, and with it the address,
   which stands in the same piece of memory. */
struct node {
  struct addrinfo ai;         /* first */
  struct sockaddr_storage sa;
};

static struct addrinfo *node_of(const struct he_addr *a, uint16_t port,
                                const struct addrinfo *hints)
{
  struct node *n = calloc(1, sizeof(*n));
  struct he_addr addr = *a;
  if(!n)
    return NULL;
  addr.port = port;
  n->ai.ai_flags = hints->ai_flags;
  n->ai.ai_family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
  n->ai.ai_socktype = hints->ai_socktype;
  n->ai.ai_protocol = hints->ai_protocol ? hints->ai_protocol : IPPROTO_TCP;
  n->ai.ai_addr = (struct sockaddr *)&n->sa;
  n->ai.ai_addrlen = (socklen_t)he_addr_to_sockaddr(&addr, n->ai.ai_addr,
                                                    sizeof(n->sa));
  return &n->ai;
}

static bool wanted(const struct addrinfo *hints, enum he_family f)
{
  return hints->ai_family == AF_UNSPEC ||
         hints->ai_family == (f == HE_IPV4 ? AF_INET : AF_INET6);
}

/* Why there is nothing of these families. One that may not be used has no
   say. */
static int why_none(const struct he_lookup *l, const bool of[HE_FAMILIES])
{
  int error[HE_FAMILIES], rc = EAI_NONAME;
  for(int f = 0; f < HE_FAMILIES; f++) {   /* or the time was up before */
    error[f] = l->answers[f].there ? l->answers[f].error : EAI_AGAIN;
    if(of[f] && l->config.race.allowed[f])
      rc = error[f];
  }
  return of[HE_IPV6] && of[HE_IPV4] && l->config.race.allowed[HE_IPV6] &&
         l->config.race.allowed[HE_IPV4] ?
         he_resolver_error(error[HE_IPV6], error[HE_IPV4]) : rc;
}

/* All addresses that are known, those of `hints->ai_family` alone where that is
   set, in the order of the system; 0 or an EAI_ value. */
static int list(struct he_lookup *l, const struct addrinfo *hints,
                struct addrinfo **res)
{
  const bool of[HE_FAMILIES] = {
    [HE_IPV6] = wanted(hints, HE_IPV6), [HE_IPV4] = wanted(hints, HE_IPV4)
  };
  size_t n, made = 0;
  struct he_candidate *all = he_lookup_all(l, of, HE_PREFER_SYSTEM, &n);
  struct addrinfo *first = NULL, **end = &first;
  if(!n && l->led && of[l->service.family]) {   /* HTTPS records alone lead to
                                                    the host */
    *res = node_of(&l->service, l->port, hints);
    return *res ? 0 : EAI_MEMORY;
  }
  if(!n)
    return why_none(l, of);
  for(; all && made < n; made++) {
    *end = node_of(&all[made].addr, l->port, hints);
    if(!*end)
      break;
    end = &(*end)->ai_next;
  }
  free(all);
  if(made == n)
    *res = first;
  else if(first)
    freeaddrinfo(first);
  return made == n ? 0 : EAI_MEMORY;
}

/* -- the call -- */

static bool is_literal(const char *node)
{
  unsigned char ip[16];
  return strchr(node, '%') || inet_pton(AF_INET, node, ip) == 1 ||
         inet_pton(AF_INET6, node, ip) == 1;
}

/* A port as libcurl writes it; 0 where it is none. */
static uint16_t port_of(const char *service)
{
  unsigned long port = 0;
  char *end;
  if(*service < '1' || *service > '9')
    return 0;
  port = strtoul(service, &end, 10);
  return *end || port > 65535 ? 0 : (uint16_t)port;
}

/* May this call be libcurl's lookup of a TCP connect? */
static bool may_be_libcurls(const char *node, const char *service,
                            const struct addrinfo *hints)
{
  return he_expected_any() && node && *node && service && hints &&
         hints->ai_socktype == SOCK_STREAM &&
         (!hints->ai_protocol || hints->ai_protocol == IPPROTO_TCP) &&
         !(hints->ai_flags & ~AI_NUMERICSERV) && port_of(service) &&
         (hints->ai_family == AF_UNSPEC || hints->ai_family == AF_INET ||
          hints->ai_family == AF_INET6) && !is_literal(node);
}

static int family_of(const struct addrinfo *hints)
{
  if(hints->ai_family == AF_UNSPEC)
    return -1;
  return hints->ai_family == AF_INET ? HE_IPV4 : HE_IPV6;
}

/* CURLOPT_IPRESOLVE allows one family, which the host has no address of. A
   libcurl that asks for both all the same is answered as without curl-he: it
   fails to connect, not to resolve. */
static bool has_the_other(const struct he_lookup *l, int rc,
                          const struct addrinfo *hints)
{
  const bool *allowed = l->config.race.allowed;
  return rc && he_resolver_says_none(rc) && hints->ai_family == AF_UNSPEC &&
         allowed[HE_IPV6] != allowed[HE_IPV4];
}

/* libcurl takes errno for the reason where it is set. libcurl 8.16.0 cancels
   the thread of a lookup that it gives up: not while that holds sockets. */
static int raced(struct he_lookup *l, he_getaddrinfo next, const char *node,
                 const char *service, const struct addrinfo *hints,
                 struct addrinfo **res)
{
  int rc, cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  he_lookup_call(l);
  rc = list(l, hints, res);
  if(next && he_prepared_under(l->config.resolver) == &he_resolver_shared &&
     has_the_other(l, rc, hints))
    rc = next(node, service, hints, res);
  if(!rc && he_expected_any())
    he_expected_answered(node, port_of(service), l->config.multi);
  he_lookup_unref(l);
  pthread_setcancelstate(cancel, NULL);
  errno = 0;
  return rc == HE_EAI_UNPROVEN ? EAI_FAIL : rc;   /* getaddrinfo() has those */
}

/* libcurl may have called for a handle without curl-he. */
static int passed_on(he_getaddrinfo next, const char *node,
                     const char *service, const struct addrinfo *hints,
                     struct addrinfo **res)
{
  const int rc = next(node, service, hints, res);
  if(!rc && node && service && port_of(service) && he_expected_any())
    he_expected_answered(node, port_of(service), NULL);
  return rc;
}

__attribute__((visibility("default")))
int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict res)
{
  const he_getaddrinfo next = preloaded ? preloaded : he_getaddrinfo_next();
  struct he_lookup *l = NULL;
  if(may_be_libcurls(node, service, hints))
    l = he_expected_claim(node, port_of(service), family_of(hints));
  if(l)
    return raced(l, next, node, service, hints, res);
  if(next)
    return passed_on(next, node, service, hints, res);
  errno = ENOSYS;
  return EAI_SYSTEM;
}

/* A reference to the plain name leads to whoever is first. */
extern __typeof__(getaddrinfo) he_lookup_getaddrinfo
  __attribute__((alias("getaddrinfo"), visibility("hidden")));

he_getaddrinfo he_lookup_preload(he_getaddrinfo behind,
                                 he_getaddrinfo next)
{
  he_getaddrinfo_preloaded(behind);
  preloaded = next;
  return he_lookup_getaddrinfo;
}

static bool is_off(void)
{
  const char *say = getenv("CURL_HE_LOOKUP");
  return say && !strcmp(say, "off");
}

/* Another library may stand before this one. */
static bool is_first(void)
{
  const he_getaddrinfo mine = getaddrinfo;
  void *p = dlsym(RTLD_DEFAULT, "getaddrinfo");
  return !memcmp(&p, &mine, sizeof(p)) && he_getaddrinfo_next();
}

bool he_lookup_arrives(void)
{
  static int known;           /* 0: not yet, 1: no, 2: yes */
  int k = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if(!k) {
    k = preloaded || is_first() ? 2 : 1;
    __atomic_store_n(&known, k, __ATOMIC_RELAXED);
  }
  return k == 2;
}

bool he_lookup_in_effect(void)
{
  static int off;             /* 0: not known yet, 1: no, 2: yes */
  int k = __atomic_load_n(&off, __ATOMIC_RELAXED);
  if(!k) {
    k = is_off() ? 2 : 1;
    __atomic_store_n(&off, k, __ATOMIC_RELAXED);
  }
  return k == 1 && he_lookup_arrives();
}

#else

bool he_lookup_arrives(void)
{
  return false;
}

bool he_lookup_in_effect(void)
{
  return false;
}

he_getaddrinfo he_lookup_preload(he_getaddrinfo behind,
                                 he_getaddrinfo next)
{
  (void)behind;
  return next;
}

#endif
