/* SPDX-License-Identifier: MIT */
/* moving_test.c - the laboratory's client goes to other networks and comes
 * back (scenario 20), and meets with what is no move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "net/network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct he_network *net;
static uint64_t home;

static void ip(const char *arguments)
{
  char line[256];
  snprintf(line, sizeof(line), "ip %s", arguments);
  assert_int_equal(system(line), 0);
}

/* Another device, with a carrier until it is closed, which removes it. (Not
   all kernels have dummies.) */
static int add_device(const char *name)
{
  struct ifreq req;
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  assert_true(fd >= 0);
  memset(&req, 0, sizeof(req));
  strcpy(req.ifr_name, name);
  req.ifr_flags = IFF_TUN | IFF_NO_PI;
  assert_int_equal(ioctl(fd, TUNSETIFF, &req), 0);
  return fd;
}

/* The kernel tells before `ip` ends; it may tell a little more later (of
   duplicate address detection). */
static bool moved(void)
{
  struct pollfd p = { .fd = he_network_fd(net), .events = POLLIN };
  uint64_t before = he_network_id(net);
  assert_true(p.fd >= 0);
  while(poll(&p, 1, 50) > 0)
    he_network_readable(net);
  return he_network_id(net) != before;
}

/* What a process sees that starts now. */
static uint64_t in_new_process(void)
{
  uint64_t id = 0;
  int fds[2];
  int status;
  pid_t pid;
  assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
  pid = fork();
  if(!pid) {
    struct he_network *n = he_network_open();
    id = he_network_id(n);
    _exit(write(fds[1], &id, sizeof(id)) != sizeof(id));
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_int_equal(read(fds[0], &id, sizeof(id)), sizeof(id));
  close(fds[0]);
  close(fds[1]);
  return id;
}

static void assert_home(void)
{
  assert_true(he_network_id(net) == home);
  assert_true(in_new_process() == home);
}

static void assert_away(void)
{
  assert_true(he_network_id(net) != home);
  assert_true(in_new_process() == he_network_id(net));
}

static void at_home(void **state)
{
  (void)state;
  assert_home();
}

static void another_network(void **state)
{
  (void)state;
  ip("addr del 3fff:c::2/64 dev lab0");
  ip("addr del 198.18.0.2/24 dev lab0");
  ip("addr add 3fff:d::2/64 dev lab0 nodad");
  ip("addr add 198.18.7.2/16 dev lab0");
  ip("route replace default dev lab0");
  assert_true(moved());
  assert_away();
  ip("addr del 3fff:d::2/64 dev lab0");
  ip("addr del 198.18.7.2/16 dev lab0");
  ip("addr add 3fff:c::2/64 dev lab0 nodad");
  ip("addr add 198.18.0.2/24 dev lab0");
  ip("route replace default dev lab0");
  assert_true(moved());
  assert_home();
}

static void one_family(void **state)
{
  (void)state;
  ip("-6 route del default");
  assert_true(moved());
  assert_away();
  ip("-6 route add default dev lab0");
  assert_true(moved());
  assert_home();
  ip("-4 route del default");
  assert_true(moved());
  assert_away();
  ip("-4 route add default dev lab0");
  assert_true(moved());
  assert_home();
}

static void another_router(void **state)
{
  uint64_t away;
  (void)state;
  ip("route replace default via 198.18.0.1 dev lab0");
  assert_true(moved());
  away = he_network_id(net);
  ip("route replace default via 198.18.0.9 dev lab0");
  assert_true(moved());
  assert_away();
  assert_true(he_network_id(net) != away);
  ip("route replace default dev lab0");
  assert_true(moved());
  assert_home();
}

/* A tunnel that takes all: two halves, above the real default route. */
static void tunnel(void **state)
{
  int device;
  (void)state;
  device = add_device("he-tun");
  ip("addr add 198.51.100.7/24 dev he-tun");
  ip("link set he-tun up");
  assert_false(moved());
  ip("route add 0.0.0.0/1 dev he-tun");
  ip("route add 128.0.0.0/1 dev he-tun");
  assert_true(moved());
  assert_away();
  /* it goes down, and its routes with it, of which the kernel says nothing */
  ip("link set he-tun down");
  assert_true(moved());
  assert_home();
  close(device);
  assert_false(moved());
}

/* A table of its own, by a rule (as WireGuard does it). */
static void rule(void **state)
{
  int device;
  (void)state;
  device = add_device("he-wg");
  ip("addr add 198.51.100.9/24 dev he-wg");
  ip("link set he-wg up");
  ip("route add default dev he-wg table 51820");
  moved();
  assert_home();
  ip("rule add not fwmark 51820 table 51820");
  assert_true(moved());
  assert_away();
  ip("rule del not fwmark 51820 table 51820");
  assert_true(moved());
  assert_home();
  close(device);
  assert_false(moved());
}

static void no_move(void **state)
{
  int device;
  (void)state;
  /* another device, as of containers */
  device = add_device("he-other");
  ip("addr add 172.31.0.1/16 dev he-other");
  ip("addr add 3fff:e::1/64 dev he-other nodad");
  ip("link set he-other up");
  assert_false(moved());
  ip("route add 203.0.113.0/24 dev he-other");
  assert_false(moved());
  /* a second default route, for when the first is gone */
  ip("route add default dev he-other metric 4000");
  ip("-6 route add default dev he-other metric 4000");
  assert_false(moved());
  assert_home();
  close(device);
  assert_false(moved());
  /* a temporary address, the older one deprecated */
  ip("addr add 3fff:c::1234:5678/64 dev lab0 nodad preferred_lft 1000"
     " valid_lft 2000");
  ip("addr change 3fff:c::2/64 dev lab0 preferred_lft 0");
  assert_false(moved());
  ip("addr change 3fff:c::1234:5678/64 dev lab0 preferred_lft 900"
     " valid_lft 1900");
  assert_false(moved());
  ip("addr change 3fff:c::2/64 dev lab0 preferred_lft forever");
  ip("addr del 3fff:c::1234:5678/64 dev lab0");
  assert_false(moved());
  /* one that no one else has confirmed yet */
  ip("addr add 3fff:f::2/64 dev lab0 preferred_lft 0");
  assert_false(moved());
  ip("addr del 3fff:f::2/64 dev lab0");
  assert_false(moved());
  assert_home();
}

static void alone(void **state)
{
  uint64_t away;
  (void)state;
  ip("-6 route del default");
  ip("-4 route del default");
  assert_true(moved());
  assert_away();
  away = he_network_id(net);
  ip("addr add 198.51.100.1/24 dev lab0");
  assert_true(moved());
  assert_true(he_network_id(net) != away);
  ip("addr del 198.51.100.1/24 dev lab0");
  assert_true(moved());
  assert_true(he_network_id(net) == away);
  ip("-4 route add default dev lab0");
  ip("-6 route add default dev lab0");
  assert_true(moved());
  assert_home();
}

/* More than the kernel keeps for one socket: it says so, and all is looked at
   again. */
static void flood(void **state)
{
  FILE *batch;
  (void)state;
  batch = popen("ip -batch -", "w");
  assert_non_null(batch);
  for(int i = 0; i < 3000; i++)
    fprintf(batch, "addr %s 3fff:f::2/64 dev lab0 nodad\n",
            i % 2 ? "del" : "add");
  fprintf(batch, "route del default\n");
  assert_int_equal(pclose(batch), 0);
  assert_true(moved());
  assert_away();
  ip("-4 route add default dev lab0");
  assert_true(moved());
  assert_home();
}

/* -- a sandbox without netlink -- */

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* socket(AF_NETLINK, ...) is not permitted. */
static bool forbid_netlink(void)
{
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    ALLOW,
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
             offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0),
    ALLOW,
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
  };
  struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
         !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Tells its number at once and, after a byte from the parent, again. */
static void sandboxed(int in, int out)
{
  struct he_network *n;
  uint64_t id;
  char byte;
  if(!forbid_netlink())
    _exit(77);
  n = he_network_open();
  if(!n || he_network_fd(n) >= 0)
    _exit(1);
  do {
    he_network_refresh(n);
    id = he_network_id(n);
    if(write(out, &id, sizeof(id)) != sizeof(id))
      _exit(2);
  } while(read(in, &byte, 1) == 1);
  he_network_close(n);
  _exit(0);
}

static uint64_t next_number(int to, int from)
{
  uint64_t id = 0;
  if(to >= 0)
    assert_int_equal(write(to, "", 1), 1);
  assert_int_equal(read(from, &id, sizeof(id)), sizeof(id));
  return id;
}

static void sandbox(void **state)
{
  int to[2], from[2];
  uint64_t first;
  int status, device;
  pid_t pid;
  (void)state;
  assert_int_equal(pipe2(to, O_CLOEXEC), 0);
  assert_int_equal(pipe2(from, O_CLOEXEC), 0);
  pid = fork();
  if(!pid) {
    close(to[1]);
    sandboxed(to[0], from[1]);
  }
  close(from[1]);
  first = next_number(-1, from[0]);
  assert_true(first != 0);
  device = add_device("he-other");
  ip("addr add 172.31.0.1/16 dev he-other");
  assert_true(next_number(to[1], from[0]) == first);
  close(device);
  ip("addr del 198.18.0.2/24 dev lab0");
  ip("addr add 198.18.7.2/16 dev lab0");
  ip("route replace default dev lab0");
  assert_true(next_number(to[1], from[0]) != first);
  ip("addr del 198.18.7.2/16 dev lab0");
  ip("addr add 198.18.0.2/24 dev lab0");
  ip("route replace default dev lab0");
  assert_true(next_number(to[1], from[0]) == first);
  close(to[1]);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  close(to[0]);
  close(from[0]);
}

static int set_up(void **state)
{
  (void)state;
  net = he_network_open();
  home = net ? he_network_id(net) : 0;
  return net ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  he_network_close(net);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(at_home),
    cmocka_unit_test(another_network),
    cmocka_unit_test(one_family),
    cmocka_unit_test(another_router),
    cmocka_unit_test(tunnel),
    cmocka_unit_test(rule),
    cmocka_unit_test(no_move),
    cmocka_unit_test(alone),
    cmocka_unit_test(flood),
    cmocka_unit_test(sandbox)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
