/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>

const char *he_verdict_word(long verdict)
{
  switch(verdict) {
  case CURL_HE_VERDICT_DOUBTED:
    return "doubted";
  case CURL_HE_VERDICT_BAD:
    return "bad";
  case CURL_HE_VERDICT_SLOW:
    return "slow";
  case CURL_HE_VERDICT_SILENT:
    return "silent";
  default:
    return "good";
  }
}

void he_age_words(char *out, size_t size, curl_off_t ms)
{
  const long s = (long)(ms / 1000);
  if(s < 120)
    snprintf(out, size, "%ld s", s);
  else if(s < 7200)
    snprintf(out, size, "%ld min", s / 60);
  else if(s < 172800)
    snprintf(out, size, "%ld h", s / 3600);
  else
    snprintf(out, size, "%ld days", s / 86400);
}
