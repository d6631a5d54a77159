/* SPDX-License-Identifier: MIT */
/* loaded.c - a program that links neither library, but loads libcurl, named by
 * the first argument, and libcurl-he, named by the second, each into a scope
 * of its own, as an interpreter does. */
#include <curl_he/curl_he.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *find(void *library, const char *name)
{
  void *f = dlsym(library, name);
  if(!f)
    fprintf(stderr, "no %s\n", name);
  return f;
}

int main(int argc, char **argv)
{
  void *curl, *he;
  CURL *(*init)(void);
  CURLHEcode (*setup)(CURL *);
  CURLHEcode (*getinfo)(CURL *, CURLHEINFO, ...);
  CURL *easy;
  long known = -1;
  if(argc < 3)
    return 1;
  curl = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  he = curl ? dlopen(argv[2], RTLD_NOW | RTLD_LOCAL) : NULL;
  if(!he) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  *(void **)&init = find(curl, "curl_easy_init");
  *(void **)&setup = find(he, "curl_he_setup");
  *(void **)&getinfo = find(he, "curl_he_easy_getinfo");
  easy = init();
  if(setup(easy) || getinfo(easy, CURLHEINFO_KNOWN, &known))
    return 3;
  printf("known %ld\n", known);
  return 0;
}
