/* SPDX-License-Identifier: MIT */
/* module.c - files that belong to curl-he: beside this program where it was
 * built or moved to, else where they were to be installed. */
#include "program.h"

#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

bool he_program_beside(const char *const *places, const char *installed,
                       int mode, char path[PATH_MAX])
{
  char self[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  if(n > 0) {
    const char *dir;
    self[n] = 0;
    dir = dirname(self);
    for(; *places; places++) {
      const int len = snprintf(path, PATH_MAX, "%s/%s", dir, *places);
      if(len > 0 && len < PATH_MAX && !access(path, mode))
        return true;
    }
  }
  snprintf(path, PATH_MAX, "%s", installed);
  return !access(path, mode);
}

bool he_module_find(char path[PATH_MAX])
{
  static const char *const places[] = { "../lib/" HE_MODULE,
                                        ".libs/" HE_MODULE, HE_MODULE, NULL };
  return he_program_beside(places, HE_LIBDIR "/" HE_MODULE, R_OK, path);
}
