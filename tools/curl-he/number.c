/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

bool he_number_read(const char *word, long least, long most, long *value)
{
  if(!*word || word[strspn(word, DIGITS)])
    return false;
  errno = 0;
  *value = strtol(word, NULL, 10);
  return !errno && *value >= least && *value <= most;
}

bool he_number_flag(const char *command, const struct he_flag *flag,
                    const char *word, long least, long most, long *value)
{
  if(he_number_read(word, least, most, value))
    return true;
  he_say("%s: --%s %s: not a number from %ld to %ld", command, flag->name,
         word, least, most);
  return false;
}

bool he_number_timeout(const char *command, const struct he_flag *flag,
                       const char *word, long *ms)
{
  /* strtod() alone takes blanks, signs, "inf" and hexadecimal digits, too */
  const bool plain = *word && !word[strspn(word, DIGITS ".")];
  char *end = NULL;
  const double seconds = plain ? strtod(word, &end) : 0;
  if(plain && !*end && seconds >= 0.1 && seconds <= 3600) {
    *ms = (long)(seconds * 1000 + 0.5);
    return true;
  }
  he_say("%s: --%s %s: not a number of seconds from 0.1 to 3600", command,
         flag->name, word);
  return false;
}
