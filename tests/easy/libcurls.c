/* SPDX-License-Identifier: MIT */
#include "libcurls.h"

#include <curl/curl.h>

static unsigned version(void)
{
  return curl_version_info(CURLVERSION_NOW)->version_num;
}

bool libcurl_races(void)
{
  return version() >= 0x081000;
}

bool libcurl_walks(void)
{
  return version() >= 0x075800 && !libcurl_races();
}

bool libcurl_begins_with_ipv6(void)
{
  return version() >= 0x080a00;
}

bool libcurl_spends_short_timeouts(void)
{
  return version() >= 0x080300 && !libcurl_races();
}

bool libcurl_resolves_apart(void)
{
  return version() >= 0x081400;
}

bool libcurl_outlives_fork(void)
{
  return version() < 0x081400;
}

bool libcurl_closes_silently(void)
{
  return version() >= 0x075800 && version() < 0x080200;
}

bool libcurl_reports_connecting(void)
{
  return version() < 0x081400;
}

bool libcurl_has_http2(void)
{
  return curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2;
}
