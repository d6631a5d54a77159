/* SPDX-License-Identifier: MIT */
/* version.c - who curl-he is, and what it has found. */
#include "curl/libcurl.h"
#include "lookup/lookup.h"
#include "net/poller.h"
#include "resolve/resolver.h"

#include <pthread.h>

static curl_he_version_info_data info = {
  .version = CURL_HE_VERSION,
  .version_num = CURL_HE_VERSION_NUM,
  .age = 1,
  .poller = he_poller_name
};
static pthread_once_t info_once = PTHREAD_ONCE_INIT;

static void fill_info(void)
{
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
  info.libcurl_version = curl->version;
  info.libcurl_version_num = curl->version_num;
  info.resolver = he_resolver_shared.name;
  info.interposes = he_libcurl_interposed();
  info.lookup = he_lookup_in_effect();
}

const curl_he_version_info_data *curl_he_version_info(void)
{
  pthread_once(&info_once, fill_info);
  return &info;
}
