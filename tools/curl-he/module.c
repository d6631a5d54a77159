/* SPDX-License-Identifier: MIT */
/* module.c - where the preload module is. */
#include "program.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool he_module_find(char path[PATH_MAX])
{
  char self[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  const char *dir;
  static const char *const beside[] = { "/../lib", "/.libs", "" };
  if(n > 0) {
    self[n] = 0;
    dir = dirname(self);
    for(size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
      int len = snprintf(path, PATH_MAX, "%s%s/" HE_MODULE, dir, beside[i]);
      if(len > 0 && len < PATH_MAX && !access(path, R_OK))
        return true;
    }
  }
  snprintf(path, PATH_MAX, "%s/" HE_MODULE, HE_LIBDIR);
  return !access(path, R_OK);
}
