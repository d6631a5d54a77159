/* SPDX-License-Identifier: MIT */
#include "base/rehashed.h"

#include <string.h>

int he_rehashed(const struct dirent *entry)
{
  const char *name = entry->d_name;
  return strspn(name, "0123456789abcdefABCDEF") == 8 && name[8] == '.' &&
         name[9] && strspn(name + 9, "0123456789") == strlen(name + 9);
}
