/* SPDX-License-Identifier: MIT */
/* load.c - libcurl-he.so from the directory of the front, in a scope of its
 * own: its names reach nobody.
 *
 * An engine serves one libcurl. For a second one in the same process the file is
 * loaded once more, from a copy in memory, since the loader has each file once.
 * The engines know nothing of each other; a lookup is offered to all of them.
 *
 * The process is not touched where CURL_HE=off says so, where the program has
 * more rights than its user (AT_SECURE), and where it uses libcurl-he itself. */
#include "load.h"
#include "flavours.h"
#include "loader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "libcurl-he.so.0"

struct served {
  const struct he_flavour *libcurl;   /* atomic; NULL: no more in the list */
  const struct he_engine *engine;     /* NULL: this libcurl has none */
  struct he_front front;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct served list[HE_FLAVOURS];
static bool loaded;                   /* under the lock: the file, once */
static he_front_getaddrinfo last;     /* atomic; the last engine's; or NULL */

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

he_front_getaddrinfo he_engine_getaddrinfo(void)
{
  const he_front_getaddrinfo f = __atomic_load_n(&last, __ATOMIC_ACQUIRE);
  return f ? f : behind();
}

/* -- the file -- */

static bool is_off(void)
{
  const char *say = getenv("CURL_HE");
  return getauxval(AT_SECURE) || (say && !strcmp(say, "off"));
}

/* Beside the front. */
static bool find_file(char *path, size_t size)
{
  static const char here;
  struct he_object us;
  const char *slash;
  int n;
  if(!he_object_at(&here, &us))
    return false;
  slash = strrchr(us.path, '/');
  n = snprintf(path, size, "%.*s" FILE_NAME,
               slash ? (int)(slash - us.path) + 1 : 0, us.path);
  return n > 0 && (size_t)n < size;
}

static bool copy(int from, int to)
{
  struct stat st;
  off_t at = 0;
  if(fstat(from, &st))
    return false;
  while(at < st.st_size) {
    if(sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0)
      return false;
  }
  return true;
}

static void *load_copy(const char *file)
{
  char path[32];
  const int from = open(file, O_RDONLY | O_CLOEXEC);
  const int to = memfd_create(FILE_NAME, MFD_CLOEXEC);
  void *object = NULL;
  if(from >= 0 && to >= 0 && copy(from, to)) {
    snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
    object = he_dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }
  if(from >= 0)
    close(from);
  if(to >= 0)
    close(to);
  return object;
}

/* What is loaded stays: libcurl keeps pointers into it. */
static const struct he_engine *load_locked(void)
{
  char file[sizeof(((struct he_object *)NULL)->path) + sizeof(FILE_NAME)];
  void *object;
  if(is_off() || !find_file(file, sizeof(file)))
    return NULL;
  if(loaded)
    object = load_copy(file);
  else if(he_object_named("libcurl-he.so"))
    return NULL;
  else
    object = he_dlopen(file, RTLD_NOW | RTLD_LOCAL);
  loaded = loaded || object;
  return object ? he_dlsym(object, HE_ENGINE_NAME) : NULL;
}

/* -- who is served -- */

static void serve_locked(struct served *s, const struct he_flavour *libcurl)
{
  const struct he_engine *e = load_locked();
  s->front = (struct he_front){ behind(), he_engine_getaddrinfo(),
                                he_dlsym };
  if(e && e->begin(&s->front) && e->meet(libcurl)) {
    s->engine = e;
    __atomic_store_n(&last, e->getaddrinfo, __ATOMIC_RELEASE);
  }
  __atomic_store_n(&s->libcurl, libcurl, __ATOMIC_RELEASE);
}

/* The place of this libcurl, or the first free one; NULL: there is none. */
static struct served *find(const struct he_flavour *libcurl)
{
  for(unsigned i = 0; i < HE_FLAVOURS; i++) {
    const struct he_flavour *f = __atomic_load_n(&list[i].libcurl,
                                                 __ATOMIC_ACQUIRE);
    if(!f || f == libcurl)
      return &list[i];
  }
  return NULL;
}

const struct he_engine *he_engine_for(const struct he_flavour *libcurl,
                                      bool first)
{
  struct served *s = find(libcurl);
  if(s && !__atomic_load_n(&s->libcurl, __ATOMIC_ACQUIRE)) {
    if(!first)
      return NULL;
    pthread_mutex_lock(&lock);
    s = find(libcurl);        /* another thread may have been here */
    if(s && !s->libcurl)
      serve_locked(s, libcurl);
    pthread_mutex_unlock(&lock);
  }
  return s ? s->engine : NULL;
}
