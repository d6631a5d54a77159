/* SPDX-License-Identifier: MIT */
/* tls_stream_test.c - what a server may do to a connection, and what becomes
 * of the questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fds.h"
#include "common.h"
#include "dotask.h"
#include "dotcert.h"
#include "upstream/stream.h"

struct scene {
  struct dot_server *server;
  struct asker asker;
};

static void begin(struct scene *s, const struct dot_config *config)
{
  s->server = dot_start(NULL, config);
  asker_init(&s->asker, s->server);
  asker_start(&s->asker);
}

static struct dot_seen end(struct scene *s)
{
  const struct dot_seen seen = dot_seen(s->server);
  asker_end(&s->asker);
  dot_stop(s->server);
  return seen;
}

static void send_many(struct scene *s, struct asked *q, unsigned n)
{
  for(unsigned i = 0; i < n; i++) {
    char name[32];
    snprintf(name, sizeof(name), "n%u.test", i);
    asker_send(&s->asker, &q[i], name);
  }
}

static void all_answered(struct asked *q, unsigned n)
{
  for(unsigned i = 0; i < n; i++) {
    assert_int_equal(asked_wait(&q[i]), HE_UPSTREAM_ANSWERED);
    assert_int_equal(q[i].called, 1);
  }
}

/* -- one connection -- */

static void kept(void **state)
{
  const struct dot_config config = { .mode = DOT_ANSWERS };
  struct dot_seen seen;
  struct scene s;
  (void)state;
  begin(&s, &config);
  for(int i = 0; i < 20; i++)
    assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_ANSWERED);
  seen = end(&s);
  assert_int_equal(seen.accepted, 1);
  assert_int_equal(seen.queries, 20);
  assert_int_equal(seen.odd, 0);
}

/* The first answer comes last, all in one piece. */
static void out_of_order(void **state)
{
  const struct dot_config config = { .mode = DOT_BATCHES, .batch = 50 };
  struct asked q[50];
  struct scene s;
  (void)state;
  begin(&s, &config);
  send_many(&s, q, 50);
  all_answered(q, 50);
  assert_int_equal(end(&s).accepted, 1);
}

static void ten_thousand(void **state)
{
  const struct dot_config config = { .mode = DOT_ANSWERS };
  const unsigned n = rounds(20000);
  struct asked *q = calloc(n, sizeof(*q));
  const he_time_ns began = he_clock_now();
  struct dot_seen seen;
  struct scene s;
  (void)state;
  assert_non_null(q);
  begin(&s, &config);
  send_many(&s, q, n);
  all_answered(q, n);
  print_message("  %u in %u ms\n", n, elapsed_ms(began));
  seen = end(&s);
  assert_int_equal(seen.accepted, 1);
  assert_int_equal(seen.queries, n);
  free(q);
}

/* -- bytes -- */

/* A server that speaks oddly, but correctly. */
static void odd_but_right(void **state)
{
  static const enum dot_mode modes[] = {
    DOT_TRICKLES, DOT_STRANGE_ID, DOT_REKEYS
  };
  (void)state;
  for(size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
    const struct dot_config config = { .mode = modes[i] };
    struct asked q[8];
    struct scene s;
    begin(&s, &config);
    send_many(&s, q, 8);
    all_answered(q, 8);
    assert_int_equal(end(&s).accepted, 1);
  }
}

/* What comes is no answer to what was asked. */
static void confused(void **state)
{
  static const enum dot_mode modes[] = { DOT_OTHER_NAME, DOT_QUERY_BACK };
  (void)state;
  for(size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
    const struct dot_config config = { .mode = modes[i] };
    struct scene s;
    begin(&s, &config);
    assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_CONFUSED);
    assert_int_equal(end(&s).accepted, 1);
  }
}

/* -- connections that are lost -- */

static const enum dot_mode losses[] = {
  DOT_CLOSES, DOT_RESETS, DOT_BREAKS, DOT_SHORT
};
#define LOSSES (sizeof(losses) / sizeof(*losses))

/* Once: asked again, on a new connection. */
static void lost_once(void **state)
{
  (void)state;
  for(size_t i = 0; i < LOSSES; i++) {
    const struct dot_config config = { .mode = losses[i], .faulty = 1 };
    struct asked q[8];
    struct scene s;
    begin(&s, &config);
    send_many(&s, q, 8);
    all_answered(q, 8);
    assert_int_equal(end(&s).accepted, 2);
  }
}

/* Each time: asked twice, and no more. */
static void lost_always(void **state)
{
  (void)state;
  for(size_t i = 0; i < LOSSES; i++) {
    const struct dot_config config = { .mode = losses[i] };
    struct scene s;
    begin(&s, &config);
    assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_UNREACHABLE);
    assert_int_equal(end(&s).accepted, 2);
  }
}

/* A kept connection that the server has closed for want of questions. */
static void closed_when_idle(void **state)
{
  const struct dot_config config = { .mode = DOT_ONE_EACH };
  struct scene s;
  (void)state;
  begin(&s, &config);
  for(unsigned i = 0; i < 5; i++) {
    assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_ANSWERED);
    sleep_ms(i * 5);
  }
  assert_in_range(end(&s).accepted, 5, 10);
}

/* With many questions under way: each connection has answered one, so that no
   question is given up. */
static void one_each(void **state)
{
  const struct dot_config config = { .mode = DOT_ONE_EACH };
  struct asked q[12];
  struct scene s;
  (void)state;
  begin(&s, &config);
  send_many(&s, q, 12);
  all_answered(q, 12);
  end(&s);
}

/* No packet gets through any more, as after a suspend: the kernel finds out,
   and the question is asked again. */
static void vanished(void **state)
{
  const struct dot_config gone = { .mode = DOT_VANISHES, .faulty = 1 };
  struct asked q[2];
  struct scene s;
  (void)state;
  begin(&s, &gone);
  asker_send(&s.asker, &q[0], "x.test");
  while(!dot_seen(s.server).queries)
    sleep_ms(1);
  sleep_ms(50);
  asker_send(&s.asker, &q[1], "y.test");
  all_answered(q, 2);
  assert_int_equal(end(&s).accepted, 2);
}

/* -- servers that are silent -- */

/* Nothing comes, or not all of a message. */
static void silent(void **state)
{
  static const enum dot_mode modes[] = { DOT_MUTE, DOT_HUGE };
  (void)state;
  for(size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
    const struct dot_config config = { .mode = modes[i], .faulty = 1 };
    struct scene s;
    const he_time_ns began = he_clock_now();
    begin(&s, &config);
    assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_SILENT);
    assert_in_range(elapsed_ms(began), 4900, 12000);
    assert_int_equal(asker_ask(&s.asker, "y.test"), HE_UPSTREAM_ANSWERED);
    assert_int_equal(end(&s).accepted, 2);
  }
}

/* The first of two servers takes questions and answers none: the next question
   goes to the second one, and so do those after that connection. */
static void mute_first(void **state)
{
  const struct dot_config mute = { .mode = DOT_MUTE };
  const struct dot_config each = { .mode = DOT_ONE_EACH };
  struct dot_server *second = dot_start("127.0.0.2", &each);
  struct scene s;
  (void)state;
  s.server = dot_start(NULL, &mute);
  asker_init(&s.asker, s.server);
  s.asker.upstream->list[s.asker.upstream->n++] = dot_addr(second);
  asker_start(&s.asker);
  assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_SILENT);
  for(int i = 0; i < 3; i++)
    assert_int_equal(asker_ask(&s.asker, "y.test"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(dot_seen(s.server).queries, 1);
  end(&s);
  dot_stop(second);
}

/* A server that reads nothing: the questions do not all fit into the network,
   and the racer goes on meanwhile. */
static void deaf(void **state)
{
  const struct dot_config config = { .mode = DOT_DEAF };
  const struct dot_config good = { .mode = DOT_ANSWERS };
  const unsigned n = 40000;
  struct asked *q = calloc(n, sizeof(*q));
  struct scene s, other;
  (void)state;
  assert_non_null(q);
  begin(&s, &config);
  begin(&other, &good);
  send_many(&s, q, n);
  for(int i = 0; i < 50; i++) {
    const he_time_ns began = he_clock_now();
    assert_int_equal(asker_ask(&other.asker, "x.test"), HE_UPSTREAM_ANSWERED);
    assert_in_range(elapsed_ms(began), 0, 2000);
    sleep_ms(5);
  }
  for(unsigned i = 0; i < n; i++) {
    const enum he_upstream_verdict v = asked_wait(&q[i]);
    assert_true(v == HE_UPSTREAM_SILENT || v == HE_UPSTREAM_UNREACHABLE);
  }
  end(&other);
  end(&s);
  free(q);
}

/* No TLS, or none that ends. */
static void no_tls(void **state)
{
  const struct dot_config none = { .mode = DOT_NO_TLS };
  const struct dot_config hangs = { .mode = DOT_HANGS };
  struct scene s;
  (void)state;
  begin(&s, &none);
  assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_UNREACHABLE);
  assert_int_equal(end(&s).accepted, 1);
  begin(&s, &hangs);
  assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_SILENT);
  assert_int_equal(end(&s).accepted, 1);
}

/* -- questions -- */

/* The first server keeps everybody waiting. The second is asked what is still
   wanted then. */
static void unwanted(void **state)
{
  const struct dot_config hangs = { .mode = DOT_HANGS };
  const struct dot_config good = { .mode = DOT_ANSWERS };
  struct dot_server *second = dot_start("127.0.0.2", &good);
  struct asked q[2];
  struct scene s;
  (void)state;
  s.server = dot_start(NULL, &hangs);
  asker_init(&s.asker, s.server);
  s.asker.upstream->list[s.asker.upstream->n++] = dot_addr(second);
  asker_start(&s.asker);
  send_many(&s, q, 2);
  while(!dot_seen(s.server).accepted)
    sleep_ms(1);
  __atomic_store_n(&q[0].unwanted, true, __ATOMIC_SEQ_CST);
  assert_int_equal(asked_wait(&q[0]), HE_UPSTREAM_GONE);
  assert_int_equal(asked_wait(&q[1]), HE_UPSTREAM_ANSWERED);
  assert_int_equal(dot_seen(second).queries, 1);
  end(&s);
  dot_stop(second);
}

static void no_such_name(void **state)
{
  const struct dot_config config = { .mode = DOT_ANSWERS };
  struct scene s;
  (void)state;
  begin(&s, &config);
  assert_int_equal(asker_ask(&s.asker, "x..test"), HE_UPSTREAM_GONE);
  assert_int_equal(asker_ask(&s.asker, "x.test"), HE_UPSTREAM_ANSWERED);
  assert_int_equal(end(&s).queries, 1);
}

/* -- what OpenSSL does by itself -- */

#define MANY_TICKETS 20

/* Both ends in turn, until both are done. */
static void shake_hands(struct he_stream *st, SSL *server)
{
  bool theirs = false, ours = false;
  for(int i = 0; i < 20 && !(theirs && ours); i++) {
    ours = ours || he_stream_shake(st) == HE_STREAM_DONE;
    theirs = theirs || SSL_accept(server) == 1;
  }
  assert_true(theirs && ours);
}

static SSL *new_server(SSL_CTX *ctx, int fd)
{
  SSL *ssl = SSL_new(ctx);
  assert_non_null(ssl);
  SSL_set_fd(ssl, fd);
  return ssl;
}

static int pair_with(int *server)
{
  int fds[2], mine;
  assert_int_equal(
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  *server = fds[1];
  he_fds_begin();
  mine = he_fds_end(dup(fds[0]));
  close(fds[0]);
  assert_true(mine >= 0);
  return mine;
}

/* The racer gets its thread back after each ticket, however many there are to
   be read. */
static void ticket_by_ticket(void **state)
{
  static const struct he_upstream upstream;
  struct he_peer_proof proof = { .lenient = true, .proof = HE_PROOF_GIVEN };
  struct he_stream st = { .fd = -1 };
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  int fd, waits = 0;
  char text[8];
  size_t n = 0;
  SSL *server;
  (void)state;
  dot_certs_make();
  dot_certs_use(ctx, DOT_GOOD);
  SSL_CTX_set_num_tickets(ctx, MANY_TICKETS);
  proof.peers = he_peers_new(&upstream);
  assert_non_null(proof.peers);
  assert_true(he_stream_begin(&st, pair_with(&fd), &proof));
  server = new_server(ctx, fd);
  shake_hands(&st, server);
  assert_int_equal(SSL_write(server, "word", 4), 4);
  while(waits < 2 * MANY_TICKETS &&
        he_stream_read(&st, text, sizeof(text), &n) == HE_STREAM_WAITS)
    waits++;
  assert_int_equal(n, 4);
  assert_int_equal(waits, MANY_TICKETS);
  he_stream_close(&st, NULL, true);
  SSL_free(server);
  SSL_CTX_free(ctx);
  close(fd);
  he_peers_unref(proof.peers);
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
    cmocka_unit_test(kept), cmocka_unit_test(out_of_order),
    cmocka_unit_test(ten_thousand), cmocka_unit_test(odd_but_right),
    cmocka_unit_test(confused), cmocka_unit_test(lost_once),
    cmocka_unit_test(lost_always), cmocka_unit_test(closed_when_idle),
    cmocka_unit_test(one_each), cmocka_unit_test(vanished),
    cmocka_unit_test(silent), cmocka_unit_test(mute_first),
    cmocka_unit_test(deaf), cmocka_unit_test(no_tls),
    cmocka_unit_test(unwanted), cmocka_unit_test(no_such_name),
    cmocka_unit_test(ticket_by_ticket), cmocka_unit_test(nothing_left)
  };
  int failed;
  test_seed();
  count_start();
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  dot_end();
  return failed;
}
