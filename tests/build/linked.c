/* SPDX-License-Identifier: MIT */
/* linked.c - a program that library.sh links in several ways. Of libcurl's
 * functions it uses those alone that libcurl-he exports, too, unless built
 * with MORE. Says whether its handle is known, and which libcurl curl-he
 * found. */
#ifdef WRAPPED
#include <curl/curl.h>
#include <curl_he/wrap.h>
#else
#include <curl_he/curl_he.h>
#endif
#include <stdio.h>

int main(void)
{
  CURL *easy = curl_easy_init(), *copy;
  const curl_he_version_info_data *info = curl_he_version_info();
  long known = -1;
  int rc;
  if(!easy)
    return 1;
  curl_easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1:1/");
  if(curl_he_setup(easy))
    return 2;
  if(curl_he_easy_getinfo(easy, CURLHEINFO_KNOWN, &known))
    return 3;
#ifdef MORE
  rc = (int)curl_easy_perform(easy);
#else
  rc = (int)curl_he_perform(easy);
#endif
  copy = curl_easy_duphandle(easy);
  curl_easy_reset(easy);
  curl_easy_cleanup(easy);
  curl_easy_cleanup(copy);
  printf("known %ld, interposes %d, result %d, %s\n", known, info->interposes,
         rc, info->libcurl_version_num ? "libcurl" : "none");
  return copy ? 0 : 4;
}
