/* SPDX-License-Identifier: MIT */
/* tls_proof_test.c - who is asked over TLS has proven who it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "dotask.h"
#include "dotcert.h"
#include "upstream/trust.h"

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
  /* what was not proven is no proof later */
  seen = ask_again(&odd, opportunistic, 3);
  assert_int_equal(seen.resumed, 0);
  assert_int_equal(seen.accepted, 6);
}

/* -- authorities -- */

/* Their file is missing at first, and is there seconds later. Once read they
   hold for longer. */
static void late_authorities(void **state)
{
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  struct he_upstream u = { .name = "dot.test" };
  struct he_trust t = { .store = NULL };
  STACK_OF(X509) *chain = NULL;
  X509 *leaf;
  (void)state;
  assert_non_null(ctx);
  snprintf(u.ca, sizeof(u.ca), "%s.late", dot_authority());
  dot_certs_use(ctx, DOT_GOOD);
  leaf = SSL_CTX_get0_certificate(ctx);
  assert_false(he_trust_proves(&t, &u, leaf, chain, 1));
  assert_int_equal(symlink(dot_authority(), u.ca), 0);
  t.read_at -= HE_MS(11000);  /* as if so long ago */
  assert_true(he_trust_proves(&t, &u, leaf, chain, 1));
  assert_int_equal(unlink(u.ca), 0);
  t.read_at -= HE_MS(11000);
  assert_true(he_trust_proves(&t, &u, leaf, chain, 1));
  he_trust_free(&t);
  SSL_CTX_free(ctx);
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
    cmocka_unit_test(proofs), cmocka_unit_test(unproven_allowed),
    cmocka_unit_test(other_server), cmocka_unit_test(resumption),
    cmocka_unit_test(late_authorities),
    cmocka_unit_test(nothing_left)
  };
  int failed;
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  dot_end();
  return failed;
}
