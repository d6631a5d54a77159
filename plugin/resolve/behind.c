/* SPDX-License-Identifier: MIT */
/* behind.c - the archive, and a library without races in libcurl's lookup,
 * export no getaddrinfo(): there the plain name is the right one. */
#include "resolve/behind.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>

/* A fully static program has the C library's, and cannot have two. */
#if defined(HE_LOOKUP) && defined(PIC)

/* Is it of the same object as this code? */
static bool is_ours(const void *p)
{
  static const char here;
  Dl_info its, mine;
  return dladdr(p, &its) && dladdr(&here, &mine) &&
         its.dli_fbase == mine.dli_fbase;
}

static he_getaddrinfo behind_front;

void he_getaddrinfo_preloaded(he_getaddrinfo f)
{
  behind_front = f;
}

static void *next(void)
{
  return dlsym(RTLD_NEXT, "getaddrinfo");
}

static void *first_but_ours(void)
{
  void *p = dlsym(RTLD_DEFAULT, "getaddrinfo");
  return p && is_ours(p) ? next() : p;
}

static he_getaddrinfo found_once(void **found, void *(*find)(void))
{
  he_getaddrinfo f;
  void *p = __atomic_load_n(found, __ATOMIC_ACQUIRE);
  if(!p) {
    p = find();
    __atomic_store_n(found, p, __ATOMIC_RELEASE);
  }
  memcpy(&f, &p, sizeof(f));
  return f;
}

he_getaddrinfo he_getaddrinfo_next(void)
{
  static void *found;
  return behind_front ? behind_front : found_once(&found, next);
}

he_getaddrinfo he_getaddrinfo_used(void)
{
  static void *found;
  return behind_front ? behind_front : found_once(&found, first_but_ours);
}

#else

he_getaddrinfo he_getaddrinfo_next(void)
{
  return getaddrinfo;
}

he_getaddrinfo he_getaddrinfo_used(void)
{
  return getaddrinfo;
}

#endif
