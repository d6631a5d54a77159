/* SPDX-License-Identifier: MIT */
/* tls_proof_test.c - who is asked over TLS has proven who it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "dotask.h"
#include "upstream/authorities.h"

static void pin(struct asker *a, enum dot_cert cert)
{
  dot_pin(cert, a->upstream->pin[a->upstream->pins++]);
}

/* Asks once, of a server that has this certificate. */
static enum he_upstream_verdict ask_of(enum dot_cert cert,
                                       void (*change)(struct asker *a),
                                       struct dot_seen *seen)
{
  const struct dot_config config = { .cert = cert };
  struct dot_server *s = dot_start(NULL, &config);
  enum he_upstream_verdict v;
  struct asker a;
  asker_init(&a, s);
  if(change)
    change(&a);
  asker_start(&a);
  v = asker_ask(&a, "x.test");
  *seen = dot_seen(s);
  asker_end(&a);
  dot_stop(s);
  return v;
}

/* -- ways to prove -- */

static void right_pin(struct asker *a)
{
  pin(a, DOT_GOOD);
}

static void backup_pin(struct asker *a)
{
  pin(a, DOT_OTHER);
  pin(a, DOT_GOOD);
}

static void wrong_pin(struct asker *a)
{
  pin(a, DOT_OTHER);
}

static void authority_pin(struct asker *a)
{
  dot_pin_authority(a->upstream->pin[a->upstream->pins++]);
}

static void nameless(struct asker *a)
{
  a->upstream->name[0] = a->upstream->ca[0] = 0;
}

static void right_pin_alone(struct asker *a)
{
  nameless(a);
  pin(a, DOT_GOOD);
}

static void wrong_pin_alone(struct asker *a)
{
  nameless(a);
  pin(a, DOT_OTHER);
}

/* Without a name nobody knows whether the authority signed it. */
static void authority_pin_alone(struct asker *a)
{
  nameless(a);
  authority_pin(a);
}

static void strangers_pin_alone(struct asker *a)
{
  nameless(a);
  pin(a, DOT_STRANGER);
}

static void wrong_name(struct asker *a)
{
  snprintf(a->upstream->name, sizeof(a->upstream->name), "ot.test");
}

static void by_address(struct asker *a)
{
  snprintf(a->upstream->name, sizeof(a->upstream->name), "127.0.0.1");
}

static void by_other_address(struct asker *a)
{
  snprintf(a->upstream->name, sizeof(a->upstream->name), "127.0.0.2");
}

static void systems_authorities(struct asker *a)
{
  a->upstream->ca[0] = 0;
}

static void absent_authorities(struct asker *a)
{
  snprintf(a->upstream->ca, sizeof(a->upstream->ca), "/nonexistent");
}

static void opportunistic(struct asker *a)
{
  a->upstream->opportunistic = true;
}

static void opportunistic_bare(struct asker *a)
{
  nameless(a);
  opportunistic(a);
}

static const struct {
  const char *what;
  enum dot_cert cert;
  void (*change)(struct asker *a);
  bool proven;
} cases[] = {
  { "by name", DOT_GOOD, NULL, true },
  { "by name and pin", DOT_GOOD, right_pin, true },
  { "by the second pin", DOT_GOOD, backup_pin, true },
  { "by the authority's pin", DOT_GOOD, authority_pin, true },
  { "by pin alone", DOT_GOOD, right_pin_alone, true },
  { "by pin alone, nobody knows who signed", DOT_STRANGER,
    strangers_pin_alone, true },
  { "by address", DOT_GOOD, by_address, true },
  { "wrong pin", DOT_GOOD, wrong_pin, false },
  { "wrong pin alone", DOT_GOOD, wrong_pin_alone, false },
  { "authority's pin alone", DOT_GOOD, authority_pin_alone, false },
  { "wrong name", DOT_GOOD, wrong_name, false },
  { "wrong address", DOT_GOOD, by_other_address, false },
  { "wrong certificate", DOT_OTHER, NULL, false },
  { "nobody knows who signed", DOT_STRANGER, NULL, false },
  { "nobody knows who signed, right pin", DOT_STRANGER, right_pin, false },
  { "expired", DOT_EXPIRED, NULL, false },
  { "the name in its subject alone", DOT_SUBJECT, NULL, false },
  { "system's authorities", DOT_GOOD, systems_authorities, false },
  { "no authorities", DOT_GOOD, absent_authorities, false },
};

static void proofs(void **state)
{
  (void)state;
  for(size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    struct dot_seen seen;
    enum he_upstream_verdict v = ask_of(cases[i].cert, cases[i].change, &seen);
    print_message("  %s\n", cases[i].what);
    assert_int_equal(v, cases[i].proven ? HE_UPSTREAM_ANSWERED :
                     HE_UPSTREAM_UNPROVEN);
    assert_int_equal(seen.queries, cases[i].proven);
    assert_int_equal(seen.odd, 0);
    assert_int_equal(seen.shaken, cases[i].proven ? seen.alpn : 0);
  }
}

/* The same way to prove, without a name or a pin that is right: then anybody
   will do (RFC 8310 section 5). */
static void unproven_allowed(void **state)
{
  struct dot_seen seen;
  (void)state;
  assert_int_equal(ask_of(DOT_STRANGER, opportunistic, &seen),
                   HE_UPSTREAM_ANSWERED);
  assert_int_equal(seen.accepted, 2);  /* once to be proven, once without */
  assert_int_equal(seen.queries, 1);
  assert_int_equal(ask_of(DOT_GOOD, opportunistic, &seen),
                   HE_UPSTREAM_ANSWERED);
  assert_int_equal(seen.accepted, 1);
  assert_int_equal(ask_of(DOT_STRANGER, opportunistic_bare, &seen),
                   HE_UPSTREAM_ANSWERED);
  assert_int_equal(seen.accepted, 1);
}

/* Of two servers the first is not who it should be: with either profile it
   hears nothing. */
static void other_server(void **state)
{
  const struct dot_config bad = { .cert = DOT_STRANGER };
  const struct dot_config good = { .cert = DOT_GOOD };
  (void)state;
  for(int profile = 0; profile < 2; profile++) {
    struct dot_server *first = dot_start(NULL, &bad);
    struct dot_server *second = dot_start("127.0.0.2", &good);
    struct asker a;
    asker_init(&a, first);
    a.upstream->list[a.upstream->n++] = dot_addr(second);
    a.upstream->opportunistic = profile;
    asker_start(&a);
    assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
    assert_int_equal(asker_ask(&a, "y.test"), HE_UPSTREAM_ANSWERED);
    assert_int_equal(dot_seen(first).accepted, 1);
    assert_int_equal(dot_seen(first).queries, 0);
    assert_int_equal(dot_seen(second).queries, 2);
    asker_end(&a);
    dot_stop(first);
    dot_stop(second);
  }
}

/* -- without a certificate -- */

/* In a process of its own: OpenSSL reads its configuration once. Returns how
   the child asked, and what the server saw, as an exit status. */
static int ask_nobody(bool lenient)
{
  const struct dot_config config = { .anonymous = true };
  struct dot_server *s = dot_start(NULL, &config);
  enum he_upstream_verdict v;
  struct asker a;
  asker_init(&a, s);
  a.upstream->opportunistic = lenient;
  asker_start(&a);
  v = asker_ask(&a, "x.test");
  if(lenient)
    return v != HE_UPSTREAM_ANSWERED;
  if(v != HE_UPSTREAM_UNPROVEN || dot_seen(s).queries)
    return 1;
  /* The handshake went well, so that it was for curl-he to refuse it. The
     server sees its end later than the client. */
  for(int ms = 0; !dot_seen(s).shaken && ms < 10000; ms++)
    sleep_ms(1);
  return dot_seen(s).shaken ? 0 : 2;
}

static int status_of(bool lenient)
{
  int status;
  pid_t child = fork_with_threads();
  if(!child)
    _exit(ask_nobody(lenient));
  while(waitpid(child, &status, 0) < 0)
    assert_int_equal(errno, EINTR);
  return status;
}

/* The system's OpenSSL is configured for ciphers that prove nothing. */
static void no_certificate(void **state)
{
  char path[] = "/tmp/he-openssl-XXXXXX";
  FILE *to = fdopen(mkstemp(path), "w");
  (void)state;
  assert_non_null(to);
  fputs("openssl_conf = all\n[all]\nssl_conf = ssl\n"
        "[ssl]\nsystem_default = weak\n"
        "[weak]\nCipherString = aNULL:@SECLEVEL=0\n", to);
  assert_int_equal(fclose(to), 0);
  assert_int_equal(setenv("OPENSSL_CONF", path, 1), 0);
  assert_int_equal(status_of(false), 0);
  assert_int_equal(status_of(true), 0);
  assert_int_equal(unsetenv("OPENSSL_CONF"), 0);
  assert_int_equal(unlink(path), 0);
}

/* -- tickets -- */

/* Asks over as many connections, one after another. */
static struct dot_seen ask_again(const struct dot_config *config,
                                 void (*change)(struct asker *a), unsigned n)
{
  struct dot_server *s = dot_start(NULL, config);
  struct dot_seen seen;
  struct asker a;
  asker_init(&a, s);
  if(change)
    change(&a);
  asker_start(&a);
  for(unsigned i = 0; i < n; i++) {
    assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
    while(dot_seen(s).open)
      sleep_ms(1);
  }
  seen = dot_seen(s);
  asker_end(&a);
  dot_stop(s);
  return seen;
}

static void resumption(void **state)
{
  const struct dot_config new_tls = { .mode = DOT_ONE_EACH };
  const struct dot_config old_tls = { .mode = DOT_ONE_EACH, .tls12 = true };
  const struct dot_config none = { .mode = DOT_ONE_EACH, .no_tickets = true };
  const struct dot_config odd = { .mode = DOT_ONE_EACH, .cert = DOT_STRANGER };
  struct dot_seen seen = ask_again(&new_tls, NULL, 4);
  (void)state;
  assert_int_equal(seen.shaken, 4);
  assert_int_equal(seen.resumed, 3);
  assert_int_equal(seen.early, 0);
  assert_int_equal(ask_again(&new_tls, right_pin_alone, 3).resumed, 2);
  assert_int_equal(ask_again(&old_tls, NULL, 4).resumed, 3);
  assert_int_equal(ask_again(&none, NULL, 3).resumed, 0);
  /* What was not proven is no proof later: a question has a connection where
     proof is asked for, then one without. Where it comes before curl-he sees
     that the last connection was closed, the former is left out. */
  seen = ask_again(&odd, opportunistic, 3);
  assert_int_equal(seen.resumed, 0);
  assert_in_range(seen.accepted, 4, 6);
}

/* -- authorities -- */

static char folder[] = "/tmp/he-proof-XXXXXX";

static const char *in_folder(const char *name)
{
  static char path[256];
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

/* A file of some text and, where it is to be, the test's authority. */
static void put_file(const char *name, const char *text, bool authority)
{
  FILE *to = fopen(in_folder(name), "w"), *from;
  int c;
  assert_non_null(to);
  fputs(text, to);
  if(authority) {
    assert_non_null(from = fopen(dot_authority(), "r"));
    while((c = getc(from)) != EOF)
      putc(c, to);
    fclose(from);
  }
  assert_int_equal(fclose(to), 0);
}

static void ca_folder(struct asker *a)
{
  snprintf(a->upstream->ca, sizeof(a->upstream->ca), "%s", folder);
}

static enum he_upstream_verdict ask_with_folder(void)
{
  struct dot_seen seen;
  return ask_of(DOT_GOOD, ca_folder, &seen);
}

/* In another file than c_rehash(1) makes, in one, and behind what is none. */
static void from_folder(void **state)
{
  static const char broken[] = "-----BEGIN CERTIFICATE-----\nMIIB\n"
                               "-----END CERTIFICATE-----\n";
  (void)state;
  assert_non_null(mkdtemp(folder));
  put_file("ca.pem", "", true);
  put_file("0123456.0", "", true);
  put_file("01234567.r0", "", true);
  assert_int_equal(ask_with_folder(), HE_UPSTREAM_UNPROVEN);
  put_file("01234567.0", "", true);
  assert_int_equal(ask_with_folder(), HE_UPSTREAM_ANSWERED);
  put_file("01234567.0", broken, true);
  assert_int_equal(ask_with_folder(), HE_UPSTREAM_ANSWERED);
  put_file("01234567.0", broken, false);
  assert_int_equal(ask_with_folder(), HE_UPSTREAM_UNPROVEN);
}

/* The system's: a file, and a list of folders. */
static void from_environment(void **state)
{
  char list[300], *text;
  size_t n;
  (void)state;
  put_file("ca.pem", "file", false);
  put_file("01234567.0", "folder", false);
  snprintf(list, sizeof(list), ":/nonexistent:%s", folder);
  assert_int_equal(setenv("SSL_CERT_FILE", in_folder("ca.pem"), 1), 0);
  assert_int_equal(setenv("SSL_CERT_DIR", list, 1), 0);
  he_authorities_environment();
  text = he_authorities_read("", &n);
  assert_int_equal(n, 12);
  assert_memory_equal(text, "file\nfolder\n", 12);
  free(text);
  assert_int_equal(setenv("SSL_CERT_FILE", "/nonexistent", 1), 0);
  assert_int_equal(setenv("SSL_CERT_DIR", "/nonexistent", 1), 0);
  he_authorities_environment();
  assert_null(he_authorities_read("", &n));
  for(size_t i = 0; i < 4; i++) {
    static const char *const names[] = { "ca.pem", "0123456.0", "01234567.r0",
                                         "01234567.0" };
    assert_int_equal(unlink(in_folder(names[i])), 0);
  }
  assert_int_equal(rmdir(folder), 0);
}

/* They come while the process runs. */
static void later(void **state)
{
  const struct dot_config config = { .cert = DOT_GOOD };
  struct dot_server *s = dot_start(NULL, &config);
  char path[] = "/tmp/he-later-XXXXXX";
  struct asker a;
  (void)state;
  close(mkstemp(path));
  asker_init(&a, s);
  snprintf(a.upstream->ca, sizeof(a.upstream->ca), "%s", path);
  asker_start(&a);
  assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_UNPROVEN);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(symlink(dot_authority(), path), 0);
  assert_int_equal(asker_ask(&a, "x.test"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(unlink(path), 0);
  asker_end(&a);
  dot_stop(s);
}

static void nothing_left(void **state)
{
  (void)state;
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_certificate),  /* before OpenSSL is set up */
    cmocka_unit_test(proofs), cmocka_unit_test(unproven_allowed),
    cmocka_unit_test(other_server), cmocka_unit_test(resumption),
    cmocka_unit_test(from_folder), cmocka_unit_test(from_environment),
    cmocka_unit_test(later),
    cmocka_unit_test(nothing_left)
  };
  int failed;
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  dot_end();
  return failed;
}
