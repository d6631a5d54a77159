/* SPDX-License-Identifier: MIT */
/* names.c - getaddrinfo() for the test's names. What it gave is told from what
 * the C library gave by the canonical name, which nobody asks for here. */
#include "names.h"
#include "common.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static const char *addresses = "";
static unsigned delay_ms;
static unsigned asking, most, asked;
static bool hang;
static char mine[] = "mine";

void names_mean(const char *what)
{
  __atomic_store_n(&addresses, what, __ATOMIC_SEQ_CST);
}

void names_take(unsigned ms)
{
  __atomic_store_n(&delay_ms, ms, __ATOMIC_SEQ_CST);
}

void names_hang(bool on)
{
  __atomic_store_n(&hang, on, __ATOMIC_SEQ_CST);
}

unsigned names_most(void)
{
  return __atomic_load_n(&most, __ATOMIC_SEQ_CST);
}

unsigned names_asked(void)
{
  return __atomic_load_n(&asked, __ATOMIC_SEQ_CST);
}

static void take_time(bool quick)
{
  unsigned n = __atomic_add_fetch(&asking, 1, __ATOMIC_SEQ_CST);
  unsigned was = names_most();
  while(n > was && !__atomic_compare_exchange_n(&most, &was, n, false,
                                                __ATOMIC_SEQ_CST,
                                                __ATOMIC_SEQ_CST))
    ;
  __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
  while(!quick && __atomic_load_n(&hang, __ATOMIC_SEQ_CST))
    sleep_ms(5);
  sleep_ms(__atomic_load_n(&delay_ms, __ATOMIC_SEQ_CST));
  __atomic_sub_fetch(&asking, 1, __ATOMIC_SEQ_CST);
}

/* With a dot at its end, too: the name is complete. */
static bool is_mine(const char *name)
{
  static const char end[] = ".life.test";
  const size_t len = sizeof(end) - 1;
  size_t n = name ? strlen(name) : 0;
  n -= n && name[n - 1] == '.';
  return n > len && !strncasecmp(name + n - len, end, len);
}

struct entry {
  struct addrinfo ai;         /* first */
  struct sockaddr_in in;
};

static struct addrinfo *new_entry(const char *ip, const char *service)
{
  struct entry *e = calloc(1, sizeof(*e));
  struct he_addr a = addr_of(ip, (uint16_t)(service ? atoi(service) : 0));
  if(!e)
    abort();
  e->ai.ai_family = AF_INET;
  e->ai.ai_socktype = SOCK_STREAM;
  e->ai.ai_protocol = IPPROTO_TCP;
  e->ai.ai_addrlen = (socklen_t)he_addr_to_sockaddr(&a,
    (struct sockaddr *)&e->in, sizeof(e->in));
  e->ai.ai_addr = (struct sockaddr *)&e->in;
  e->ai.ai_canonname = mine;
  return &e->ai;
}

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **res)
{
  static int (*real)(const char *, const char *, const struct addrinfo *,
                     struct addrinfo **);
  char copy[200], *save = NULL;
  struct addrinfo **end = res;
  if(!is_mine(node)) {
    if(!real) {
      void *found = dlsym(RTLD_NEXT, "getaddrinfo");
      memcpy(&real, &found, sizeof(real));
    }
    return real(node, service, hints, res);
  }
  take_time(!strncmp(node, "quick.", 6));
  *res = NULL;
  if(hints && hints->ai_family == AF_INET6)
    return EAI_NONAME;
  snprintf(copy, sizeof(copy), "%s",
           __atomic_load_n(&addresses, __ATOMIC_SEQ_CST));
  for(char *word = strtok_r(copy, " ", &save); word;
      word = strtok_r(NULL, " ", &save)) {
    *end = new_entry(word, service);
    end = &(*end)->ai_next;
  }
  return *res ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *ai)
{
  static void (*real)(struct addrinfo *);
  if(ai && ai->ai_canonname != mine) {
    if(!real) {
      void *found = dlsym(RTLD_NEXT, "freeaddrinfo");
      memcpy(&real, &found, sizeof(real));
    }
    real(ai);
    return;
  }
  while(ai) {
    struct addrinfo *next = ai->ai_next;
    free(ai);
    ai = next;
  }
}
