/* SPDX-License-Identifier: MIT */
/* plugin.c - a plug-in that uses libcurl, from its constructor on. */
#include "fetch.h"

#include <time.h>

bool plugin_fetch(const char *url);

static const struct libcurl linked = {
  curl_easy_init, curl_easy_setopt, curl_easy_perform, curl_easy_cleanup
};

/* With the loader's lock. What waits for that now has to go on afterwards. */
__attribute__((constructor))
static void begin(void)
{
  const struct timespec while_others_begin = { 0, 100000000 };
  nanosleep(&while_others_begin, NULL);
  curl_easy_cleanup(curl_easy_init());
}

bool plugin_fetch(const char *url)
{
  return fetch(&linked, url);
}
