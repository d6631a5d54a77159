/* SPDX-License-Identifier: MIT */
#ifndef HE_OBJECT_H
#define HE_OBJECT_H
/* object.h - the loaded object that has an address: the program, or a library.
 * Both parts of the preload module have this file. */
#include <stdbool.h>
#include <stdint.h>

struct he_object {
  uintptr_t begins;
  uintptr_t ends;
  bool program;               /* the program itself, and no library */
  char path[1024];            /* "" for the program */
};

/* False: there is none, its path is longer than that, or its program headers
   are not where linkers put them. Any thread; takes the loader's lock. In a
   child of fork() that lock is free, whoever held it: not so the one of
   dl_iterate_phdr(). */
bool he_object_at(const void *address, struct he_object *o);

static inline bool he_object_has(const struct he_object *o,
                                 const void *address)
{
  return (uintptr_t)address >= o->begins && (uintptr_t)address < o->ends;
}

#endif
