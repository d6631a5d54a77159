/* SPDX-License-Identifier: MIT */
/* flavours.c - finds the libcurl behind the front. An object that was loaded
 * into a scope of its own (Python's and PHP's modules) sees another libcurl
 * than the program: so each caller's own scope is searched. */
#include "flavours.h"
#include "forking.h"
#include "loader.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Places that call, a power of 2. One that finds no room is looked up again. */
#define CALLERS 64

/* Filled from the first place on, and never changed: a place is taken by a
   compare and swap. No lock is held while the loader works, for a constructor
   may call libcurl with the loader's lock. And fork() has none to hold. */
struct met {
  struct he_flavour table;
  struct he_object object;
};

struct caller {
  const void *address;
  const char *version;
  const struct met *libcurl;
  bool inside;
};

static const struct met *met[HE_FLAVOURS];         /* atomic */
static const struct caller *callers[CALLERS];      /* atomic */

/* -- the functions of one scope -- */

static bool is_front(const void *p)
{
  static const char here;
  struct he_object us;
  return he_object_at(&here, &us) && he_object_has(&us, p);
}

static void *find(void *scope, const char *name, const char *version)
{
  void *p = *version ? dlvsym(scope, name, version) : NULL;
  if(!p || is_front(p))
    p = he_dlsym(scope, name);
  return p && !is_front(p) ? p : NULL;
}

static bool fill(struct he_flavour *f, void *scope, const char *version)
{
  static const char *const names[] = {
    "curl_easy_init", "curl_easy_setopt", "curl_easy_reset",
    "curl_easy_duphandle", "curl_easy_cleanup", "curl_easy_perform",
    "curl_multi_add_handle", "curl_multi_remove_handle", "curl_multi_cleanup"
  };
  void *all[sizeof(names) / sizeof(*names)];
  _Static_assert(sizeof(all) == sizeof(*f), "a name for each member");
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    all[i] = find(scope, names[i], version);
    if(!all[i])
      return false;
  }
  memcpy(f, all, sizeof(all));
  return true;
}

he_function he_behind(const char *name)
{
  he_function f = NULL;
  void *p = he_dlsym(RTLD_NEXT, name);
  memcpy(&f, &p, sizeof(f));
  return f;
}

/* In what the caller itself was linked with; where it relies on the program
   for libcurl, or is no object's code (a compiler at run time made it), in what
   comes behind the front. */
static bool search(struct he_flavour *f, const void *caller,
                   const char *version)
{
  struct he_object from;
  void *own = !he_object_at(caller, &from) || from.program ? NULL :
              he_dlopen(from.path, RTLD_LAZY | RTLD_NOLOAD);
  bool ok = own && fill(f, own, version);
  if(own)
    dlclose(own);
  return ok || fill(f, RTLD_NEXT, version);
}

/* -- the libcurls -- */

/* A libcurl that was met stays: what is known of it is in use from now on. */
static struct met *measure(const struct he_flavour *f)
{
  struct met *m = malloc(sizeof(*m));
  void *init;
  memcpy(&init, &f->easy_init, sizeof(init));
  if(!m || !he_object_at(init, &m->object)) {
    free(m);
    return NULL;
  }
  m->table = *f;
  if(!m->object.program)
    he_dlopen(m->object.path, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  return m;
}

/* Its record and its place. NULL without memory, and where all are taken. */
static const struct met *meet(const struct he_flavour *f, unsigned *slot)
{
  struct met *mine = NULL;
  for(*slot = 0; *slot < HE_FLAVOURS; ++*slot) {
    const struct met *there = __atomic_load_n(&met[*slot], __ATOMIC_ACQUIRE);
    if(!there && !mine)
      mine = measure(f);
    if(!there && !mine)
      return NULL;
    if(!there && __atomic_compare_exchange_n(&met[*slot], &there, mine, false,
                                             __ATOMIC_ACQ_REL,
                                             __ATOMIC_ACQUIRE))
      return mine;
    if(there->table.easy_init == f->easy_init) {
      free(mine);
      return there;
    }
  }
  free(mine);
  return NULL;
}

/* -- who calls -- */

static const struct caller **place_of(const void *address)
{
  const uint64_t h = (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u;
  return &callers[h >> 58];
}

static bool look_up(struct caller *c, const void *address,
                    const char *version)
{
  struct he_flavour f;
  unsigned slot;
  bool found;
  he_forking_loads();
  found = search(&f, address, version);
  he_forking_loaded();
  if(!found)
    return false;
  c->libcurl = meet(&f, &slot);
  c->address = address;
  c->version = version;
  c->inside = c->libcurl && he_object_has(&c->libcurl->object, address);
  return c->libcurl != NULL;
}

static void keep(const struct caller **place, const struct caller *c)
{
  const struct caller *none = NULL;
  struct caller *mine;
  if(__atomic_load_n(place, __ATOMIC_RELAXED))
    return;
  mine = malloc(sizeof(*mine));
  if(mine) {
    *mine = *c;
    if(!__atomic_compare_exchange_n(place, &none, mine, false,
                                    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
      free(mine);
  }
}

const struct he_flavour *he_flavour_of(const void *address,
                                       const struct he_origin *origin,
                                       bool *inside)
{
  const struct caller **place = place_of(address), *c;
  const char *version = origin->version;
  struct caller fresh;
  if(!version) {
    *inside = false;
    return &__atomic_load_n(&met[origin->slot], __ATOMIC_ACQUIRE)->table;
  }
  c = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if(!c || c->address != address || c->version != version) {
    if(!look_up(&fresh, address, version))
      return NULL;
    keep(place, &fresh);
    c = &fresh;
  }
  *inside = c->inside;
  return &c->libcurl->table;
}

bool he_flavour_slot(void *handle, const void *function, unsigned *slot)
{
  struct he_flavour f;
  const struct met *m;
  if(is_front(function) || !fill(&f, handle, ""))
    return false;
  m = meet(&f, slot);
  return m && he_object_has(&m->object, function);
}
