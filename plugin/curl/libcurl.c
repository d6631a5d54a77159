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
#undef curl_multi_setopt
#undef curl_share_setopt

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
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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

struct found {
  struct he_libcurl table;
  struct he_object where;
};

/* Set once, by a compare and swap. No lock is held while the loader is asked,
   for another thread may come here from a constructor, with the loader's; and
   a child of fork() finds none taken. */
static const struct found *current;        /* atomic; NULL: not found yet */

#define NAME sizeof(((struct he_object *)NULL)->path)

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
  static const char here;
  struct he_object us;
  return he_object_at(&here, &us) && he_object_has(&us, at);
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

static bool take_handle(struct he_libcurl *out, void *handle)
{
  return handle && take(out, handle, dlsym);
}

static bool search(struct he_libcurl *out)
{
  return take(out, RTLD_NEXT, dlsym) || take(out, RTLD_DEFAULT, dlsym) ||
         take_handle(out, loaded()) ||
         take_handle(out, dlopen("libcurl.so.4", RTLD_LAZY)) ||
         take_handle(out, dlopen("libcurl-gnutls.so.4", RTLD_LAZY));
}

/* Where it is. This library stays when it is closed, so its libcurl must. */
static void measure(struct found *f)
{
  struct he_object o;
  if(!he_object_at(address_in(&f->table.curl_easy_perform), &o))
    return;
  f->where = o;
  if(!o.program)
    dlopen(o.path, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

/* Of several threads one is the first. NULL without memory. */
static const struct found *publish(const struct found *f)
{
  const struct found *there = NULL;
  struct found *mine = malloc(sizeof(*mine));
  if(!mine)
    return __atomic_load_n(&current, __ATOMIC_ACQUIRE);
  *mine = *f;
  if(__atomic_compare_exchange_n(&current, &there, mine, false,
                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return mine;
  free(mine);
  return there;
}

static const struct he_libcurl *look(void)
{
  struct found mine;
  const struct found *f = NULL;
  memset(&mine, 0, sizeof(mine));
  if(search(&mine.table)) {
    measure(&mine);
    f = publish(&mine);
  }
  return f ? &f->table : &no_libcurl;
}

bool he_libcurl_use(const void *function,
                    void *(*names)(void *handle, const char *name))
{
  struct found mine;
  const struct found *f;
  void *scope = NULL;
  memset(&mine, 0, sizeof(mine));
  if(he_object_at(function, &mine.where))
    scope = dlopen(mine.where.path, RTLD_LAZY | RTLD_NOLOAD);
  if(!scope || !take(&mine.table, scope, names))
    return false;
  f = publish(&mine);
  return f && f->table.curl_easy_init == mine.table.curl_easy_init;
}

const struct he_libcurl *he_libcurl(void)
{
  const struct found *f = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
  return f ? &f->table : look();
}

bool he_libcurl_has(const void *address)
{
  const struct found *f = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
  return f && he_object_has(&f->where, address);
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
