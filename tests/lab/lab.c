/* SPDX-License-Identifier: MIT */
/* lab - runs a command inside a laboratory network and leaves nothing behind.
 *
 *   lab (outside; waits, passes signals on)
 *    \_ init, PID 1 of a new PID namespace: sets everything up
 *        |_ servers     network namespace of the server
 *        |_ emulator    owns the TUN devices of both
 *        \_ COMMAND     network namespace of the client
 *
 * However the lab ends, the kernel kills init with it, and everything in the
 * PID namespace with init. All files are in a tmpfs, and all devices in
 * namespaces, that only those processes hold: they vanish with the last. */
#include "emulator.h"
#include "labctl.h"
#include "netns.h"
#include "run.h"
#include "servers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_NS 300000000 /* for the command, to end by itself */
#define START_NS 15000000000
#define NS_PER_S 1000000000

struct lab {
  char **command;
  bool proxy;
  bool resolvers;
  sigset_t signals;  /* blocked and waited for, here and in init */
  sigset_t old_mask; /* what the command gets back */
  struct lab_server servers[LAB_SERVERS];
  pid_t emulator;
};

/* The folder of the servers' configurations: beside this program where that
 * was built, or where it is installed, wherever that has been moved to. */
static const char *template_dir(void)
{
  static const char *const from[] = { "", "/../../share/curl-he/lab" };
  static char dir[PATH_MAX];
  char self[PATH_MAX - 64];
  char path[PATH_MAX + 64];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
  size_t i;
  if(getenv("HE_LAB_DIR"))
    return getenv("HE_LAB_DIR");
  self[n > 0 ? n : 0] = 0;
  if(strrchr(self, '/'))
    *strrchr(self, '/') = 0;
  for(i = 0; *self && i < sizeof(from) / sizeof(*from); i++) {
    snprintf(dir, sizeof(dir), "%s%s", self, from[i]);
    snprintf(path, sizeof(path), "%s/nsd.conf.in", dir);
    if(!access(path, R_OK))
      return dir;
  }
  return LAB_DIR;
}

/* A status of waitpid() as a shell would tell it. */
static int exit_code(int status)
{
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits for one of the signals until a time; 0: that time has come. */
static int next_signal(const sigset_t *set, int64_t until, siginfo_t *info)
{
  for(;;) {
    struct timespec t;
    int64_t left = until - lab_now_ns();
    int sig;
    if(left < 0)
      left = 0;
    t.tv_sec = left / NS_PER_S;
    t.tv_nsec = left % NS_PER_S;
    sig = sigtimedwait(set, info, &t);
    if(sig > 0)
      return sig;
    if(errno == EAGAIN)
      return 0;
  }
}

/* A signal from the terminal has reached the command too; what was sent to
 * the lab alone has not. */
static bool from_terminal(int sig, const siginfo_t *info)
{
  return (sig == SIGINT || sig == SIGQUIT) && info->si_code == SI_KERNEL;
}

static int listen_control(void)
{
  struct sockaddr_un sa;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  memset(&sa, 0, sizeof(sa));
  sa.sun_family = AF_UNIX;
  strcpy(sa.sun_path, LAB_CONTROL);
  if(fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
     listen(fd, 16))
    lab_cannot("control socket: %s", strerror(errno));
  return fd;
}

static void start_emulator(struct lab *lab, int client_tun, int server_tun)
{
  int listener = listen_control();
  lab->emulator = fork();
  if(lab->emulator < 0)
    lab_cannot("fork: %s", strerror(errno));
  if(!lab->emulator) {
    setsid();
    _exit(lab_emulate(client_tun, server_tun, listener));
  }
  close(client_tun);
  close(server_tun);
  close(listener);
}

/* Takes note of a child that ended. Returns the command's exit code, or -1
 * as long as the command runs. */
static int reap(const struct lab *lab, pid_t command)
{
  int status;
  pid_t pid;
  while((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    const struct lab_server *server = lab_servers_find(lab->servers, pid);
    if(pid == command)
      return exit_code(status);
    if(server)
      lab_servers_show(server);
    if(server || pid == lab->emulator) {
      fprintf(stderr, "lab: broken, giving up\n");
      return LAB_EXIT_ERROR;
    }
  }
  return -1;
}

/* Exits where a signal comes, a server ends, or the time is over. */
static void wait_until_ready(const struct lab *lab)
{
  int64_t limit = lab_now_ns() + START_NS;
  while(!lab_servers_ready(lab->servers)) {
    siginfo_t info;
    int sig = next_signal(&lab->signals, lab_now_ns() + 2000000, &info);
    if(sig == SIGCHLD) {
      int code = reap(lab, 0);
      if(code >= 0)
        exit(code);
    }
    else if(sig)
      exit(128 + sig);
    if(lab_now_ns() > limit) {
      fprintf(stderr, "lab: the servers do not answer\n");
      exit(LAB_EXIT_ERROR);
    }
  }
}

/* The environment says nothing of the network outside. */
static void prepare_environment(void)
{
  static const char *const gone[] = {
    "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
    "RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES", NULL
  };
  size_t i;
  for(i = 0; gone[i]; i++)
    unsetenv(gone[i]);
  setenv("HE_LAB", "1", 1);
  setenv("HE_LAB_CONTROL", LAB_CONTROL, 1);
  setenv("HE_LAB_CA", LAB_CA, 1);
}

static pid_t start_command(const struct lab *lab)
{
  pid_t pid = fork();
  if(pid < 0)
    lab_cannot("fork: %s", strerror(errno));
  if(!pid) {
    int code;
    sigprocmask(SIG_SETMASK, &lab->old_mask, NULL);
    execvp(lab->command[0], lab->command);
    code = errno == ENOENT ? 127 : 126;
    fprintf(stderr, "lab: %s: %s\n", lab->command[0], strerror(errno));
    _exit(code);
  }
  return pid;
}

static int attend(const struct lab *lab, pid_t command)
{
  for(;;) {
    siginfo_t info;
    int sig = sigwaitinfo(&lab->signals, &info);
    if(sig == SIGCHLD) {
      int code = reap(lab, command);
      if(code >= 0)
        return code;
    }
    else if(sig > 0 && !from_terminal(sig, &info))
      kill(command, sig);
  }
}

/* Dies with the lab, also when that died before we asked to. */
static void follow(int alive)
{
  struct pollfd p = { .fd = alive, .events = POLLIN };
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if(poll(&p, 1, 0))
    exit(LAB_EXIT_ERROR);
}

static int init(struct lab *lab)
{
  int server_tun;
  int client_tun;
  lab_mounts();
  server_tun = lab_server_net();
  lab_note("server's network set up");
  lab_servers_start(lab->servers, template_dir(), lab->proxy, lab->resolvers);
  client_tun = lab_client_net();
  lab_note("client's network set up");
  start_emulator(lab, client_tun, server_tun);
  wait_until_ready(lab);
  lab_note("servers answer");
  prepare_environment();
  if(lab_reset()) {
    fprintf(stderr, "lab: %s\n", lab_error());
    return LAB_EXIT_ERROR;
  }
  return attend(lab, start_command(lab));
}

/* fork() into new namespaces, with one for users where that is needed. */
static pid_t fork_init(bool *new_user)
{
  unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | SIGCHLD;
  long pid = -1;
  *new_user = false;
  if(!geteuid())
    pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
  if(pid < 0) {
    *new_user = true;
    flags |= CLONE_NEWUSER;
    pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
  }
  if(pid < 0)
    lab_cannot("no new namespaces: %s", strerror(errno));
  return (pid_t)pid;
}

/* Until init ends: passes signals on to it, and ends it itself when it takes
 * too long over one. */
static int watch_over(const struct lab *lab, pid_t pid)
{
  int64_t limit = INT64_MAX;
  int status;
  for(;;) {
    siginfo_t info;
    int sig = next_signal(&lab->signals, limit, &info);
    if(!sig) {
      kill(pid, SIGKILL);
      limit = INT64_MAX;
    }
    else if(sig == SIGCHLD) {
      if(waitpid(pid, &status, WNOHANG) == pid)
        return exit_code(status);
    }
    else if(!from_terminal(sig, &info)) {
      kill(pid, sig);
      limit = lab_now_ns() + GRACE_NS;
    }
  }
}

static void block_signals(struct lab *lab)
{
  sigemptyset(&lab->signals);
  sigaddset(&lab->signals, SIGCHLD);
  sigaddset(&lab->signals, SIGINT);
  sigaddset(&lab->signals, SIGQUIT);
  sigaddset(&lab->signals, SIGTERM);
  sigaddset(&lab->signals, SIGHUP);
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &lab->signals, &lab->old_mask);
}

static bool parse(struct lab *lab, char **argv)
{
  for(argv++; *argv && argv[0][0] == '-'; argv++) {
    if(!strcmp(*argv, "--verbose"))
      lab_verbose = true;
    else if(!strcmp(*argv, "--proxy"))
      lab->proxy = true;
    else if(!strcmp(*argv, "--resolvers"))
      lab->resolvers = true;
    else if(!strcmp(*argv, "--")) {
      argv++;
      break;
    }
    else
      return false;
  }
  lab->command = argv;
  return *argv != NULL;
}

int main(int argc, char **argv)
{
  static struct lab lab;
  unsigned int uid = geteuid();
  unsigned int gid = getegid();
  pid_t parent = getppid();
  bool new_user;
  int alive[2];
  pid_t pid;
  if(argc < 2 || !parse(&lab, argv)) {
    fputs("usage: lab [--verbose] [--proxy] [--resolvers] -- COMMAND "
          "[ARGUMENT...]\n", stderr);
    return 2;
  }
  lab_note("begin");
  block_signals(&lab);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if(getppid() != parent)
    return LAB_EXIT_ERROR;
  if(pipe2(alive, O_CLOEXEC))
    lab_cannot("pipe: %s", strerror(errno));
  pid = fork_init(&new_user);
  if(!pid) {
    close(alive[1]);
    follow(alive[0]);
    if(new_user)
      lab_become_root(uid, gid);
    exit(init(&lab));
  }
  close(alive[0]);
  return watch_over(&lab, pid);
}
