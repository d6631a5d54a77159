/* SPDX-License-Identifier: MIT */
/* plugin.c - a plug-in that uses libcurl, from its constructor on. */
#include "fetch.h"

bool plugin_fetch(const char *url);

static const struct libcurl linked = {
  curl_easy_init, curl_easy_setopt, curl_easy_perform, curl_easy_cleanup
};

__attribute__((constructor))
static void begin(void)
{
  for(int i = 0; i < 50; i++)
    curl_easy_cleanup(curl_easy_init());
}

bool plugin_fetch(const char *url)
{
  return fetch(&linked, url);
}
