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

#include "common.h"
#include "dotask.h"

static void pin(struct asker *a, enum dot_cert cert)
{
  dot_pin(cert, a->upstream.pin[a->upstream.pins++]);
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

static void right_pin(struct asker *a)
{
  pin(a, DOT_GOOD);
}

static void thin(void **state)
{
  struct dot_seen seen;
  (void)state;
  assert_int_equal(ask_of(DOT_GOOD, right_pin, &seen), HE_UPSTREAM_ANSWERED);
  assert_int_equal(seen.queries, 1);
  assert_int_equal(seen.odd, 0);
  assert_int_equal(seen.named, 1);
  assert_int_equal(seen.alpn, 1);
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(thin)
  };
  int failed;
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  dot_end();
  return failed;
}
