/* SPDX-License-Identifier: MIT */
/* answers_test.c - the system's own answer, only sooner: beside getaddrinfo(),
 * with name servers, a hosts file, search domains and sources of the test's
 * own. Where the machine allows no such world, the test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common.h"
#include "nameserver.h"
#include "base/clock.h"
#include "resolve/dns.h"
#include "resolve/resolver.h"

static const struct he_resolver *const r = &he_resolver_shared;

/* -- one answer, as text -- */

/* The addresses of each family, sorted; or the error. */
struct answer {
  int error;
  size_t n;
  char text[40][HE_ADDR_TEXT];
  unsigned ms;
};

static void add(struct answer *a, const struct he_addr *addr)
{
  assert_true(a->n < 40);
  he_addr_text(addr, a->text[a->n++]);
}

static int compare(const void *a, const void *b)
{
  return strcmp(a, b);
}

static void finish(struct answer *a, he_time_ns since)
{
  a->ms = elapsed_ms(since);
  qsort(a->text, a->n, sizeof(a->text[0]), compare);
}

static bool same(const struct answer *a, const struct answer *b)
{
  bool ok = a->error == b->error && a->n == b->n;
  for(size_t i = 0; ok && i < a->n; i++)
    ok = !strcmp(a->text[i], b->text[i]);
  return ok;
}

static void show(const char *who, const struct answer *a)
{
  printf("# %s: %s, %u ms:", who, a->error ? gai_strerror(a->error) : "found",
         a->ms);
  for(size_t i = 0; i < a->n; i++)
    printf(" %s", a->text[i]);
  printf("; asked: %s\n", ns_log());
}

/* -- getaddrinfo() -- */

struct call {
  const char *host;
  int family;
  struct answer answer;
};

static void *call(void *arg)
{
  struct call *c = arg;
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *ai = NULL;
  he_time_ns start = he_clock_now();
  hints.ai_family = c->family;
  c->answer.error = getaddrinfo(c->host, NULL, &hints, &ai);
  for(struct addrinfo *p = ai; p; p = p->ai_next) {
    struct he_addr a;
    assert_true(he_addr_from_sockaddr(&a, p->ai_addr, p->ai_addrlen));
    add(&c->answer, &a);
  }
  if(ai)
    freeaddrinfo(ai);
  finish(&c->answer, start);
  return NULL;
}

/* As libcurl calls it: on a thread of its own, which knows nothing of
   resolv.conf yet. */
static struct answer alone(const char *host, int family)
{
  struct call c = { .host = host, .family = family };
  pthread_t thread;
  assert_int_equal(0, pthread_create(&thread, NULL, call, &c));
  pthread_join(thread, NULL);
  return c.answer;
}

/* -- the resolver -- */

struct asked {
  pthread_mutex_t lock;
  pthread_cond_t came;
  he_time_ns began;
  int answers;
  enum he_family last;        /* whose answer came last */
  struct {
    int error;
    struct he_candidate *list;
    size_t n;
    unsigned ms;
    int answers;
    struct he_query *q;
  } family[HE_FAMILIES];
};

static void on_answer(void *arg, enum he_family f, int error,
                      struct he_candidate *list, size_t n)
{
  struct asked *a = arg;
  pthread_mutex_lock(&a->lock);
  a->family[f].error = error;
  a->family[f].list = list;
  a->family[f].n = n;
  a->family[f].ms = elapsed_ms(a->began);
  a->family[f].answers++;
  a->answers++;
  a->last = f;
  pthread_cond_signal(&a->came);
  pthread_mutex_unlock(&a->lock);
}

static void ask(struct asked *a, const char *host)
{
  memset(a, 0, sizeof(*a));
  pthread_mutex_init(&a->lock, NULL);
  pthread_cond_init(&a->came, NULL);
  he_resolver_shared_flush();   /* what was found before */
  a->began = he_clock_now();
  for(int f = 0; f < HE_FAMILIES; f++) {
    a->family[f].q = r->start(r, host, 443, (enum he_family)f, on_answer, a);
    assert_non_null(a->family[f].q);
  }
}

static void await(struct asked *a, int answers)
{
  pthread_mutex_lock(&a->lock);
  while(a->answers < answers)
    pthread_cond_wait(&a->came, &a->lock);
  pthread_mutex_unlock(&a->lock);
}

static void clear(struct asked *a)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    r->close(a->family[f].q);
    free(a->family[f].list);
  }
  pthread_cond_destroy(&a->came);
  pthread_mutex_destroy(&a->lock);
}

/* Both families' answers as one, as getaddrinfo() would have given it. */
static struct answer ours(const char *host)
{
  struct answer all = { .error = 0 };
  struct asked a;
  ask(&a, host);
  await(&a, HE_FAMILIES);
  for(int f = 0; f < HE_FAMILIES; f++) {
    assert_int_equal(a.family[f].answers, 1);
    assert_int_equal(!a.family[f].error, a.family[f].n > 0);
    for(size_t i = 0; i < a.family[f].n; i++) {
      assert_int_equal(a.family[f].list[i].addr.family, f);
      assert_int_equal(a.family[f].list[i].addr.port, 443);
      a.family[f].list[i].addr.port = 0;
      add(&all, &a.family[f].list[i].addr);
    }
  }
  all.error = he_resolver_error(a.family[HE_IPV6].error,
                                a.family[HE_IPV4].error);
  finish(&all, a.began);
  clear(&a);
  return all;
}

/* -- the world as most have it -- */

#define RESOLV "nameserver 127.0.0.53\noptions timeout:1 attempts:2\n"
#define HOSTS "127.0.0.1 localhost\n"
#define NSSWITCH "hosts: files dns\n"

static int usual(void **state)
{
  (void)state;
  ns_etc("resolv.conf", RESOLV);
  ns_etc("hosts", HOSTS);
  ns_etc("nsswitch.conf", NSSWITCH);
  ns_etc("hostname", "client\n");
  return 0;
}

static void assert_as_alone(const char *host)
{
  struct answer want = alone(host, AF_UNSPEC), got;
  got = ours(host);
  if(!same(&want, &got)) {
    printf("# %s\n", host);
    show("alone", &want);
    show("ours", &got);
    fail();
  }
}

/* -- the sources -- */

static const struct ns_record both[] = {
  { "he.test", NS_AAAA, "::2" }, { "he.test", NS_A, "127.0.0.3" }, { 0 }
};

/* What the hosts file has of any family is all there is (A1). */
static void hosts_file(void **state)
{
  static const char *const files[] = {
    "127.0.0.1 he.test\n", "::1 he.test\n", "127.0.0.1 x.test HE.Test y\n",
    "127.0.0.1\the.test# c\n", "  127.0.0.1  he.test\r\n127.0.0.2 he.test",
    "127.0.0.1 a\n::9 he.test\n127.0.0.9 he.test\n"
  };
  static const char *const not_there[] = {
    "127.0.0.1 x # he.test\n", "127.0.0.1 he.tes he.testx\n", "", "he.test\n"
  };
  (void)state;
  ns_zone(both);
  for(size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    ns_etc("hosts", files[i]);
    assert_as_alone("he.test");
    assert_int_equal(ns_asked(NULL, NS_ANY), 0);
  }
  for(size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++) {
    ns_etc("hosts", not_there[i]);
    assert_as_alone("he.test");
  }
  ns_etc("hosts", NULL);
  assert_as_alone("he.test");
  assert_int_not_equal(ns_asked(NULL, NS_ANY), 0);
}

/* Whatever the hosts line says. */
static void sources(void **state)
{
  static const char *const lines[] = {
    "hosts: files dns\n", "hosts: dns files\n", "hosts: files\n",
    "hosts: dns\n", "hosts:files dns\n", "hosts: files nothing dns\n",
    "hosts: files [NOTFOUND=return] dns\n",
    "hosts: dns [!UNAVAIL=return] files\n",
    "hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname\n",
    "passwd: files\n", "# hosts: files\n", "",
    "hosts: files\nhosts: dns\n", "hosts: files [SUCCESS=continue] dns\n", NULL
  };
  (void)state;
  ns_zone(both);
  for(size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
    for(int in_hosts = 0; in_hosts < 2; in_hosts++) {
      ns_etc("nsswitch.conf", lines[i]);
      ns_etc("hosts", in_hosts ? "127.0.0.1 he.test\n" : "");
      assert_as_alone("he.test");
      assert_as_alone("nx.test");
    }
  }
}

/* Forms of names: addresses, too, are somebody's names. */
static void names(void **state)
{
  static const struct ns_record zone[] = {
    { "he.test", NS_AAAA, "::2" }, { "he.test", NS_A, "127.0.0.3" },
    { "label", NS_AAAA, "::4" }, { "label", NS_A, "127.0.0.4" },
    { "label.corp.test", NS_A, "127.0.0.5" },
    { "he.test.corp.test", NS_A, "127.0.0.6" },
    { "he.local", NS_A, "127.0.0.7" }, { "under_score.test", NS_A, "::8" },
    { "x.localhost", NS_A, "127.0.0.9" }, { 0 }
  };
  static const char *const hosts[] = {
    "he.test", "HE.TEST", "he.test.", "label", "label.", "127.0.0.1", "127.1",
    "0x7f.1", "1.2.3.4.5", "::1", "127.0.0.1.", "he..test", ".he.test", ".",
    "", "he.test..", "he.local", "x.localhost", "he test.test", "he\\.test",
    "h\xe4.test", "localhost", "fe80::1%lo", "-x.test",
    "0123456789012345678901234567890123456789012345678901234567890123456.test"
  };
  (void)state;
  ns_zone(zone);
  ns_etc("resolv.conf", RESOLV "search corp.test\n");
  for(size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
    assert_as_alone(hosts[i]);
}

/* Aliases, one family's of nothing, and such as are no host's name. */
static void aliases(void **state)
{
  static const struct {
    const char *aaaa, *a;
  } t[] = {
    { "=x.test ::2 ::3", "=x.test 127.0.0.3" }, { "=x.test", "=x.test" },
    { "=x.test", "=x.test 127.0.0.3" }, { "=x.test ::2", "=x.test" },
    { "=x.test =y.x.test =X.TEST ::2", "nodata" }, { "=he.test", "=he.test" },
    { "=he.test ::2", "=He.Test =hE.test 127.0.0.3" },
    { "=_x.test ::2", "127.0.0.3" }, { "=x*y.test ::2", "127.0.0.3" },
    { "=x!y.test", "=x_y.test" }, { "=x*y.test", "=x*y.test" },
    { "=x*y.test", "nxdomain" }, { "servfail", "=x.test" },
    { "=x.test", "nxdomain" }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
    const struct ns_record zone[] = {
      { "he.test", NS_AAAA, t[i].aaaa }, { "he.test", NS_A, t[i].a }, { 0 }
    };
    ns_zone(zone);
    assert_as_alone("he.test");
  }
}

/* -- the search list -- */

/* A domain of the list never answers one family alone (A2). */
static void search_list(void **state)
{
  static const struct ns_record zone[] = {
    { "he.test", NS_A, "127.0.0.1" }, { "*.corp.test", NS_AAAA, "::2" }, { 0 }
  };
  (void)state;
  ns_zone(zone);
  ns_etc("resolv.conf", RESOLV "search corp.test\n");
  assert_as_alone("he.test");
  assert_int_equal(ns_asked("he.test.corp.test", NS_ANY), 0);
  assert_as_alone("not.test");
  assert_as_alone("he.test.");
  assert_as_alone("not.test.");
}

/* Lists of all kinds, and a name that has as many dots as ndots wants, or
   fewer. */
static void search_lists(void **state)
{
  static const char *const lists[] = {
    "search .\n", "search corp.test .\n", "search . corp.test\n",
    "search corp.test lab.test\noptions ndots:2\n", "domain corp.test\n",
    "search local corp.test\n", "search a b c d e f g h i corp.test\n",
    "search .corp.test\n", "search corp.test.\n",
    "search lab.test corp.test\noptions ndots:0\n", "options ndots:15\n",
    "search sub.local corp.test\n"
  };
  static const struct ns_record zone[] = {
    { "he.test", NS_A, "127.0.0.1" }, { "he.test.corp.test", NS_AAAA, "::2" },
    { "in.corp.corp.test", NS_AAAA, "::3" }, { "in.lab.test", NS_A, "nodata" },
    { 0 }
  };
  (void)state;
  ns_zone(zone);
  for(size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
    char text[300];
    snprintf(text, sizeof(text), "%s%s", RESOLV, lists[i]);
    ns_etc("resolv.conf", text);
    assert_as_alone("he.test");
    assert_as_alone("in.corp");
    assert_as_alone("in.lab.test");
    assert_as_alone("label");
  }
}

static void environment(void **state)
{
  (void)state;
  ns_zone((const struct ns_record[]){
    { "he.test", NS_A, "127.0.0.1" }, { "*.corp.test", NS_AAAA, "::2" }, { 0 }
  });
  setenv("RES_OPTIONS", "ndots:3", 1);
  setenv("LOCALDOMAIN", "corp.test", 1);
  assert_as_alone("he.test");
  assert_as_alone("not.test");
  unsetenv("RES_OPTIONS");
  assert_as_alone("he.test");
  assert_as_alone("not.test");
  unsetenv("LOCALDOMAIN");
}

/* -- any table, any list, any hosts file -- */

/* `moody`: the second answer may be another one. In a domain of the search
   list no server fails then: all of it would be asked again. */
static const char *any_word(bool v6, bool moody, bool in_domain)
{
  static const char *const words[] = {
    "nxdomain", "nodata", "servfail", "refused"
  };
  static const char *const found[2][2] = {
    { "127.0.0.1", "127.0.0.2 127.0.0.3" }, { "::1", "::2 ::3" }
  };
  static const char *const moods[2][3] = {
    { "servfail|127.0.0.4", "nodata|127.0.0.5", "servfail|nodata" },
    { "servfail|::4", "nodata|::5", "servfail|nodata" }
  };
  const unsigned w = roll(!moody ? 6 : in_domain ? 4 : 9);
  if(moody && in_domain)
    return w < 2 ? words[w] : found[v6][w - 2];
  return w < 4 ? words[w] : w < 6 ? found[v6][w - 4] : moods[v6][w - 6];
}

static char any_resolv[200];

/* Where dns is not the last source a name that nobody has is asked for once
   more: a moody server would have told it alone something else. */
static void any_files(bool moody)
{
  static const char *const domains[] = {
    "", "search corp.test\n", "search lab.test corp.test\n"
  };
  static const char *const hosts[] = {
    HOSTS, "127.0.0.9 he.test\n", "::9 HE.test\n"
  };
  static const char *const lines[] = {
    NSSWITCH, "hosts: dns\n", "hosts: dns files\n",
    "hosts: files mdns4_minimal [NOTFOUND=return] dns\n"
  };
  snprintf(any_resolv, sizeof(any_resolv), "nameserver 127.0.0.53\n%soptions "
           "timeout:1 attempts:%u ndots:%u\n", domains[roll(3)], 1 + roll(3),
           1 + !roll(5));
  ns_etc("resolv.conf", any_resolv);
  ns_etc("hosts", hosts[roll(4) ? 0 : 1 + roll(2)]);
  ns_etc("nsswitch.conf", lines[roll(moody ? 2 : 4)]);
}

struct comparison {
  struct answer want, got;
  char asked[2000];           /* for what is wanted */
};

/* Each of the two is told the same: "x|y" starts anew. */
static bool agree(const struct ns_record *zone, struct comparison *c)
{
  ns_zone(zone);
  c->want = alone("he.test", AF_UNSPEC);
  snprintf(c->asked, sizeof(c->asked), "%s", ns_log());
  ns_zone(zone);
  c->got = ours("he.test");
  return same(&c->want, &c->got);
}

/* The C library knows a file by its number, size and time: one that replaces
   another within a tick of the clock may pass for that. So where the two differ
   they are asked once more, with files of another tick. */
static bool agree_at_last(const struct ns_record *zone, struct comparison *c)
{
  const struct timespec tick = { .tv_nsec = 20000000 };
  if(agree(zone, c))
    return true;
  nanosleep(&tick, NULL);
  ns_etc("resolv.conf", any_resolv);
  return agree(zone, c);
}

static int any_zone(struct ns_record *zone, bool moody)
{
  static const char *const names_of[] = {
    "he.test", "he.test.corp.test", "he.test.lab.test"
  };
  int n = 0;
  for(int k = 0; k < 3; k++) {
    if(!roll(4))
      continue;
    for(int v6 = 0; v6 < 2; v6++)
      zone[n++] = (struct ns_record){ names_of[k], v6 ? NS_AAAA : NS_A,
                                      any_word(v6, moody, k) };
  }
  return n;
}

static void any(void **state)
{
  (void)state;
  for(unsigned i = rounds(600); i; i--) {
    struct ns_record zone[7] = { { 0 } };
    struct comparison c;
    const bool moody = roll(2);
    const int n = any_zone(zone, moody);
    any_files(moody);
    if(!agree_at_last(zone, &c)) {
      for(int k = 0; k < n; k++)
        printf("# %s %s %s\n", zone[k].name, zone[k].type == NS_A ? "A" :
               "AAAA", zone[k].says);
      show("ours", &c.got);
      show("alone", &c.want);
      printf("# alone asked: %s\n# with %s", c.asked, any_resolv);
      fail();
    }
    ns_zone(NULL);
  }
}

/* -- sooner -- */

/* An answer with addresses waits for nothing; that the other family has none
   or fails is told as soon as it is sure. */
static void sooner(void **state)
{
  static const struct {
    const char *aaaa, *a;
    enum he_family first;
  } t[] = {
    { "silent", "127.0.0.3", HE_IPV4 }, { "::2", "silent", HE_IPV6 },
    { "900:::2", "127.0.0.3", HE_IPV4 }, { "::2", "900:127.0.0.3", HE_IPV6 },
    { "nodata", "600:127.0.0.3", HE_IPV4 },
    { "600:::2", "servfail", HE_IPV6 }, { "600:nodata", "127.0.0.3", HE_IPV4 }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
    const struct ns_record zone[] = {
      { "he.test", NS_AAAA, t[i].aaaa }, { "he.test", NS_A, t[i].a }, { 0 }
    };
    const enum he_family last = he_other_family(t[i].first);
    struct asked a;
    ns_zone(zone);
    ask(&a, "he.test");
    await(&a, HE_FAMILIES);
    assert_int_equal(a.last, last);
    assert_int_equal(a.family[t[i].first].error, 0);
    assert_int_equal(a.family[last].answers, 1);
    if(i < 2)
      assert_true(a.family[t[i].first].ms < 900 &&
                  a.family[last].ms >= 1900 && a.family[last].ms < 2900);
    else if(i < 4)
      assert_true(a.family[t[i].first].ms < 850 && a.family[last].ms >= 850);
    else if(i < 6)
      assert_true(a.family[t[i].first].ms >= 550 &&
                  a.family[last].ms - a.family[t[i].first].ms < 400);
    clear(&a);
  }
}

/* A server's failure for one family is as final as where both are asked for
   at once. */
static void asked_once(void **state)
{
  (void)state;
  ns_zone((const struct ns_record[]){
    { "he.test", NS_AAAA, "servfail" }, { "he.test", NS_A, "127.0.0.3" }, { 0 }
  });
  assert_as_alone("he.test");
  assert_int_equal(ns_asked("he.test", NS_AAAA), 2);   /* one each */
  assert_int_equal(ns_asked("he.test", NS_A), 2);
}

/* The first of two servers is dead: its time is waited for once (A4). */
static void dead_server(void **state)
{
  struct answer got;
  (void)state;
  ns_zone(both);
  ns_etc("resolv.conf", "nameserver 127.0.0.54\nnameserver 127.0.0.53\n"
         "options timeout:2 attempts:2\n");
  got = ours("he.test");
  assert_int_equal(got.error, 0);
  assert_int_equal(got.n, 2);
  assert_true(got.ms >= 1900 && got.ms < 3500);
  assert_int_equal(ns_asked("he.test", NS_AAAA), 2);   /* one a server */
  assert_int_equal(ns_asked("he.test", NS_A), 2);
}

/* The only one is dead: so long, and then an error, and nothing is asked once
   more (A5). */
static void only_server_dead(void **state)
{
  struct answer got;
  (void)state;
  ns_zone(both);
  ns_etc("resolv.conf", "nameserver 127.0.0.54\noptions timeout:2 attempts:1"
         "\n");
  got = ours("he.test");
  assert_int_equal(got.error, EAI_AGAIN);
  assert_true(got.ms >= 1900 && got.ms < 3500);
  sleep_ms(300);
  assert_int_equal(ns_asked("he.test", NS_AAAA), 1);
  assert_int_equal(ns_asked("he.test", NS_A), 1);
}

/* With silence nothing differs but that it takes no longer. */
static void silence(void **state)
{
  static const struct {
    const char *aaaa, *a, *aaaa2, *a2;
  } t[] = {
    { "silent|::2", "silent|127.0.0.3", "nxdomain", "nxdomain" },
    { "silent", "silent", "nxdomain", "nxdomain" },
    { "silent", "silent", "silent", "silent" },
    { "silent", "silent", "::6", "127.0.0.6" },
    { "silent", "nxdomain", "nodata", "127.0.0.6" },
    { "nodata", "silent", "nxdomain", "nxdomain" },
    { "silent", "nodata", "nxdomain", "nxdomain" },
    { "servfail", "silent", "nodata", "nxdomain" },
    { "nxdomain", "nxdomain", "silent", "silent" }
  };
  (void)state;
  for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
    const struct ns_record zone[] = {
      { "he.test", NS_AAAA, t[i].aaaa }, { "he.test", NS_A, t[i].a },
      { "he.test.corp.test", NS_AAAA, t[i].aaaa2 },
      { "he.test.corp.test", NS_A, t[i].a2 }, { 0 }
    };
    struct answer want, got;
    unsigned asked;
    ns_etc("resolv.conf", i ? "nameserver 127.0.0.53\nsearch corp.test lab."
           "test\noptions timeout:1 attempts:1\n" :
           RESOLV "search corp.test lab.test\n");
    ns_zone(zone);
    want = alone("he.test", AF_UNSPEC);
    asked = ns_asked(NULL, NS_ANY);
    ns_zone(zone);
    got = ours("he.test");
    if(!same(&want, &got) || got.ms > want.ms + 700 ||
       ns_asked(NULL, NS_ANY) > asked) {
      printf("# %zu: %u were asked by it alone\n", i, asked);
      show("ours", &got);
      show("alone", &want);
      fail();
    }
  }
}

/* -- one family alone -- */

/* Where only one is allowed, it is what getaddrinfo() of that family gives. */
static void one_family(void **state)
{
  static const char *const hosts[] = { "he.test", "not.test", "only.test" };
  (void)state;
  ns_zone((const struct ns_record[]){
    { "he.test", NS_A, "127.0.0.1" }, { "*.corp.test", NS_AAAA, "::2" },
    { "only.test", NS_A, "127.0.0.3" }, { 0 }
  });
  ns_etc("resolv.conf", RESOLV "search corp.test\n");
  ns_etc("hosts", "::7 only.test\n");
  for(size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    for(int f = 0; f < HE_FAMILIES; f++) {
      struct answer want = alone(hosts[i], f ? AF_INET : AF_INET6);
      struct answer got = { .error = 0 };
      struct asked a;
      ask(&a, "label");   /* something else */
      await(&a, HE_FAMILIES);
      clear(&a);
      memset(&a, 0, sizeof(a));
      pthread_mutex_init(&a.lock, NULL);
      pthread_cond_init(&a.came, NULL);
      a.began = he_clock_now();
      a.family[f].q = he_resolver_ask(r, hosts[i], 443, (enum he_family)f,
                                      true, on_answer, &a);
      await(&a, 1);
      got.error = a.family[f].error;
      for(size_t k = 0; k < a.family[f].n; k++) {
        a.family[f].list[k].addr.port = 0;
        add(&got, &a.family[f].list[k].addr);
      }
      finish(&got, a.began);
      clear(&a);
      if(!same(&want, &got)) {
        show("alone", &want);
        show("ours", &got);
        fail();
      }
    }
  }
}

/* Nobody wants the other family: it is asked for only where this one has
   none. */
static void other_not_wanted(void **state)
{
  struct asked a;
  struct he_query *q;
  (void)state;
  ns_zone((const struct ns_record[]){
    { "he.test", NS_A, "127.0.0.3" }, { "he.test", NS_AAAA, "::2" },
    { "six.test", NS_AAAA, "::3" }, { 0 }
  });
  ask(&a, "label");
  await(&a, HE_FAMILIES);
  a.answers = 0;
  q = r->start(r, "he.test", 443, HE_IPV4, on_answer, &a);
  await(&a, 1);
  r->close(q);
  assert_int_equal(ns_asked("he.test", NS_AAAA), 0);
  free(a.family[HE_IPV4].list);
  q = r->start(r, "six.test", 443, HE_IPV4, on_answer, &a);
  await(&a, 2);
  r->close(q);
  assert_true(he_resolver_says_none(a.family[HE_IPV4].error));
  assert_int_equal(ns_asked("six.test", NS_AAAA), 1);
  /* and who comes later for the other one finds it */
  q = r->start(r, "six.test", 443, HE_IPV6, on_answer, &a);
  await(&a, 3);
  r->close(q);
  assert_int_equal(a.family[HE_IPV6].n, 1);
  free(a.family[HE_IPV6].list);
  a.family[HE_IPV6].list = NULL;
  q = r->start(r, "he.test", 443, HE_IPV6, on_answer, &a);
  await(&a, 4);
  r->close(q);
  assert_int_equal(a.family[HE_IPV6].n, 1);
  clear(&a);
}

/* -- many names without an answer -- */

#define MANY 100

/* They hold up nobody (A6). */
static void many_silent(void **state)
{
  static struct asked silent[MANY];
  struct answer healthy;
  (void)state;
  ns_etc("resolv.conf", "nameserver 127.0.0.53\noptions timeout:3 attempts:1"
         "\n");
  ns_zone((const struct ns_record[]){
    { "*.silent.test", NS_AAAA, "silent" },
    { "*.silent.test", NS_A, "silent" },
    { "he.test", NS_AAAA, "8:::2" }, { "he.test", NS_A, "8:127.0.0.3" }, { 0 }
  });
  for(int i = 0; i < MANY; i++) {
    char host[40];
    snprintf(host, sizeof(host), "n%d.silent.test", i);
    ask(&silent[i], host);
  }
  healthy = ours("he.test");
  assert_int_equal(healthy.error, 0);
  assert_int_equal(healthy.n, 2);
  assert_true(healthy.ms < 2000);
  for(int i = 0; i < MANY; i++) {
    assert_int_equal(silent[i].answers, 0);
    clear(&silent[i]);
  }
  assert_int_equal(threads_left(1), 0);   /* that of the name servers */
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(hosts_file, usual),
    cmocka_unit_test_setup(sources, usual),
    cmocka_unit_test_setup(names, usual),
    cmocka_unit_test_setup(aliases, usual),
    cmocka_unit_test_setup(search_list, usual),
    cmocka_unit_test_setup(search_lists, usual),
    cmocka_unit_test_setup(environment, usual),
    cmocka_unit_test_setup(any, usual),
    cmocka_unit_test_setup(sooner, usual),
    cmocka_unit_test_setup(asked_once, usual),
    cmocka_unit_test_setup(dead_server, usual),
    cmocka_unit_test_setup(only_server_dead, usual),
    cmocka_unit_test_setup(silence, usual),
    cmocka_unit_test_setup(one_family, usual),
    cmocka_unit_test_setup(other_not_wanted, usual),
    cmocka_unit_test_setup(many_silent, usual)
  };
  int failed;
  if(argc > 1)   /* one of them */
    cmocka_set_test_filter(argv[1]);
  test_seed();
  count_start();
  if(!ns_world()) {
    printf("1..0 # SKIP no network namespace of its own: %s\n",
           strerror(errno));
    return 77;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  ns_end();
  return failed;
}
