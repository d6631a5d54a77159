/* SPDX-License-Identifier: MIT */
/* upstream_test.c - what is pure of DNS over TLS: messages in a byte stream,
 * queries, ids, which server has its turn, and the pipeline, in virtual
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upstream/frames.h"
#include "upstream/pipeline.h"
#include "upstream/rounds.h"

/* -- frames -- */

/* Returns how many bytes there was room for. */
static size_t feed(struct he_frames *f, const unsigned char *bytes, size_t len)
{
  size_t room;
  unsigned char *to = he_frames_space(f, &room);
  assert_non_null(to);
  assert_true(room);
  if(room > len)
    room = len;
  memcpy(to, bytes, room);
  he_frames_fed(f, room);
  return room;
}

/* Messages of all lengths that matter, in pieces of each size: what comes out
   is what went in. */
static void frames(void **state)
{
  static const size_t lengths[] = { 12, 13, 500, 12, 16384, 70, 65535, 12 };
  enum { N = sizeof(lengths) / sizeof(*lengths) };
  static unsigned char stream[1 << 17];
  static const size_t pieces[] = { 1, 2, 3, 7, 4096, 16384, sizeof(stream) };
  size_t len = 0;
  (void)state;
  for(size_t i = 0; i < N; i++) {
    stream[len] = (unsigned char)(lengths[i] >> 8);
    stream[len + 1] = (unsigned char)lengths[i];
    memset(stream + len + 2, (int)i + 1, lengths[i]);
    len += lengths[i] + 2;
  }
  for(size_t p = 0; p < sizeof(pieces) / sizeof(*pieces); p++) {
    struct he_frames f;
    size_t next = 0;
    he_frames_init(&f);
    for(size_t at = 0; at < len;) {
      const unsigned char *m;
      size_t n = at + pieces[p] < len ? pieces[p] : len - at;
      at += feed(&f, stream + at, n);
      while(he_frames_take(&f, &m, &n) == HE_FRAME_WHOLE) {
        assert_true(next < N);
        assert_int_equal(n, lengths[next]);
        assert_int_equal(m[0], next + 1);
        assert_int_equal(m[n - 1], next + 1);
        next++;
      }
    }
    assert_int_equal(next, N);
    assert_in_range(f.room, 1, 65537 + 16384);
    he_frames_free(&f);
  }
}

static void broken_frames(void **state)
{
  (void)state;
  for(unsigned char n = 0; n < 14; n++) {
    const unsigned char head[] = { 0, n };
    const unsigned char *m;
    struct he_frames f;
    size_t len;
    he_frames_init(&f);
    assert_int_equal(he_frames_take(&f, &m, &len), HE_FRAME_PART);
    feed(&f, head, 2);
    assert_int_equal(he_frames_take(&f, &m, &len),
                     n < 12 ? HE_FRAME_BROKEN : HE_FRAME_PART);
    he_frames_free(&f);
  }
}

/* -- queries -- */

static void query(void **state)
{
  static const unsigned char want[] = {
    0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1,
    2, 'h', 'e', 4, 't', 'e', 's', 't', 0, 0, 28, 0, 1,
    0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 92, 0, 12, 0, 88
  };
  unsigned char out[HE_QUERY_MOST];
  (void)state;
  assert_int_equal(he_query_make(out, 0x1234, "he.test", 28), 128);
  assert_memory_equal(out, want, sizeof(want));
  for(size_t i = sizeof(want); i < 128; i++)
    assert_int_equal(out[i], 0);
  assert_int_equal(he_query_id(out), 0x1234);
}

/* Every length of a name: a multiple of 128, and a name of 253 bytes is the
   longest. */
static void query_lengths(void **state)
{
  unsigned char out[HE_QUERY_MOST];
  char name[300];
  (void)state;
  for(size_t n = 1; n < sizeof(name); n++) {
    size_t len;
    for(size_t i = 0; i < n; i++)
      name[i] = i % 63 == 62 && i + 1 < n ? '.' : 'a';
    name[n] = 0;
    len = he_query_make(out, 0, name, 1);
    assert_int_equal(len > 0, n <= 253);
    assert_int_equal(len % 128, 0);
    assert_in_range(len, 0, HE_QUERY_MOST);
  }
}

static void no_names(void **state)
{
  static const char *const names[] = {
    "", ".", "a.", ".a", "a..b", "a\\046b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  };
  unsigned char out[HE_QUERY_MOST];
  (void)state;
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    assert_int_equal(he_query_make(out, 0, names[i], 1), 0);
}

/* The query itself, turned into a response. */
static size_t respond(unsigned char *m, uint16_t id, const char *name,
                      uint16_t type)
{
  const size_t len = he_query_make(m, id, name, type);
  m[2] |= 0x80;
  return len;
}

static void answers(void **state)
{
  unsigned char m[HE_QUERY_MOST];
  const size_t len = respond(m, 7, "he.test", 1);
  (void)state;
  assert_true(he_query_answers(m, len, "he.test", 1));
  assert_true(he_query_answers(m, len, "HE.tEST", 1));
  assert_true(he_query_answers(m, 25, "he.test", 1));
  assert_false(he_query_answers(m, len, "he.tesu", 1));
  assert_false(he_query_answers(m, len, "he.tes", 1));
  assert_false(he_query_answers(m, len, "he.test.x", 1));
  assert_false(he_query_answers(m, len, "he.test", 28));
  for(size_t n = 0; n < 25; n++)
    assert_false(he_query_answers(m, n, "he.test", 1));
  m[24] = 3;                  /* another class */
  assert_false(he_query_answers(m, len, "he.test", 1));
  m[24] = 1;
  m[5] = 2;                   /* two questions */
  assert_false(he_query_answers(m, len, "he.test", 1));
  m[5] = 0;                   /* none: only an error says so little */
  assert_false(he_query_answers(m, len, "he.test", 1));
  m[3] = 5;
  assert_true(he_query_answers(m, 12, "he.test", 1));
  m[2] = 1;                   /* a query */
  assert_false(he_query_answers(m, len, "he.test", 1));
  m[2] = 0xa8;                /* an answer to an update */
  m[5] = 1;
  assert_false(he_query_answers(m, len, "he.test", 1));
}

/* -- ids -- */

static void ids(void **state)
{
  static unsigned owner[HE_IDS_MOST + 1];
  static uint16_t id[HE_IDS_MOST + 1];
  static bool taken[65536];
  struct he_ids t;
  uint16_t again;
  (void)state;
  memset(taken, 0, sizeof(taken));
  he_ids_init(&t);
  assert_null(he_ids_find(&t, 0));
  for(unsigned i = 0; i < HE_IDS_MOST; i++) {
    assert_true(he_ids_add(&t, &owner[i], &id[i]));
    assert_false(taken[id[i]]);
    taken[id[i]] = true;
  }
  assert_false(he_ids_add(&t, &owner[HE_IDS_MOST], &again));
  for(unsigned i = 0; i < HE_IDS_MOST; i++)
    assert_ptr_equal(he_ids_find(&t, id[i]), &owner[i]);
  for(unsigned i = 0; i < 65536; i++)
    assert_int_equal(he_ids_find(&t, (uint16_t)i) != NULL, taken[i]);
  he_ids_remove(&t, id[5]);
  assert_null(he_ids_find(&t, id[5]));
  assert_true(he_ids_add(&t, &owner[5], &again));
  assert_int_not_equal(again, id[5]);
  he_ids_remove(&t, id[5]);   /* nobody's: nothing */
  assert_ptr_equal(he_ids_find(&t, again), &owner[5]);
  he_ids_free(&t);
}

/* One at a time: an id comes again after many others. */
static void ids_in_turn(void **state)
{
  struct he_ids t;
  unsigned last[65536] = { 0 };
  (void)state;
  he_ids_init(&t);
  for(unsigned i = 1; i < 200000; i++) {
    uint16_t id;
    assert_true(he_ids_add(&t, &t, &id));
    assert_true(!last[id] || i - last[id] > 60000);
    last[id] = i;
    he_ids_remove(&t, id);
  }
  he_ids_free(&t);
}

/* -- rounds -- */

static void rounds(void **state)
{
  struct he_upstream u = { .n = 3, .name = "dot.test" };
  struct he_rounds r = { .upstream = NULL };
  (void)state;
  he_rounds_begin(&r, &u);
  assert_int_equal(he_rounds_servers(&r), 7);
  assert_true(he_rounds_failed(&r, 1, true));
  assert_int_equal(he_rounds_servers(&r), 5);
  assert_false(he_rounds_failed(&r, -1, false));
  assert_int_equal(r.unproven, 2);
  assert_false(r.lenient);
  he_rounds_begin(&r, &u);
  he_rounds_last(&r, 0);
  assert_int_equal(he_rounds_servers(&r), 6);
  he_rounds_answered(&r);
  he_rounds_begin(&r, &u);
  assert_int_equal(he_rounds_servers(&r), 6);   /* another round: still last */
  assert_true(he_rounds_failed(&r, -1, false));
  assert_int_equal(he_rounds_servers(&r), 1);   /* until the others fail */
  assert_false(he_rounds_failed(&r, 0, false));
  he_rounds_begin(&r, &u);
  assert_int_equal(he_rounds_servers(&r), 7);
  he_rounds_last(&r, 0);
  he_rounds_last(&r, 1);
  he_rounds_last(&r, 2);      /* all were of no use: again from the first */
  assert_int_equal(he_rounds_servers(&r), 7);
  u.opportunistic = true;
  he_rounds_begin(&r, &u);
  assert_true(he_rounds_failed(&r, 1, true));
  assert_true(he_rounds_failed(&r, -1, false));
  assert_true(r.lenient);
  assert_int_equal(he_rounds_servers(&r), 2);
  assert_false(he_rounds_failed(&r, 1, false));
  he_rounds_begin(&r, &u);
  assert_false(r.lenient);
  assert_false(he_rounds_failed(&r, -1, false));   /* nobody to forgive */
  u.name[0] = 0;
  he_rounds_begin(&r, &u);
  assert_true(r.lenient);
}

/* -- the pipeline -- */

struct asked {
  struct he_upstream_question q;       /* first */
  bool unwanted;
  unsigned called;
  enum he_upstream_verdict verdict;
};

static void on_done(struct he_upstream_question *q, enum he_upstream_verdict v,
                    const unsigned char *message, size_t len)
{
  struct asked *a = (struct asked *)q;
  (void)len;
  assert_int_equal(message != NULL, v == HE_UPSTREAM_ANSWERED);
  a->called++;
  a->verdict = v;
}

static bool is_wanted(struct he_upstream_question *q)
{
  return !((struct asked *)q)->unwanted;
}

static void add(struct he_pipeline *p, struct asked *a, const char *name,
                he_time_ns now)
{
  memset(a, 0, sizeof(*a));
  a->q.name = name;
  a->q.type = HE_DNS_A;
  a->q.done = on_done;
  a->q.wanted = is_wanted;
  assert_true(he_pipeline_add(p, &a->q, now));
}

/* Sends what is next, and says with which id. */
static uint16_t next(struct he_pipeline *p, he_time_ns now)
{
  unsigned char out[HE_QUERY_MOST];
  assert_int_equal(he_pipeline_next(p, out, now), 128);
  return he_query_id(out);
}

static bool take(struct he_pipeline *p, uint16_t id, const char *name,
                 he_time_ns now)
{
  unsigned char m[HE_QUERY_MOST];
  const size_t len = respond(m, id, name, HE_DNS_A);
  return he_pipeline_take(p, m, len, now);
}

static void is_over(const struct asked *a, enum he_upstream_verdict v)
{
  assert_int_equal(a->called, 1);
  assert_int_equal(a->verdict, v);
}

static void in_any_order(void **state)
{
  unsigned char out[HE_QUERY_MOST];
  struct he_pipeline p;
  struct asked a, b, c;
  uint16_t id_a, id_b;
  (void)state;
  he_pipeline_init(&p);
  assert_true(he_pipeline_idle(&p));
  assert_true(he_pipeline_due(&p) == HE_NEVER);
  add(&p, &a, "a.test", 0);
  add(&p, &c, "c.test", 0);
  add(&p, &b, "b.test", 0);
  he_pipeline_opened(&p, HE_MS(1));
  id_a = next(&p, HE_MS(1));
  c.unwanted = true;
  id_b = next(&p, HE_MS(1));
  is_over(&c, HE_UPSTREAM_GONE);
  assert_int_equal(he_pipeline_next(&p, out, HE_MS(1)), 0);
  assert_false(take(&p, (uint16_t)(id_a + 77), "a.test", HE_MS(2)));
  assert_true(take(&p, id_b, "b.test", HE_MS(2)));
  is_over(&b, HE_UPSTREAM_ANSWERED);
  assert_false(take(&p, id_b, "b.test", HE_MS(2)));   /* once more */
  assert_false(take(&p, id_a, "b.test", HE_MS(2)));
  is_over(&a, HE_UPSTREAM_CONFUSED);
  assert_true(he_pipeline_idle(&p));
  he_pipeline_free(&p);
}

static void lost(void **state)
{
  struct he_pipeline p;
  struct asked a, b;
  uint16_t id;
  (void)state;
  he_pipeline_init(&p);
  add(&p, &a, "a.test", 0);
  add(&p, &b, "b.test", 0);
  he_pipeline_opened(&p, 0);
  id = next(&p, 0);
  next(&p, 0);
  assert_true(take(&p, id, "a.test", HE_MS(1)));
  assert_true(he_pipeline_lost(&p, HE_MS(2)));   /* it had answered */
  assert_true(he_pipeline_waits(&p));
  for(int i = 0; i < 2; i++) {
    he_pipeline_opened(&p, HE_MS(3));
    next(&p, HE_MS(3));
    assert_int_equal(b.called, 0);
    assert_false(he_pipeline_lost(&p, HE_MS(4)));
  }
  is_over(&b, HE_UPSTREAM_UNREACHABLE);
  assert_true(he_pipeline_idle(&p));
  he_pipeline_free(&p);
}

/* What was sent stands before what waits, in its order. */
static void lost_in_order(void **state)
{
  static const char *const names[] = { "a.test", "b.test", "c.test" };
  struct he_pipeline p;
  struct asked a[3];
  (void)state;
  he_pipeline_init(&p);
  he_pipeline_opened(&p, 0);
  for(int i = 0; i < 3; i++) {
    add(&p, &a[i], names[i], 0);
    if(i < 2)
      next(&p, 0);
  }
  he_pipeline_lost(&p, HE_MS(1));
  he_pipeline_opened(&p, HE_MS(2));
  for(int i = 0; i < 3; i++)
    assert_true(take(&p, next(&p, HE_MS(2)), names[i], HE_MS(3)));
  he_pipeline_free(&p);
}

static void silence(void **state)
{
  struct he_pipeline p;
  struct asked a, b, c;
  uint16_t id;
  (void)state;
  he_pipeline_init(&p);
  he_pipeline_opened(&p, 0);
  add(&p, &a, "a.test", HE_MS(1000));
  next(&p, HE_MS(1000));
  assert_true(he_pipeline_due(&p) == HE_MS(6000));
  assert_true(he_pipeline_expire(&p, HE_MS(5999)));
  /* others are answered: `a` gets 15 s */
  for(int ms = 2000; ms < 16000; ms += 1000) {
    add(&p, &b, "b.test", HE_MS(ms));
    id = next(&p, HE_MS(ms));
    assert_true(take(&p, id, "b.test", HE_MS(ms)));
    assert_true(he_pipeline_expire(&p, HE_MS(ms)));
  }
  assert_int_equal(a.called, 0);
  assert_true(he_pipeline_expire(&p, HE_MS(16000)));
  is_over(&a, HE_UPSTREAM_SILENT);
  /* nobody is answered: the connection is no good */
  add(&p, &b, "b.test", HE_MS(20000));
  next(&p, HE_MS(20000));
  add(&p, &c, "c.test", HE_MS(22000));
  next(&p, HE_MS(22000));
  assert_false(he_pipeline_expire(&p, HE_MS(25000)));
  is_over(&b, HE_UPSTREAM_SILENT);
  he_pipeline_lost(&p, HE_MS(25000));
  assert_int_equal(c.called, 0);
  assert_true(he_pipeline_expire(&p, HE_MS(39999)));
  assert_true(he_pipeline_expire(&p, HE_MS(40000)));
  is_over(&c, HE_UPSTREAM_SILENT);
  he_pipeline_free(&p);
}

/* More than there are ids: the rest goes when there are answers. */
static void full(void **state)
{
  const unsigned n = HE_IDS_MOST + 10;
  struct asked *a = calloc(n, sizeof(*a));
  unsigned char out[HE_QUERY_MOST];
  struct he_pipeline p;
  uint16_t id = 0;
  (void)state;
  assert_non_null(a);
  he_pipeline_init(&p);
  he_pipeline_opened(&p, 0);
  for(unsigned i = 0; i < n; i++)
    add(&p, &a[i], "a.test", 0);
  for(unsigned i = 0; i < HE_IDS_MOST; i++)
    id = next(&p, 0);
  assert_int_equal(he_pipeline_next(&p, out, 0), 0);
  assert_true(take(&p, id, "a.test", 0));
  next(&p, 0);
  assert_int_equal(he_pipeline_next(&p, out, 0), 0);
  he_pipeline_end(&p, HE_UPSTREAM_GONE);
  for(unsigned i = 0; i < n; i++)
    assert_int_equal(a[i].called, 1);
  assert_true(he_pipeline_idle(&p));
  he_pipeline_free(&p);
  free(a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(frames), cmocka_unit_test(broken_frames),
    cmocka_unit_test(query), cmocka_unit_test(query_lengths),
    cmocka_unit_test(no_names), cmocka_unit_test(answers),
    cmocka_unit_test(ids), cmocka_unit_test(ids_in_turn),
    cmocka_unit_test(rounds), cmocka_unit_test(in_any_order),
    cmocka_unit_test(lost), cmocka_unit_test(lost_in_order),
    cmocka_unit_test(silence), cmocka_unit_test(full)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
