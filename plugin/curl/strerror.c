/* SPDX-License-Identifier: MIT */
/* strerror.c - words for codes. */
#include <curl_he/curl_he.h>

static const char *const errors[CURL_HE_LAST] = {
  [CURL_HE_OK] = "No error",
  [CURL_HE_BAD_POINTER] = "An argument is NULL, or is not what it should be",
  [CURL_HE_NO_MEMORY] = "Out of memory, or of descriptors",
  [CURL_HE_LIBCURL_TOO_OLD] =
    "This libcurl is too old: 7.75.0 or later is needed",
  [CURL_HE_UNKNOWN_OPTION] = "There is no such option",
  [CURL_HE_BAD_OPTION] = "The option's value is out of range",
  [CURL_HE_NOT_SET_UP] = "The handle was not set up for curl-he",
  [CURL_HE_LIBCURL_REFUSED] = "libcurl did not take the option",
  [CURL_HE_BAD_PATTERN] = "This is no host name, nor *. and one",
  [CURL_HE_TOO_MANY_RULES] = "There are too many host rules",
  [CURL_HE_WRONG_SCOPE] =
    "The option is not one that can be set at this scope",
  [CURL_HE_BAD_CONFIG] =
    "The configuration cannot be read, or has a wrong line",
  [CURL_HE_BAD_HISTORY] = "The file for history cannot be used",
  [CURL_HE_NO_LIBCURL] =
    "No libcurl was found: link with it, or load it, first",
  [CURL_HE_BAD_TRACE] = "The file for the trace cannot be used",
  [CURL_HE_AGAIN] = "The race is not over yet",
  [CURL_HE_BUSY] = "This cannot be done while the race runs",
  [CURL_HE_COULDNT_RESOLVE] = "The host has no address that could be tried",
  [CURL_HE_COULDNT_CONNECT] = "No address could be connected to",
  [CURL_HE_TIMEDOUT] = "The time allowed for the connect has passed",
  [CURL_HE_CANCELLED] = "The race was called off",
  [CURL_HE_RESOLVER_UNPROVEN] = "A resolver could not prove who it is"
};

const char *curl_he_strerror(CURLHEcode code)
{
  const unsigned i = (unsigned)code;   /* any int may have been cast */
  return i < CURL_HE_LAST && errors[i] ? errors[i] : "Unknown error";
}
