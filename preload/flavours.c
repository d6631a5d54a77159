/* SPDX-License-Identifier: MIT */
/* flavours.c - finds the libcurl behind the front. An object that was loaded
 * into a scope of its own (Python's and PHP's modules) sees another libcurl
 * than the program: so each caller's own scope is searched. */
#include "flavours.h"
#include "loader.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

/* Places that call, a power of 2. One that finds no room is looked up again. */
#define CALLERS 64

struct met {
  struct he_flavour table;
  uintptr_t begins, ends;     /* its object */
};

struct caller {
  const void *address;        /* atomic; NULL: free */
  const char *version;
  const struct met *libcurl;
  bool inside;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct met met[HE_FLAVOURS];
static unsigned met_count;
static struct caller callers[CALLERS];

/* -- objects -- */

struct search {
  uintptr_t address;          /* or 0: by its name */
  const char *prefix;
  unsigned seen;
  struct he_object *found;
};

static bool is_named(const char *path, const char *prefix)
{
  const char *slash = path ? strrchr(path, '/') : NULL;
  const char *file = slash ? slash + 1 : path;
  return file && !strncmp(file, prefix, strlen(prefix));
}

/* The program comes first, and has no name. */
static int look_at(struct dl_phdr_info *info, size_t size, void *data)
{
  struct search *s = data;
  struct he_object o = { .begins = UINTPTR_MAX, .program = !s->seen++ };
  (void)size;
  for(int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    const uintptr_t at = info->dlpi_addr + p->p_vaddr;
    if(p->p_type == PT_LOAD) {
      o.begins = at < o.begins ? at : o.begins;
      o.ends = at + p->p_memsz > o.ends ? at + p->p_memsz : o.ends;
    }
  }
  if(s->address ? s->address < o.begins || s->address >= o.ends :
     !is_named(info->dlpi_name, s->prefix))
    return 0;
  if(strlen(info->dlpi_name) >= sizeof(o.path))
    return 0;
  strcpy(o.path, info->dlpi_name);
  if(s->found)
    *s->found = o;
  return 1;
}

bool he_object_at(const void *address, struct he_object *o)
{
  struct search s = { .address = (uintptr_t)address, .found = o };
  return dl_iterate_phdr(look_at, &s);
}

bool he_object_named(const char *prefix)
{
  struct search s = { .prefix = prefix };
  return dl_iterate_phdr(look_at, &s);
}

/* -- the functions of one scope -- */

static bool is_front(const void *p)
{
  static const char here;
  struct he_object us;
  return he_object_at(&here, &us) && (uintptr_t)p >= us.begins &&
         (uintptr_t)p < us.ends;
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
    "curl_easy_duphandle", "curl_easy_cleanup", "curl_multi_add_handle",
    "curl_multi_remove_handle", "curl_multi_cleanup"
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
   for libcurl, in what comes behind the front. */
static bool search(struct he_flavour *f, const struct he_object *from,
                   const char *version)
{
  void *own = from->program ? NULL :
              he_dlopen(from->path, RTLD_LAZY | RTLD_NOLOAD);
  bool ok = own && fill(f, own, version);
  if(own)
    dlclose(own);
  return ok || fill(f, RTLD_NEXT, version);
}

/* -- who calls -- */

static const struct met *meet_locked(const struct he_flavour *f)
{
  struct he_object o;
  void *init;
  for(unsigned i = 0; i < met_count; i++) {
    if(met[i].table.easy_init == f->easy_init)
      return &met[i];
  }
  memcpy(&init, &f->easy_init, sizeof(init));
  if(met_count == HE_FLAVOURS || !he_object_at(init, &o))
    return NULL;
  met[met_count] = (struct met){ *f, o.begins, o.ends };
  return &met[met_count++];
}

static struct caller *slot_of(const void *address)
{
  const uint64_t h = (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u;
  return &callers[h >> 58];
}

static bool look_up(struct caller *c, const void *address,
                    const char *version)
{
  struct he_object from;
  struct he_flavour f;
  if(!he_object_at(address, &from) || !search(&f, &from, version))
    return false;
  pthread_mutex_lock(&lock);
  c->libcurl = meet_locked(&f);
  pthread_mutex_unlock(&lock);
  c->address = address;
  c->version = version;
  c->inside = c->libcurl && (uintptr_t)address >= c->libcurl->begins &&
              (uintptr_t)address < c->libcurl->ends;
  return c->libcurl != NULL;
}

/* A slot is filled once: who reads its address has all of it. */
static void keep(struct caller *slot, const struct caller *c)
{
  pthread_mutex_lock(&lock);
  if(!slot->address) {
    slot->version = c->version;
    slot->libcurl = c->libcurl;
    slot->inside = c->inside;
    __atomic_store_n(&slot->address, c->address, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&lock);
}

const struct he_flavour *he_flavour_of(const void *address,
                                       const struct he_origin *origin,
                                       bool *inside)
{
  struct caller *slot = slot_of(address), fresh;
  const char *version = origin->version;
  const struct caller *c = slot;
  if(!version) {
    *inside = false;
    return &met[origin->slot].table;
  }
  if(__atomic_load_n(&slot->address, __ATOMIC_ACQUIRE) != address ||
     slot->version != version) {
    if(!look_up(&fresh, address, version))
      return NULL;
    keep(slot, &fresh);
    c = &fresh;
  }
  *inside = c->inside;
  return &c->libcurl->table;
}

bool he_flavour_slot(void *handle, const void *function, unsigned *slot)
{
  const struct met *m = NULL;
  struct he_flavour f;
  if(is_front(function) || !fill(&f, handle, ""))
    return false;
  pthread_mutex_lock(&lock);
  m = meet_locked(&f);
  pthread_mutex_unlock(&lock);
  if(!m || (uintptr_t)function < m->begins || (uintptr_t)function >= m->ends)
    return false;
  *slot = (unsigned)(m - met);
  return true;
}
