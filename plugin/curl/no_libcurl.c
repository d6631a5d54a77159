/* SPDX-License-Identifier: MIT */
/* no_libcurl.c - each function fails in its own way. */
#define HE_LIBCURL_OWN_NAMES
#include "curl/no_libcurl.h"

#include <stddef.h>

#undef curl_easy_getinfo    /* that check types */
#undef curl_easy_setopt

static CURL *no_handle(void)
{
  return NULL;
}

static CURL *no_copy(CURL *easy)
{
  (void)easy;
  return NULL;
}

static void nothing_easy(CURL *easy)
{
  (void)easy;
}

static CURLcode no_option(CURL *easy, CURLoption option, ...)
{
  (void)easy;
  (void)option;
  return CURLE_FAILED_INIT;
}

static CURLcode no_info(CURL *easy, CURLINFO info, ...)
{
  (void)easy;
  (void)info;
  return CURLE_FAILED_INIT;
}

static CURLcode no_pause(CURL *easy, int bitmask)
{
  (void)easy;
  (void)bitmask;
  return CURLE_FAILED_INIT;
}

static CURLcode no_transfer(CURL *easy)
{
  (void)easy;
  return CURLE_FAILED_INIT;
}

static void nothing(void *p)
{
  (void)p;
}

static struct curl_slist *no_list(struct curl_slist *list, const char *text)
{
  (void)list;
  (void)text;
  return NULL;
}

static void no_lists(struct curl_slist *list)
{
  (void)list;
}

static CURLMcode no_multi(CURLM *multi)
{
  (void)multi;
  return CURLM_BAD_HANDLE;
}

static CURLMcode no_member(CURLM *multi, CURL *easy)
{
  (void)multi;
  (void)easy;
  return CURLM_BAD_HANDLE;
}

static CURLU *no_url(void)
{
  return NULL;
}

static void nothing_url(CURLU *u)
{
  (void)u;
}

static CURLUcode no_part(CURLU *u, CURLUPart what, char **part,
                         unsigned int flags)
{
  (void)u;
  (void)what;
  (void)part;
  (void)flags;
  return CURLUE_OUT_OF_MEMORY;
}

static CURLUcode set_no_part(CURLU *u, CURLUPart what, const char *part,
                             unsigned int flags)
{
  (void)u;
  (void)what;
  (void)part;
  (void)flags;
  return CURLUE_OUT_OF_MEMORY;
}

static curl_version_info_data *no_version(CURLversion age)
{
  static curl_version_info_data none = { .version = "none" };
  (void)age;
  return &none;
}

const struct he_libcurl he_no_libcurl = {
  .curl_easy_cleanup = nothing_easy,
  .curl_easy_duphandle = no_copy,
  .curl_easy_getinfo = no_info,
  .curl_easy_init = no_handle,
  .curl_easy_pause = no_pause,
  .curl_easy_perform = no_transfer,
  .curl_easy_reset = nothing_easy,
  .curl_easy_setopt = no_option,
  .curl_free = nothing,
  .curl_multi_add_handle = no_member,
  .curl_multi_cleanup = no_multi,
  .curl_multi_remove_handle = no_member,
  .curl_slist_append = no_list,
  .curl_slist_free_all = no_lists,
  .curl_url = no_url,
  .curl_url_cleanup = nothing_url,
  .curl_url_get = (__typeof__(curl_url_get) *)no_part,   /* CURLU is const in
                                                            later versions */
  .curl_url_set = set_no_part,
  .curl_version_info = no_version
};
