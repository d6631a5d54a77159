/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* On a busy machine the first attempt is noted later than libcurl's timer was
   set. No two delays that a test tells apart are this close. */
#define EARLY_US 15000
#define LATE_US 120000

const char *mode_name(enum mode mode)
{
  switch(mode) {
  case ALONE:
    return "libcurl alone";
  case BESIDE:
    return "curl_easy_perform";
  case RESOLVING:
    break;
  }
  return "curl_he_perform";
}

const char *way_name(enum way way)
{
  switch(way) {
  case UNDECLARED:
    return "not declared";
  case DECLARED:
    return "declared";
  case SEEN:
    break;
  }
  return "known";
}

/* -- a client -- */

static size_t keep_body(char *data, size_t size, size_t count, void *user)
{
  struct client *c = user;
  size_t n = size * count;
  size_t room = c->size < sizeof(c->body) ? sizeof(c->body) - 1 - c->size : 0;
  if(room > n)
    room = n;
  if(room) {
    memcpy(c->body + c->size, data, room);
    c->body[c->size + room] = 0;
  }
  c->size += n;
  return n;
}

static void set_client(struct client *c)
{
  client_set(c, UNDECLARED, CURLOPT_WRITEFUNCTION, keep_body);
  client_set(c, UNDECLARED, CURLOPT_WRITEDATA, c);
  client_set(c, UNDECLARED, CURLOPT_ERRORBUFFER, c->error);
  client_set(c, UNDECLARED, CURLOPT_CAINFO, getenv("HE_LAB_CA"));
  client_set(c, UNDECLARED, CURLOPT_NOSIGNAL, 1L);
}

static void open_client(struct client *c, enum mode mode, enum sight sight,
                        const char *url)
{
  memset(c, 0, sizeof(*c));
  c->mode = mode;
  c->sight = sight;
  c->easy = sight == KNOWN ? curl_easy_init() : libcurls_own()->init();
  client_url(c, url);
  set_client(c);
  if(mode != ALONE)
    curl_he_setup(c->easy);
}

void client_open(struct client *c, enum mode mode, const char *url)
{
  open_client(c, mode, KNOWN, url);
}

void client_open_unknown(struct client *c, enum mode mode, const char *url)
{
  open_client(c, mode, UNKNOWN, url);
}

void client_open_for(struct client *c, enum way way, enum mode mode,
                     const char *url)
{
  open_client(c, mode, way == SEEN ? KNOWN : UNKNOWN, url);
}

void client_reset(struct client *c)
{
  if(c->sight == KNOWN)
    curl_easy_reset(c->easy);
  else
    libcurls_own()->reset(c->easy);
  set_client(c);
}

void client_url(struct client *c, const char *url)
{
  client_set(c, UNDECLARED, CURLOPT_URL, url);
}

CURLcode client_go(struct client *c)
{
  c->size = 0;
  c->body[0] = 0;
  return c->mode == RESOLVING ? curl_he_perform(c->easy) :
         curl_easy_perform(c->easy);
}

void client_close(struct client *c)
{
  if(c->sight == KNOWN)
    curl_easy_cleanup(c->easy);
  else
    libcurls_own()->cleanup(c->easy);
  c->easy = NULL;
}

void pause_ms(long ms)
{
  const struct timespec t = { .tv_sec = ms / 1000,
                              .tv_nsec = ms % 1000 * 1000000 };
  nanosleep(&t, NULL);
}

CURLcode visit(enum mode mode, const char *url)
{
  struct client c;
  CURLcode rc;
  client_open(&c, mode, url);
  rc = client_go(&c);
  client_close(&c);
  return rc;
}

/* -- what came of it -- */

long info_long(CURL *easy, CURLHEINFO info)
{
  long value = -1;
  assert_int_equal((curl_he_easy_getinfo)(easy, info, &value),
                   CURL_HE_OK);
  return value;
}

const char *info_string(CURL *easy, CURLHEINFO info)
{
  char *text = NULL;
  assert_int_equal((curl_he_easy_getinfo)(easy, info, &text),
                   CURL_HE_OK);
  return text;
}

static struct curl_he_steps race(CURL *easy)
{
  struct curl_he_steps s;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &s),
                   CURL_HE_OK);
  return s;
}

size_t steps(CURL *easy, CURLHEstep kind)
{
  struct curl_he_steps s = race(easy);
  size_t n = 0;
  for(size_t i = 0; i < s.count; i++)
    n += s.steps[i].step == kind;
  return n;
}

static const char *step_name(CURLHEstep step)
{
  static const char *const names[] = {
    "resolve", "answer", "start", "connected", "failed", "timed out",
    "cancelled", "gone", "provoked", "handed over", "aside", "won", "lost",
    "remembered", "lookup", "services"
  };
  return names[step];
}

unsigned most_at_once(CURL *easy)
{
  struct curl_he_steps s = race(easy);
  unsigned running = 0, most = 0;
  for(size_t i = 0; i < s.count; i++) {
    switch(s.steps[i].step) {
    case CURL_HE_STEP_START:
      running++;
      if(!s.steps[i].libcurls && running > most)
        most = running;
      break;
    case CURL_HE_STEP_FAILED:
    case CURL_HE_STEP_TIMED_OUT:
    case CURL_HE_STEP_CANCELLED:
    case CURL_HE_STEP_GONE:
      running--;
      break;
    default:
      break;
    }
  }
  return most;
}

size_t own_attempts(CURL *easy)
{
  struct curl_he_steps s = race(easy);
  size_t n = 0;
  for(size_t i = 0; i < s.count; i++)
    n += s.steps[i].step == CURL_HE_STEP_START && !s.steps[i].libcurls;
  return n;
}

size_t unsent(CURL *easy)
{
  struct curl_he_steps s = race(easy);
  size_t n = 0;
  for(size_t i = 0; i < s.count; i++)
    n += s.steps[i].step == CURL_HE_STEP_FAILED &&
         s.steps[i].error == ENETUNREACH;
  return n;
}

void print_race(CURL *easy)
{
  struct curl_he_steps s = race(easy);
  print_error("race to %s:%d\n", s.host ? s.host : "nobody", s.port);
  for(size_t i = 0; i < s.count; i++) {
    const struct curl_he_step *t = &s.steps[i];
    print_error("%9.1f ms %-11s %c %s %s\n", (double)t->time_us / 1000,
                step_name(t->step), t->libcurls ? 'L' : 'C',
                t->address ? t->address : "", t->text ? t->text : "");
  }
}

/* "192.0.2.1:80" or "[2001:db8::1]:80" begins with this address */
static bool is_address(const char *given, const char *address)
{
  size_t n = strlen(address);
  given += *given == '[';
  return !strncmp(given, address, n) &&
         (given[n] == ']' || (given[n] == ':' && !strchr(address, ':')));
}

/* Where the script and the race are. */
struct reading {
  const char *script;
  curl_off_t first;    /* when the first attempt began, us */
  bool alone;          /* it was curl-he's: the race ran in the lookup */
  curl_off_t last;     /* the one before, since the first */
  long last_ms;        /* and as the script has it */
};

/* An attempt is late by the clock, or only because the one before was, for a
   busy machine's delays add up. */
static bool in_time(const struct reading *r, curl_off_t at, long ms)
{
  return at >= ms * 1000 - EARLY_US &&
         (at <= ms * 1000 + LATE_US ||
          at - r->last <= (ms - r->last_ms) * 1000 + LATE_US);
}

/* Reads one attempt of the script. */
static bool fits(const struct curl_he_step *s, bool whose, struct reading *r)
{
  char who, address[64];
  long ms;
  int length;
  bool ok;
  if(sscanf(r->script, " %c %63s %ld%n", &who, address, &ms, &length) != 3)
    return false;
  r->script += length;
  r->script += *r->script == ',';
  ok = (!whose || s->libcurls ==
        (who == 'L' || (libcurl_races() && !r->alone))) &&
       is_address(s->address, address) &&
       in_time(r, s->time_us - r->first, ms);
  r->last = s->time_us - r->first;
  r->last_ms = ms;
  return ok;
}

static bool attempts_fit(const struct curl_he_steps *s, const char *script,
                         bool whose)
{
  struct reading r = { .script = script, .first = -1 };
  for(size_t i = 0; i < s->count; i++) {
    if(s->steps[i].step != CURL_HE_STEP_START)
      continue;
    if(r.first < 0) {
      r.first = s->steps[i].time_us;
      r.alone = !s->steps[i].libcurls;
    }
    if(!strcmp(r.script, " ...")) {
      if(whose && !s->steps[i].libcurls)
        return false;
    }
    else if(!fits(&s->steps[i], whose || s->steps[i].time_us == r.first, &r))
      return false;
  }
  return !*r.script || !strcmp(r.script, " ...");
}

/* What came of it is as curl-he saw it; what went wrong on the way, a lost
   packet say, is in the network's record. */
static void print_what_happened(const struct client *c)
{
  if(c->mode != ALONE)
    print_race(c->easy);
  print_packets();
}

void expect_attempts(struct client *c, const char *script)
{
  struct curl_he_steps s = race(c->easy);
  if(!attempts_fit(&s, script, c->mode == BESIDE)) {
    print_what_happened(c);
    fail_msg("wanted the attempts \"%s\"", script);
  }
}

void expect_winner(struct client *c, const char *address)
{
  char body[128];
  char *ip = NULL;
  snprintf(body, sizeof(body), "hello from %s\n", address);
  if(strcmp(c->body, body)) {
    print_what_happened(c);
    fail_msg("wanted \"hello from %s\", not \"%s\"", address, c->body);
  }
  curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &ip);
  assert_string_equal(ip, address);
  if(c->mode != ALONE)
    assert_string_equal(info_string(c->easy, CURLHEINFO_WINNER), address);
}

/* -- what the network saw -- */

static bool is_syn(const struct lab_packet *p)
{
  return p->proto == IPPROTO_TCP && (p->flags & 18) == 2;
}

static int count_query(const struct lab_packet *p, void *user)
{
  *(long *)user += p->proto == IPPROTO_UDP && p->dport == 53;
  return 0;
}

static int count_syn(const struct lab_packet *p, void *user)
{
  *(long *)user += is_syn(p);
  return 0;
}

static long count(int (*each)(const struct lab_packet *, void *))
{
  long n = 0;
  assert_true(lab_packets(each, &n) >= 0);
  return n;
}

static int print_packet(const struct lab_packet *p, void *user)
{
  int64_t *first = user;
  if(!*first)
    *first = p->time_ns;
  print_error("%9.1f ms port %u to %s port %u, protocol %u, flags %u, %u "
              "bytes, %c\n", (double)(p->time_ns - *first) / 1e6, p->sport,
              p->dst, p->dport, p->proto, p->flags, p->length, p->fate);
  return 0;
}

void print_packets(void)
{
  int64_t first = 0;
  print_error("sent since the last lab_reset() (s: on its way, l: lost, r: "
              "refused)\n");
  if(lab_packets(print_packet, &first) < 0)
    print_error("%s\n", lab_error());
}

long dns_queries(void)
{
  return count(count_query);
}

long syns_to_servers(void)
{
  return count(count_syn);
}

static bool has_word(const char *text, const char *word)
{
  size_t n = strlen(word);
  for(; (text = strstr(text, word)) != NULL; text++) {
    if(text[n] == ' ')
      return true;
  }
  return false;
}

static int note_address(const struct lab_packet *p, void *user)
{
  struct addresses *a = user;
  size_t len = strlen(a->text);
  if(is_syn(p) && !has_word(a->text, p->dst))
    snprintf(a->text + len, sizeof(a->text) - len, "%s ", p->dst);
  return 0;
}

void syn_addresses(struct addresses *out)
{
  out->text[0] = 0;
  assert_true(lab_packets(note_address, out) >= 0);
}

bool addresses_within(const struct addresses *a, const struct addresses *b)
{
  struct addresses copy = *a;
  char *rest = NULL;
  for(char *word = strtok_r(copy.text, " ", &rest); word;
      word = strtok_r(NULL, " ", &rest)) {
    if(!has_word(b->text, word))
      return false;
  }
  return true;
}

/* -- around each test -- */

static int fds_before;
#define NETLINKS 2            /* one for questions, one for news */

/* The system's resolver, where it hangs, has a socket to the name server: not
   ours, and not to be stopped. */
static bool is_resolvers(int fd)
{
  struct sockaddr_storage sa;
  socklen_t len = sizeof(sa);
  int type = 0;
  socklen_t type_len = sizeof(type);
  return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) &&
         type == SOCK_DGRAM &&
         !getpeername(fd, (struct sockaddr *)&sa, &len) &&
         sa.ss_family == AF_INET &&
         ((struct sockaddr_in *)&sa)->sin_port == htons(53);
}

/* One that tells of changes of the network, or answers about it: they stay as
   long as a context that has learned. */
static bool is_netlink(int fd)
{
  int domain = 0;
  socklen_t len = sizeof(domain);
  return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
         domain == AF_NETLINK;
}

static int count_fds(bool netlink)
{
  DIR *dir = opendir("/proc/self/fd");
  const struct dirent *e;
  int n = 0;
  assert_non_null(dir);
  while((e = readdir(dir)) != NULL) {
    int fd = atoi(e->d_name);
    n += *e->d_name != '.' && fd != dirfd(dir) && !is_resolvers(fd) &&
         is_netlink(fd) == netlink;
  }
  closedir(dir);
  return n;
}

/* curl-he's thread and its descriptors stay until the default context goes. */
static void start_thread(void)
{
  struct client c;
  struct curl_he_steps s;
  client_open(&c, BESIDE, "http://s1.lab.test/");
  client_go(&c);
  s = race(c.easy);
  assert_true(s.count > 0);
  client_close(&c);
}

/* What a test finds is the cold race, however many hosts it visits, and how
   often: the default context remembers nothing unless it is told to. */
static void history(long on)
{
  assert_int_equal(curl_he_setopt(curl_he_default(), CURLHEOPT_HISTORY, on),
                   CURL_HE_OK);
}

void remember(void)
{
  history(1);
}

void know(enum mode mode, const char *url)
{
  remember();
  assert_int_equal(visit(mode, url), CURLE_OK);
}

int set_up(void **state)
{
  (void)state;
  curl_he_free(curl_he_default());
  assert_int_equal(count_fds(true), 0);
  history(0);
  start_thread();
  fds_before = count_fds(false);
  return lab_restore() || lab_reset();
}

/* What is open, for who reads the log: cmocka drops what a tear_down() says. */
static void tell_fds(void)
{
  printf("# %d descriptors, %d before:", count_fds(false), fds_before);
  for(int fd = 3; fd < 256; fd++) {
    char link[32], what[64];
    struct sockaddr_in6 peer = { .sin6_family = 0 };
    socklen_t len = sizeof(peer);
    ssize_t n;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, what, sizeof(what));
    if(n < 0)
      continue;
    printf(" %d %.*s", fd, (int)n, what);
    /* both families have it at the same place */
    if(!getpeername(fd, (struct sockaddr *)&peer, &len))
      printf(" to port %d", ntohs(peer.sin6_port));
  }
  puts("");
}

static bool all_gone(void)
{
  return lab_syn_sent() == 0 && count_fds(false) <= fds_before;
}

void expect_nothing_left(void)
{
  int64_t second = lab_now_ns() + 1000000000;
  int64_t limit = second + 2000000000;
  /* what is being probed at the moment is not looked at any more */
  assert_int_equal(curl_he_history_forget(curl_he_default(), NULL),
                   CURL_HE_OK);
  while(!all_gone() && lab_now_ns() < second)
    pause_ms(20);
  assert_int_equal(lab_syn_sent(), 0);
  /* a winner that nobody takes is kept for a little longer */
  while(!all_gone() && lab_now_ns() < limit)
    pause_ms(20);
  if(count_fds(false) > fds_before)
    tell_fds();
  /* a thread of the resolver's that was late may have had one at set_up() */
  assert_true(count_fds(false) <= fds_before);
  assert_true(count_fds(true) <= NETLINKS);
}

void needs_beside(void)
{
  const char *without = getenv("HE_WITHOUT");
  if(without && strstr(without, "beside"))
    skip();
}

int tear_down(void **state)
{
  (void)state;
  expect_nothing_left();
  return 0;
}

/* -- tests from tables -- */

void suite_add(struct suite *s, CMUnitTestFunction run, const void *state,
               const char *format, ...)
{
  struct CMUnitTest *more = realloc(s->tests, (s->count + 1) * sizeof(*more));
  char name[256];
  va_list ap;
  if(!more)
    abort();
  va_start(ap, format);
  vsnprintf(name, sizeof(name), format, ap);
  va_end(ap);
  s->tests = more;
  memset(&more[s->count], 0, sizeof(*more));
  more[s->count].name = strdup(name);
  more[s->count].test_func = run;
  more[s->count].setup_func = set_up;
  more[s->count].teardown_func = tear_down;
  more[s->count].initial_state = (void *)(uintptr_t)state;
  s->count++;
}

void suite_add_modes(struct suite *s, const struct mode_test *tests, size_t n)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  for(size_t m = 0; m < 2; m++) {
    for(size_t i = 0; i < n; i++)
      suite_add(s, tests[i].run, &modes[m], "%s, by %s", tests[i].what,
                mode_name(modes[m]));
  }
}

int suite_run(const struct suite *s, const char *name)
{
  int failed;
  /* CURLOPT_NOSIGNAL leaves it to the program: libcurl 7.81.0 writes to a TLS
     connection that was reset */
  signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if(getenv("HE_TEST_FILTER"))   /* a shell pattern for names of tests */
    cmocka_set_test_filter(getenv("HE_TEST_FILTER"));
  failed = _cmocka_run_group_tests(name, s->tests, s->count, NULL, NULL);
  for(size_t i = 0; i < s->count; i++)
    free((char *)(uintptr_t)s->tests[i].name);
  free(s->tests);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return failed ? 1 : 0;
}
