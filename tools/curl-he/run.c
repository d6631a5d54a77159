/* SPDX-License-Identifier: MIT */
/* run.c - curl-he run: a program as it is, with the preload module. */
#include "command.h"
#include "program.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE "libcurl-he-preload.so"

/* Where the module is installed, or is built. */
static bool find_module(char path[PATH_MAX])
{
  char self[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  const char *dir;
  static const char *const beside[] = { "/../lib", "/.libs", "" };
  if(n > 0) {
    self[n] = 0;
    dir = dirname(self);
    for(size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
      int len = snprintf(path, PATH_MAX, "%s%s/" MODULE, dir, beside[i]);
      if(len > 0 && len < PATH_MAX && !access(path, R_OK))
        return true;
    }
  }
  snprintf(path, PATH_MAX, "%s/" MODULE, HE_LIBDIR);
  return !access(path, R_OK);
}

/* The loader takes a colon and a space for the end of a name. */
static bool preload(const char *module)
{
  const char *others = getenv("LD_PRELOAD");
  char *all;
  bool ok;
  if(strpbrk(module, ": ")) {
    he_say("run: %s: the loader cannot take such a path", module);
    return false;
  }
  if(!others || !*others)
    return !setenv("LD_PRELOAD", module, 1);
  if(asprintf(&all, "%s:%s", module, others) < 0)
    return false;
  ok = !setenv("LD_PRELOAD", all, 1);
  free(all);
  return ok;
}

static int not_run(const char *name)
{
  const int error = errno;
  he_say("run: %s: %s", name, strerror(error));
  return error == ENOENT ? HE_EXIT_NOT_FOUND : HE_EXIT_NOT_RUN;
}

static int run(int argc, char **argv)
{
  char module[PATH_MAX];
  struct he_program p;
  if(!argc) {
    he_say("run: no program; see curl-he run --help");
    return HE_EXIT_USAGE;
  }
  if(!find_module(module)) {
    he_say("run: " MODULE " is not found, nor in " HE_LIBDIR);
    return HE_EXIT_FAILED;
  }
  if(!he_program_find(argv[0], &p))
    return not_run(argv[0]);
  if(p.unreached)
    he_say("run: %s: %s: curl-he does not reach it", p.path, p.unreached);
  else if(!preload(module))
    return HE_EXIT_FAILED;
  execv(p.path, argv);
  return not_run(p.path);
}

static const struct he_flag flags[] = {
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_run = {
  .name = "run",
  .operands = "PROGRAM [ARGUMENT...]",
  .program = true,
  .help = "Runs a program as it is, with connects that curl-he races.",
  .flags = flags,
  .run = run
};
