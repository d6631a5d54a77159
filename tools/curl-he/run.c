/* SPDX-License-Identifier: MIT */
/* run.c - curl-he run: a program as it is, with the preload module. */
#include "command.h"
#include "program.h"
#include "resolver.h"
#include "watched.h"

#include <curl_he/curl_he.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool no_memory(void)
{
  he_say("run: out of memory");
  return false;
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
    return !setenv("LD_PRELOAD", module, 1) || no_memory();
  if(asprintf(&all, "%s:%s", module, others) < 0)
    return no_memory();
  ok = !setenv("LD_PRELOAD", all, 1);
  free(all);
  return ok || no_memory();
}

static int not_run(const char *name)
{
  const int error = errno;
  he_say("run: %s: %s", name, strerror(error));
  return error == ENOENT ? HE_EXIT_NOT_FOUND : HE_EXIT_NOT_RUN;
}

/* -- flags -- */

static bool check;            /* --check */
static const char *resolver;  /* --resolver */

enum { CHECK, TRACE, OPTIONS, RESOLVER };

static const struct he_flag flags[] = {
  [CHECK] = { "check", 0, NULL,
              "when it has ended, say what was raced, and why not" },
  [TRACE] = { "trace", 0, "FILE", "write what its races do; - is stderr" },
  [OPTIONS] = { "options", 0, "TEXT",
                "configure curl-he, as CURL_HE_OPTIONS does" },
  [RESOLVER] = { "resolver", 0, "VALUE", HE_RESOLVER_HELP },
  { NULL, 0, NULL, NULL }
};

/* The program may change its folder. */
static bool set_trace(const char *file)
{
  char dir[PATH_MAX], *path;
  bool ok;
  if(*file == '/' || !strcmp(file, "-"))
    return !setenv("CURL_HE_TRACE", file, 1) || no_memory();
  if(!*file || !getcwd(dir, sizeof(dir))) {
    he_say("run: --trace: %s", *file ? strerror(errno) : "no name");
    return false;
  }
  if(asprintf(&path, "%s/%s", dir, file) < 0)
    return no_memory();
  ok = !setenv("CURL_HE_TRACE", path, 1);
  free(path);
  return ok || no_memory();
}

/* The library reads them, as it will in the program. */
static bool set_options(const char *text)
{
  char error[CURL_HE_ERROR_SIZE] = "";
  CURLHE *he = curl_he_init();
  const char *config = getenv("CURL_HE_CONFIG");
  char *kept = config ? strdup(config) : NULL;
  CURLHEcode code = CURL_HE_NO_MEMORY;
  if(he && !kept == !config && !setenv("CURL_HE_OPTIONS", text, 1) &&
     !setenv("CURL_HE_CONFIG", "", 1)) {   /* no word of the file */
    code = curl_he_load_config(he, NULL, error, sizeof(error));
    if(kept)
      setenv("CURL_HE_CONFIG", kept, 1);
    else
      unsetenv("CURL_HE_CONFIG");
  }
  if(code)
    he_say("run: --options: %s", *error ? error : curl_he_strerror(code));
  free(kept);
  curl_he_free(he);
  return !code;
}

/* A program says nothing of a configuration that is wrong. It runs all the
   same: what is wrong does not hold. */
static void warn(void)
{
  char error[CURL_HE_ERROR_SIZE] = "";
  CURLHE *he = curl_he_init();
  if(he && curl_he_load_config(he, NULL, error, sizeof(error)) && *error)
    he_say("run: %s", error);
  curl_he_free(he);
}

static bool set(const struct he_flag *flag, const char *argument)
{
  switch(flag - flags) {
  case CHECK:
    check = true;
    return true;
  case TRACE:
    return set_trace(argument);
  case RESOLVER:
    resolver = argument;
    return he_resolver_check("run", argument);
  default:
    return set_options(argument);
  }
}

/* -- the command -- */

static int run(int argc, char **argv)
{
  char module[PATH_MAX];
  struct he_program p;
  if(!argc) {
    he_say("run: no program; see curl-he run --help");
    return HE_EXIT_USAGE;
  }
  if(!he_module_find(module)) {
    he_say("run: " HE_MODULE " is not found, nor in " HE_LIBDIR);
    return HE_EXIT_FAILED;
  }
  if(!he_program_find(argv[0], &p))
    return not_run(argv[0]);
  if(p.unreached)
    he_say("run: %s: %s", p.path, p.unreached);
  if(resolver && !he_resolver_export(resolver)) {
    no_memory();
    return HE_EXIT_FAILED;
  }
  warn();
  if(p.bears && !preload(module))
    return HE_EXIT_FAILED;
  if(check)
    return he_watched_run(p.path, argv);
  execvp(p.path, argv);         /* a script without "#!" is the shell's */
  return not_run(p.path);
}

const struct he_command he_command_run = {
  .name = "run",
  .operands = "PROGRAM [ARGUMENT...]",
  .program = true,
  .help = "Runs a program as it is, with connects that curl-he races.",
  .flags = flags,
  .run = run,
  .set = set
};
