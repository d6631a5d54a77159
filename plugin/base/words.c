/* SPDX-License-Identifier: MIT */
/* words.c - strerror_r() is two functions: POSIX's says whether it has filled
 * the buffer, GNU's where the text is. */
#include "base/words.h"

#include <string.h>

static const char *posix_words(int failed, const char *buffer)
{
  return failed ? "unknown reason" : buffer;
}

static const char *gnu_words(const char *text, const char *buffer)
{
  (void)buffer;
  return text;
}

const char *he_errno_words(int error, char buffer[HE_WORDS])
{
  return _Generic(strerror_r(error, buffer, HE_WORDS),
                  int: posix_words,
                  char *: gnu_words)(strerror_r(error, buffer, HE_WORDS),
                                     buffer);
}
