/* SPDX-License-Identifier: MIT */
/* loader.c - dlopen() and dlsym(), for programs that load libcurl late.
 *
 * dlopen(): with RTLD_DEEPBIND an object looks for libcurl in its own
 * dependencies first, and passes the front by (PHP). The flag is taken away
 * from objects that need a libcurl, and from no others.
 *
 * dlsym(): a function of a libcurl's becomes the front's for that libcurl.
 *
 * The C library takes the caller's search path, and for RTLD_NEXT its place in
 * the order, from the address that it returns to. So both end in a jump, and
 * the C library returns to the caller itself. */
#include "loader.h"
#include "needed.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

/* A call at the end is a jump, whatever the build optimizes. A sanitizer would
   have the last word otherwise. */
#define UNINSTRUMENTED \
  __attribute__((no_sanitize("thread", "address", "undefined")))
#ifdef __clang__
#define JUMP __attribute__((musttail)) return
#define JUMPS UNINSTRUMENTED
#else
#define JUMP return
#define JUMPS UNINSTRUMENTED \
  __attribute__((optimize("O2", "optimize-sibling-calls")))
#endif

typedef void *(*opens)(const char *path, int flags);
typedef void *(*finds)(void *handle, const char *name);

/* glibc's version of both, by machine. */
static const char *const versions[] = {
  "GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.27", "GLIBC_2.36",
  "GLIBC_2.4", "GLIBC_2.2", "GLIBC_2.1", "GLIBC_2.0"
};

static void *behind(void **found, const char *name)
{
  void *p = __atomic_load_n(found, __ATOMIC_ACQUIRE);
  for(size_t i = 0; !p && i < sizeof(versions) / sizeof(*versions); i++)
    p = dlvsym(RTLD_NEXT, name, versions[i]);
  __atomic_store_n(found, p, __ATOMIC_RELEASE);
  return p;
}

static opens real_dlopen(void)
{
  static void *found;
  void *p = behind(&found, "dlopen");
  opens f;
  memcpy(&f, &p, sizeof(f));
  return f;
}

static finds real_dlsym(void)
{
  static void *found;
  void *p = behind(&found, "dlsym");
  finds f;
  memcpy(&f, &p, sizeof(f));
  return f;
}

void *he_dlopen(const char *path, int flags)
{
  const opens f = real_dlopen();
  void *object = f ? f(path, flags) : NULL;
  return object;
}

void *he_dlsym(void *handle, const char *name)
{
  const finds f = real_dlsym();
  void *p = f ? f(handle, name) : NULL;
  return p;
}

/* A file that is looked for along a path is not looked into. */
static int flags_for(const char *path, int flags)
{
  if((flags & RTLD_DEEPBIND) && path && strchr(path, '/') &&
     he_needs_libcurl(path))
    flags &= ~RTLD_DEEPBIND;
  return flags;
}

PUBLIC JUMPS void *dlopen(const char *path, int flags)
{
  const opens f = real_dlopen();
  flags = flags_for(path, flags);
  JUMP f(path, flags);
}

static void *in_its_place(void *handle, const char *name)
{
  void *found;
  if(handle == RTLD_DEFAULT || handle == RTLD_NEXT || !name ||
     strncmp(name, "curl_", 5))
    return NULL;
  found = he_dlsym(handle, name);
  return found ? he_front_function(handle, name, found) : NULL;
}

PUBLIC JUMPS void *dlsym(void *restrict handle, const char *restrict name)
{
  const finds f = real_dlsym();
  void *ours = in_its_place(handle, name);
  if(ours)
    return ours;
  JUMP f(handle, name);
}
