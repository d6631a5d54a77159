/* SPDX-License-Identifier: MIT */
/* libcurl.c - finds libcurl's functions.
 *
 * PIC is defined where the shared library is compiled. It looks for them at
 * run time:
 *   1. behind itself, in the order in which the program was linked;
 *   2. in front of itself: the program was linked in the other order;
 *   3. in whatever object that is loaded and is named libcurl;
 *   4. in libcurl.so.4, which is loaded then: the linker has dropped it
 *      (--as-needed), for the program uses only what libcurl-he has as well.
 * In the archive the linker has found them. */
#define HE_LIBCURL_OWN_NAMES
#include "base/object.h"
#include "curl/libcurl.h"

#undef curl_easy_getinfo
#undef curl_easy_setopt

#ifndef PIC

static const struct he_libcurl linked = {
#define LINKED(name) .name = name,
  HE_LIBCURL_FUNCTIONS(LINKED)
};

const struct he_libcurl *he_libcurl(void)
{
  return &linked;
}

/* libcurl's own calls go to libcurl. */
bool he_libcurl_has(const void *address)
{
  (void)address;
  return false;
}

bool he_libcurl_interposed(void)
{
  return false;
}

#else

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* -- where there is none -- */

static CURL *no_handle(void)
{
  return NULL;
}

static void nothing(CURL *easy)
{
  (void)easy;
}

static CURL *no_copy(CURL *easy)
{
  (void)easy;
  return NULL;
}

static CURLcode no_option(CURL *easy, CURLoption option, ...)
{
  (void)easy;
  (void)option;
  return CURLE_FAILED_INIT;
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

static curl_version_info_data *no_version(CURLversion age)
{
  static curl_version_info_data none = { .version = "none" };
  (void)age;
  return &none;
}

static const struct he_libcurl no_libcurl = {
  .curl_easy_cleanup = nothing,
  .curl_easy_duphandle = no_copy,
  .curl_easy_init = no_handle,
  .curl_easy_reset = nothing,
  .curl_easy_setopt = no_option,
  .curl_multi_add_handle = no_member,
  .curl_multi_cleanup = no_multi,
  .curl_multi_remove_handle = no_member,
  .curl_version_info = no_version
};

/* -- looking for it -- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_libcurl found;
static const struct he_libcurl *current;   /* atomic; NULL: not found yet */
static struct he_object where;             /* it is, set before `current` */

#define NAME sizeof(where.path)

/* The name of a file "libcurl.so.4", "libcurl-gnutls.so.4.8.0",
   "libcurl-0d9d3d32.so.4.8.0"; not of one of ours. */
static bool is_libcurl(const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *file = slash ? slash + 1 : path;
  return !strncmp(file, "libcurl", 7) && (file[7] == '.' || file[7] == '-') &&
         strncmp(file, "libcurl-he", 10) && strstr(file, ".so");
}

static int look_at(struct dl_phdr_info *info, size_t size, void *data)
{
  char *name = data;
  (void)size;
  if(!info->dlpi_name || !is_libcurl(info->dlpi_name) ||
     strlen(info->dlpi_name) >= NAME)
    return 0;
  strcpy(name, info->dlpi_name);
  return 1;
}

static void *loaded(void)
{
  char name[NAME];
  return dl_iterate_phdr(look_at, name) ?
         dlopen(name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
}

/* The address that a member of the table holds. */
static const void *address_in(const void *member)
{
  const void *at;
  memcpy(&at, member, sizeof(at));
  return at;
}

/* Is the function at this address libcurl-he's own? */
static bool is_ours(const void *at)
{
  struct he_object us;
  return he_object_at(&found, &us) && he_object_has(&us, at);
}

/* Fills *out from where these names lead; false where one is missing, or
   leads back to libcurl-he. */
static bool take(struct he_libcurl *out, void *scope,
                 void *(*names)(void *, const char *))
{
#define TAKE(name) do { \
    void *f = names(scope, #name); \
    if(!f) \
      return false; \
    memcpy(&out->name, &f, sizeof(f)); \
  } while(0);
  HE_LIBCURL_FUNCTIONS(TAKE)
  return !is_ours(address_in(&out->curl_easy_init));
}

static bool take_handle(void *handle)
{
  return handle && take(&found, handle, dlsym);
}

static bool search(void)
{
  return take(&found, RTLD_NEXT, dlsym) ||
         take(&found, RTLD_DEFAULT, dlsym) || take_handle(loaded()) ||
         take_handle(dlopen("libcurl.so.4", RTLD_LAZY)) ||
         take_handle(dlopen("libcurl-gnutls.so.4", RTLD_LAZY));
}

static void measure(void)
{
  struct he_object o;
  if(he_object_at(address_in(&found.curl_easy_perform), &o))
    where = o;
}

static const struct he_libcurl *look(void)
{
  const struct he_libcurl *c;
  pthread_mutex_lock(&lock);
  if(!current && search()) {
    measure();
    __atomic_store_n(&current, &found, __ATOMIC_RELEASE);
  }
  c = current ? current : &no_libcurl;
  pthread_mutex_unlock(&lock);
  return c;
}

/* The loader is asked without the lock: another thread may come here from a
   constructor, with the loader's. */
bool he_libcurl_use(const void *function,
                    void *(*names)(void *handle, const char *name))
{
  struct he_libcurl mine;
  struct he_object o;
  void *scope = NULL;
  bool ok;
  if(he_object_at(function, &o))
    scope = dlopen(o.path, RTLD_LAZY | RTLD_NOLOAD);
  if(!scope || !take(&mine, scope, names))
    return false;
  pthread_mutex_lock(&lock);
  if(!current) {
    found = mine;
    where = o;
    __atomic_store_n(&current, &found, __ATOMIC_RELEASE);
  }
  ok = found.curl_easy_init == mine.curl_easy_init;
  pthread_mutex_unlock(&lock);
  return ok;
}

const struct he_libcurl *he_libcurl(void)
{
  const struct he_libcurl *c = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
  return c ? c : look();
}

bool he_libcurl_has(const void *address)
{
  return __atomic_load_n(&current, __ATOMIC_ACQUIRE) &&
         he_object_has(&where, address);
}

bool he_libcurl_interposed(void)
{
  return is_ours(dlsym(RTLD_DEFAULT, "curl_easy_init"));
}

#endif

unsigned he_libcurl_version(void)
{
  static unsigned version;
  unsigned v = __atomic_load_n(&version, __ATOMIC_RELAXED);
  if(!v) {
    v = he_libcurl()->curl_version_info(CURLVERSION_NOW)->version_num;
    __atomic_store_n(&version, v, __ATOMIC_RELAXED);
  }
  return v;
}
