/* SPDX-License-Identifier: MIT */
/* object.c - the loader says where an object begins, and the object's own
 * program headers how long it is. */
#include "base/object.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

/* So much of the first segment is there in any case: the file's head, and the
   program headers, unless a tool has moved them to the file's end. */
#define FIRST_PAGE 4096

static bool measure(const unsigned char *start, struct he_object *o)
{
  const ElfW(Ehdr) *e = (const void *)start;
  const ElfW(Phdr) *p;
  ElfW(Addr) first = 0, last = 0;
  bool any = false;
  if(memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_phentsize != sizeof(*p) ||
     e->e_phoff > FIRST_PAGE ||
     e->e_phnum > (FIRST_PAGE - e->e_phoff) / sizeof(*p))
    return false;
  p = (const void *)(start + e->e_phoff);
  for(unsigned i = 0; i < e->e_phnum; i++) {
    if(p[i].p_type != PT_LOAD)
      continue;
    if(!any)
      first = p[i].p_vaddr - p[i].p_offset;
    last = p[i].p_vaddr + p[i].p_memsz;   /* they are in ascending order */
    any = true;
  }
  o->begins = (uintptr_t)start;
  o->ends = o->begins + (last - first);
  return any;
}

bool he_object_at(const void *address, struct he_object *o)
{
  const struct link_map *map = NULL;
  void *found = NULL;
  Dl_info info;
  if(!dladdr1(address, &info, &found, RTLD_DL_LINKMAP) || !found)
    return false;
  map = found;
  if(strlen(map->l_name) >= sizeof(o->path))
    return false;
  strcpy(o->path, map->l_name);
  o->program = !*map->l_name && !map->l_prev;
  return measure(info.dli_fbase, o) && he_object_has(o, address);
}
