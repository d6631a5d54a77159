/* SPDX-License-Identifier: MIT */
/* load_config.c - what an application does about the configuration. */
#include "curl/default.h"

#include <stdio.h>

static void tell(char *errbuf, size_t size, const char *text)
{
  if(errbuf && size)
    snprintf(errbuf, size, "%s", text);
}

CURLHEcode curl_he_load_config(CURLHE *context, const char *path,
                               char *errbuf, size_t size)
{
  CURLHE *he = he_default_check(context);
  struct he_config c;
  CURLHEcode code;
  tell(errbuf, size, "");
  if(!he)
    return context ? CURL_HE_BAD_POINTER : CURL_HE_NO_MEMORY;
  he_config_read(&c, path);
  he_context_configure(he, &c);
  he_config_free(&c);
  code = c.code;
  tell(errbuf, size, c.error);
  return code;
}

CURLHEcode curl_he_config_error(CURLHE *context, char *errbuf, size_t size)
{
  CURLHE *he = he_default_check(context);
  CURLHEcode code;
  tell(errbuf, size, "");
  if(!he)
    return context ? CURL_HE_BAD_POINTER : CURL_HE_NO_MEMORY;
  pthread_mutex_lock(&he_contexts_lock);
  code = he->config_code;
  tell(errbuf, size, he->config_error);
  pthread_mutex_unlock(&he_contexts_lock);
  return code;
}
