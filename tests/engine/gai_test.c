/* SPDX-License-Identifier: MIT */
/* gai_test.c - the order that getaddrinfo(AF_UNSPEC) gives, compared with the
 * families' own orders merged by what curl-he reads in gai.conf.
 *
 * In namespaces of its own: random addresses and routes on an interface, a
 * name server with a random answer, a random gai.conf. As root, or where users
 * may have namespaces; else the tests are skipped. HE_SEED repeats the rounds,
 * HE_ROUNDS makes more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "resolve/gai.h"
#include "resolve/resolver.h"
#include "resolve/sources.h"

#define NAME "he.test"
#define MOST 12               /* addresses of a family: fits into 512 bytes */

/* -- a name server -- */

static struct answer {
  uint8_t ip[HE_FAMILIES][MOST][16];
  unsigned n[HE_FAMILIES];
} *answer;                    /* shared with the server's process */

/* What the rounds came across; shared with the children. */
static struct seen {
  unsigned both;              /* answers with addresses of both families */
  unsigned sourceless, deprecated, home, native, foreign;
} *seen;

/* The question is copied, then come the addresses of its family. */
static size_t reply(uint8_t *m, size_t len)
{
  size_t end = 12;
  enum he_family f;
  while(end < len && m[end])
    end += m[end] + 1u;
  end += 5;                   /* the zero, type and class */
  if(end > len)
    return 0;
  f = m[end - 3] == 28 ? HE_IPV6 : HE_IPV4;
  m[2] |= 0x80;               /* an answer */
  m[3] = 0x80;                /* no error */
  m[7] = (uint8_t)answer->n[f];
  m[8] = m[9] = m[10] = m[11] = 0;
  for(unsigned i = 0; i < answer->n[f]; i++) {
    const uint8_t size = f == HE_IPV6 ? 16 : 4;
    const uint8_t head[] = { 0xc0, 12, 0, f == HE_IPV6 ? 28 : 1, 0, 1,
                             0, 0, 0, 60, 0, size };
    memcpy(m + end, head, sizeof(head));
    memcpy(m + end + sizeof(head), answer->ip[f][i], size);
    end += sizeof(head) + size;
  }
  return end;
}

static void serve(int fd)
{
  uint8_t m[2048];
  struct sockaddr_in from;
  for(;;) {
    socklen_t len = sizeof(from);
    const ssize_t got = recvfrom(fd, m, 512, 0, (struct sockaddr *)&from,
                                 &len);
    const size_t out = got > 12 ? reply(m, (size_t)got) : 0;
    if(out)
      sendto(fd, m, out, 0, (struct sockaddr *)&from, len);
  }
}

static void *shared(size_t n)
{
  void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
  assert_true(at != MAP_FAILED);
  return at;
}

static bool start_server(void)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  answer = shared(sizeof(*answer));
  seen = shared(sizeof(*seen));
  if(bind(fd, (struct sockaddr *)&at, sizeof(at)))
    return false;
  if(!fork()) {
    end_with_parent();
    serve(fd);
  }
  close(fd);
  return true;
}

/* -- namespaces -- */

static const char *missing = "not set up";   /* why nothing can be tested */

static void write_file(const char *name, const char *text, size_t n)
{
  FILE *f = fopen(name, "we");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static void write_text(const char *name, const char *text)
{
  write_file(name, text, strlen(text));
}

static bool own_namespaces(void)
{
  const int flags = CLONE_NEWNS | CLONE_NEWNET;
  const unsigned user = geteuid(), group = getegid();
  char map[64];
  if(!unshare(flags))
    return true;
  if(unshare(flags | CLONE_NEWUSER))
    return false;
  write_text("/proc/self/setgroups", "deny");
  snprintf(map, sizeof(map), "0 %u 1", user);
  write_text("/proc/self/uid_map", map);
  snprintf(map, sizeof(map), "0 %u 1", group);
  write_text("/proc/self/gid_map", map);
  return true;
}

/* The output of `ip` is of no use: some things a kernel may not have. */
static void ip_batch(const char *four, const char *six)
{
  write_text("/etc/ip4", four);
  write_text("/etc/ip6", six);
  assert_true(system("{ ip -4 -force -batch /etc/ip4\n"
                     "ip -6 -force -batch /etc/ip6; } >/dev/null 2>&1") != -1);
}

static int set_up(void **state)
{
  (void)state;
  if(!own_namespaces())
    missing = "no namespaces here";
  else if(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
          mount("etc", "/etc", "tmpfs", 0, NULL))
    missing = "no mounts here";
  else if(system("ip -V >/dev/null 2>&1"))
    missing = "no ip (iproute2) here";
  else {
    write_text("/etc/nsswitch.conf", "hosts: dns\n");
    write_text("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    ip_batch("link set lo up\n"
             "link add v0 type veth peer name v1\n"
             "link set v0 addrgenmode none\n"
             "link set v1 addrgenmode none\n"
             "link set v1 up\nlink set v0 up\n"
             "tuntap add t0 mode tun\nlink set t0 up\n", "");
    missing = start_server() ? NULL : "no name server here";
  }
  if(missing)
    print_message("# skipped: %s\n", missing);
  return 0;
}

/* -- chance -- */

static const char *const sources[] = {
  "2001:db8:1::9/64", "2001:db8:2::9/64 preferred_lft 0", "fd00:1::9/64",
  "fd00:2::9/48 preferred_lft 0", "2002:c000:204::9/48", "2001:0:1::9/64",
  "fec0::9/64", "fe80::9/64", "2001:db8:3::9/64 home",
  "10.0.0.9/8", "192.0.2.9/24", "169.254.0.9/16",
  "198.51.100.9/25 preferred_lft 0", "172.16.0.9/12"
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static size_t say(char *out, size_t at, size_t room, const char *format,
                  const char *what)
{
  const int n = snprintf(out + at, room - at, format, what);
  assert_true(n >= 0 && (size_t)n < room - at);
  return at + (size_t)n;
}

static const char *const ways[] = {
  "route add default dev v0", "route add 8.0.0.0/8 dev v0 src 198.51.100.9",
  "addr add 203.0.113.9 peer 203.0.113.10/32 dev t0",
  "route add 9.0.0.0/8 dev t0 src 203.0.113.9",
  "route add ::/0 dev v0", "route add 2600::/16 dev v0 src 2001:db8:2::9",
  "route add fd00:9::/32 dev v0 src fd00:2::9",
  "route add 2a00::/16 dev v0 src 2001:db8:3::9"
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void random_network(void)
{
  char batch[HE_FAMILIES][2048];
  size_t at[HE_FAMILIES];
  unsigned percent[HE_FAMILIES] = { 20 + roll(80), 20 + roll(80) };
  if(!roll(5))
    percent[HE_IPV6] = 0;      /* glibc then asks no interface for anything */
  for(int f = 0; f < HE_FAMILIES; f++)
    at[f] = say(batch[f], 0, sizeof(batch[f]), "addr flush dev v0\n%s\n",
                f == HE_IPV6 ? "route flush dev v0" :
                "addr flush dev t0\nroute flush table main");
  for(size_t i = 0; i < SOURCES; i++) {
    const int f = strchr(sources[i], ':') ? HE_IPV6 : HE_IPV4;
    if(roll(100) < percent[f])
      at[f] = say(batch[f], at[f], sizeof(batch[f]), f == HE_IPV6 ?
                  "addr add %s dev v0 nodad\n" : "addr add %s dev v0\n",
                  sources[i]);
  }
  for(size_t i = 0; i < WAYS; i++) {
    const int f = strchr(ways[i], ':') ? HE_IPV6 : HE_IPV4;
    if(roll(100) < 80)
      at[f] = say(batch[f], at[f], sizeof(batch[f]), "%s\n", ways[i]);
  }
  ip_batch(batch[HE_IPV4], batch[HE_IPV6]);
}

static const char *const places[] = {
  "2001:db8:1::", "2001:db8:2::", "2001:db8:3::", "2001:db8:ffff::", "2600::",
  "2a00::", "fd00:1::", "fd00:9::", "fd77::", "2002:c000:204::", "2002:1::",
  "2001:0:1::", "fec0::", "fe80::", "::1", "::ffff:192.0.2.0",
  "::ffff:10.0.0.0", "64:ff9b::", "ff0e::", "ff02::", "::1.2.3.0", "3ffe::",
  "10.0.0.0", "192.0.2.0", "198.51.100.0", "203.0.113.0", "169.254.0.0",
  "127.0.0.0", "172.16.0.0", "8.8.8.0", "9.9.9.0", "224.0.0.0", "240.0.0.0"
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static void random_answer(void)
{
  const unsigned n = 2 + roll(14);
  memset(answer, 0, sizeof(*answer));
  for(unsigned i = 0; i < n; i++) {
    struct he_addr a;
    unsigned *count;
    assert_true(he_addr_parse(&a, places[roll(PLACES)]));
    count = &answer->n[a.family];
    if(*count == MOST)
      continue;
    if(roll(4))
      a.ip[a.family == HE_IPV6 ? 15 : 3] |= (uint8_t)roll(20);
    if(a.family == HE_IPV6 && !roll(3))
      a.ip[8 + roll(7)] |= (uint8_t)roll(256);
    memcpy(answer->ip[a.family][(*count)++], a.ip, 16);
  }
}

/* A line of a table: mostly a right one. */
static size_t random_line(char *out, size_t room)
{
  static const char *const tables[] = { "label", "precedence", "scopev4" };
  static const char *const wrong[] = {
    "label", "label ::1/128 x", "precedence ::/0 -5", "precedence ::/129 50",
    "precedence ::ffff:0:0/96 4294967296 5", "scopev4 ::/96 2",
    "scopev4 10.0.0.0/33 5", "Label ::/0 5", "reload", "reload maybe",
    "precedence 10.0.0.0/8 90", "precedence ::ffff:0:0/96/5 90",
    "precedence ::ffff:0:0/9x 90", "label ::/0 5x", "# precedence ::/0 5",
    "precedence ::ffff:0:0/96 # 90", "precedence fe80::1%v0/128 90",
    "precedence ::ffff:0:0/18446744073709551712 90", "", "x y z",
    "scopev4 ::ffff:10.0.0.0/95 5", "precedenc ::ffff:0:0/96 100"
  };
  const unsigned t = roll(3);
  const char *place = places[roll(PLACES)];
  const bool six = strchr(place, ':');
  if(!roll(12))
    return say(out, 0, room, roll(3) ? "%s\n" : " \v%s\r\n",
               wrong[roll(sizeof(wrong) / sizeof(wrong[0]))]);
  if(t == 2 && six)
    return (size_t)snprintf(out, room, "scopev4 ::ffff:%u.0.0.0/%u %u\n",
                            roll(256), 96 + roll(33), 1 + roll(15));
  return (size_t)snprintf(out, room, "%s%s%s%s%s/%u%s%s%u%s\n",
    roll(8) ? "" : "\t ", tables[t], roll(8) ? " " : " \f\t",
    six || t == 2 ? "" : "::ffff:", place,
    t == 2 ? roll(33) : six ? roll(129) : 96 + roll(33),
    roll(8) ? " " : "\t\t", roll(20) ? "" : "+",
    roll(3) ? roll(60) : roll(4) * 10, roll(6) ? "" : "#x");
}

/* Lines in any order, some tables with one for all addresses, some not. */
static size_t random_conf(char *out, size_t room)
{
  static const char *const whole[] = {
    "precedence ::ffff:0:0/96 100", "precedence ::/0 40", "label ::/0 1",
    "precedence ::/0 10", "precedence ::ffff:0:0/96 40", "label ::/0 4",
    "scopev4 0.0.0.0/0 14", "scopev4 ::ffff:0:0/96 2"
  };
  const unsigned n = roll(4) ? roll(12) : 0;
  size_t at = 0;
  for(unsigned i = 0; i < n; i++)
    at += random_line(out + at, room - at);
  for(unsigned i = roll(3); i > 0; i--)
    at = say(out, at, room, "%s\n", whole[roll(8)]);
  if(at && !roll(5))
    at--;                              /* no newline at the end */
  for(unsigned i = roll(20) ? 0 : roll(4); at && i > 0; i--)
    out[roll((unsigned)at)] = (char)roll(128);
  return at;
}

/* glibc before 2.41 takes what comes after an address without a slash from
   a pointer that was never set: nothing can be compared with that. */
static bool is_defined(const char *text, size_t n)
{
  char copy[8192], *rest = NULL, *save = NULL;
  assert_true(n < sizeof(copy));
  for(size_t i = 0; i < n; i++)
    copy[i] = text[i] ? text[i] : '\n';
  copy[n] = 0;
  for(char *l = strtok_r(copy, "\n", &rest); l; l = strtok_r(NULL, "\n",
                                                            &rest)) {
    char *word;
    l[strcspn(l, "#")] = 0;
    word = strtok_r(l, " \t\v\f\r", &save);
    word = word ? strtok_r(NULL, " \t\v\f\r", &save) : NULL;
    if(word && !strchr(word, '/') && strcspn(word, ".:") < strlen(word))
      return false;
  }
  return true;
}

/* -- comparing -- */

static size_t ask(int family, struct he_candidate *list)
{
  struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
  struct addrinfo *all = NULL;
  size_t n = 0;
  const int rc = getaddrinfo(NAME, NULL, &hints, &all);
  if(rc && rc != EAI_NODATA && rc != EAI_NONAME && rc != EAI_ADDRFAMILY)
    fail_msg("getaddrinfo: %s", gai_strerror(rc));
  for(struct addrinfo *a = rc ? NULL : all; a; a = a->ai_next) {
    struct he_candidate *c = &list[n++];
    memset(c, 0, sizeof(*c));
    assert_true(he_addr_from_sockaddr(&c->addr, a->ai_addr, a->ai_addrlen));
    he_resolver_source(c);
  }
  if(!rc)
    freeaddrinfo(all);
  return n;
}

static void show(const char *what, const struct he_candidate *c, size_t n)
{
  fprintf(stderr, "# %s:\n", what);
  for(size_t i = 0; i < n; i++) {
    char to[HE_ADDR_TEXT], from[HE_ADDR_TEXT];
    fprintf(stderr, "#   %s from %s%s%s%s\n", he_addr_text(&c[i].addr, to),
            c[i].has_source ? he_addr_text(&c[i].source, from) : "nowhere",
            c[i].source_deprecated ? " deprecated" : "",
            c[i].source_home ? " home" : "",
            c[i].source_native ? " native" : "");
  }
}

static void note(const struct he_candidate *c, size_t n)
{
  bool has[HE_FAMILIES] = { false, false };
  for(size_t i = 0; i < n; i++) {
    has[c[i].addr.family] = true;
    if(!c[i].has_source)
      seen->sourceless++;
    else if(c[i].source_native)
      seen->native++;
    else
      seen->foreign++;
    seen->deprecated += c[i].source_deprecated;
    seen->home += c[i].source_home;
  }
  seen->both += has[HE_IPV6] && has[HE_IPV4];
}

/* The order of now. */
static bool is_the_same(void)
{
  struct he_candidate want[2 * MOST], got[2 * MOST];
  const size_t n = ask(AF_UNSPEC, want);
  const size_t six = ask(AF_INET6, got);
  const size_t all = six + ask(AF_INET, got + six);
  const struct he_policy *p = he_gai_policy();
  bool same = n == all;
  he_sources_judge(got, all);
  note(got, all);
  he_order_merge(got, all, p, HE_PREFER_SYSTEM);
  he_policy_unref(p);
  for(size_t i = 0; i < n && same; i++)
    same = he_addr_equal(&want[i].addr, &got[i].addr);
  if(!same) {
    show("getaddrinfo", want, n);
    show("merged", got, all);
  }
  return same;
}

static bool in_child(bool (*what)(void))
{
  int status;
  pid_t pid;
  fflush(NULL);
  pid = fork();
  if(!pid) {
    end_with_parent();
    _exit(!what());
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return status == 0;
}

static unsigned many(unsigned n)
{
  const char *more = getenv("HE_ROUNDS");
  return more ? (unsigned)atoi(more) : rounds(n);
}

static char conf[8192];
static size_t conf_size;

static void new_conf(void)
{
  do
    conf_size = random_conf(conf, 4096);
  while(!is_defined(conf, conf_size));
}

static void dump_conf(unsigned round)
{
  fprintf(stderr, "# round %u, gai.conf:\n", round);
  fwrite(conf, 1, conf_size, stderr);
  fprintf(stderr, "\n");
  assert_true(system("ip addr >&2; ip route >&2; ip -6 route >&2") != -1);
}

/* Each process reads the file once. */
static void reads_once(void **state)
{
  const unsigned n = many(400);
  (void)state;
  if(missing)
    skip();
  for(unsigned i = 0; i < n; i++) {
    if(i % 5 == 0)
      random_network();
    new_conf();
    random_answer();
    unlink("/etc/gai.conf");
    if(roll(10))
      write_file("/etc/gai.conf", conf, conf_size);
    else
      conf_size = 0;
    if(!in_child(is_the_same)) {
      dump_conf(i);
      fail_msg("round %u: another order", i);
    }
  }
  print_message("# %u answers with both families; sources: %u none, %u "
                "deprecated, %u home, %u of no interface, %u others\n",
                seen->both, seen->sourceless, seen->deprecated, seen->home,
                seen->foreign, seen->native);
  if(n >= 100) {
    assert_true(seen->both > n / 2);
    assert_true(seen->sourceless > n / 4 && seen->deprecated > n / 10 &&
                seen->home > n / 10 && seen->native > n / 4);
  }
}

/* The file changes, disappears and comes back while the process lives. */
static bool follows_changes(void)
{
  static time_t now = 1000000000;
  unsigned steps = 6 + roll(6);
  while(steps--) {
    struct timespec times[2] = { { .tv_sec = now }, { .tv_sec = now } };
    static const char *const says[] = { "reload yes\n", "reload yes\n",
      "reload yes\n", "", "reload no\n", "reload no\nreload yes\n" };
    const char *first = says[roll(6)];
    switch(roll(6)) {
    case 0:
      unlink("/etc/gai.conf");
      break;
    case 1:
      break;                           /* as it was */
    case 2:                            /* changed, with the same time */
      now--;
      /* FALLTHROUGH */
    default:
      now++;
      new_conf();
      memmove(conf + strlen(first), conf, conf_size);
      memcpy(conf, first, strlen(first));
      conf_size += strlen(first);
      write_file("/etc/gai.conf", conf, conf_size);
      times[0].tv_sec = times[1].tv_sec = now;
      times[1].tv_nsec = times[0].tv_nsec = roll(2) ? 1 : 0;
      utimensat(AT_FDCWD, "/etc/gai.conf", times, 0);
      break;
    }
    random_answer();
    if(!is_the_same()) {
      dump_conf(steps);
      return false;
    }
  }
  return true;
}

static void reads_again(void **state)
{
  const unsigned n = many(60);
  (void)state;
  if(missing)
    skip();
  for(unsigned i = 0; i < n; i++) {
    if(i % 5 == 0)
      random_network();
    if(!in_child(follows_changes))
      fail_msg("process %u: another order", i);
    roll(2);                           /* another course for the next one */
  }
}

/* The line that most people write. */
static bool ipv4_first(void)
{
  struct he_candidate c[2];
  const struct he_policy *p;
  bool first = ask(AF_INET6, c) == 1 && ask(AF_INET, c + 1) == 1;
  p = he_gai_policy();
  he_order_merge(c, 2, p, HE_PREFER_SYSTEM);
  first = first && c[0].addr.family == HE_IPV4 &&
          he_order_first(p, HE_PREFER_SYSTEM) == HE_IPV4;
  he_policy_unref(p);
  return first;
}

static void the_usual_line(void **state)
{
  struct he_addr six = addr_of("::1", 0), four = addr_of("127.0.0.1", 0);
  (void)state;
  if(missing)
    skip();
  memset(answer, 0, sizeof(*answer));
  answer->n[HE_IPV6] = answer->n[HE_IPV4] = 1;
  memcpy(answer->ip[HE_IPV6][0], six.ip, 16);
  memcpy(answer->ip[HE_IPV4][0], four.ip, 16);
  unlink("/etc/gai.conf");
  assert_false(in_child(ipv4_first));
  write_text("/etc/gai.conf", "precedence ::ffff:0:0/96 100\n");
  assert_true(in_child(ipv4_first));
  assert_true(in_child(is_the_same));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_usual_line),
    cmocka_unit_test(reads_once),
    cmocka_unit_test(reads_again)
  };
  test_seed();
  return cmocka_run_group_tests(tests, set_up, NULL);
}
