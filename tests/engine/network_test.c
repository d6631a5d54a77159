/* SPDX-License-Identifier: MIT */
/* network_test.c - messages of any kind in the place of the kernel's, and the
 * number as the host this runs on has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common.h"
#include "net/network.h"
#include "net/network_route.h"
#include "net/pref64.h"
#include "base/clock.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- a message, part by part -- */

static union {
  struct nlmsghdr h;
  unsigned char bytes[512];
} msg;

static void begin(uint16_t type, uint32_t seq, const void *head, size_t len)
{
  memset(&msg, 0, sizeof(msg));
  msg.h.nlmsg_type = type;
  msg.h.nlmsg_seq = seq;
  memcpy(msg.bytes + NLMSG_HDRLEN, head, len);
  msg.h.nlmsg_len = (uint32_t)NLMSG_SPACE(len);
}

static void attribute(uint16_t type, const void *data, size_t len)
{
  struct rtattr a = { .rta_type = type };
  a.rta_len = (uint16_t)RTA_LENGTH(len);
  memcpy(msg.bytes + msg.h.nlmsg_len, &a, sizeof(a));
  memcpy(msg.bytes + msg.h.nlmsg_len + RTA_LENGTH(0), data, len);
  msg.h.nlmsg_len += (uint32_t)RTA_SPACE(len);
}

static void begin_route(uint8_t family, uint8_t type)
{
  struct rtmsg m = { .rtm_family = family, .rtm_type = type };
  begin(RTM_NEWROUTE, 7, &m, sizeof(m));
}

static const uint8_t source[4] = { 192, 0, 2, 5 };
static const uint8_t gateway[4] = { 192, 0, 2, 1 };
static const uint8_t via[18] = { 10, 0, 0xfe, 0x80, 9 };
static const unsigned device = 3;

static void a_route(void)
{
  begin_route(AF_INET, RTN_UNICAST);
  attribute(RTA_PREFSRC, source, 4);
  attribute(RTA_GATEWAY, gateway, 4);
  attribute(RTA_OIF, &device, 4);
}

static enum he_route_answer parse(struct he_route *out)
{
  return he_route_parse(&msg, msg.h.nlmsg_len, HE_IPV4, 7, out);
}

static void routes(void **state)
{
  struct he_route r;
  (void)state;
  a_route();
  assert_int_equal(parse(&r), HE_ROUTE_FOUND);
  assert_memory_equal(r.source, source, 4);
  assert_memory_equal(r.gateway, gateway, 4);
  assert_int_equal(r.device, device);
  assert_int_equal(he_route_parse(&msg, msg.h.nlmsg_len, HE_IPV4, 8, &r),
                   HE_ROUTE_OTHER);
  assert_int_equal(he_route_parse(&msg, msg.h.nlmsg_len, HE_IPV6, 7, &r),
                   HE_ROUTE_REFUSED);
  attribute(RTA_VIA, via, sizeof(via));
  assert_int_equal(parse(&r), HE_ROUTE_FOUND);
  assert_memory_equal(r.gateway, via, sizeof(via));
  begin_route(AF_INET, RTN_UNREACHABLE);
  assert_int_equal(parse(&r), HE_ROUTE_NONE);
}

static enum he_route_answer error_of(int error)
{
  struct he_route r;
  struct nlmsgerr e = { .error = -error };
  begin(NLMSG_ERROR, 7, &e, sizeof(e));
  return parse(&r);
}

static void errors(void **state)
{
  (void)state;
  assert_int_equal(error_of(ENETUNREACH), HE_ROUTE_NONE);
  assert_int_equal(error_of(EHOSTUNREACH), HE_ROUTE_NONE);
  assert_int_equal(error_of(EPERM), HE_ROUTE_REFUSED);
  assert_int_equal(error_of(EOPNOTSUPP), HE_ROUTE_REFUSED);
  assert_int_equal(error_of(0), HE_ROUTE_REFUSED);
}

/* Attributes that say they are longer or shorter than they are. */
static void wrong_lengths(void **state)
{
  struct he_route r;
  struct rtattr *a = (void *)(msg.bytes + NLMSG_SPACE(sizeof(struct rtmsg)));
  (void)state;
  a_route();
  a->rta_len = 3;
  assert_int_equal(parse(&r), HE_ROUTE_REFUSED);
  a_route();
  a->rta_len = 400;
  assert_int_equal(parse(&r), HE_ROUTE_REFUSED);
  a_route();
  a->rta_len = 6;           /* not an address, but well formed up to here */
  a->rta_type = RTA_PREFSRC;
  assert_int_not_equal(parse(&r), HE_ROUTE_OTHER);
  a_route();
  msg.h.nlmsg_len = 15;
  assert_int_equal(he_route_parse(&msg, 100, HE_IPV4, 7, &r), HE_ROUTE_OTHER);
  msg.h.nlmsg_len = 101;
  assert_int_equal(he_route_parse(&msg, 100, HE_IPV4, 7, &r), HE_ROUTE_OTHER);
  msg.h.nlmsg_len = NLMSG_LENGTH(4);
  assert_int_equal(parse(&r), HE_ROUTE_REFUSED);
}

/* Bytes by chance, in memory of just that length: for the sanitizers. */
static void anything(void **state)
{
  (void)state;
  for(unsigned n = rounds(200000); n; n--) {
    size_t len = roll(120);
    unsigned char *bytes = malloc(len + 1);
    struct he_route r;
    assert_non_null(bytes);
    a_route();
    memcpy(bytes, &msg, len);
    for(unsigned k = roll(6); k && len; k--)
      bytes[roll((unsigned)len)] = (unsigned char)roll(roll(2) ? 8 : 256);
    bytes = realloc(bytes, len ? len : 1);
    assert_non_null(bytes);
    he_route_parse(bytes, len, HE_IPV4, 7, &r);
    he_route_parse(bytes, len, HE_IPV6, 7, &r);
    he_route_news(bytes, len);
    free(bytes);
  }
}

static bool news_of_route(uint8_t dst_len)
{
  struct rtmsg m = { .rtm_family = AF_INET, .rtm_dst_len = dst_len };
  begin(RTM_NEWROUTE, 0, &m, sizeof(m));
  return he_route_news(&msg, msg.h.nlmsg_len);
}

static bool news_of_address(uint8_t scope)
{
  struct ifaddrmsg m = { .ifa_family = AF_INET6, .ifa_scope = scope };
  begin(RTM_NEWADDR, 0, &m, sizeof(m));
  return he_route_news(&msg, msg.h.nlmsg_len);
}

static void news(void **state)
{
  struct ndmsg neighbour = { .ndm_family = AF_INET };
  (void)state;
  assert_true(news_of_route(0));
  assert_true(news_of_route(1));
  assert_false(news_of_route(24));
  assert_true(news_of_address(RT_SCOPE_UNIVERSE));
  assert_false(news_of_address(RT_SCOPE_LINK));
  assert_false(news_of_address(RT_SCOPE_HOST));
  begin(RTM_NEWNEIGH, 0, &neighbour, sizeof(neighbour));
  assert_false(he_route_news(&msg, msg.h.nlmsg_len));
}

/* -- this host -- */

static void here(void **state)
{
  struct he_network *n = he_network_open();
  struct he_network *other = he_network_open();
  uint64_t id;
  int fds[2];
  int status;
  pid_t pid;
  (void)state;
  assert_non_null(n);
  assert_non_null(other);
  assert_true(he_network_id(n) != 0);
  assert_true(he_network_id(n) == he_network_id(other));
  he_network_close(other);
  assert_int_equal(pipe(fds), 0);
  pid = fork();
  if(!pid) {
    other = he_network_open();
    id = he_network_id(other);
    he_network_close(other);
    _exit(write(fds[1], &id, sizeof(id)) != sizeof(id));
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_int_equal(read(fds[0], &id, sizeof(id)), sizeof(id));
  assert_true(id == he_network_id(n));
  close(fds[0]);
  close(fds[1]);
  he_network_close(n);
  he_network_close(NULL);
}

/* No other process can pretend to be the kernel. */
static void pretender(void **state)
{
  struct he_network *n = he_network_open();
  struct sockaddr_nl to = { .nl_family = AF_NETLINK };
  socklen_t len = sizeof(to);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  uint64_t id = he_network_id(n);
  (void)state;
  if(he_network_fd(n) < 0 || fd < 0)
    skip();
  assert_int_equal(getsockname(he_network_fd(n), (struct sockaddr *)&to,
                               &len), 0);
  assert_true(news_of_route(0));
  sendto(fd, &msg, msg.h.nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to));
  assert_false(he_network_readable(n));
  assert_true(he_network_id(n) == id);
  close(fd);
  he_network_close(n);
}

static void leaves_nothing(void **state)
{
  (void)state;
  count_start();
  for(int i = 0; i < 20; i++) {
    struct he_network *n = he_network_open();
    assert_false(he_network_refresh(n));
    he_network_close(n);
  }
  assert_int_equal(fds_left(), 0);
}

/* -- what routers advertise -- */

/* A prefix that is valid for long. */
static struct he_pref64 advertised(uint8_t byte, unsigned index)
{
  struct he_pref64 p = { .device = index, .lifetime_s = 65528 };
  uint8_t option[16] = { 38, 2, 0, 0, 0x3f, 0xff, 0, byte };
  unsigned lifetime;
  assert_true(he_nat64_option(option, sizeof(option), &p.prefix, &lifetime));
  return p;
}

static size_t known_at(he_time_ns now)
{
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
  return he_pref64_known(list, now);
}

/* On one device, whose network is another one at 100 s. */
static void prefix_moves(void **state)
{
  struct he_pref64_place at = { .id = 1, .way = 1, .device = 3 };
  const struct he_pref64 old = advertised(1, 3), fresh = advertised(2, 3);
  struct he_nat64_prefix list[HE_NAT64_PREFIXES];
  unsigned before;
  (void)state;
  he_pref64_here(&at, HE_MS(1000));
  before = he_pref64_network();
  he_pref64_told(&old, HE_MS(1000));
  at.id = 2;                  /* of IPv4 */
  he_pref64_here(&at, HE_MS(50000));
  assert_int_equal(known_at(HE_MS(50000)), 1);
  he_pref64_told(&fresh, HE_MS(97000));
  assert_int_equal(known_at(HE_MS(97000)), 2);
  at.id = 3;
  at.way = 2;
  he_pref64_here(&at, HE_MS(100000));
  assert_int_equal(he_pref64_known(list, HE_MS(100000)), 1);
  assert_true(he_nat64_equal(&list[0], &fresh.prefix));
  assert_int_equal(he_pref64_network(), before + 2);
  /* nothing is wrong with it while nothing moves */
  he_pref64_here(&at, HE_MS(900000));
  assert_int_equal(known_at(HE_MS(900000)), 1);
  at.way = 3;
  he_pref64_here(&at, HE_MS(900000));
  assert_int_equal(known_at(HE_MS(900000)), 0);
}

static bool command(const char *line)
{
  return !system(line);
}

/* The kernel's own way out: another IPv4 address is no other network for IPv6,
   another router is. It was not watched all the time. */
static void prefix_leaves(void **state)
{
  struct he_network *n;
  struct he_pref64 p;
  (void)state;
  if((unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) ||
     !command("exec 2>/dev/null; ip link set lo up && "
              "ip link add out type veth peer name in && "
              "ip link set in up && ip link set out up && "
              "ip addr add 2001:db8:1::2/64 dev out nodad && "
              "ip route add default via 2001:db8:1::1"))
    skip();
  n = he_network_open();
  assert_non_null(n);
  p = advertised(3, if_nametoindex("out"));
  he_pref64_told(&p, he_clock_boot() - HE_MS(60000));
  assert_int_equal(known_at(he_clock_boot()), 1);
  assert_true(command("ip addr add 192.0.2.2/24 dev out && "
                      "ip route add default via 192.0.2.1"));
  assert_true(he_network_refresh(n));
  assert_int_equal(known_at(he_clock_boot()), 1);
  he_network_close(n);
  assert_true(command("ip route replace default via 2001:db8:1::3"));
  n = he_network_open();
  assert_int_equal(known_at(he_clock_boot()), 0);
  he_network_close(n);
}

static int seed(void **state)
{
  (void)state;
  test_seed();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(routes),
    cmocka_unit_test(errors),
    cmocka_unit_test(wrong_lengths),
    cmocka_unit_test(anything),
    cmocka_unit_test(news),
    cmocka_unit_test(here),
    cmocka_unit_test(pretender),
    cmocka_unit_test(leaves_nothing),
    cmocka_unit_test(prefix_moves),
    cmocka_unit_test(prefix_leaves)   /* the last: it leaves this network */
  };
  return cmocka_run_group_tests(tests, seed, NULL);
}
