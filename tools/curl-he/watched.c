/* SPDX-License-Identifier: MIT */
/* watched.c - as system(3) does: who types Ctrl-C means the program. Signals
 * that are sent to this process are handed on. */
#include "watched.h"
#include "base/report.h"
#include "command.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const int ignored[] = { SIGINT, SIGQUIT };
static const int handed_on[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static volatile sig_atomic_t child;

static void hand_on(int signal_number)
{
  if(child > 0)
    kill((pid_t)child, signal_number);
}

/* Heeds signals otherwise; *old is as it was, in the order of both lists. */
static void mind_signals(struct sigaction *old)
{
  struct sigaction a;
  memset(&a, 0, sizeof(a));
  a.sa_handler = SIG_IGN;
  for(size_t i = 0; i < COUNT(ignored); i++)
    sigaction(ignored[i], &a, old++);
  a.sa_handler = hand_on;
  a.sa_flags = SA_RESTART;
  for(size_t i = 0; i < COUNT(handed_on); i++) {
    sigaction(handed_on[i], NULL, old);
    if(old->sa_handler != SIG_IGN)    /* nohup */
      sigaction(handed_on[i], &a, NULL);
    old++;
  }
}

static void signals_back(const struct sigaction *old)
{
  for(size_t i = 0; i < COUNT(ignored); i++)
    sigaction(ignored[i], old++, NULL);
  for(size_t i = 0; i < COUNT(handed_on); i++)
    sigaction(handed_on[i], old++, NULL);
}

static int run(const char *path, char **argv)
{
  struct sigaction old[COUNT(ignored) + COUNT(handed_on)];
  sigset_t all, mask;
  int status = 0;
  pid_t pid;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &mask);
  mind_signals(old);
  pid = fork();
  child = pid;
  if(!pid) {
    signals_back(old);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    execvp(path, argv);
    status = errno == ENOENT ? HE_EXIT_NOT_FOUND : HE_EXIT_NOT_RUN;
    he_say("run: %s: %s", path, strerror(errno));
    _exit(status);
  }
  sigprocmask(SIG_SETMASK, &mask, NULL);
  while(pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  child = 0;
  signals_back(old);
  if(pid < 0) {
    he_say("run: %s", strerror(errno));
    return HE_EXIT_FAILED << 8;
  }
  return status;
}

/* The core is the program's. */
static int end_as(int status)
{
  const struct rlimit none = { 0, 0 };
  if(WIFSIGNALED(status)) {
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
  }
  return WEXITSTATUS(status);
}

int he_watched_run(const char *path, char **argv)
{
  const char *dir = getenv("TMPDIR");
  char *file;
  FILE *f = NULL;
  int fd, status;
  if(asprintf(&file, "%s/curl-he-XXXXXX",
              dir && *dir == '/' ? dir : "/tmp") < 0) {
    he_say("run: out of memory");
    return HE_EXIT_FAILED;
  }
  fd = mkostemp(file, O_CLOEXEC);
  if(fd >= 0)
    f = fdopen(fd, "r");
  if(!f || setenv(HE_REPORT_VARIABLE, file, 1)) {
    he_say("run: %s: %s", file, strerror(errno));
    if(fd >= 0)
      unlink(file);
    free(file);
    return HE_EXIT_FAILED;
  }
  status = run(path, argv);
  unlink(file);
  free(file);
  he_report_tell(f);
  fclose(f);
  return end_as(status);
}
