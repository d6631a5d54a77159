/* SPDX-License-Identifier: MIT */
/* ports_test.c - each address at each port, once, in which order. */
#include "race/ports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 8

/* Addresses are letters: "a:1 b:1". */
static void write_list(const struct he_candidate *list, size_t n, char *out)
{
  *out = 0;
  for(size_t i = 0; i < n; i++)
    out += sprintf(out, "%s%c:%u", i ? " " : "", list[i].addr.ip[0],
                   list[i].addr.port);
}

static size_t read_list(const char *letters, struct he_candidate *list)
{
  const size_t n = strlen(letters);
  for(size_t i = 0; i < n; i++)
    list[i] = (struct he_candidate){ .addr = {
      .family = HE_IPV4, .port = 7, .ip = { (uint8_t)letters[i] } } };
  return n;
}

struct row {
  const char *addresses;
  uint16_t ports[HE_PORTS_MAX];
  size_t count;
  size_t room;
  const char *expected;
};

static const struct row rows[] = {
  { "ab", { 465, 587 }, 2, ROOM, "a:465 b:465 a:587 b:587" },
  { "ab", { 80 }, 1, ROOM, "a:80 b:80" },
  { "ab", { 0 }, 0, ROOM, "a:7 b:7" },             /* as they are */
  { "", { 80 }, 1, ROOM, "" },
  { "ab", { 80, 80, 81 }, 3, ROOM, "a:80 b:80 a:81 b:81" },
  { "abc", { 1, 2, 3 }, 3, ROOM, "a:1 b:1 a:2 b:2 a:3 b:3" },  /* c: no room */
  { "abcdefghi", { 1 }, 1, ROOM, "a:1 b:1 c:1 d:1 e:1 f:1 g:1 h:1" },
  { "a", { 1, 2, 3 }, 3, 2, "" }
};

static void products(void **state)
{
  (void)state;
  for(size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
    const struct row *r = &rows[i];
    struct he_candidate list[16], out[ROOM];
    const size_t n = read_list(r->addresses, list);
    const size_t room = he_ports_room(n, r->count, r->room);
    const size_t made = he_ports_expand(list, n, r->ports, r->count, out,
                                        r->room);
    char text[200];
    assert_true(made <= room && room <= r->room);
    write_list(out, made, text);
    assert_string_equal(text, r->expected);
  }
}

/* Capitals are IPv6. */
static void turns(void **state)
{
  struct he_candidate list[8];
  const uint16_t ports[] = { 1, 2 };
  char text[200];
  const char *const start[] = { "A1B1A2B2c1d1c2d2", "c2c1A2A1" };
  const char *const expected[] = {
    "A:1 c:1 B:1 d:1 A:2 c:2 B:2 d:2", "c:1 A:1 c:2 A:2"
  };
  (void)state;
  for(int k = 0; k < 2; k++) {
    const size_t n = strlen(start[k]) / 2;
    for(size_t i = 0; i < n; i++)
      list[i] = (struct he_candidate){ .addr = {
        .family = start[k][2 * i] < 'a' ? HE_IPV6 : HE_IPV4,
        .ip = { (uint8_t)start[k][2 * i] },
        .port = (uint16_t)(start[k][2 * i + 1] - '0') } };
    he_ports_order(list, n, ports, 2, 1);
    write_list(list, n, text);
    assert_string_equal(text, expected[k]);
  }
  he_ports_order(list, 4, ports, 1, 1);      /* some have another port */
  write_list(list, 4, text);
  assert_string_equal(text, expected[1]);
}

static void what_is_done(void **state)
{
  struct he_candidate list[3], out[6];
  struct he_addr done[2];
  const uint16_t ports[] = { 1, 2 };
  char text[200];
  size_t n = read_list("abc", list);
  (void)state;
  n = he_ports_expand(list, n, ports, 2, out, 6);
  done[0] = out[1].addr;       /* b:1 */
  done[1] = out[5].addr;       /* c:2 */
  n = he_ports_without(out, n, done, 2);
  write_list(out, n, text);
  assert_string_equal(text, "a:1 c:1 a:2 b:2");
  assert_int_equal(he_ports_without(out, n, done, 0), 4);
  assert_int_equal(he_ports_without(out, 0, done, 2), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(products),
    cmocka_unit_test(turns),
    cmocka_unit_test(what_is_done)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
