/* SPDX-License-Identifier: MIT */
/* load.c - libcurl-he.so from the directory of the front, in a scope of its
 * own: its names reach nobody.
 *
 * An engine serves one libcurl. For a second one in the same process the file
 * is loaded once more, from a copy in memory, since the loader has each file
 * once. The engines know nothing of each other; a lookup is offered to all of
 * them.
 *
 * The process is not touched where CURL_HE=off says so, where the program has
 * more rights than its user (AT_SECURE), and where it uses libcurl-he itself.
 * Where the configuration says so the engine keeps out. */
#include "load.h"
#include "flavours.h"
#include "forking.h"
#include "loader.h"
#include "base/report.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "libcurl-he.so.0"

/* Filled from the first place on, and never changed, as in flavours.c. */
struct served {
  const struct he_flavour *libcurl;
  const struct he_engine *engine;     /* NULL: this libcurl has none */
};

static const struct served *list[HE_FLAVOURS];     /* atomic */

static const struct served *entry(unsigned place)
{
  return place < HE_FLAVOURS ?
         __atomic_load_n(&list[place], __ATOMIC_ACQUIRE) : NULL;
}

/* -- getaddrinfo() -- */

/* Which engine has this thread's call, counted from 1. */
static _Thread_local unsigned asked;

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

static int ask_behind(const char *node, const char *service,
                      const struct addrinfo *hints, struct addrinfo **res)
{
  const he_front_getaddrinfo f = behind();
  if(f)
    return f(node, service, hints, res);
  errno = ENOSYS;
  return EAI_SYSTEM;
}

/* The next engine's, or the C library's. */
static int ask_next(const char *node, const char *service,
                    const struct addrinfo *hints, struct addrinfo **res)
{
  const struct served *s = entry(asked);
  for(; s; s = entry(asked)) {
    asked++;
    if(s->engine)
      return s->engine->getaddrinfo(node, service, hints, res);
  }
  return ask_behind(node, service, hints, res);
}

int he_engines_getaddrinfo(const char *node, const char *service,
                           const struct addrinfo *hints,
                           struct addrinfo **res)
{
  if(!entry(0))
    return ask_behind(node, service, hints, res);
  asked = 0;
  return ask_next(node, service, hints, res);
}

/* An engine wants to know whose getaddrinfo() is behind: so it gets that
   itself, and no function of ours around it. */
static struct he_front front = { NULL, ask_next, he_dlsym };

/* -- the file -- */

/* Is libcurl-he in the process without us? Whoever is here first says so for
   all, before an engine is loaded. Nobody waits: the loader's lock is taken. */
static bool is_foreign(void)
{
  enum { UNKNOWN, NO, YES };
  static int foreign;         /* atomic */
  int none = UNKNOWN, mine = NO;
  void *object;
  if(!__atomic_load_n(&foreign, __ATOMIC_ACQUIRE)) {
    he_forking_loads();
    object = he_dlopen(FILE_NAME, RTLD_LAZY | RTLD_NOLOAD);
    if(object) {
      dlclose(object);
      mine = YES;
    }
    he_forking_loaded();
    __atomic_compare_exchange_n(&foreign, &none, mine, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
  return __atomic_load_n(&foreign, __ATOMIC_ACQUIRE) == YES;
}

static bool is_off(void)
{
  const char *say = getenv("CURL_HE");
  if(getauxval(AT_SECURE))
    return true;
  if(say && !strcmp(say, "off")) {
    he_report(HE_REPORT_UNSERVED, "CURL_HE=off", NULL);
    return true;
  }
  if(!is_foreign())
    return false;
  he_report(HE_REPORT_UNSERVED, "the program uses libcurl-he itself", NULL);
  return true;
}

/* The program works as without the module: only who asks is told. */
static void complain(const char *why)
{
  const char *trace = getenv("CURL_HE_TRACE");
  why = why ? why : "the engine cannot be loaded";
  he_report(HE_REPORT_UNSERVED, why, NULL);
  if(trace && *trace)
    fprintf(stderr, "curl-he: %s\n", why);
}

/* The loader knows the front by the name that LD_PRELOAD has. */
static bool find_front(struct he_object *us)
{
  static const char here;
  return he_object_at(&here, us);
}

/* Where a relative name leads from; "": the name is not relative. */
static char folder[PATH_MAX];

void he_load_begin(void)
{
  struct he_object us;
  if(find_front(&us) && *us.path != '/' && strchr(us.path, '/') &&
     !getcwd(folder, sizeof(folder)))
    *folder = 0;
}

/* Beside the front. */
static bool find_file(char *path, size_t size)
{
  struct he_object us;
  const char *slash;
  int n;
  if(!find_front(&us))
    return false;
  slash = strrchr(us.path, '/');
  n = snprintf(path, size, "%s%s%.*s" FILE_NAME, folder, *folder ? "/" : "",
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

/* An engine in this file; NULL: there is none. The loader's lock is taken, so
   nobody may call this with one of ours. */
static const struct he_engine *open_engine(const char *path)
{
  const struct he_engine *e;
  void *object;
  he_forking_loads();
  object = he_dlopen(path, RTLD_NOW | RTLD_LOCAL);
  he_forking_loaded();
  if(!object) {
    complain(dlerror());
    return NULL;
  }
  e = he_dlsym(object, HE_ENGINE_NAME);
  if(!e)
    complain("the engine is of another version than the module");
  return e;
}

/* The loader takes two files of one name for the same: each copy has a longer
   one. */
static const struct he_engine *open_copy(const char *file)
{
  static int copies;          /* atomic */
  static const char dots[] = "./././././././././././././././././";
  char path[sizeof(dots) + 32];
  const int from = open(file, O_RDONLY | O_CLOEXEC);
  const int to = memfd_create(FILE_NAME, MFD_CLOEXEC);
  const struct he_engine *e = NULL;
  if(from >= 0 && to >= 0 && copy(from, to)) {
    const int n = __atomic_fetch_add(&copies, 1, __ATOMIC_RELAXED);
    snprintf(path, sizeof(path), "/proc/self/%.*sfd/%d", 2 * n, dots, to);
    e = open_engine(path);
  }
  else
    complain("the engine cannot be copied for a second libcurl");
  if(from >= 0)
    close(from);
  if(to >= 0)
    close(to);
  return e;
}

/* What is loaded stays: libcurl keeps pointers into it. */
static const struct he_engine *load(const struct he_flavour *libcurl)
{
  char file[sizeof(folder) + sizeof(((struct he_object *)NULL)->path) +
            sizeof(FILE_NAME)];
  const struct he_engine *e;
  if(is_off() || !find_file(file, sizeof(file)))
    return NULL;
  __atomic_store_n(&front.getaddrinfo, behind(), __ATOMIC_RELEASE);
  e = open_engine(file);
  if(!e)
    return NULL;
  switch(e->meet(&front, libcurl)) {
  case HE_MET:
    return e;
  case HE_MET_REFUSED:
    return NULL;
  case HE_MET_ANOTHER:
    break;
  }
  e = open_copy(file);
  return e && e->meet(&front, libcurl) == HE_MET ? e : NULL;
}

/* -- who is served -- */

/* The record of this libcurl, or the one that takes its place in the list; NULL
   without memory, and where the list is full. */
static const struct served *enter(const struct he_flavour *libcurl,
                                  const struct he_engine *engine)
{
  struct served *mine = malloc(sizeof(*mine));
  if(!mine)
    return NULL;
  *mine = (struct served){ libcurl, engine };
  for(unsigned i = 0; i < HE_FLAVOURS; i++) {
    const struct served *there = NULL;
    if(__atomic_compare_exchange_n(&list[i], &there, mine, false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return mine;
    if(there->libcurl == libcurl) {   /* another thread was quicker */
      free(mine);
      return there;
    }
  }
  free(mine);
  return NULL;
}

const struct he_engine *he_engine_for(const struct he_flavour *libcurl,
                                      bool first)
{
  const struct served *s = entry(0);
  for(unsigned i = 1; s && s->libcurl != libcurl; i++)
    s = entry(i);
  if(!s && first)
    s = enter(libcurl, load(libcurl));
  return s ? s->engine : NULL;
}
