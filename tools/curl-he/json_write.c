/* SPDX-License-Identifier: MIT */
#include "json_write.h"
#include "plain.h"

#include <stdlib.h>
#include <string.h>

json_t *he_json_text(const char *text)
{
  json_t *whole = json_string(text);
  size_t size;
  char *plain;
  if(whole)
    return whole;
  size = HE_PLAIN_GROWS * strlen(text) + 1;
  plain = malloc(size);
  if(plain) {
    he_plain_string(plain, size, text);
    whole = json_string(plain);
  }
  free(plain);
  return whole;
}

bool he_json_write(json_t *whole, FILE *out)
{
  /* 9 digits are more than a time has, and hide what a double adds to it */
  const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(9);
  const bool ok = whole && !json_dumpf(whole, out, flags);
  json_decref(whole);
  putc('\n', out);
  return ok && !ferror(out);
}
