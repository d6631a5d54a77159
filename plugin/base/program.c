/* SPDX-License-Identifier: MIT */
/* program.c - a process may write over its argv[0] to show a title: its file
 * keeps its name. */
#include "base/program.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

bool he_program_is(const char *name)
{
  char path[PATH_MAX];
  const char *slash;
  ssize_t n;
  if(!strcmp(program_invocation_short_name, name))
    return true;
  n = readlink("/proc/self/exe", path, sizeof(path) - 1);
  if(n <= 0)
    return false;
  path[n] = 0;
  slash = strrchr(path, '/');
  return slash && !strcmp(slash + 1, name);
}
