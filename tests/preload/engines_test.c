/* SPDX-License-Identifier: MIT */
/* engines_test.c - the inside of the preload module's front, in a program that
 * a sanitizer can watch: many threads make the first handle of two libcurls. */
#include "flavours.h"
#include "load.h"
#include "loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* -- what loader.c and front.c have in the module -- */

/* "Beside the front" is the present folder: a program's path is not known. */
void *he_dlopen(const char *path, int flags)
{
  const bool here = *path && !strchr(path, '/');
  return dlopen(here ? HE_ENGINES "/libcurl-he.so.0" : path, flags);
}

void *he_dlsym(void *handle, const char *name)
{
  return dlsym(handle, name);
}

static bool secure;

unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type)
{
  return type == AT_SECURE && secure ? 1 : __real_getauxval(type);
}

/* -- threads -- */

#define THREADS 8

struct thread {
  pthread_t id;
  pthread_barrier_t *together;
  const char *other;          /* a libcurl to load; NULL: the program's own */
  const struct he_engine *engine;
  bool made;
};

/* What a call of the program's own is for. */
static const struct he_flavour *own_flavour(void)
{
  static const struct he_origin plain = { "", 0 };
  bool inside;
  return he_flavour_of(__builtin_return_address(0), &plain, &inside);
}

static const struct he_flavour *other_flavour(const char *name)
{
  void *object = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  struct he_origin late = { NULL, 0 };
  void *init = object ? dlsym(object, "curl_easy_init") : NULL;
  bool inside;
  if(!init || !he_flavour_slot(object, init, &late.slot))
    return NULL;
  return he_flavour_of(init, &late, &inside);
}

static void *make_first(void *data)
{
  struct thread *t = data;
  const struct he_flavour *f;
  CURL *easy;
  pthread_barrier_wait(t->together);
  f = t->other ? other_flavour(t->other) : own_flavour();
  t->engine = f ? he_engine_for(f, true) : NULL;
  easy = t->engine ? t->engine->easy_init() : NULL;
  t->made = easy != NULL;
  if(easy)
    t->engine->easy_cleanup(easy);
  return NULL;
}

/* -- tests -- */

static void test_secure(void **state)
{
  static const struct he_flavour flavour;
  (void)state;
  secure = true;
  assert_null(he_engine_for(&flavour, true));
  assert_null(he_engine_for(&flavour, false));
  secure = false;
  assert_null(dlopen("libcurl-he.so.0", RTLD_NOW | RTLD_NOLOAD));
}

static void test_no_handle_yet(void **state)
{
  const struct he_flavour *f = own_flavour();
  (void)state;
  assert_non_null(f);
  assert_null(he_engine_for(f, false));
  assert_null(dlopen("libcurl-he.so.0", RTLD_NOW | RTLD_NOLOAD));
}

/* Code that a compiler made at run time is in no object. */
static void test_caller_in_no_object(void **state)
{
  static const struct he_origin plain = { "", 0 };
  const void *code = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
                          -1, 0);
  bool inside = true;
  (void)state;
  assert_ptr_equal(he_flavour_of(code, &plain, &inside), own_flavour());
  assert_false(inside);
}

static void test_threads(void **state)
{
  void *gnutls = dlopen(HE_OTHER_LIBCURL, RTLD_NOW | RTLD_LOCAL);
  struct thread all[THREADS];
  pthread_barrier_t together;
  (void)state;
  pthread_barrier_init(&together, NULL, THREADS);
  for(int i = 0; i < THREADS; i++) {
    all[i] = (struct thread){ .together = &together };
    if(gnutls && i % 2)
      all[i].other = HE_OTHER_LIBCURL;
    assert_int_equal(pthread_create(&all[i].id, NULL, make_first, &all[i]), 0);
  }
  for(int i = 0; i < THREADS; i++) {
    pthread_join(all[i].id, NULL);
    assert_true(all[i].made);
    assert_ptr_equal(all[i].engine, all[i % 2].engine);
  }
  if(gnutls)
    assert_ptr_not_equal(all[0].engine, all[1].engine);
  pthread_barrier_destroy(&together);
}

static void test_getaddrinfo(void **state)
{
  struct addrinfo *list = NULL, hints = { .ai_flags = AI_NUMERICHOST };
  (void)state;
  for(int i = 0; i < 2; i++) {
    assert_int_equal(he_engines_getaddrinfo("127.0.0.1", "80", &hints, &list),
                     0);
    assert_non_null(list);
    freeaddrinfo(list);
  }
  assert_int_equal(he_engines_getaddrinfo("no address", "80", &hints, &list),
                   EAI_NONAME);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_getaddrinfo),
    cmocka_unit_test(test_secure),
    cmocka_unit_test(test_no_handle_yet),
    cmocka_unit_test(test_caller_in_no_object),
    cmocka_unit_test(test_threads),
    cmocka_unit_test(test_getaddrinfo)
  };
  if(chdir(HE_ENGINES))
    return 77;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
