/* SPDX-License-Identifier: MIT */
/* ech.c - two functions of libcurl's that know one option more. */
#define CURL_DISABLE_TYPECHECK
#include "ech.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#undef curl_easy_setopt

static unsigned times;
static char value[2048];

unsigned ech_told(const char **last)
{
  *last = value;
  return times;
}

const struct curl_easyoption *curl_easy_option_by_name(const char *name)
{
  static const struct curl_easyoption ech = {
    "ECH", (CURLoption)ECH_OPTION, CURLOT_STRING, 0
  };
  const struct curl_easyoption *(*next)(const char *);
  void *at = dlsym(RTLD_NEXT, "curl_easy_option_by_name");
  if(!strcasecmp(name, "ECH"))
    return &ech;
  memcpy(&next, &at, sizeof(next));
  return at ? next(name) : NULL;
}

/* Any argument is as wide as a pointer here. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
  CURLcode (*next)(CURL *, CURLoption, ...);
  void *at = dlsym(RTLD_NEXT, "curl_easy_setopt");
  void *argument;
  va_list ap;
  va_start(ap, option);
  argument = va_arg(ap, void *);
  va_end(ap);
  if((int)option == ECH_OPTION) {
    const char *said = argument ? argument : "";
    times += strcmp(said, value) != 0;
    snprintf(value, sizeof(value), "%s", said);
    return CURLE_OK;
  }
  memcpy(&next, &at, sizeof(next));
  return at ? next(easy, option, argument) : CURLE_FAILED_INIT;
}
