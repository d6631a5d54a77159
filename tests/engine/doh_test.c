/* SPDX-License-Identifier: MIT */
/* doh_test.c - DNS over HTTPS as one upstream, asked of a real server in all
 * its moods: what it says, what is sent, and what is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "doh_server.h"
#include "nameserver.h"
#include "base/clock.h"
#include "curl/doh.h"
#include "net/racer.h"
#include "resolve/resolver.h"
#include "resolve/upstream.h"

#define TYPE_AT 12            /* behind the header: the question */

/* -- a question, and what came -- */

struct asked {
  struct he_upstream_question q;       /* first */
  pthread_mutex_t lock;
  pthread_cond_t came;
  bool unwanted;
  unsigned answers;
  enum he_upstream_verdict verdict;
  size_t len;
  unsigned char tail[8];      /* of the answer */
  uint32_t ttl;               /* of its first record */
};

static uint32_t get32(const unsigned char *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
         (uint32_t)at[2] << 8 | at[3];
}

static void on_done(struct he_upstream_question *q,
                    enum he_upstream_verdict v, const unsigned char *message,
                    size_t len)
{
  struct asked *a = (struct asked *)q;
  pthread_mutex_lock(&a->lock);
  a->answers++;
  a->verdict = v;
  a->len = len;
  if(message) {
    const size_t question = strlen(q->name) + 6;
    memcpy(a->tail, message + len - sizeof(a->tail), sizeof(a->tail));
    a->ttl = get32(message + TYPE_AT + question + 6);
  }
  pthread_cond_signal(&a->came);
  pthread_mutex_unlock(&a->lock);
}

static bool is_wanted(struct he_upstream_question *q)
{
  return !((struct asked *)q)->unwanted;
}

static void init(struct asked *a, const char *name, enum he_dns_type type)
{
  memset(a, 0, sizeof(*a));
  a->q = (struct he_upstream_question){
    .name = name, .type = type, .done = on_done, .wanted = is_wanted
  };
  pthread_mutex_init(&a->lock, NULL);
  pthread_cond_init(&a->came, NULL);
}

static enum he_upstream_verdict await(struct asked *a)
{
  pthread_mutex_lock(&a->lock);
  while(!a->answers)
    pthread_cond_wait(&a->came, &a->lock);
  pthread_mutex_unlock(&a->lock);
  return a->verdict;
}

/* -- the upstream -- */

static struct he_upstream upstream;
static struct he_upstream_channel *channel;
static const struct he_upstream_ops *ops;
static struct he_racer *racer;

/* The name is the system's resolver's to say. */
static void choose(uint16_t port, const char *path)
{
  memset(&upstream, 0, sizeof(upstream));
  upstream.kind = HE_UPSTREAM_HTTPS;
  upstream.port = port;
  strcpy(upstream.name, "doh.test");
  snprintf(upstream.url, sizeof(upstream.url), "https://doh.test:%u%s",
           (unsigned)port, path);
  snprintf(upstream.ca, sizeof(upstream.ca), "%s", doh_ca());
  if(channel)
    ops->unref(channel);
  channel = ops->create(racer, &upstream);
  assert_non_null(channel);
}

static enum he_upstream_verdict ask(struct asked *a, enum he_dns_type type)
{
  init(a, "a.he.test", type);
  assert_true(ops->ask(channel, &a->q));
  return await(a);
}

static enum he_upstream_verdict ask_at(uint16_t port, const char *path)
{
  struct asked a;
  choose(port, path);
  ask(&a, HE_DNS_A);
  assert_int_equal(a.answers, 1);
  return a.verdict;
}

static const struct ns_record zone[] = {
  { "doh.test", NS_A, "127.0.0.1" },
  { "doh.test", NS_AAAA, "::1" },
  { 0 }
};

static int setup(void **state)
{
  (void)state;
  ns_zone(zone);
  doh_forget();
  racer = he_racer_get();
  return racer ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  if(channel)
    ops->unref(channel);
  channel = NULL;
  he_racer_put(racer);
  he_doh_join();
  he_resolver_shared_flush();
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
  return 0;
}

static bool has_http2(void)
{
  return curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2;
}

/* -- what it says -- */

static void answers(void **state)
{
  struct asked a;
  struct doh_seen seen;
  (void)state;
  choose(8443, "/dns-query");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_memory_equal(a.tail + 4, "\xc0\0\2\7", 4);
  assert_int_equal(a.ttl, 300);
  assert_int_equal(ask(&a, HE_DNS_AAAA), HE_UPSTREAM_ANSWERED);
  assert_int_equal(a.tail[7], 7);
  seen = doh_seen("/dns-query", 2);
  assert_int_equal(seen.requests, 2);
  assert_int_equal(seen.connections, 1);
  assert_int_equal(seen.right, has_http2() ? 2 : 0);
  /* its own name was asked for once */
  assert_int_equal(ns_asked("doh.test", NS_ANY), 2);
}

/* A literal is looked up by nobody. */
static void address(void **state)
{
  struct asked a;
  (void)state;
  choose(8443, "/dns-query");
  upstream.n = 1;
  upstream.list[0] = addr_of("127.0.0.1", 8443);
  upstream.bootstrap = -1;
  strcpy(upstream.name, "127.0.0.1");
  strcpy(upstream.url, "https://127.0.0.1:8443/dns-query");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_int_equal(ns_asked(NULL, NS_ANY), 0);
  assert_int_equal(doh_seen("/dns-query", 1).requests, 1);
}

static void plain(void **state)
{
  struct asked a;
  (void)state;
  choose(8445, "/dns-query");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_int_equal(ask(&a, HE_DNS_AAAA), HE_UPSTREAM_ANSWERED);
  assert_int_equal(doh_seen("/dns-query", 2).connections, 1);
}

/* What a cache has had for 100 s is valid for 100 s less. */
static void aged(void **state)
{
  struct asked a;
  (void)state;
  choose(8443, "/old");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_int_equal(a.ttl, 200);
}

static void odd_answers(void **state)
{
  (void)state;
  assert_int_equal(ask_at(8443, "/parameter"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(ask_at(8443, "/most"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(ask_at(8443, "/huge"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8445, "/huge"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8443, "/text"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8443, "/untyped"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8443, "/empty"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8443, "/none"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(ask_at(8443, "/broken"), HE_UPSTREAM_CONFUSED);
}

/* Nobody is followed. */
static void redirected(void **state)
{
  (void)state;
  assert_int_equal(ask_at(8443, "/elsewhere"), HE_UPSTREAM_CONFUSED);
  assert_int_equal(doh_seen("/elsewhere", 1).requests, 1);
}

/* -- who it is -- */

static enum he_upstream_verdict pinned(size_t n, size_t right)
{
  struct asked a;
  choose(8443, "/dns-query");
  upstream.pins = n;
  memset(upstream.pin, 7, sizeof(upstream.pin));
  if(right < n)
    doh_pin(upstream.pin[right]);
  return ask(&a, HE_DNS_A);
}

static void pins(void **state)
{
  (void)state;
  assert_int_equal(pinned(1, 0), HE_UPSTREAM_ANSWERED);
  assert_int_equal(pinned(4, 0), HE_UPSTREAM_ANSWERED);
  assert_int_equal(pinned(4, 3), HE_UPSTREAM_ANSWERED);   /* a backup */
  doh_seen("/dns-query", 3);
  doh_forget();
  assert_int_equal(pinned(1, 1), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(pinned(4, 4), HE_UPSTREAM_UNPROVEN);
  /* nothing was sent */
  assert_int_equal(doh_seen("/dns-query", 0).requests, 0);
}

static void certificates(void **state)
{
  struct asked a;
  (void)state;
  assert_int_equal(ask_at(8446, "/dns-query"), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(ask_at(8447, "/dns-query"), HE_UPSTREAM_UNPROVEN);
  choose(8443, "/dns-query");
  *upstream.ca = 0;           /* the system's authorities do not know it */
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_UNPROVEN);
  choose(8443, "/dns-query");
  strcpy(upstream.ca, "/nowhere.pem");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_UNPROVEN);
  /* the right pin does not make up for the wrong name */
  choose(8446, "/dns-query");
  upstream.pins = 1;
  doh_pin(upstream.pin[0]);
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(doh_seen("/dns-query", 0).requests, 0);
}

static enum he_upstream_verdict believing(const char *file)
{
  struct asked a;
  choose(8443, "/dns-query");
  snprintf(upstream.ca, sizeof(upstream.ca), "%s",
           *file ? doh_file(file) : "");
  return ask(&a, HE_DNS_A);
}

/* The system's authorities sign for this server. Who names others, in a file
   or a folder, believes these alone. */
static void authorities(void **state)
{
  static const char file[] = "/etc/ssl/certs/ca-certificates.crt";
  char copy[512];
  bool known;
  (void)state;
  assert_int_equal(mkdir("/etc/ssl", 0755), 0);
  snprintf(copy, sizeof(copy), "cp -r %s /etc/ssl/certs && cp %s %s",
           doh_file("ca.dir"), doh_ca(), file);
  assert_int_equal(system(copy), 0);
  known = believing("") == HE_UPSTREAM_ANSWERED;
  assert_int_equal(believing("ca.pem"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(believing("ca.dir"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(doh_seen("/dns-query", 2u + known).requests, 2 + known);
  assert_int_equal(believing("cb.pem"), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(believing("cb.dir"), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(believing("none.dir"), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(doh_seen("/dns-query", 2u + known).requests, 2 + known);
  assert_int_equal(system("rm -r /etc/ssl"), 0);
  if(!known)                  /* libcurl has its authorities elsewhere */
    skip();
}

/* -- when it does not work -- */

static void unreachable(void **state)
{
  static const struct ns_record none[] = { { "x.test", NS_A, "::9" }, { 0 } };
  (void)state;
  assert_int_equal(ask_at(closed_port("127.0.0.1"), "/dns-query"),
                   HE_UPSTREAM_UNREACHABLE);
  ns_zone(none);
  he_resolver_shared_flush();
  assert_int_equal(ask_at(8443, "/dns-query"), HE_UPSTREAM_UNREACHABLE);
}

/* It was asked twice. */
static void hung_up(void **state)
{
  (void)state;
  assert_int_equal(ask_at(8443, "/hangup"), HE_UPSTREAM_UNREACHABLE);
}

static void silent(void **state)
{
  static const char *const paths[] = { "/never", "/trickle" };
  (void)state;
  for(size_t i = 0; i < 2; i++) {
    const he_time_ns before = he_clock_now();
    assert_int_equal(ask_at(8443, paths[i]), HE_UPSTREAM_SILENT);
    assert_true(he_clock_now() - before >= HE_MS(4900));
    assert_true(he_clock_now() - before < HE_MS(20000));
  }
}

/* Whoever listens there does not speak TLS. */
static void mute(void **state)
{
  uint16_t port = 0;
  const int fd = listen_at("127.0.0.1", &port, 8);
  (void)state;
  assert_int_equal(ask_at(port, "/dns-query"), HE_UPSTREAM_UNREACHABLE);
  close(fd);
}

/* The server is not where it was: its name is asked for again. */
static void moved(void **state)
{
  static const struct ns_record before[] = {
    { "doh.test", NS_A, "127.0.0.9" }, { 0 }
  };
  struct asked a;
  (void)state;
  ns_zone(before);
  choose(8443, "/dns-query");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_UNREACHABLE);
  ns_zone(zone);
  he_resolver_shared_flush();
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
}

/* IPv6 is silent: that costs a delay, and no more. */
static void one_family(void **state)
{
  static const struct ns_record dead[] = {
    { "doh.test", NS_A, "127.0.0.1" },
    { "doh.test", NS_AAAA, "::ffff:127.0.0.2" }, { 0 }
  };
  static const struct ns_record late[] = {
    { "doh.test", NS_A, "127.0.0.1" }, { "doh.test", NS_AAAA, "silent" },
    { 0 }
  };
  uint16_t port = 8443;
  int fill[FILL];
  const int fd = silent_at("127.0.0.2", &port, fill);
  he_time_ns before;
  struct asked a;
  (void)state;
  ns_zone(dead);
  choose(8443, "/dns-query");
  before = he_clock_now();
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_true(he_clock_now() - before < HE_MS(1500));
  ns_zone(late);
  he_resolver_shared_flush();
  choose(8443, "/dns-query");
  before = he_clock_now();
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  assert_true(he_clock_now() - before < HE_MS(1500));
  close(fd);
  for(int i = 0; i < FILL; i++)
    close(fill[i]);
}

/* -- many -- */

#define MANY 200

static void many_at(uint16_t port, const char *path, int questions,
                    unsigned connections)
{
  static struct asked a[MANY];
  struct doh_seen seen;
  choose(port, path);
  doh_forget();
  for(int i = 0; i < questions; i++) {
    init(&a[i], "a.he.test", i % 2 ? HE_DNS_A : HE_DNS_AAAA);
    assert_true(ops->ask(channel, &a[i].q));
  }
  for(int i = 0; i < questions; i++)
    assert_int_equal(await(&a[i]), HE_UPSTREAM_ANSWERED);
  seen = doh_seen(path, (unsigned)questions);
  print_message("# %s at %u: %u connections\n", path, (unsigned)port,
                seen.connections);
  assert_true(seen.connections <= connections);
}

static void many(void **state)
{
  (void)state;
  many_at(8443, "/dns-query", MANY, has_http2() ? 1 : MANY);
  if(has_http2())             /* else they have to wait for each other */
    many_at(8443, "/late", MANY, 1);
}

/* HTTP/1.1: several connections. All that wait for one of them have 5 s. */
static void many_plain(void **state)
{
  (void)state;
  many_at(8445, "/dns-query", MANY / 4, MANY / 8);
}

/* HTTP/1.1: who asks next does not wait for an answer that never comes. */
static void beside_plain(void **state)
{
  const he_time_ns before = he_clock_now();
  struct asked never, a;
  (void)state;
  choose(8445, "/half");
  init(&never, "a.he.test", HE_DNS_AAAA);
  init(&a, "a.he.test", HE_DNS_A);
  assert_true(ops->ask(channel, &never.q));
  assert_true(ops->ask(channel, &a.q));
  assert_int_equal(await(&a), HE_UPSTREAM_ANSWERED);
  assert_true(he_clock_now() - before < HE_MS(4000));
  assert_int_equal(await(&never), HE_UPSTREAM_SILENT);
}

/* The server ends each connection after ten. */
static void many_goaway(void **state)
{
  (void)state;
  many_at(8444, "/dns-query", MANY, MANY);
}

/* -- life -- */

static void unwanted(void **state)
{
  struct asked a;
  (void)state;
  choose(8443, "/dns-query");
  init(&a, "a.he.test", HE_DNS_A);
  a.unwanted = true;
  assert_true(ops->ask(channel, &a.q));
  assert_int_equal(await(&a), HE_UPSTREAM_GONE);
  assert_int_equal(doh_seen("/dns-query", 0).requests, 0);
}

/* Names that DNS cannot have. */
static void no_names(void **state)
{
  char longest[300];
  const char *const names[] = { "a..b", ".", longest, longest + 200 };
  (void)state;
  memset(longest, 'x', sizeof(longest) - 1);
  longest[sizeof(longest) - 1] = 0;
  choose(8443, "/dns-query");
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    struct asked a;
    init(&a, names[i], HE_DNS_A);
    assert_true(ops->ask(channel, &a.q));
    assert_int_equal(await(&a), HE_UPSTREAM_CONFUSED);
  }
}

/* The racer ends while questions are open: each is told, once. */
static void ended(void **state)
{
  static const char *const paths[] = { "/never", "/dns-query", "/late" };
  (void)state;
  for(unsigned round = 0; round < 30; round++) {
    struct asked a[20];
    choose(round % 2 ? 8443 : 8445, paths[round % 3]);
    for(int i = 0; i < 20; i++) {
      init(&a[i], "a.he.test", HE_DNS_A);
      assert_true(ops->ask(channel, &a[i].q));
    }
    sleep_ms(roll(40));
    he_racer_put(racer);
    he_doh_join();
    for(int i = 0; i < 20; i++) {
      assert_int_equal(a[i].answers, 1);
      assert_true(a[i].verdict == HE_UPSTREAM_GONE ||
                  a[i].verdict == HE_UPSTREAM_ANSWERED);
    }
    assert_false(ops->usable(channel, racer));
    racer = he_racer_get();
  }
}

/* A child has no thread of the parent's, and none of its connections. */
static void forked(void **state)
{
  struct asked a, late;
  pid_t child;
  int status;
  (void)state;
  choose(8443, "/late");
  assert_int_equal(ask(&a, HE_DNS_A), HE_UPSTREAM_ANSWERED);
  init(&late, "a.he.test", HE_DNS_A);
  assert_true(ops->ask(channel, &late.q));
  child = fork_with_threads();
  if(!child) {
    struct he_racer *mine = he_racer_get();
    struct asked b;
    int ok = !ops->usable(channel, mine);
    struct he_upstream_channel *c = ops->create(mine, &upstream);
    init(&b, "a.he.test", HE_DNS_AAAA);
    ok = ok && ops->ask(c, &b.q) && await(&b) == HE_UPSTREAM_ANSWERED;
    ops->unref(c);
    he_racer_put(mine);
    he_doh_join();
    _exit(!ok);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(await(&late), HE_UPSTREAM_ANSWERED);
}

/* exit() while a question is open. */
static void exits(void **state)
{
  pid_t child;
  int status;
  (void)state;
  child = fork_with_threads();
  if(!child) {
    static struct asked a;
    static struct he_racer *volatile parents;
    parents = racer;          /* nobody has lost it */
    racer = he_racer_get();
    if(racer == parents)
      _exit(2);
    channel = NULL;
    choose(8443, "/never");
    init(&a, "a.he.test", HE_DNS_A);
    if(!ops->ask(channel, &a.q))
      _exit(1);
    sleep_ms(200);
    exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

/* Likewise, where the file of authorities is one that never ends. */
static void exits_where_a_disk_hangs(void **state)
{
  char folder[] = "/tmp/he-doh-XXXXXX", path[64];
  pid_t child;
  int status;
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof(path), "%s/ca.pem", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  child = fork_with_threads();
  if(!child) {
    static struct asked a;
    static struct he_racer *volatile parents;
    alarm(20);
    parents = racer;          /* nobody has lost it */
    racer = he_racer_get();
    if(racer == parents)
      _exit(2);
    channel = NULL;
    choose(8443, "/dns-query");
    snprintf(upstream.ca, sizeof(upstream.ca), "%s", path);
    init(&a, "a.he.test", HE_DNS_A);
    if(!ops->ask(channel, &a.q))
      _exit(1);
    while(open(path, O_WRONLY | O_NONBLOCK) < 0)
      sleep_ms(1);            /* nobody reads it yet */
    exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);
}

static int skip_all(const char *why)
{
  printf("1..0 # SKIP %s\n", why);
  doh_server_end();
  return 77;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(answers), TEST(address), TEST(plain), TEST(aged), TEST(odd_answers),
    TEST(redirected), TEST(pins), TEST(certificates), TEST(authorities),
    TEST(unreachable), TEST(hung_up), TEST(silent), TEST(mute), TEST(moved),
    TEST(one_family), TEST(many), TEST(many_plain), TEST(beside_plain),
    TEST(many_goaway), TEST(unwanted),
    TEST(no_names), TEST(ended), TEST(forked), TEST(exits),
    TEST(exits_where_a_disk_hangs)
  };
  const char *why;
  int failed;
  test_seed();
  cmocka_set_test_filter(getenv("HE_TEST_FILTER"));
  why = doh_certificates();
  if(why)
    return skip_all(why);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(!ns_world())
    return skip_all(strerror(errno));
  ns_etc("passwd", "root:x:0:0::/:/bin/sh\n");
  ns_etc("group", "root:x:0:\n");
  ns_etc("resolv.conf", "nameserver 127.0.0.53\n");
  ns_etc("nsswitch.conf", "hosts: files dns\n");
  why = doh_server_start();
  if(why)
    return skip_all(why);
  count_start();
  he_doh_register();
  ops = he_upstream_ops(HE_UPSTREAM_HTTPS);
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  doh_server_end();
  ns_end();
  curl_global_cleanup();
  return failed;
}
