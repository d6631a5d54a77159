/* SPDX-License-Identifier: MIT */
/* passing_test.c - connects that are none of curl-he's pass it untouched: Unix
 * sockets, datagrams, FTP with its data connection, address literals and
 * localhost. */
#include "harness.h"
#include "listener.h"

#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_untouched(struct client *c)
{
  assert_int_equal(own_attempts(c->easy), 0);
  assert_int_equal(steps(c->easy, CURL_HE_STEP_RESOLVE), 0);
  assert_int_equal(info_long(c->easy, CURLHEINFO_HANDED_OVER), 0);
}

static void test_unix_socket(void **state)
{
  const enum mode *mode = *state;
  for(int i = 0; i < 6; i++) {
    enum way way = (enum way)(i % 3);
    struct listener l;
    struct client c;
    client_open_for(&c, way, *mode, "http://s9.lab.test/");
    if(i < 3) {
      listener_unix(&l);
      client_set(&c, way, CURLOPT_UNIX_SOCKET_PATH, l.path);
    }
    else {
      listener_abstract(&l);
      client_set(&c, way, CURLOPT_ABSTRACT_UNIX_SOCKET, l.name);
    }
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OK);
    assert_string_equal(c.body, LISTENER_SAYS);
    expect_untouched(&c);
    assert_int_equal(syns_to_servers(), 0);
    assert_int_equal(dns_queries(), 0);
    client_close(&c);
    listener_stop(&l);
  }
}

static void test_localhost(void **state)
{
  const enum mode *mode = *state;
  struct listener l;
  struct client c;
  char url[64];
  listener_tcp(&l);
  snprintf(url, sizeof(url), "http://localhost:%d/", l.port);
  client_open(&c, *mode, url);
  assert_int_equal(client_go(&c), CURLE_OK);
  assert_string_equal(c.body, LISTENER_SAYS);
  expect_untouched(&c);
  assert_int_equal(dns_queries(), 0);
  client_close(&c);
  listener_stop(&l);
}

static int types_seen[8];

static curl_socket_t note_type(void *user, curlsocktype purpose,
                               struct curl_sockaddr *sa)
{
  size_t *n = user;
  (void)purpose;
  if(*n < 8)
    types_seen[(*n)++] = sa->socktype & 15;
  return socket(sa->family, sa->socktype, sa->protocol);
}

/* Nothing listens there: what counts is who made the socket, and of what. */
static void test_datagrams(void **state)
{
  const enum mode *mode = *state;
  struct client c;
  size_t n = 0;
  client_open(&c, *mode, "tftp://s9.lab.test/x");
  client_set(&c, DECLARED, CURLOPT_OPENSOCKETFUNCTION, note_type);
  client_set(&c, DECLARED, CURLOPT_OPENSOCKETDATA, &n);
  client_set(&c, UNDECLARED, CURLOPT_TIMEOUT_MS, 600L);
  assert_int_not_equal(client_go(&c), CURLE_OK);
  assert_true(n > 0);
  for(size_t i = 0; i < n; i++)
    assert_int_equal(types_seen[i], SOCK_DGRAM);
  assert_int_equal(own_attempts(c.easy), 0);
  assert_int_equal(syns_to_servers(), 0);
  client_close(&c);
}

static void test_literals(void **state)
{
  static const struct {
    const char *url;
    const char *address;
  } good[] = {
    { "http://198.19.6.2/", "198.19.6.2" },
    { "http://[3fff:101::1]/", "3fff:101::1" },
  };
  static const char *const dead[] = {
    "http://198.19.9.1/", "http://[3fff:102::1]/"
  };
  const enum mode *mode = *state;
  for(size_t i = 0; i < 2; i++) {
    struct client c;
    struct addresses went;
    lab_reset();
    client_open(&c, *mode, good[i].url);
    assert_int_equal(client_go(&c), CURLE_OK);
    expect_winner(&c, good[i].address);
    expect_untouched(&c);
    client_close(&c);
    lab_reset();
    client_open(&c, *mode, dead[i]);
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 400L);
    assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
    expect_untouched(&c);
    syn_addresses(&went);
    assert_non_null(strchr(went.text, ' '));
    assert_ptr_equal(strchr(went.text, ' '), strrchr(went.text, ' '));
    assert_int_equal(dns_queries(), 0);
    client_close(&c);
  }
}

/* -- where history knows the host -- */

static void know_both(void **state)
{
  const enum mode *mode = *state;
  know(*mode, "http://s2.lab.test/");
  know(*mode, "http://s9.lab.test/");
}

static void test_unix_socket_of_known(void **state)
{
  know_both(state);
  test_unix_socket(state);
}

static void test_literals_of_known(void **state)
{
  know_both(state);
  test_literals(state);
}

/* The scope of an address is libcurl's to say, by the URL or the option. */
static void test_scope(void **state)
{
  const enum mode *mode = *state;
  unsigned lab0 = if_nametoindex("lab0");
  assert_int_not_equal(lab0, 0);
  assert_int_equal(system("ip addr replace fe80::c/64 dev lab0 nodad"), 0);
  for(int i = 0; i < 6; i++) {
    enum way way = (enum way)(i % 3);
    struct addresses went;
    struct client c;
    client_open_for(&c, way, *mode, i < 3 ? "http://[fe80::1%25lab0]/" :
                    "http://[fe80::1]/");
    client_set(&c, way, CURLOPT_ADDRESS_SCOPE, i < 3 ? 0L : (long)lab0);
    client_set(&c, UNDECLARED, CURLOPT_CONNECTTIMEOUT_MS, 400L);
    lab_reset();
    assert_int_equal(client_go(&c), CURLE_OPERATION_TIMEDOUT);
    syn_addresses(&went);
    assert_string_equal(went.text, "fe80::1 ");
    expect_untouched(&c);
    assert_int_equal(dns_queries(), 0);
    client_close(&c);
  }
  assert_int_equal(system("ip addr del fe80::c/64 dev lab0"), 0);
}

/* -- FTP -- */

#define PYTHON "/usr/bin/python3"   /* the one that Debian's modules are for */
#define FTP_TEXT "a file by FTP\n"

static void write_file(const char *dir)
{
  char path[64];
  FILE *f;
  snprintf(path, sizeof(path), "%s/file", dir);
  f = fopen(path, "w");
  assert_non_null(f);
  fputs(FTP_TEXT, f);
  fclose(f);
}

static bool has_ftp_server(void)
{
  return !system(PYTHON " -c 'import pyftpdlib' 2>/dev/null");
}

static pid_t start_ftp(const char *dir)
{
  pid_t pid = fork();
  if(!pid) {
    if(!freopen("/dev/null", "w", stdout) ||
       !freopen("/dev/null", "w", stderr))
      _exit(126);
    execl(PYTHON, PYTHON, "-m", "pyftpdlib", "-i", "127.0.0.1", "-p",
          "2121", "-d", dir, (char *)NULL);
    _exit(127);
  }
  assert_true(pid > 0);
  return pid;
}

static CURLcode wait_for_ftp(struct client *c)
{
  CURLcode rc = client_go(c);
  for(int i = 0; rc == CURLE_COULDNT_CONNECT && i < 200; i++) {
    pause_ms(50);
    rc = client_go(c);
  }
  return rc;
}

static void test_ftp(void **state)
{
  const enum mode *mode = *state;
  char dir[] = "/run/ftpXXXXXX", path[64];
  struct client c;
  CURLcode rc;
  pid_t pid;
  assert_non_null(mkdtemp(dir));
  write_file(dir);
  pid = start_ftp(dir);
  client_open(&c, *mode, "ftp://localhost:2121/file");
  rc = wait_for_ftp(&c);
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  snprintf(path, sizeof(path), "%s/file", dir);
  unlink(path);
  rmdir(dir);
  assert_int_equal(rc, CURLE_OK);
  assert_string_equal(c.body, FTP_TEXT);
  expect_untouched(&c);
  client_close(&c);
}

int main(void)
{
  static const struct mode_test ftp = { test_ftp, "FTP, control and data" };
  static const struct mode_test tests[] = {
    { test_unix_socket, "a Unix socket, with a name or an abstract one" },
    { test_localhost, "localhost" },
    { test_datagrams, "datagrams" },
    { test_literals, "address literals" },
    { test_unix_socket_of_known, "a Unix socket, the host known" },
    { test_literals_of_known, "address literals of known hosts" },
    { test_scope, "addresses with a scope" },
  };
  struct suite s = { NULL, 0 };
  suite_add_modes(&s, tests, sizeof(tests) / sizeof(*tests));
  if(has_ftp_server())
    suite_add_modes(&s, &ftp, 1);
  return suite_run(&s, "passing");
}
