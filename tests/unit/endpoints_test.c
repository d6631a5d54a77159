/* SPDX-License-Identifier: MIT */
/* endpoints_test.c - races of https origins with HTTPS records as timelines, in
 * scripted time (Happy Eyeballs v3, draft -04; RFC 9460).
 *
 * A script is a list of "ms:event". The host is name 0, other names are 1 to 4.
 * Addresses are 6a, 4b, ... as in race_test.c; with ":PORT" where the port is
 * not the host's own, 443.
 *   HTTPS=-              there are no records
 *   HTTPS=1:8443+6h,4h;0:443   an endpoint: name 1, port 8443, hints 6h and
 *                        4h; and one of the host's own name
 *   ONLY=1:443           the same, and the client is SVCB-reliant
 *   AAAA0=6a,6b  A1=-    answers for a name; - for "has none"
 *   A0!                  the resolver failed
 *   fail(6a:8443)  ok(4a)   the outcome of a running attempt
 * The race is alone and has begun at 0: Resolution Delay 50, Connection Attempt
 * Delay 150. What comes out is conn(), cancel(), win(), lost(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "race/endpoints.h"
#include "race/race.h"

struct timeline {
  const char *name;
  const char *script;
  const char *want;
};

static struct timeline timelines[] = {
  { "v3 s4: both families are there, HTTPS is waited for",
    "20:AAAA0=6a 20:A0=4a 40:HTTPS=-",
    "40:conn(6a) 190:conn(4a)" },
  { "v3 s4: but not longer than the Resolution Delay",
    "20:AAAA0=6a 20:A0=4a",
    "70:conn(6a) 220:conn(4a)" },
  { "v3 s4: HTTPS first, then the preferred family begins",
    "10:HTTPS=- 20:AAAA0=6a",
    "20:conn(6a)" },
  { "v3 s4: HTTPS and A, AAAA is waited for",
    "10:HTTPS=- 20:A0=4a",
    "70:conn(4a)" },
  { "v3 s4: HTTPS alone begins nothing",
    "10:HTTPS=0:443 500:AAAA0=6a",
    "500:conn(6a)" },
  { "v3 s4: a late record orders what is untried",
    "20:AAAA0=6a,6b 20:A0=4a 100:HTTPS=0:8443",
    "70:conn(6a) 220:conn(4a:8443) 370:conn(6a:8443) 520:conn(6b:8443)"
    " 670:conn(4a) 820:conn(6b)" },
  { "hints start a race early",
    "10:HTTPS=0:443+6h,4h 30:ok(6h)",
    "10:conn(6h) 30:win(6h)" },
  { "a hint of the other family waits for the preferred one",
    "10:HTTPS=0:443+4h 30:AAAA0=6a",
    "30:conn(6a) 180:conn(4h)" },
  { "no longer than the Resolution Delay",
    "10:HTTPS=0:443+4h",
    "60:conn(4h)" },
  { "an unstarted hint that the answer does not have is dropped",
    "10:HTTPS=0:443+6h,4h 30:A0=4a 30:AAAA0=6h",
    "10:conn(6h) 160:conn(4a)" },
  { "an answer without addresses drops hints, too",
    "10:HTTPS=0:443+6h,4h 30:A0=- 60:AAAA0=6h,6b",
    "10:conn(6h) 160:conn(6b)" },
  { "a hint that was started goes on",
    "10:HTTPS=0:443+6h 30:AAAA0=6a 30:A0=- 40:ok(6h)",
    "10:conn(6h) 40:win(6h)" },
  { "where the resolver fails hints stay",
    "10:HTTPS=0:443+6h,4h 30:A0! 30:AAAA0!",
    "10:conn(6h) 160:conn(4h)" },
  { "the port is followed, and the host's own comes last",
    "20:AAAA0=6a 20:A0=4a 20:HTTPS=0:8443",
    "20:conn(6a:8443) 170:conn(4a:8443) 320:conn(6a) 470:conn(4a)" },
  { "an endpoint at the host's own name and port changes nothing",
    "20:AAAA0=6a,6b 20:A0=4a 20:HTTPS=0:443",
    "20:conn(6a) 170:conn(4a) 320:conn(6b)" },
  { "the target is followed: its addresses are waited for",
    "20:AAAA0=6a 20:A0=4a 20:HTTPS=1:443 40:AAAA1=6x 45:A1=4x",
    "40:conn(6x) 190:conn(4x) 340:conn(6a) 490:conn(4a)" },
  { "for the Resolution Delay",
    "20:AAAA0=6a 20:A0=4a 20:HTTPS=1:443 300:AAAA1=6x",
    "70:conn(6a) 220:conn(4a) 370:conn(6x)" },
  { "the target has IPv4 alone",
    "20:AAAA0=6a 20:A0=4a 20:HTTPS=1:443 40:A1=4x 45:AAAA1=-",
    "45:conn(4x) 195:conn(6a) 345:conn(4a)" },
  { "the target has nothing: the host itself",
    "20:AAAA0=6a 20:A0=4a 20:HTTPS=1:443 40:A1=- 45:AAAA1=-",
    "45:conn(6a) 195:conn(4a)" },
  { "the host itself has nothing: the target",
    "20:AAAA0=- 20:A0=- 20:HTTPS=1:443 90:AAAA1=6x 300:A1=-",
    "90:conn(6x)" },
  { "nothing is lost while a target is asked for",
    "20:AAAA0=- 20:A0=- 20:HTTPS=1:443 90:AAAA1=- 300:A1=-",
    "300:lost(none)" },
  { "nor before HTTPS is answered",
    "20:AAAA0=- 20:A0=- 300:HTTPS=-",
    "300:lost(none)" },
  { "priorities order before addresses",
    "10:HTTPS=1:443;2:443 20:AAAA1=- 20:A1=4x,4y 20:AAAA2=6z 20:A2=-"
    " 20:AAAA0=- 20:A0=-",
    "20:conn(4x) 170:conn(4y) 320:conn(6z)" },
  { "a second endpoint that is known does not begin before the first",
    "10:HTTPS=1:443;2:443 20:AAAA2=6z 20:A2=- 40:AAAA1=6x",
    "40:conn(6x) 190:conn(6z)" },
  { "families alternate inside of an endpoint",
    "10:HTTPS=1:443 20:AAAA1=6x,6y 20:A1=4x 20:AAAA0=6a 20:A0=-",
    "20:conn(6x) 170:conn(4x) 320:conn(6y) 470:conn(6a)" },
  { "a failure starts the next endpoint at once",
    "10:HTTPS=1:8443;0:443 20:AAAA1=6x 20:A1=- 20:AAAA0=6a 20:A0=-"
    " 50:fail(6x:8443)",
    "20:conn(6x:8443) 50:conn(6a)" },
  { "all endpoints fail: the host itself is left",
    "10:HTTPS=0:8443 20:AAAA0=6a 20:A0=- 40:fail(6a:8443) 60:fail(6a)",
    "20:conn(6a:8443) 40:conn(6a) 60:lost(refused)" },
  { "s3: SVCB-reliant, all endpoints fail: the host itself is not tried",
    "10:ONLY=0:8443 20:AAAA0=6a 20:A0=4a 40:fail(6a:8443) 60:fail(4a:8443)",
    "20:conn(6a:8443) 40:conn(4a:8443) 60:lost(refused)" },
  { "s3: SVCB-reliant, the target has nothing: neither",
    "20:AAAA0=6a 20:A0=4a 20:ONLY=1:443 40:A1=- 45:AAAA1=-",
    "45:lost(none)" },
  { "s3: SVCB-reliant, the target is late: it alone is tried",
    "20:AAAA0=6a 20:A0=4a 20:ONLY=1:443 300:AAAA1=6x 300:A1=-",
    "300:conn(6x)" },
  { "s3: SVCB-reliant, a late record drops what is untried of the host",
    "20:AAAA0=6a,6b 20:A0=4a 100:ONLY=0:8443",
    "70:conn(6a) 220:conn(4a:8443) 370:conn(6a:8443) 520:conn(6b:8443)" },
  { "s3: SVCB-reliant, an endpoint is the host's own name and port",
    "20:AAAA0=6a,6b 20:A0=4a 20:ONLY=0:443",
    "20:conn(6a) 170:conn(4a) 320:conn(6b)" }
};

#define TIMELINES (sizeof(timelines) / sizeof(timelines[0]))
#define OWN_PORT 443

struct run {
  struct he_race_config config;
  struct he_race *race;
  struct he_endpoints e;
  struct he_candidate lists[HE_ENDPOINT_NAMES][HE_FAMILIES][8];
  he_time_ns now;
  char got[1024];
};

/* -- names -- */

/* "6a" or "6a:8443"; moves on behind it. */
static struct he_addr named(const char **p, uint16_t port)
{
  struct he_addr a = { .family = **p == '4' ? HE_IPV4 : HE_IPV6,
                       .port = port };
  assert_true(**p == '4' || **p == '6');
  a.ip[a.family == HE_IPV4 ? 3 : 15] = (uint8_t)(*p)[1];
  *p += 2;
  if(**p == ':')
    a.port = (uint16_t)strtoul(*p + 1, (char **)p, 10);
  return a;
}

static const char *name_of(const struct he_addr *a)
{
  static char text[16];
  const char letter = (char)a->ip[a->family == HE_IPV4 ? 3 : 15];
  const char family = a->family == HE_IPV4 ? '4' : '6';
  if(a->port == OWN_PORT)
    snprintf(text, sizeof(text), "%c%c", family, letter);
  else
    snprintf(text, sizeof(text), "%c%c:%u", family, letter, a->port);
  return text;
}

/* -- what comes out -- */

static void put(struct run *run, const char *verb, const char *what)
{
  const size_t n = strlen(run->got);
  snprintf(run->got + n, sizeof(run->got) - n, "%s%lld:%s(%s)", n ? " " : "",
           (long long)(run->now / HE_MS(1)), verb, what);
}

static void drain(struct run *run)
{
  struct he_action a;
  while(he_race_next(run->race, &a)) {
    if(a.kind == HE_ACT_CONNECT)
      put(run, "conn", name_of(&a.addr));
    else if(a.kind == HE_ACT_CANCEL)
      put(run, "cancel", name_of(&a.addr));
    else if(a.kind == HE_ACT_WON)
      put(run, "win", name_of(&a.addr));
    else if(a.kind == HE_ACT_LOST)
      put(run, "lost", a.error == HE_RACE_NO_ADDRESS ? "none" :
          a.error == ECONNREFUSED ? "refused" : "?");
  }
}

static void sleep_until(struct run *run, he_time_ns until)
{
  struct he_event ev = { .kind = HE_EV_TIME };
  for(;;) {
    const he_time_ns due = he_race_due(run->race);
    if(due > until)
      break;
    assert_true(due > run->now);
    run->now = due;
    he_race_handle(run->race, run->now, &ev);
    drain(run);
  }
  run->now = until;
}

/* -- what goes in -- */

static struct he_candidate candidate(const char **p, uint16_t port)
{
  return (struct he_candidate){ .addr = named(p, port), .has_source = true };
}

static void read_records(struct run *run, const char *p)
{
  run->e.answered = true;
  if(*p == '-')
    return;
  for(;;) {
    struct he_endpoint *e = &run->e.list[run->e.n++];
    e->name = (uint8_t)(*p - '0');
    if(e->name >= run->e.names)
      run->e.names = e->name + 1u;
    e->port = (uint16_t)strtoul(p + 2, (char **)&p, 10);
    while(*p == '+' || *p == ',') {
      p++;
      const enum he_family f = *p == '4' ? HE_IPV4 : HE_IPV6;
      e->hints[f][e->hint_count[f]++] = candidate(&p, e->port);
    }
    if(*p != ';')
      break;
    p++;
  }
}

static void read_answer(struct run *run, const char *p)
{
  const enum he_family f = p[1] == 'A' ? HE_IPV6 : HE_IPV4;
  const size_t digit = f == HE_IPV6 ? 4 : 1;
  const int name = p[digit] - '0';
  struct he_endpoint_answer *a = &run->e.answers[name][f];
  struct he_candidate *list = run->lists[name][f];
  a->there = true;
  a->error = p[digit + 1] == '!';
  a->list = list;
  a->n = 0;
  p += digit + 2;
  while(!a->error && (*p == '6' || *p == '4')) {
    list[a->n++] = candidate(&p, OWN_PORT);
    p += *p == ',';
  }
}

static int attempt_to(const struct run *run, const struct he_addr *addr)
{
  struct he_attempt_info info;
  for(int i = 0; he_race_attempt(run->race, i, &info); i++)
    if(he_addr_equal(&info.addr, addr))
      return i;
  fail_msg("no attempt to %s", name_of(addr));
  return -1;
}

static void perform(struct run *run, const char *p)
{
  struct he_event ev = { .error = ECONNREFUSED };
  if(*p == 'f' || *p == 'o') {
    ev.kind = *p == 'f' ? HE_EV_FAILED : HE_EV_CONNECTED;
    p = strchr(p, '(') + 1;
    const struct he_addr addr = named(&p, OWN_PORT);
    ev.attempt = attempt_to(run, &addr);
    he_race_handle(run->race, run->now, &ev);
  }
  else {
    run->e.reliant = run->e.reliant || *p == 'O';
    if(*p == 'H' || *p == 'O')
      read_records(run, strchr(p, '=') + 1);
    else
      read_answer(run, p);
    he_endpoints_tell(&run->e, run->race, run->config.allowed, HE_IPV6,
                      OWN_PORT, run->now);
  }
  drain(run);
}

static void run_timeline(void **state)
{
  const struct timeline *t = *state;
  struct run *run = calloc(1, sizeof(*run));
  struct he_event start = { .kind = HE_EV_START };
  char *script = strdup(t->script), *save = NULL;
  assert_non_null(run);
  assert_non_null(script);
  run->config = (struct he_race_config){
    .resolution_delay = HE_MS(50), .attempt_delay = HE_MS(150),
    .attempt_timeout = HE_NEVER, .total_timeout = HE_NEVER,
    .first_family_count = 1, .max_attempts = 64,
    .allowed = { true, true }, .expects = HE_EXPECTS_BETTER
  };
  run->e.names = 1;
  run->race = he_race_new(&run->config);
  assert_non_null(run->race);
  he_race_handle(run->race, 0, &start);
  drain(run);
  for(char *w = strtok_r(script, " ", &save); w;
      w = strtok_r(NULL, " ", &save)) {
    char *what;
    sleep_until(run, HE_MS(strtol(w, &what, 10)));
    perform(run, what + 1);
  }
  sleep_until(run, HE_MS(5000));
  he_race_free(run->race);
  assert_string_equal(run->got, t->want);
  free(script);
  free(run);
}

/* What is too much is dropped, and an address stands in the list once. */
static void lists(void **state)
{
  struct he_endpoints *e = calloc(1, sizeof(*e));
  struct he_candidate own[3], out[4];
  (void)state;
  assert_non_null(e);
  memset(own, 0, sizeof(own));
  for(int i = 0; i < 3; i++) {
    own[i].addr.family = HE_IPV4;
    own[i].addr.ip[3] = (uint8_t)(i + 1);
  }
  e->names = 1;
  e->answered = true;
  e->answers[0][HE_IPV4] = (struct he_endpoint_answer){
    .list = own, .n = 3, .there = true
  };
  e->n = 2;
  e->list[0].port = 443;
  e->list[1].port = 8443;
  assert_int_equal(he_endpoints_list(e, HE_IPV6, 443, out, 4), 0);
  assert_int_equal(he_endpoints_list(e, HE_IPV4, 443, out, 4), 4);
  for(int i = 0; i < 4; i++) {
    assert_int_equal(out[i].addr.port, i < 3 ? 443 : 8443);
    assert_int_equal(out[i].group, i < 3 ? 0 : 1);
    assert_int_equal(out[i].addr.ip[3], i % 3 + 1);
  }
  free(e);
}

int main(void)
{
  static struct CMUnitTest tests[TIMELINES + 1];
  for(size_t i = 0; i < TIMELINES; i++) {
    tests[i].name = timelines[i].name;
    tests[i].test_func = run_timeline;
    tests[i].initial_state = &timelines[i];
  }
  tests[TIMELINES].name = "lists are bounded, each address is there once";
  tests[TIMELINES].test_func = lists;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
