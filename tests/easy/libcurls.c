/* SPDX-License-Identifier: MIT */
#include "libcurls.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

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

bool libcurl_keeps_to_families(void)
{
  return version() >= 0x074d00;
}

bool libcurl_outlives_fork(void)
{
  return version() < 0x081400;
}

bool libcurl_closes_silently(void)
{
  return version() >= 0x075800 && version() < 0x080200;
}

bool libcurl_loses_sockets(void)
{
  return version() < 0x075800;
}

bool libcurl_strands_done(void)
{
  return version() >= 0x080100 && version() < 0x080e00;
}

bool libcurl_socks4_picks_ipv4(void)
{
  return version() >= 0x074e00;
}

bool libcurl_reports_connecting(void)
{
  return version() < 0x081400;
}

bool libcurl_goes_on_at_once(void)
{
  return version() < 0x075800 || version() >= 0x080400;
}

bool libcurl_has_http2(void)
{
  return curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2;
}

/* -- libcurl behind curl-he's back -- */

static void *own(void *library, const char *name)
{
  void *f = dlsym(library, name);
  if(!f) {
    fprintf(stderr, "no %s in libcurl\n", name);
    abort();
  }
  return f;
}

/* In the object that has a function that libcurl-he does not export. */
const struct libcurls_own *libcurls_own(void)
{
  static struct libcurls_own all;
  void *library;
  Dl_info info;
  if(all.init)
    return &all;
  dladdr(own(RTLD_DEFAULT, "curl_easy_perform"), &info);
  library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if(!library)
    abort();
  *(void **)&all.setopt = own(library, "curl_easy_setopt");
  *(void **)&all.reset = own(library, "curl_easy_reset");
  *(void **)&all.duphandle = own(library, "curl_easy_duphandle");
  *(void **)&all.cleanup = own(library, "curl_easy_cleanup");
  *(void **)&all.init = own(library, "curl_easy_init");
  return &all;
}
