/* SPDX-License-Identifier: MIT */
/* asked.c - a getaddrinfo() that is not the C library's, and with a main() a
 * program that says how often curl-he has asked it: without a service, as
 * libcurl never does. library.sh builds it as a program, as a library
 * (-DLIBRARY), and as a program without the function (-DELSEWHERE). */
#include <curl_he/curl_he.h>
#include <netdb.h>
#include <stdio.h>

extern int asked;

#ifndef ELSEWHERE
int asked;

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **res)
{
  (void)node, (void)hints, (void)res;
  if(!service)
    __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
  return EAI_NONAME;
}
#endif

#ifndef LIBRARY
int main(void)
{
  CURL *easy = curl_easy_init();
  int rc;
  if(!easy)
    return 1;
  curl_easy_setopt(easy, CURLOPT_URL, "http://host.invalid:1/");
  if(curl_he_setup(easy))
    return 2;
  rc = (int)curl_he_perform(easy);
  curl_easy_cleanup(easy);
  printf("asked %d, result %d\n", __atomic_load_n(&asked, __ATOMIC_SEQ_CST),
         rc);
  return 0;
}
#endif
