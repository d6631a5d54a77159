/* SPDX-License-Identifier: MIT */
#include "run.h"
#include "labctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool lab_verbose;

void lab_cannot(const char *fmt, ...)
{
  char text[1024];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  fprintf(stderr, "lab: cannot run here: %s\n", text);
  exit(LAB_EXIT_SKIP);
}

void lab_note(const char *text)
{
  static int64_t begin;
  int64_t now = lab_now_ns();
  if(!begin)
    begin = now;
  if(lab_verbose)
    fprintf(stderr, "lab: %4lld ms: %s\n", (long long)(now - begin) / 1000000,
            text);
}

void lab_write_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "we");
  if(!f || fputs(text, f) == EOF || fclose(f))
    lab_cannot("%s: %s", path, strerror(errno));
}

char *lab_read_file(const char *path)
{
  struct stat st;
  char *text = NULL;
  ssize_t n;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if(fd < 0)
    return NULL;
  if(!fstat(fd, &st))
    text = malloc((size_t)st.st_size + 1);
  if(text) {
    n = read(fd, text, (size_t)st.st_size);
    text[n > 0 ? n : 0] = 0;
  }
  close(fd);
  return text;
}

/* The value for the @NAME@ at `at`, and where the text goes on after it. */
static const char *lookup(const char *at, const char *const *pairs,
                          const char **after)
{
  for(; pairs[0]; pairs += 2) {
    size_t len = strlen(pairs[0]);
    if(!strncmp(at + 1, pairs[0], len) && at[len + 1] == '@') {
      *after = at + len + 2;
      return pairs[1];
    }
  }
  return NULL;
}

char *lab_expand(const char *text, const char *const *pairs)
{
  char *result = NULL;
  size_t len;
  FILE *out = open_memstream(&result, &len);
  if(!out)
    lab_cannot("out of memory");
  while(*text) {
    const char *after;
    const char *value = *text == '@' ? lookup(text, pairs, &after) : NULL;
    if(value) {
      fputs(value, out);
      text = after;
    }
    else
      fputc(*text++, out);
  }
  if(fclose(out))
    lab_cannot("out of memory");
  return result;
}

void lab_configure(const char *templates, const char *name,
                   const char *const *pairs)
{
  char path[PATH_MAX];
  char *raw;
  char *text;
  snprintf(path, sizeof(path), "%s/%s.in", templates, name);
  raw = lab_read_file(path);
  if(!raw)
    lab_cannot("%s: %s", path, strerror(errno));
  text = lab_expand(raw, pairs);
  snprintf(path, sizeof(path), LAB_RUN "/%s", name);
  lab_write_file(path, text);
  free(text);
  free(raw);
}

/* Servers live in directories that are not in everyone's PATH. */
static void find_program(const char *name, char path[PATH_MAX])
{
  static const char *const dirs[] = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
    "/bin", NULL
  };
  size_t i;
  snprintf(path, PATH_MAX, "%s", name);
  if(*name == '/' && !access(path, X_OK))
    return;
  for(i = 0; dirs[i]; i++) {
    snprintf(path, PATH_MAX, "%s/%s", dirs[i], name);
    if(!access(path, X_OK))
      return;
  }
  lab_cannot("the program %s is not installed", name);
}

/* A server may have as many connections as the system allows. */
static void raise_limit(void)
{
  struct rlimit limit;
  if(!getrlimit(RLIMIT_NOFILE, &limit)) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

static void be_child(int in, int out)
{
  sigset_t none;
  raise_limit();
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGINT, SIG_DFL);
  signal(SIGQUIT, SIG_DFL);
  setsid(); /* Ctrl-C is not for the servers */
  if(dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
    _exit(126);
}

static pid_t start(const char *path, const char *const *argv, int in,
                   int out, void (*before)(void))
{
  pid_t pid = fork();
  if(pid < 0)
    lab_cannot("fork: %s", strerror(errno));
  if(!pid) {
    be_child(in, out);
    if(before)
      before();
    execv(path, (char *const *)(uintptr_t)argv);
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    _exit(127);
  }
  return pid;
}

pid_t lab_spawn(const char *name, const char *const *argv,
                void (*before)(void))
{
  char path[PATH_MAX];
  char log[128];
  int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int out = 2;
  pid_t pid;
  find_program(name, path);
  if(!lab_verbose) {
    snprintf(log, sizeof(log), LAB_RUN "/%s.log",
             strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
    out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  if(in < 0 || out < 0)
    lab_cannot("%s: %s", name, strerror(errno));
  pid = start(path, argv, in, out, before);
  close(in);
  if(out != 2)
    close(out);
  return pid;
}

void lab_run(const char *name, const char *const *argv, const char *input)
{
  char path[PATH_MAX];
  char said[512];
  int in = memfd_create("input", MFD_CLOEXEC);
  int out = memfd_create("output", MFD_CLOEXEC);
  int status;
  ssize_t n;
  pid_t pid;
  find_program(name, path);
  if(in < 0 || out < 0 ||
     write(in, input, strlen(input)) != (ssize_t)strlen(input) ||
     lseek(in, 0, SEEK_SET))
    lab_cannot("memfd: %s", strerror(errno));
  pid = start(path, argv, in, out, NULL);
  while(waitpid(pid, &status, 0) < 0)
    if(errno != EINTR)
      lab_cannot("waitpid: %s", strerror(errno));
  n = pread(out, said, sizeof(said) - 1, 0);
  said[n > 0 ? n : 0] = 0;
  said[strcspn(said, "\n")] = 0;
  close(in);
  close(out);
  if(status)
    lab_cannot("%s failed: %s", name, said);
}
