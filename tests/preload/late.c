/* SPDX-License-Identifier: MIT */
/* late.c - late MODE [ARGUMENT...]: a program without libcurl, which may load
 * one. Exit status 0: all went well. It has a RUNPATH to the modules of the
 * tests. */
#include "fetch.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static void *open_it(const char *path, int flags)
{
  void *object = dlopen(path, RTLD_NOW | flags);
  if(!object)
    fprintf(stderr, "late: %s\n", dlerror());
  return object;
}

static bool fetch_by(const char *path, int flags, const char *url)
{
  void *object = open_it(path, flags);
  struct libcurl c;
  return object && libcurl_in(&c, object) && fetch(&c, url);
}

/* The program closes what it has opened, and opens it again. */
static bool again(const char *path, const char *url)
{
  struct libcurl c;
  for(int i = 0; i < 3; i++) {
    void *object = open_it(path, RTLD_LOCAL);
    if(!object || !libcurl_in(&c, object) || !fetch(&c, url) ||
       dlclose(object))
      return false;
  }
  return true;
}

static bool global(const char *path, const char *url)
{
  struct libcurl c;
  return open_it(path, RTLD_GLOBAL) && libcurl_in(&c, RTLD_DEFAULT) &&
         fetch(&c, url);
}

/* A plug-in that is linked with a libcurl. */
static bool plugin(const char *path, int flags, const char *url)
{
  void *object = open_it(path, flags);
  void *p = object ? dlsym(object, "plugin_fetch") : NULL;
  bool (*get)(const char *url);
  memcpy(&get, &p, sizeof(p));
  return p && get(url);
}

/* The second time the plug-in is where it was, and its libcurl is not, if they
   were gone. */
static bool replugged(const char *path, const char *url)
{
  void *object = open_it(path, RTLD_LOCAL);
  void *function = object ? dlsym(object, "curl_version") : NULL;
  Dl_info was;
  if(!function || !dladdr(function, &was) ||
     !plugin(path, RTLD_LOCAL, url) || dlclose(object) || dlclose(object))
    return false;
  mmap(was.dli_fbase, 4096, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  return plugin(path, RTLD_LOCAL, url);
}

/* -- a constructor makes a handle while threads do -- */

static const char *plugin_path;

static void *open_plugin(void *data)
{
  (void)data;
  return open_it(plugin_path, RTLD_LOCAL);
}

static bool constructed(const char *path, const char *libcurl,
                        const char *url)
{
  const struct timespec until_constructed = { 0, 50000000 };
  void *object = open_it(libcurl, RTLD_LOCAL), *loaded = NULL;
  struct libcurl c;
  pthread_t id;
  plugin_path = path;
  if(!object || !libcurl_in(&c, object) ||
     pthread_create(&id, NULL, open_plugin, NULL))
    return false;
  nanosleep(&until_constructed, NULL);
  if(!fetch_in_threads(&c, url, 6))
    return false;
  pthread_join(id, &loaded);
  return loaded != NULL;
}

/* -- what dlopen(), dlsym() and dlerror() say -- */

static bool search_path(const char *name)
{
  return open_it(name, RTLD_LOCAL) != NULL;
}

/* Of two preloaded objects the first one asks for the next. */
static bool next(void)
{
  void *p = dlsym(RTLD_DEFAULT, "he_who");
  const char *(*who)(void);
  memcpy(&who, &p, sizeof(p));
  return p && puts(who()) >= 0;
}

/* An error is told once, and a success leaves none. */
static bool errors(const char *path)
{
  void *object = open_it(path, RTLD_LOCAL);
  bool ok = object != NULL;
  dlerror();
  ok = ok && dlsym(object, "curl_easy_init") && !dlerror() &&
       dlsym(object, "curl_version") && !dlerror() &&
       !dlsym(object, "curl_no_such_function") && dlerror() && !dlerror();
  return ok && !dlopen("/no/such/file.so", RTLD_NOW | RTLD_DEEPBIND) &&
         dlerror();
}

/* All that is named, each in a transfer of its own. */
static bool each(int n, char **paths, const char *url)
{
  bool ok = n > 0;
  for(int i = 0; i < n; i++)
    ok = fetch_by(paths[i], RTLD_LOCAL, url) && ok;
  return ok;
}

static bool run(const char *mode, int n, char **arg)
{
  if(!strcmp(mode, "never"))
    return open_it("libm.so.6", RTLD_LOCAL) != NULL;
  if(!strcmp(mode, "next"))
    return next();
  if(!strcmp(mode, "path") && n == 1)
    return search_path(arg[0]);
  if(!strcmp(mode, "errors") && n == 1)
    return errors(arg[0]);
  if(!strcmp(mode, "once") && n == 2)
    return fetch_by(arg[0], RTLD_LOCAL, arg[1]);
  if(!strcmp(mode, "global") && n == 2)
    return global(arg[0], arg[1]);
  if(!strcmp(mode, "replugged") && n == 2)
    return replugged(arg[0], arg[1]);
  if(!strcmp(mode, "again") && n == 2)
    return again(arg[0], arg[1]);
  if(!strcmp(mode, "plugin") && n == 2)
    return plugin(arg[0], RTLD_LOCAL, arg[1]);
  if(!strcmp(mode, "deepbind") && n == 2)
    return plugin(arg[0], RTLD_DEEPBIND, arg[1]);
  if(!strcmp(mode, "constructed") && n == 3)
    return constructed(arg[0], arg[1], arg[2]);
  if(!strcmp(mode, "each") && n > 1)
    return each(n - 1, arg, arg[n - 1]);
  fprintf(stderr, "late: %s: no such mode\n", mode);
  return false;
}

int main(int argc, char **argv)
{
  return argc < 2 || !run(argv[1], argc - 2, argv + 2);
}
