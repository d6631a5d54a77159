/* SPDX-License-Identifier: MIT */
/* about.c - words for codes, and who we are. */
#include "net/poller.h"
#include "curl/interpose.h"
#include "curl/peer.h"
#include "lookup/lookup.h"
#include "resolve/resolver.h"

const char *curl_he_strerror(CURLHEcode code)
{
  switch(code) {
  case CURL_HE_OK:
    return "No error";
  case CURL_HE_BAD_POINTER:
    return "An argument is NULL, or is not what it should be";
  case CURL_HE_NO_MEMORY:
    return "Out of memory, or of descriptors";
  case CURL_HE_LIBCURL_TOO_OLD:
    return "This libcurl is too old: 7.75.0 or later is needed";
  case CURL_HE_UNKNOWN_OPTION:
    return "There is no such option";
  case CURL_HE_BAD_OPTION:
    return "The option's value is out of range";
  case CURL_HE_NOT_SET_UP:
    return "The handle was not set up for curl-he";
  case CURL_HE_LIBCURL_REFUSED:
    return "libcurl did not take the option";
  case CURL_HE_BAD_PATTERN:
    return "This is no host name, nor *. and one";
  case CURL_HE_TOO_MANY_RULES:
    return "There are too many host rules";
  case CURL_HE_WRONG_SCOPE:
    return "The option is not one that can be set at this scope";
  case CURL_HE_BAD_CONFIG:
    return "The configuration cannot be read, or has a wrong line";
  case CURL_HE_BAD_HISTORY:
    return "The file for history cannot be used";
  case CURL_HE_NO_LIBCURL:
    return "No libcurl was found: link with it, or load it, first";
  case CURL_HE_LAST:
    break;
  }
  return "Unknown error";
}

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
  info.interposes = he_interposes();
  info.lookup = he_lookup_in_effect();
}

const curl_he_version_info_data *curl_he_version_info(void)
{
  pthread_once(&info_once, fill_info);
  return &info;
}
