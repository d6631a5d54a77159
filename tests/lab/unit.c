/* SPDX-License-Identifier: MIT */
/* unit.c - the pure parts of the laboratory. */
#include "nat64.h"
#include "packet.h"
#include "queue.h"
#include "rules.h"
#include "scenarios.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <netinet/in.h>

static struct lab_ip ip(const char *text)
{
  struct lab_ip result;
  unsigned int bits;
  assert_true(lab_prefix_parse(text, &result, &bits));
  assert_int_equal(bits, 128);
  return result;
}

static void set(struct lab_rules *rules, const char *prefix,
                const char *words)
{
  struct lab_rule rule;
  memset(&rule, 0, sizeof(rule));
  assert_true(lab_prefix_parse(prefix, &rule.prefix, &rule.bits));
  assert_true(lab_rule_parse(words, &rule));
  assert_true(lab_rules_set(rules, &rule));
}

static int64_t rtt_ms(const struct lab_rules *rules, const char *addr)
{
  struct lab_ip a = ip(addr);
  return lab_rules_match(rules, &a)->rtt_ns / 1000000;
}

static void test_longest_match(void **state)
{
  struct lab_rules rules = { NULL, 0 };
  (void)state;
  assert_int_equal(rtt_ms(&rules, "192.0.2.1"), LAB_RTT_MS);
  set(&rules, "192.0.2.0/24", "rtt=24");
  set(&rules, "0.0.0.0/0", "rtt=4");
  set(&rules, "::/0", "rtt=6");
  set(&rules, "192.0.2.129/25", "rtt=25");
  set(&rules, "192.0.2.1", "rtt=32");
  set(&rules, "2001:db8:8000::/33", "rtt=33");
  assert_int_equal(rtt_ms(&rules, "192.0.2.1"), 32);
  assert_int_equal(rtt_ms(&rules, "192.0.2.2"), 24);
  assert_int_equal(rtt_ms(&rules, "192.0.2.200"), 25);
  assert_int_equal(rtt_ms(&rules, "198.51.100.1"), 4);
  assert_int_equal(rtt_ms(&rules, "2001:db8::1"), 6);
  assert_int_equal(rtt_ms(&rules, "2001:db8:8000::1"), 33);
  set(&rules, "192.0.2.1/32", "rtt=40");
  assert_int_equal(rules.count, 6);
  assert_int_equal(rtt_ms(&rules, "192.0.2.1"), 40);
  free(rules.list);
}

static void test_words(void **state)
{
  static const char *const bad[] = {
    "fast", "rtt=", "rtt=-1", "rtt=1x", "loss=101", "drop,", "mtu=70000",
    NULL
  };
  struct lab_rule rule;
  size_t i;
  (void)state;
  memset(&rule, 0, sizeof(rule));
  assert_true(lab_rule_parse("rtt=0.5 jitter=2 loss=1 syndrop=3 mtu=1280 "
                             "reset", &rule));
  assert_int_equal(rule.rtt_ns, 500000);
  assert_int_equal(rule.jitter_ns, 2000000);
  assert_true(rule.loss > 0.0099 && rule.loss < 0.0101);
  assert_int_equal(rule.syndrop, 3);
  assert_int_equal(rule.mtu, 1280);
  assert_int_equal(rule.action, LAB_RESET);
  for(i = 0; bad[i]; i++)
    assert_false(lab_rule_parse(bad[i], &rule));
}

static void test_prefixes(void **state)
{
  static const char *const bad[] = {
    "", "192.0.2", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "x/8",
    NULL
  };
  struct lab_ip p;
  unsigned int bits;
  char text[LAB_IP_TEXT];
  size_t i;
  (void)state;
  for(i = 0; bad[i]; i++)
    assert_false(lab_prefix_parse(bad[i], &p, &bits));
  p = ip("192.0.2.7");
  assert_string_equal(lab_ip_text(&p, text), "192.0.2.7");
  p = ip("2001:db8::7");
  assert_string_equal(lab_ip_text(&p, text), "2001:db8::7");
}

/* Every rule of the table is one, and every address is an address, used by
 * one host only. */
static void test_table(void **state)
{
  struct lab_rules rules = { NULL, 0 };
  const struct lab_scenario *s;
  const struct lab_scenario *t;
  const struct lab_address *a;
  const struct lab_address *b;
  (void)state;
  assert_true(lab_rules_load(&rules));
  assert_true(rules.count > 20);
  free(rules.list);
  for(s = lab_scenarios; s->host; s++)
    for(t = s + 1; t->host; t++) {
      assert_string_not_equal(s->host, t->host);
      for(a = s->v4; a->addr; a++)
        for(b = t->v4; b->addr; b++)
          assert_string_not_equal(a->addr, b->addr);
      for(a = s->v6; a->addr; a++)
        for(b = t->v6; b->addr; b++)
          assert_string_not_equal(a->addr, b->addr);
    }
  assert_ptr_equal(lab_scenario_host("S6.lab.test"),
                   lab_scenario_number(6));
  assert_null(lab_scenario_number(0));
  assert_null(lab_scenario_host("nx.lab.test"));
}

/* In any order in; out by time, and by arrival among equals. */
static void test_queue(void **state)
{
  struct lab_queue q = { NULL, 0, 0, 0 };
  struct lab_parcel *p;
  int64_t last_due = -1;
  unsigned int last = 0;
  unsigned int i;
  unsigned int x = 12345;
  (void)state;
  assert_true(lab_queue_due(&q) == INT64_MAX);
  assert_null(lab_queue_take(&q, INT64_MAX));
  for(i = 0; i < 2000; i++) {
    x = x * 1103515245u + 12345u;
    assert_true(lab_queue_put(&q, (int64_t)(x >> 16 & 63), LAB_SERVER,
                              (const uint8_t *)&i, sizeof(i)));
  }
  assert_null(lab_queue_take(&q, -1));
  for(i = 0; i < 2000; i++) {
    unsigned int which;
    int64_t due = lab_queue_due(&q);
    assert_null(lab_queue_take(&q, due - 1));
    p = lab_queue_take(&q, due);
    assert_non_null(p);
    assert_int_equal(p->due_ns, due);
    memcpy(&which, p->data, sizeof(which));
    assert_true(due > last_due || (due == last_due && which > last));
    last_due = due;
    last = which;
    free(p);
  }
  assert_null(lab_queue_take(&q, INT64_MAX));
  free(q.heap);
}

/* A SYN from port 0x8000 to port 80, sequence number 0xffffffff. */
static size_t make_syn(int family, uint8_t *out)
{
  static const uint8_t v4[] = {
    0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, IPPROTO_TCP, 0, 0,
    198, 18, 0, 2, 198, 19, 1, 1
  };
  static const uint8_t v6[40] = {
    0x60, 0, 0, 0, 0, 20, IPPROTO_TCP, 64,
    0x3f, 0xff, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    0x3f, 0xff, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };
  static const uint8_t tcp[20] = {
    0x80, 0, 0, 80, 255, 255, 255, 255, 0, 0, 0, 0, 0x50, LAB_TCP_SYN
  };
  size_t hlen = family == AF_INET ? sizeof(v4) : sizeof(v6);
  memcpy(out, family == AF_INET ? v4 : v6, hlen);
  memcpy(out + hlen, tcp, sizeof(tcp));
  return hlen + sizeof(tcp);
}

static void test_reset(void **state)
{
  static const int families[] = { AF_INET, AF_INET6 };
  uint8_t syn[80];
  uint8_t rst[LAB_ANSWER_MAX];
  size_t i;
  (void)state;
  for(i = 0; i < 2; i++) {
    struct lab_view v;
    struct lab_view answer;
    size_t len = make_syn(families[i], syn);
    assert_true(lab_view_parse(syn, len, &v));
    assert_true(lab_view_is_syn(&v));
    assert_int_equal(v.sport, 0x8000);
    assert_int_equal(v.dport, 80);
    assert_true(lab_view_parse(rst, lab_answer_reset(&v, rst), &answer));
    assert_int_equal(answer.flags, LAB_TCP_RST | LAB_TCP_ACK);
    assert_int_equal(answer.sport, 80);
    assert_int_equal(answer.dport, 0x8000);
    assert_memory_equal(&answer.src, &v.dst, sizeof(v.dst));
    assert_memory_equal(&answer.dst, &v.src, sizeof(v.src));
    /* acknowledges the SYN: 0xffffffff + 1 */
    assert_memory_equal(answer.data + answer.hlen + 8, "\0\0\0\0", 4);
  }
}

static void test_icmp(void **state)
{
  uint8_t syn[80];
  uint8_t out[LAB_ANSWER_MAX];
  struct lab_view v;
  size_t len = make_syn(AF_INET6, syn);
  (void)state;
  assert_true(lab_view_parse(syn, len, &v));
  assert_int_equal(lab_answer_icmp(&v, LAB_UNREACH, out), 48 + len);
  assert_int_equal(out[6], IPPROTO_ICMPV6);
  assert_int_equal(out[40], 1);
  assert_int_equal(out[41], 3);
  assert_memory_equal(out + 48, syn, len);
  len = make_syn(AF_INET, syn);
  assert_true(lab_view_parse(syn, len, &v));
  assert_int_equal(lab_answer_icmp(&v, LAB_PROHIBIT, out), 28 + len);
  assert_int_equal(out[20], 3);
  assert_int_equal(out[21], 13);
}

/* The sum over addresses, length, protocol and payload of a packet without
   fault is 0xffff. */
static unsigned int whole_sum(const struct lab_view *v)
{
  const size_t from = v->family == AF_INET ? 12 : 8;
  size_t i;
  uint32_t s = (uint32_t)v->proto + (uint32_t)(v->len - v->hlen);
  for(i = from; i < v->len; i++)
    s += i % 2 ? v->data[i] : (uint32_t)v->data[i] << 8;
  while(s >> 16)
    s = (s & 0xffff) + (s >> 16);
  return s;
}

/* There and back, by each length of prefix. */
static void test_nat64(void **state)
{
  static const char *const prefixes[][2] = {
    { "3fff:64::/96", "3fff:64::c613:701" },
    { "3fff:64::/64", "3fff:64:0:0:c6:1307:100::" },
    { "3fff:64::/56", "3fff:64:0:c6:13:701::" },
    { "3fff:64::/48", "3fff:64:0:c613:7:100::" },
    { "3fff:64::/40", "3fff:64:c6:1307:1::" },
    { "3fff:64::/32", "3fff:64:c613:701::" }
  };
  static struct lab_nat64 n;
  static uint8_t out[LAB_PACKET_MAX], back[LAB_PACKET_MAX];
  const struct lab_ip server = ip("198.19.7.1");
  const struct lab_ip client = ip(LAB_NAT64_CLIENT_V4);
  uint8_t syn[80], rst[LAB_ANSWER_MAX];
  struct lab_view v, there, answer, here;
  size_t i;
  (void)state;
  for(i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
    const struct lab_ip through = ip(prefixes[i][1]);
    const size_t len = make_syn(AF_INET6, syn);
    memcpy(syn + 24, through.b, 16);
    assert_true(lab_view_parse(syn, len, &v));
    assert_true(lab_nat64_set(&n, prefixes[i][0]));
    assert_true(lab_view_parse(out, lab_nat64_out(&n, &v, out), &there));
    assert_int_equal(there.family, AF_INET);
    assert_true(lab_view_is_syn(&there));
    assert_memory_equal(&there.dst, &server, sizeof(server));
    assert_memory_equal(&there.src, &client, sizeof(client));
    assert_int_equal(whole_sum(&there), 0xffff);
    assert_true(lab_view_parse(rst, lab_answer_reset(&there, rst), &answer));
    assert_true(lab_view_parse(back, lab_nat64_in(&n, &answer, back), &here));
    assert_memory_equal(&here.src, &v.dst, sizeof(v.dst));
    assert_memory_equal(&here.dst, &v.src, sizeof(v.src));
    assert_int_equal(whole_sum(&here), 0xffff);
  }
  assert_true(lab_nat64_set(&n, "off"));
  assert_int_equal(lab_nat64_out(&n, &v, out), 0);
  assert_false(lab_nat64_set(&n, "3fff:64::/95"));
  assert_false(lab_nat64_set(&n, "192.0.2.0/32"));
}

static void test_advertise(void **state)
{
  uint8_t ra[LAB_ANSWER_MAX];
  struct lab_view v;
  (void)state;
  assert_int_equal(lab_nat64_advertise("3fff:64::/48", 1800, ra), 72);
  assert_true(lab_view_parse(ra, 72, &v));
  assert_int_equal(v.proto, IPPROTO_ICMPV6);
  assert_int_equal(whole_sum(&v), 0xffff);
  assert_memory_equal(ra + 56, "\x26\2\x07\x0b\x3f\xff\0\x64", 8);
  assert_int_equal(lab_nat64_advertise("3fff:64::/48", 1, ra), 0);
  assert_int_equal(lab_nat64_advertise("3fff:64::/48", 65536, ra), 0);
}

static void test_cut_short(void **state)
{
  uint8_t syn[80];
  struct lab_view v;
  size_t i;
  (void)state;
  make_syn(AF_INET6, syn);
  for(i = 0; i < 40; i++)
    assert_false(lab_view_parse(syn, i, &v));
  for(; i < 60; i++) {
    assert_true(lab_view_parse(syn, i, &v));
    assert_false(lab_view_is_syn(&v));
  }
}

/* "s1.LAB" for AAAA, behind headers of IPv4 and UDP. Returns its length. */
static size_t make_question(uint8_t out[64])
{
  static const char dns[] =
    "\x12\x34\1\0\0\1\0\2\0\0\0\0\2s1\3LAB\0\0\x1c\0\1";
  const size_t len = 28 + sizeof(dns) - 1;
  memset(out, 0, 64);
  out[0] = 0x45;
  out[9] = IPPROTO_UDP;
  out[23] = 53;
  memcpy(out + 28, dns, sizeof(dns) - 1);
  return len;
}

static void test_question(void **state)
{
  uint8_t data[64];
  const size_t len = make_question(data);
  struct lab_question q;
  struct lab_view v;
  (void)state;
  assert_true(lab_view_parse(data, len, &v));
  assert_true(lab_view_question(&v, &q));
  assert_string_equal(q.name, "s1.lab");
  assert_int_equal(q.id, 0x1234);
  assert_int_equal(q.type, 28);
  assert_int_equal(q.answers, 2);
  data[42] = ' ';
  assert_true(lab_view_question(&v, &q));
  assert_string_equal(q.name, "s?.lab");
  data[23] = 54;
  assert_true(lab_view_parse(data, len, &v));
  assert_false(lab_view_question(&v, &q));
}

/* Nothing is read behind the end: the copy is as long as the packet. */
static void test_hostile_question(void **state)
{
  uint8_t data[64];
  const size_t len = make_question(data);
  struct lab_question q;
  struct lab_view v;
  size_t i;
  (void)state;
  for(i = 20; i < len; i++) {
    uint8_t *copy = malloc(i);
    assert_non_null(copy);
    memcpy(copy, data, i);
    if(lab_view_parse(copy, i, &v) && i < len - 2)
      assert_false(lab_view_question(&v, &q));
    free(copy);
  }
  assert_true(lab_view_parse(data, len, &v));
  data[40] = 0xc0; /* a pointer */
  assert_false(lab_view_question(&v, &q));
  data[40] = 63; /* longer than the packet */
  assert_false(lab_view_question(&v, &q));
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_longest_match),
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_prefixes),
    cmocka_unit_test(test_table),
    cmocka_unit_test(test_nat64),
    cmocka_unit_test(test_advertise),
    cmocka_unit_test(test_queue),
    cmocka_unit_test(test_reset),
    cmocka_unit_test(test_icmp),
    cmocka_unit_test(test_cut_short),
    cmocka_unit_test(test_question),
    cmocka_unit_test(test_hostile_question)
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name("the laboratory's parts", tests, NULL,
                                     NULL);
}
