/* SPDX-License-Identifier: MIT */
#include "outside.h"
#include "../command.h"
#include "../program.h"
#include "lab.h"
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program that makes laboratories. */
static bool find_lab(char path[PATH_MAX])
{
  static const char *const places[] = {
    "../tests/lab/lab", "tests/lab/lab", "../libexec/curl-he/lab", NULL
  };
  return he_program_beside(places, HE_PKGLIBEXECDIR "/lab", X_OK, path);
}

static bool is_installed(const char *name)
{
  static const char *const dirs[] = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
    "/bin"
  };
  char path[64];
  for(size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
    snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
    if(!access(path, X_OK))
      return true;
  }
  return false;
}

/* Says which Debian packages are missing. */
static bool has_servers(void)
{
  static const struct {
    const char *program;
    const char *package;
  } all[] = {
    { "nginx", "nginx-light" }, { "nsd", "nsd" }, { "dnsdist", "dnsdist" },
    { "openssl", "openssl" }, { "ip", "iproute2" }
  };
  char missing[128] = "";
  for(size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
    if(!is_installed(all[i].program))
      snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
               " %s", all[i].package);
  }
  if(*missing)
    he_say("lab: its servers are missing; as root: apt-get install%s",
           missing);
  return !*missing;
}

static bool file_says(const char *path, const char *text)
{
  char line[32] = "";
  FILE *in = fopen(path, "re");
  if(in) {
    if(fgets(line, sizeof(line), in))
      line[strcspn(line, "\n")] = 0;
    fclose(in);
  }
  return !strcmp(line, text);
}

/* Does the kernel give this user namespaces? Root may do without new users. */
static bool has_namespaces(void)
{
  const int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET;
  int status = 1;
  const pid_t pid = fork();
  if(!pid)
    _exit(unshare(flags) && unshare(flags | CLONE_NEWUSER));
  return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* The laboratory has said what it lacks; this is what helps. */
static void advise(void)
{
  static const struct {
    const char *file;
    const char *value;
    const char *advice;
  } knobs[] = {
    { "/proc/sys/kernel/unprivileged_userns_clone", "0",
      "kernel.unprivileged_userns_clone=1" },
    { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
      "kernel.apparmor_restrict_unprivileged_userns=0" },
    { "/proc/sys/user/max_user_namespaces", "0",
      "user.max_user_namespaces=10000" },
    { "/proc/sys/user/max_net_namespaces", "0",
      "user.max_net_namespaces=10000" }
  };
  if(access("/dev/net/tun", F_OK)) {
    he_say("lab: there is no /dev/net/tun; as root: modprobe tun; a container "
           "has to be given it, as by docker run --privileged");
    return;
  }
  if(access("/dev/net/tun", R_OK | W_OK)) {
    he_say("lab: /dev/net/tun is not for this user; as root: chmod 666 "
           "/dev/net/tun; or run curl-he lab as root");
    return;
  }
  for(size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
    if(file_says(knobs[i].file, knobs[i].value)) {
      he_say("lab: namespaces are not allowed here; as root: sysctl -w %s%s",
             knobs[i].advice,
             geteuid() ? "; or run curl-he lab as root" : "");
      return;
    }
  }
  if(!has_namespaces())
    he_say(geteuid() ? "lab: root may be able to: sudo curl-he lab" :
           "lab: a container has to be given the rights, as by docker run "
           "--privileged");
}

static int wait_for(pid_t pid)
{
  int status;
  while(waitpid(pid, &status, 0) < 0) {
    if(errno != EINTR) {
      he_say("lab: %s", strerror(errno));
      return HE_EXIT_NO_LAB;
    }
  }
  if(WIFSIGNALED(status))
    return 128 + WTERMSIG(status);
  switch(WEXITSTATUS(status)) {
  case LAB_EXIT_SKIP:
    advise();
    return HE_EXIT_NO_LAB;
  case LAB_EXIT_ERROR:
    return HE_EXIT_NO_LAB;
  default:
    return WEXITSTATUS(status);
  }
}

/* The laboratory's command: "lab -- SELF ARGUMENT...". */
static char **command_of(char *lab, char *self, char **argv)
{
  static char end[] = "--";
  size_t n = 0;
  char **all;
  while(argv[n])
    n++;
  all = calloc(n + 4, sizeof(*all));
  if(all) {
    all[0] = lab;
    all[1] = end;
    all[2] = self;
    memcpy(all + 3, argv, n * sizeof(*argv));
  }
  return all;
}

int he_lab_outside(char **argv)
{
  char self[PATH_MAX], lab[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  char **all;
  pid_t pid;
  self[n > 0 ? n : 0] = 0;
  if(n <= 0 || !find_lab(lab)) {
    he_say("lab: the program that makes laboratories is not found, nor in "
           HE_PKGLIBEXECDIR);
    return HE_EXIT_NO_LAB;
  }
  if(!has_servers())
    return HE_EXIT_NO_LAB;
  all = command_of(lab, self, argv);
  if(!all) {
    he_say("lab: out of memory");
    return HE_EXIT_NO_LAB;
  }
  fflush(stdout);
  pid = fork();
  if(!pid) {
    execv(lab, all);
    he_say("lab: %s: %s", lab, strerror(errno));
    _exit(LAB_EXIT_ERROR);
  }
  free(all);
  if(pid < 0) {
    he_say("lab: %s", strerror(errno));
    return HE_EXIT_NO_LAB;
  }
  return wait_for(pid);
}
