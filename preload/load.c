/* SPDX-License-Identifier: MIT */
/* load.c - libcurl-he.so from the directory of the front, in a scope of its
 * own: its names reach nobody.
 *
 * The process is not touched where CURL_HE=off says so, where the program has
 * more rights than its user (AT_SECURE), and where it uses libcurl-he itself. */
#include "load.h"
#include "flavours.h"
#include "loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define FILE_NAME "libcurl-he.so.0"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_front front = { NULL, he_dlsym };
static bool tried;                          /* under the lock */
static const struct he_engine *engine;      /* atomic */
static const struct he_flavour *served;     /* atomic; one of the process's */

static he_front_getaddrinfo behind(void)
{
  static void *found;
  void *p = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
  he_front_getaddrinfo f;
  if(!p) {
    const he_function next = he_behind("getaddrinfo");
    memcpy(&p, &next, sizeof(p));
    __atomic_store_n(&found, p, __ATOMIC_RELEASE);
  }
  memcpy(&f, &p, sizeof(f));
  return f;
}

static bool is_off(void)
{
  const char *say = getenv("CURL_HE");
  return getauxval(AT_SECURE) || (say && !strcmp(say, "off")) ||
         he_object_named("libcurl-he.so");
}

static const struct he_engine *load(void)
{
  static const char here;
  struct he_object us;
  char path[sizeof(us.path) + sizeof(FILE_NAME)];
  const char *slash;
  const struct he_engine *e;
  void *object;
  if(is_off() || !he_object_at(&here, &us))
    return NULL;
  slash = strrchr(us.path, '/');
  snprintf(path, sizeof(path), "%.*s%s",
           slash ? (int)(slash - us.path) + 1 : 0, us.path, FILE_NAME);
  object = he_dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if(!object)
    return NULL;
  e = he_dlsym(object, HE_ENGINE_NAME);
  front.getaddrinfo = behind();
  return e && e->begin(&front) ? e : NULL;   /* it stays loaded */
}

const struct he_engine *he_engine_for(const struct he_flavour *libcurl,
                                      bool first)
{
  const struct he_engine *e = __atomic_load_n(&engine, __ATOMIC_ACQUIRE);
  if(!e && first) {
    pthread_mutex_lock(&lock);
    if(!tried) {
      tried = true;
      e = load();
      if(e && e->meet(libcurl)) {
        __atomic_store_n(&served, libcurl, __ATOMIC_RELEASE);
        __atomic_store_n(&engine, e, __ATOMIC_RELEASE);
      }
    }
    e = engine;
    pthread_mutex_unlock(&lock);
  }
  return e && __atomic_load_n(&served, __ATOMIC_ACQUIRE) == libcurl ? e : NULL;
}

he_front_getaddrinfo he_engine_getaddrinfo(void)
{
  const struct he_engine *e = __atomic_load_n(&engine, __ATOMIC_ACQUIRE);
  return e ? e->getaddrinfo : behind();
}
