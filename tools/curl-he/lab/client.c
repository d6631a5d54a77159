/* SPDX-License-Identifier: MIT */
#include "client.h"
#include "../command.h"
#include "keeper.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS 1000000

/* Keeps the end of what the client says. False: there is no more. */
static bool listen_to(int fd, struct he_lab_run *run)
{
  char more[HE_LAB_SAID];
  const ssize_t n = read(fd, more, sizeof(more));
  const size_t got = n > 0 ? (size_t)n : 0;
  size_t has = strlen(run->said), drop;
  if(n < 0)
    return errno == EINTR;
  for(size_t i = 0; i < got; i++) {
    if(!more[i])
      more[i] = '?';
  }
  drop = has + got > HE_LAB_SAID ? has + got - HE_LAB_SAID : 0;
  memmove(run->said, run->said + drop, has - drop + 1);
  has -= drop;
  memcpy(run->said + has, more, got);
  run->said[has + got] = 0;
  return n > 0;
}

/* Until the client has ended, or the limit. */
static void attend(int out, int verdict, int64_t until, struct he_lab_run *run,
                   struct he_lab_verdict *v)
{
  struct pollfd p[2] = {
    { .fd = verdict, .events = POLLIN }, { .fd = out, .events = POLLIN }
  };
  for(;;) {
    const int64_t left = (until - lab_now_ns() + NS_PER_MS - 1) / NS_PER_MS;
    if(left <= 0) {
      run->killed = true;
      return;
    }
    if(poll(p, 2, left > 1000 ? 1000 : (int)left) <= 0)
      continue;
    if(p[1].revents && !listen_to(out, run))
      p[1].fd = -1;
    if(p[0].revents) {
      run->killed = read(verdict, v, sizeof(*v)) != (ssize_t)sizeof(*v);
      return;
    }
  }
}

static int each_packet(const struct lab_packet *p, void *user)
{
  he_lab_seen_packet(user, p);
  return 0;
}

/* What the emulator has recorded of it. */
static bool look(struct he_lab_run *run, const struct lab_scenario *s)
{
  int silent = 0;
  he_lab_seen_begin(&run->seen, s);
  if(lab_traffic(each_packet, &run->seen) < 0) {
    he_say("lab: %s", lab_error());
    return false;
  }
  he_lab_seen_end(&run->seen);
  /* The keeper's last look may have been before the last answer. */
  for(size_t i = 0; i < run->seen.ntries; i++)
    silent += run->seen.tries[i].end == HE_LAB_SILENT;
  if(run->left > silent && !run->seen.more)
    run->left = silent;
  return true;
}

static bool watch(const struct he_lab_plan *plan, char **argv,
                  struct he_lab_run *run, const int out[2],
                  const int verdict[2])
{
  struct he_lab_verdict v = { 0, 0, 0 };
  const int64_t begin = lab_now_ns();
  const pid_t pid = he_lab_keeper(argv, out[1], verdict[1]);
  close(out[1]);
  close(verdict[1]);
  if(pid < 0) {
    he_say("lab: no process for the client: %s", strerror(errno));
    return false;
  }
  attend(out[0], verdict[0], begin + (int64_t)(plan->limit_s * 1e9), run, &v);
  run->took_ms = (double)(lab_now_ns() - begin) / 1e6;
  if(run->killed) {
    v.left = lab_syn_sent();
    v.status = SIGKILL;
  }
  kill(pid, SIGKILL);
  while(waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  while(listen_to(out[0], run))
    ;
  run->left = v.left;
  run->left_after = v.left_after;
  run->status = WIFSIGNALED(v.status) ? 128 + WTERMSIG(v.status) :
                WEXITSTATUS(v.status);
  return true;
}

bool he_lab_client(const struct he_lab_plan *plan,
                   const struct lab_scenario *s, struct he_lab_run *run)
{
  int out[2], verdict[2];
  char **argv;
  bool ok;
  memset(run, 0, sizeof(*run));
  if(lab_reset()) {
    he_say("lab: %s", lab_error());
    return false;
  }
  argv = he_lab_place(plan, s);
  if(!argv || pipe2(out, O_CLOEXEC)) {
    he_say("lab: %s", strerror(errno));
    he_lab_place_free(argv);
    return false;
  }
  ok = !pipe2(verdict, O_CLOEXEC);
  if(!ok) {
    he_say("lab: %s", strerror(errno));
    close(out[1]);
  }
  else {
    ok = watch(plan, argv, run, out, verdict) && look(run, s);
    close(verdict[0]);
  }
  close(out[0]);
  he_lab_place_free(argv);
  return ok;
}
