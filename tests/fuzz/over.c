/* SPDX-License-Identifier: MIT */
/* over.c - runs a target over its corpus, as TAP: one result a file. Each file
 * is given as it is, then cut off at each length, then with each of its bytes
 * changed. The corpus is that of the program's name, in the source tree, or the
 * folders and files that are named. What kills the target ends the output
 * after the line that names the file. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Changed are files up to this size. */
#define CHANGED_MOST 4096

static unsigned count;

/* In memory of just that size, so that a sanitizer sees a byte too far. */
static void give(const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc(size ? size : 1);
  fuzz_assert(copy != NULL);
  if(size)
    memcpy(copy, data, size);
  fuzz_assert(!LLVMFuzzerTestOneInput(copy, size));
  free(copy);
}

static void give_changed(uint8_t *data, size_t size)
{
  static const uint8_t masks[] = { 0x01, 0x80, 0xff };
  for(size_t i = 0; i < size; i++)
    give(data, i);
  for(size_t i = 0; i < size; i++)
    for(size_t m = 0; m < sizeof(masks); m++) {
      data[i] ^= masks[m];
      give(data, size);
      data[i] ^= masks[m];
    }
}

static void run_file(const char *path)
{
  FILE *f = fopen(path, "rb");
  struct stat st;
  uint8_t *data = NULL;
  size_t size = 0;
  int ok = f && !fstat(fileno(f), &st);
  printf("# %s\n", path);
  fflush(stdout);
  if(ok) {
    data = malloc((size_t)st.st_size + 1);
    size = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
    ok = data && size == (size_t)st.st_size;
  }
  if(f)
    fclose(f);
  if(ok) {
    give(data, size);
    if(size <= CHANGED_MOST)
      give_changed(data, size);
  }
  free(data);
  printf("%sok %u - %s\n", ok ? "" : "not ", ++count,
         strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static int visible(const struct dirent *d)
{
  return d->d_name[0] != '.';
}

static void run(const char *path)
{
  struct dirent **list = NULL;
  const int n = scandir(path, &list, visible, alphasort);
  if(n < 0)
    run_file(path);
  for(int i = 0; i < n; i++) {
    char *at = NULL;
    fuzz_assert(asprintf(&at, "%s/%s", path, list[i]->d_name) > 0);
    run_file(at);
    free(at);
    free(list[i]);
  }
  free(list);
}

/* libtool puts "lt-" before the name of a program that is not installed. */
static void run_own(const char *program)
{
  const char *top = getenv("top_srcdir");
  const char *name = strrchr(program, '/') ? strrchr(program, '/') + 1 :
                     program;
  const char *end;
  char *at = NULL;
  if(!strncmp(name, "lt-", 3))
    name += 3;
  end = strstr(name, "_fuzz");
  fuzz_assert(end && asprintf(&at, "%s/tests/fuzz/corpus/%.*s",
                              top ? top : ".", (int)(end - name), name) > 0);
  run(at);
  free(at);
}

int main(int argc, char **argv)
{
  for(int i = 1; i < argc; i++)
    run(argv[i]);
  if(argc < 2)
    run_own(argv[0]);
  printf("1..%u\n", count);
  return 0;
}
