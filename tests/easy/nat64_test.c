/* SPDX-License-Identifier: MIT */
/* nat64_test.c - a client without IPv4, in a network with a translator: what
 * has an IPv4 address alone is reached by an IPv6 address made of it, and
 * nowhere else is one made. The name server is reached in this way, too. */
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* With the laboratory's prefix. */
#define DNS_THROUGH "3fff:64::c612:35"
#define V4ONLY "198.19.51.1"
#define V4ONLY_THROUGH "3fff:64::c613:3301"

static void command(const char *line)
{
  assert_int_equal(system(line), 0);
}

static void name_server(const char *address)
{
  FILE *f = fopen("/etc/resolv.conf", "w");
  assert_non_null(f);
  fprintf(f, "nameserver %s\noptions timeout:5 attempts:2\n", address);
  assert_int_equal(fclose(f), 0);
}

/* With a carrier until it is closed, which removes it. */
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

static void leave_ipv4(void)
{
  command("ip -4 route del default && ip addr del " LAB_CLIENT_V4
          "/24 dev lab0");
  name_server(DNS_THROUGH);
}

static void return_to_ipv4(void)
{
  command("ip addr add " LAB_CLIENT_V4 "/24 dev lab0 && "
          "ip route add default dev lab0");
  name_server(LAB_DNS_V4);
}

/* curl-he begins to listen for routers: then it has what it will have open. */
static int begin(void **state)
{
  leave_ipv4();
  return set_up(state);
}

/* Nothing is known of the network. */
static void forget(void)
{
  curl_he_free(curl_he_default());
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_HISTORY, 0L), CURL_HE_OK);
}

static int end(void **state)
{
  return_to_ipv4();
  return tear_down(state);
}

/* Questions for ipv4only.arpa. */
static int count_prefix(const struct lab_packet *p, void *user)
{
  *(long *)user += p->fate == 's' && p->dport == 53 &&
                   !strcmp(p->name, "ipv4only.arpa");
  return 0;
}

static long prefix_questions(void)
{
  long n = 0;
  assert_true(lab_traffic(count_prefix, &n) >= 0);
  return n;
}

/* The answer is from the server at `v4`, and libcurl is connected to
   `through`. */
static void expect_through(struct client *c, const char *v4,
                           const char *through)
{
  char body[128];
  char *ip = NULL;
  snprintf(body, sizeof(body), "hello from %s\n", v4);
  assert_string_equal(c->body, body);
  curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip);
  assert_string_equal(ip, through);
}

static void test_a_only(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  forget();
  for(int i = 0; i < 2; i++) {
    struct client c;
    client_open(&c, mode, "http://v4only.lab.test/");
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_through(&c, V4ONLY, V4ONLY_THROUGH);
    client_close(&c);
  }
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 2);
  assert_int_equal(prefix_questions(), 1);
}

/* A router advertises another prefix, and then takes that back. The client has
   to have an address of the link to hear it. */
static void test_router(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  long before;
  command("ip addr add fe80::2/64 dev lab0 nodad");
  assert_int_equal(lab_nat64(LAB_NAT64 " 3fff:65::/48"), 0);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  before = prefix_questions();
  assert_int_equal(lab_pref64("3fff:65::/48", 1800), 0);
  pause_ms(100);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(lab_syns("3fff:65:0:c613:33:100::"), 1);
  assert_int_equal(lab_pref64("3fff:65::/48", 0), 0);
  pause_ms(100);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(lab_syns("3fff:65:0:c613:33:100::"), 1);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 2);
  assert_int_equal(prefix_questions(), before);
  command("ip addr del fe80::2/64 dev lab0");
}

/* The AAAA record leads nowhere: the A record has its turn soon after, not
   after the two seconds of RFC 8305 section 7.2. */
static void test_rescue(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  client_open(&c, mode, "http://s2.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_through(&c, "198.19.2.1", "3fff:64::c613:201");
  assert_string_equal(info_string(c.easy, CURLHEINFO_WINNER), "198.19.2.1");
  client_close(&c);
  assert_int_equal(lab_syns("3fff:102::1"), 1);
}

/* A host with both is reached by its own IPv6 address. */
static void test_healthy(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  client_open(&c, mode, "http://s1.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, "3fff:101::1");
  client_close(&c);
  assert_int_equal(lab_syns("3fff:64::c613:101"), 0);
}

/* libcurl asks nobody about an address: curl-he does. */
static void test_literal(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  forget();
  client_open(&c, mode, "http://" V4ONLY "/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_through(&c, V4ONLY, V4ONLY_THROUGH);
  client_close(&c);
  assert_int_equal(prefix_questions(), 1);
}

/* Nor about a name that it has in its cache. */
static void test_cached(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  client_open(&c, mode, "http://v4only.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_FORBID_REUSE, 1L);
  for(int i = 0; i < 2; i++) {
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_through(&c, V4ONLY, V4ONLY_THROUGH);
  }
  client_close(&c);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 2);
}

/* One of two addresses is dead: they race as IPv4 addresses do. */
static void test_race(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  client_open(&c, mode, "http://s9.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_through(&c, "198.19.9.2", "3fff:64::c613:902");
  client_close(&c);
  assert_int_equal(lab_syns("3fff:64::c613:901"), 1);
}

static void test_refused(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  assert_int_equal(lab_rule(V4ONLY, "reset"), 0);
  assert_int_equal(visit(mode, "http://v4only.lab.test/"),
                   CURLE_COULDNT_CONNECT);
  assert_true(lab_syns(V4ONLY_THROUGH) > 0);
}

/* The name server makes the AAAA record of the A record, too, and the host is
   slow: it is tried once. Beside libcurl it is libcurl that has both, and tries
   both. */
static void test_dns64(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  const char *say = getenv("CURL_HE_LOOKUP");
  const long each = say && !strcmp(say, "off") ? 2 : 1;
  assert_int_equal(visit(mode, "http://dns64.lab.test/"), CURLE_OK);
  assert_in_range(lab_syns("3fff:64::c613:5f01"), 1, each);
  forget();
  lab_reset();
  assert_int_equal(visit(mode, "http://dns64.lab.test/"), CURLE_OK);
  assert_in_range(lab_syns("3fff:64::c613:5f01"), 1, each);
}

/* HTTPS records are asked for, too: whatever is answered first, IPv4 is not
   tried before the prefix is known. */
static void test_records(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  const char *failures = "";
  struct client c;
  forget();
  if(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, "dns://[" DNS_THROUGH "]"))
    skip();                   /* built without c-ares */
  client_open(&c, mode, "https://v4only.lab.test/");
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_through(&c, V4ONLY, V4ONLY_THROUGH);
  assert_int_equal(curl_he_easy_getinfo(c.easy, CURLHEINFO_FAILURES,
                                        &failures), CURL_HE_OK);
  if(failures && *failures)
    fail_msg("%s", failures);
  client_close(&c);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 1);
}

/* The same where the name server makes AAAA records. */
static void test_records_dns64(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  struct client c;
  forget();
  if(curl_he_setopt(NULL, CURLHEOPT_RESOLVER, "dns://[" DNS_THROUGH "]"))
    skip();
  for(int i = 0; i < 2; i++) {    /* the prefix is not known, and is */
    client_open(&c, mode, "https://dns64.lab.test/");
    assert_int_equal(client_go(&c), CURLE_OK);
    client_close(&c);
    assert_int_equal(lab_syns("3fff:64::c613:5f01"), 1);
    lab_reset();
  }
}

static CURLcode go_in_multi(struct client *c)
{
  CURLM *multi = curl_multi_init();
  CURLcode rc = CURLE_FAILED_INIT;
  int running, left;
  CURLMsg *m;
  c->body[0] = 0;
  c->size = 0;
  assert_non_null(multi);
  assert_int_equal(curl_multi_add_handle(multi, c->easy), CURLM_OK);
  do {
    assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
    if(running)
      curl_multi_poll(multi, NULL, 0, 1000, NULL);
  } while(running);
  m = curl_multi_info_read(multi, &left);
  if(m)
    rc = m->data.result;
  curl_multi_remove_handle(multi, c->easy);
  curl_multi_cleanup(multi);
  return rc;
}

/* Nobody waits in an event loop: where libcurl connects by itself the first
   connect fails, and asks for the prefix. */
static void test_multi(void **state)
{
  static const char *const urls[] = {
    "http://v4only.lab.test/", "http://" V4ONLY "/"
  };
  const char *say = getenv("CURL_HE_LOOKUP");
  const bool lookup = !say || strcmp(say, "off");
  (void)state;
  for(size_t i = 0; i < 2; i++) {
    struct client c;
    forget();
    client_open(&c, BESIDE, urls[i]);
    assert_int_equal(go_in_multi(&c), lookup && !i ? CURLE_OK :
                     CURLE_COULDNT_CONNECT);
    pause_ms(300);
    assert_int_equal(go_in_multi(&c), CURLE_OK);
    expect_through(&c, V4ONLY, V4ONLY_THROUGH);
    client_close(&c);
  }
}

struct first {
  int64_t question;
  int64_t syn;
};

static int find_first(const struct lab_packet *p, void *user)
{
  struct first *f = user;
  if(p->dport == 53 && !f->question)
    f->question = p->time_ns;
  if(!strcmp(p->dst, V4ONLY_THROUGH) && (p->flags & 18) == 2 && !f->syn)
    f->syn = p->time_ns;
  return 0;
}

/* What is remembered of an IPv4 address holds for it behind the translator,
   too: the connect begins before the name server has answered. */
static void test_history(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  const char *say = getenv("CURL_HE_LOOKUP");
  struct first f = { 0, 0 };
  remember();
  assert_int_equal(visit(mode, "https://v4only.lab.test/"), CURLE_OK);
  pause_ms(1500);             /* who asks at the same time asks once */
  assert_int_equal(lab_reset(), 0);
  assert_int_equal(lab_rule(LAB_DNS_V4, "rtt=1500"), 0);
  assert_int_equal(visit(mode, "https://v4only.lab.test/"), CURLE_OK);
  assert_true(lab_packets(find_first, &f) > 0);
  assert_true(f.question && f.syn);
  if(!say || strcmp(say, "off"))
    assert_true(f.syn - f.question < 1000000000);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 1);
}

/* By a connect without libcurl: of a name, then of an address. */
static void test_connect(void **state)
{
  static const char *const hosts[] = { "v4only.lab.test", V4ONLY };
  const unsigned short port = 80;
  (void)state;
  for(size_t i = 0; i < 2; i++) {
    CURLHErace *race;
    struct sockaddr_in6 peer;
    socklen_t len = sizeof(peer);
    char ip[INET6_ADDRSTRLEN];
    curl_socket_t fd;
    forget();
    race = curl_he_connect_init(NULL);
    assert_non_null(race);
    assert_int_equal(curl_he_connect(race, hosts[i], &port, 1, &fd),
                     CURL_HE_OK);
    assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &len), 0);
    inet_ntop(AF_INET6, &peer.sin6_addr, ip, sizeof(ip));
    assert_string_equal(ip, V4ONLY_THROUGH);
    close(fd);
    curl_he_connect_cleanup(race);
  }
}

/* -- where no address is made -- */

static void expect_untouched(enum mode mode)
{
  lab_reset();
  assert_int_equal(visit(mode, "http://v4only.lab.test/"),
                   CURLE_COULDNT_CONNECT);
  assert_int_equal(visit(mode, "http://" V4ONLY "/"), CURLE_COULDNT_CONNECT);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 0);
}

static void test_off(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_NAT64, 0L), CURL_HE_OK);
  expect_untouched(mode);
  assert_int_equal(prefix_questions(), 0);
}

/* What the resolver says of ipv4only.arpa tells no prefix. The laboratory's
   hosts file lies over the system's and cannot be replaced. */
static void test_none(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  FILE *f = fopen("/etc/hosts", "a");
  long before;
  assert_non_null(f);
  before = ftell(f);
  fputs("2001:db8::1 ipv4only.arpa\n", f);
  fclose(f);
  forget();
  expect_untouched(mode);
  expect_untouched(mode);
  assert_int_equal(truncate("/etc/hosts", before), 0);
}

/* A translator on this machine is a way to IPv4, even where it leads
   nowhere. */
static void test_clat(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  const int fd = add_device("clat");
  struct client c;
  command("ip link set clat up && ip addr add 192.0.0.2/32 dev clat && "
          "ip route add default dev clat");
  forget();
  client_open(&c, mode, "http://v4only.lab.test/");
  curl_easy_setopt(c.easy, CURLOPT_CONNECTTIMEOUT_MS, 700L);
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_url(&c, "http://" V4ONLY "/");
  assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
  client_close(&c);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 0);
  assert_int_equal(prefix_questions(), 0);
  close(fd);
}

static void test_ipv4_route(void **state)
{
  const enum mode mode = *(const enum mode *)*state;
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  return_to_ipv4();
  lab_reset();
  assert_int_equal(visit(mode, "http://v4only.lab.test/"), CURLE_OK);
  assert_int_equal(visit(mode, "http://" V4ONLY "/"), CURLE_OK);
  assert_int_equal(lab_syns(V4ONLY_THROUGH), 0);
  assert_int_equal(lab_syns(V4ONLY), 2);
  assert_int_equal(prefix_questions(), 0);
  leave_ipv4();
}

static void add(struct suite *s, CMUnitTestFunction run, const void *state,
                const char *what, const char *mode)
{
  suite_add(s, run, state, "%s, %s", what, mode);
  s->tests[s->count - 1].setup_func = begin;
  s->tests[s->count - 1].teardown_func = end;
}

static const struct {
  CMUnitTestFunction run;
  const char *what;
} tests[] = {
  { test_a_only, "a host that has A alone" },
  { test_healthy, "a host that has both" },
  { test_rescue, "a broken AAAA" },
  { test_race, "one of two addresses is dead" },
  { test_refused, "refused" },
  { test_literal, "an address in the URL" },
  { test_cached, "a name in libcurl's cache" },
  { test_dns64, "a name server that makes addresses, too" },
  { test_history, "a history" },
  { test_router, "a router's prefix" },
  { test_off, "switched off" },
  { test_none, "no translator" },
  { test_clat, "a translator on this machine" },
  { test_ipv4_route, "IPv4 comes back" }
};

/* They are asked for by races in the lookup. */
static bool asks_for_records(void)
{
  const char *say = getenv("CURL_HE_LOOKUP");
  return !say || strcmp(say, "off");
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  struct suite s = { NULL, 0 };
  for(size_t m = 0; m < 2; m++) {
    if(asks_for_records()) {
      add(&s, test_records, &modes[m], "HTTPS records", mode_name(modes[m]));
      add(&s, test_records_dns64, &modes[m],
          "HTTPS records, and AAAA made of A", mode_name(modes[m]));
    }
    for(size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
      add(&s, tests[i].run, &modes[m], tests[i].what,
          mode_name(modes[m]));
  }
  add(&s, test_multi, NULL, "a multi handle", "curl_multi_perform");
  add(&s, test_connect, NULL, "without libcurl", "curl_he_connect");
  return suite_run(&s, "nat64");
}
