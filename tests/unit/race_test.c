/* SPDX-License-Identifier: MIT */
/* race_test.c - races as timelines, in scripted time.
 *
 * A script is a list of "ms:event". Addresses are named by family and letter:
 * 6a, 6b, 4a; one of the other racer's (beside) has a tilde: ~6a.
 *   start              HE_EV_START
 *   AAAA=6a,6b  A=-    answers, - for "has none"
 *   AAAA?6a  A?-       what an earlier answer said: HE_EV_REMEMBERED
 *   AAAA!  A!          the resolver failed
 *   native(6a)         the other one tries 6a
 *   ok(6a) fail(~6a) gone(~6a)   the outcome of a running attempt
 *   open(A)            HE_EV_OPEN
 *   next(6a)           HE_EV_NEXT
 *   6a/                in an answer: an address without a route
 *   tick               nothing but time; between events the runner sleeps
 *                      to he_race_due(), as every caller does
 *   stop
 * What comes out is "ms:action": ask(AAAA) forget(A) begin conn(6a)
 * cancel(6a) win(6a) lost(why). A race alone is started at 0 by itself, and
 * what it asks for then is not listed, unless the setting "explicit" is
 * there. The other settings change the config, in ms: see apply_setting(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "race/race.h"

struct timeline {
  const char *name;
  const char *settings;
  const char *script;
  const char *want;
};

static struct timeline timelines[] = {
  /* --- RFC 8305, line by line ------------------------------------------- */
  { "RFC 8305 s3: AAAA is asked first, A immediately after", "explicit",
    "0:start",
    "0:ask(AAAA) 0:ask(A)" },
  { "RFC 8305 s3: a family that is not allowed is never asked",
    "explicit only=4",
    "0:start 1:AAAA=6a 5:A=4a",
    "0:ask(A) 5:conn(4a)" },
  { "RFC 8305 s3: only IPv6 allowed", "explicit only=6",
    "0:start 5:A=4a 9:AAAA=6a",
    "0:ask(AAAA) 9:conn(6a)" },
  { "RFC 8305 s3: a first positive AAAA starts connecting", "",
    "20:AAAA=6a 30:A=4a 40:ok(6a)",
    "20:conn(6a) 40:win(6a)" },
  { "RFC 8305 s3: A first waits the Resolution Delay for AAAA", "",
    "20:A=4a 90:ok(4a)",
    "70:conn(4a) 90:forget(AAAA) 90:win(4a)" },
  { "RFC 8305 s3: AAAA within the Resolution Delay goes first", "",
    "20:A=4a 60:AAAA=6a",
    "60:conn(6a) 210:conn(4a)" },
  { "RFC 8305 s3: AAAA at the end of the Resolution Delay goes first", "",
    "20:A=4a 70:AAAA=6a",
    "70:conn(6a) 220:conn(4a)" },
  { "RFC 8305 s3: a negative AAAA ends the wait", "",
    "20:A=4a 30:AAAA=- 50:ok(4a)",
    "30:conn(4a) 50:win(4a)" },
  { "RFC 8305 s3: a failed AAAA ends the wait", "",
    "20:A=4a 30:AAAA! 50:ok(4a)",
    "30:conn(4a) 50:win(4a)" },
  { "RFC 8305 s3: a negative AAAA before A leaves nothing to wait for", "",
    "10:AAAA=- 20:A=4a",
    "20:conn(4a)" },
  { "RFC 8305 s3: a Resolution Delay of 0 waits for nobody", "resolution=0",
    "20:A=4a 21:AAAA=6a",
    "20:conn(4a) 170:conn(6a)" },
  { "RFC 8305 s3: a negative A leaves AAAA to be awaited", "",
    "20:A=- 500:AAAA=6a",
    "500:conn(6a)" },
  { "RFC 8305 s3: with IPv4 preferred, AAAA waits for A", "prefer=4",
    "20:AAAA=6a 40:A=4a",
    "40:conn(4a) 190:conn(6a)" },
  { "RFC 8305 s3: with IPv4 preferred, AAAA waits no longer than the delay",
    "prefer=4",
    "20:AAAA=6a",
    "70:conn(6a)" },
  { "RFC 8305 s3: with a policy that has IPv4 first, AAAA waits for A",
    "policy",
    "20:AAAA=6a 40:A=4a,4b",
    "40:conn(4a) 190:conn(6a) 340:conn(4b)" },
  { "RFC 8305 s3: the user's preference beats a policy", "policy prefer=6",
    "20:A=4a 21:AAAA=6a",
    "21:conn(6a) 171:conn(4a)" },
  { "RFC 8305 s3: addresses known before the start are not asked for",
    "explicit",
    "0:A=4a 5:start",
    "5:ask(AAAA) 55:conn(4a)" },
  /* --- what earlier answers said ---------------------------------------- */
  { "remembered: connecting begins at once, the names are asked for all the "
    "same", "explicit",
    "0:AAAA?6a 0:A?4a 0:start 20:ok(6a)",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 20:forget(AAAA) 20:forget(A) "
    "20:win(6a)" },
  { "remembered: only A, and AAAA is waited for", "explicit",
    "0:A?4a 0:start",
    "0:ask(AAAA) 0:ask(A) 50:conn(4a)" },
  { "remembered: A, and that there is no AAAA", "explicit",
    "0:AAAA?- 0:A?4a 0:start",
    "0:ask(AAAA) 0:ask(A) 0:conn(4a)" },
  { "remembered: that there is nothing is no reason to lose", "explicit",
    "0:AAAA?- 0:A?- 0:start 20:AAAA=6a",
    "0:ask(AAAA) 0:ask(A) 20:conn(6a)" },
  { "remembered: an answer takes its place, a started attempt goes on",
    "explicit",
    "0:AAAA?6a,6b 0:A?4a 0:start 20:AAAA=6c 20:A=4b 400:ok(6a)",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 150:conn(4b) 300:conn(6c) "
    "400:cancel(4b) 400:cancel(6c) 400:win(6a)" },
  { "remembered: an answer that says the same changes nothing", "explicit",
    "0:AAAA?6a 0:A?4a 0:start 20:AAAA=6a 20:A=4a",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 150:conn(4a)" },
  { "remembered: where the resolver fails it stays", "explicit",
    "0:AAAA?6a 0:A?4a 0:start 20:AAAA! 30:A! 60:fail(6a) 80:ok(4a)",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 60:conn(4a) 80:win(4a)" },
  { "remembered: all fail, and the race goes on with the answer", "explicit",
    "0:AAAA?6a 0:A?4a 0:start 5:fail(6a) 30:fail(4a) 900:AAAA=6a,6b 950:A=-",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 10:conn(4a) 900:conn(6b)" },
  { "remembered: all fail, and the answer says the same", "explicit",
    "0:AAAA?6a 0:A?4a 0:start 5:fail(6a) 30:fail(4a) 40:AAAA=6a 50:A=4a",
    "0:ask(AAAA) 0:ask(A) 0:conn(6a) 10:conn(4a) 50:lost(refused)" },
  { "remembered: after an answer it is of no use", "explicit",
    "0:start 20:AAAA=6a 21:AAAA?6b 21:A?4a",
    "0:ask(AAAA) 0:ask(A) 20:conn(6a) 170:conn(4a)" },
  { "remembered: beside, begin is given at once", "beside",
    "0:AAAA?6a 0:A?4a 0:start 1:native(6a) 20:A=4b",
    "0:ask(AAAA) 0:ask(A) 0:begin" },
  { "RFC 8305 s3: no family has an address", "",
    "20:AAAA=- 30:A=-",
    "30:lost(none)" },
  { "RFC 8305 s3: no family is answered", "",
    "20:AAAA! 30:A!",
    "30:lost(none)" },
  { "RFC 8305 s3 and 6: a late answer joins the running race", "",
    "20:AAAA=6a,6b 200:A=4a",
    "20:conn(6a) 170:conn(6b) 320:conn(4a)" },
  { "RFC 8305 s4: IPv6 is sorted first whoever answers first", "",
    "20:A=4a,4b 20:AAAA=6a,6b",
    "20:conn(6a) 170:conn(4a) 320:conn(6b) 470:conn(4b)" },
  { "RFC 8305 s4: an address without a route comes last", "",
    "20:A=4a 20:AAAA=6a/,6b",
    "20:conn(6b) 170:conn(4a) 320:conn(6a)" },
  { "RFC 8305 s4: a family without any route comes after the other", "",
    "20:A=4a,4b 20:AAAA=6a/",
    "20:conn(4a) 170:conn(6a) 320:conn(4b)" },
  { "RFC 8305 s4: families alternate", "",
    "0:AAAA=6a,6b,6c 0:A=4a 160:fail(4a) 310:fail(6b)",
    "0:conn(6a) 150:conn(4a) 160:conn(6b) 310:conn(6c)" },
  { "RFC 8305 s4: First Address Family Count 2", "count=2",
    "0:AAAA=6a,6b,6c 0:A=4a,4b 10:fail(6a) 20:fail(6b) 30:fail(4a)"
    " 40:fail(6c)",
    "0:conn(6a) 10:conn(6b) 20:conn(4a) 30:conn(6c) 40:conn(4b)" },
  { "RFC 8305 s4: First Address Family Count beyond the family", "count=3",
    "0:AAAA=6a 0:A=4a,4b",
    "0:conn(6a) 150:conn(4a) 300:conn(4b)" },
  { "RFC 8305 s4: IPv4 preferred", "prefer=4",
    "0:AAAA=6a 0:A=4a",
    "0:conn(4a) 150:conn(6a)" },
  { "RFC 8305 s5: no two attempts at once, earlier ones are left running", "",
    "0:AAAA=6a 0:A=4a 400:ok(6a)",
    "0:conn(6a) 150:conn(4a) 400:cancel(4a) 400:win(6a)" },
  { "RFC 8305 s5: success cancels the losers and ignores the untried", "",
    "0:AAAA=6a,6b 0:A=4a,4b 170:ok(4a)",
    "0:conn(6a) 150:conn(4a) 170:cancel(6a) 170:win(4a)" },
  { "RFC 8305 s5: success forgets what is still asked for", "",
    "0:AAAA=6a 20:ok(6a)",
    "0:conn(6a) 20:forget(A) 20:win(6a)" },
  { "RFC 8305 s5: the Connection Attempt Delay", "delay=250",
    "0:AAAA=6a 0:A=4a",
    "0:conn(6a) 250:conn(4a)" },
  { "RFC 8305 s5: a hard failure starts the next at once", "",
    "0:AAAA=6a 0:A=4a 12:fail(6a)",
    "0:conn(6a) 12:conn(4a)" },
  { "RFC 8305 s5: but not within 10 ms of the last", "",
    "0:AAAA=6a 0:A=4a 1:fail(6a)",
    "0:conn(6a) 10:conn(4a)" },
  { "RFC 8305 s5: after it the delay counts anew", "",
    "0:AAAA=6a,6b 0:A=4a 60:fail(6a)",
    "0:conn(6a) 60:conn(4a) 210:conn(6b)" },
  { "RFC 8305 s5: an old attempt's failure starts the next, too", "",
    "0:AAAA=6a,6b 0:A=4a 200:fail(6a)",
    "0:conn(6a) 150:conn(4a) 200:conn(6b)" },
  { "RFC 8305 s5: a delay of 10 ms", "delay=10",
    "0:AAAA=6a 0:A=4a,4b 3:fail(6a)",
    "0:conn(6a) 10:conn(4a) 20:conn(4b)" },
  { "RFC 8305 s6: a withdrawn address that is untried is dropped", "",
    "0:AAAA=6a,6b 0:A=4a 100:AAAA=6a",
    "0:conn(6a) 150:conn(4a)" },
  { "RFC 8305 s6: a withdrawn address that is being tried goes on", "",
    "0:AAAA=6a 0:A=4a 100:AAAA=6b 120:ok(6a)",
    "0:conn(6a) 120:win(6a)" },
  { "RFC 8305 s6: an added address is sorted into the untried", "",
    "0:AAAA=6a 0:A=4a,4b 100:AAAA=6a,6b",
    "0:conn(6a) 150:conn(4a) 300:conn(6b) 450:conn(4b)" },
  { "RFC 8305 s6: an address that was tried is not tried again", "",
    "0:AAAA=6a 0:A=- 20:fail(6a) 30:AAAA=6a",
    "0:conn(6a) 20:lost(refused)" },
  { "RFC 8305 s6: a family withdrawn while A is held", "",
    "0:A=4a 20:A=- 60:AAAA=6a",
    "60:conn(6a)" },

  /* --- the scenarios that the race decides; D = R = 20 ------------------ */
  { "scenario 2: IPv6 black hole", "",
    "20:AAAA=6a 20:A=4a 190:ok(4a)",
    "20:conn(6a) 170:conn(4a) 190:cancel(6a) 190:win(4a)" },
  { "scenario 3: IPv6 refused", "",
    "20:AAAA=6a 20:A=4a 40:fail(6a) 60:ok(4a)",
    "20:conn(6a) 40:conn(4a) 60:win(4a)" },
  { "scenario 4: IPv6 without a route fails in the call", "",
    "20:AAAA=6a 20:A=4a 20:fail(6a) 50:ok(4a)",
    "20:conn(6a) 30:conn(4a) 50:win(4a)" },
  { "scenario 4: an AAAA without a route is no reason to begin", "",
    "20:AAAA=6a/ 30:A=4a 50:ok(4a)",
    "30:conn(4a) 50:win(4a)" },
  { "scenario 4: both known, IPv4 goes first", "",
    "20:AAAA=6a/ 20:A=4a 40:ok(4a)",
    "20:conn(4a) 40:win(4a)" },
  { "scenario 6: IPv6 and the first A black holes", "",
    "20:AAAA=6a 20:A=4a,4b 340:ok(4b)",
    "20:conn(6a) 170:conn(4a) 320:conn(4b) 340:cancel(6a) 340:cancel(4a)"
    " 340:win(4b)" },
  { "scenario 7: 2 + 2 addresses, only the last A good", "",
    "20:AAAA=6a,6b 20:A=4a,4b 490:ok(4b)",
    "20:conn(6a) 170:conn(4a) 320:conn(6b) 470:conn(4b) 490:cancel(6a)"
    " 490:cancel(4a) 490:cancel(6b) 490:win(4b)" },
  { "scenario 8: 4 + 4 addresses, only the last A good", "",
    "20:AAAA=6a,6b,6c,6d 20:A=4a,4b,4c,4d 790:ok(4d)",
    "20:conn(6a) 170:conn(4a) 320:conn(6b) 470:conn(4b) 620:conn(4c)"
    " 770:conn(4d) 790:cancel(6a) 790:cancel(4a) 790:cancel(6b)"
    " 790:cancel(4b) 790:cancel(4c) 790:win(4d)" },
  { "scenario 9: IPv4 only, first A a black hole", "",
    "20:AAAA=- 20:A=4a,4b 190:ok(4b)",
    "20:conn(4a) 170:conn(4b) 190:cancel(4a) 190:win(4b)" },
  { "scenario 10: both far away, the delay has learned it", "delay=600",
    "20:AAAA=6a 20:A=4a 420:ok(6a)",
    "20:conn(6a) 420:win(6a)" },
  { "scenario 11: AAAA a second late", "",
    "20:A=4a 90:ok(4a)",
    "70:conn(4a) 90:forget(AAAA) 90:win(4a)" },
  { "scenario 11: the late AAAA disturbs nothing", "",
    "20:A=4a 80:AAAA=6a 90:ok(4a)",
    "70:conn(4a) 90:win(4a)" },
  { "scenario 12: A a second late", "",
    "20:AAAA=6a 40:ok(6a) 1000:A=4a",
    "20:conn(6a) 40:forget(A) 40:win(6a)" },
  { "scenario 13: AAAA dropped", "total=15000",
    "20:A=4a 90:fail(4a)",
    "70:conn(4a) 15000:forget(AAAA) 15000:lost(timeout)" },
  { "scenario 14: A dropped", "",
    "20:AAAA=6a 40:ok(6a)",
    "20:conn(6a) 40:forget(A) 40:win(6a)" },
  { "scenario 15: AAAA without data", "",
    "20:AAAA=- 20:A=4a 40:ok(4a)",
    "20:conn(4a) 40:win(4a)" },
  { "scenario 15: AAAA SERVFAIL", "",
    "20:AAAA! 20:A=4a 40:ok(4a)",
    "20:conn(4a) 40:win(4a)" },
  { "scenario 16: A 500 ms late and IPv6 dead", "",
    "20:AAAA=6a 520:A=4a 540:ok(4a)",
    "20:conn(6a) 520:conn(4a) 540:cancel(6a) 540:win(4a)" },
  { "scenario 17: every address refuses", "",
    "20:AAAA=6a,6b 20:A=4a,4b 40:fail(6a) 60:fail(4a) 80:fail(6b)"
    " 100:fail(4b)",
    "20:conn(6a) 40:conn(4a) 60:conn(6b) 80:conn(4b) 100:lost(refused)" },
  { "scenario 17: every address refuses at once", "",
    "20:AAAA=6a 20:A=4a,4b 20:fail(6a) 30:tick 30:fail(4a) 40:tick"
    " 40:fail(4b)",
    "20:conn(6a) 30:conn(4a) 40:conn(4b) 40:lost(refused)" },
  { "scenario 18: every address a black hole", "total=1000",
    "20:AAAA=6a 20:A=4a",
    "20:conn(6a) 170:conn(4a) 1000:cancel(6a) 1000:cancel(4a)"
    " 1000:lost(timeout)" },
  { "scenario 19: the first SYN lost", "",
    "20:AAAA=6a 20:A=4a 190:ok(4a)",
    "20:conn(6a) 170:conn(4a) 190:cancel(6a) 190:win(4a)" },
  { "scenario 24: slower than the delay everywhere, none is killed", "",
    "20:AAAA=6a 20:A=4a,4b 920:ok(6a)",
    "20:conn(6a) 170:conn(4a) 320:conn(4b) 920:cancel(4a) 920:cancel(4b)"
    " 920:win(6a)" },

  /* --- a schedule that grows: 50, 100, 150, 150 ... ms ------------------- */
  { "growing: 50, 100, then 150 ms apart", "first=50 max=9",
    "0:AAAA=6a,6b,6c 0:A=4a,4b,4c 5000:ok(6a)",
    "0:conn(6a) 50:conn(4a) 150:conn(6b) 300:conn(4b) 450:conn(4c)"
    " 600:conn(6c) 5000:cancel(4a) 5000:cancel(6b) 5000:cancel(4b)"
    " 5000:cancel(4c) 5000:cancel(6c) 5000:win(6a)" },
  { "growing: the last step is what is left of it", "first=80",
    "0:AAAA=6a,6b 0:A=4a,4b",
    "0:conn(6a) 80:conn(4a) 230:conn(6b) 380:conn(4b)" },
  { "growing: no first delay is a fixed one", "first=0 delay=250",
    "0:AAAA=6a,6b 0:A=4a",
    "0:conn(6a) 250:conn(4a) 500:conn(6b)" },
  { "growing: so is one beyond all others", "first=400 delay=250",
    "0:AAAA=6a,6b 0:A=4a",
    "0:conn(6a) 250:conn(4a) 500:conn(6b)" },
  { "growing: a failure takes a delay's place, and it grows on", "first=50",
    "0:AAAA=6a,6b 0:A=4a,4b 20:fail(6a)",
    "0:conn(6a) 20:conn(4a) 120:conn(6b) 270:conn(4b)" },
  { "growing: what is tried ahead leaves the times of the others",
    "first=50",
    "0:AAAA=6a,6b 0:A=4a,4b 5:next(4b)",
    "0:conn(6a) 10:conn(4b) 50:conn(4a) 150:conn(6b)" },
  { "growing: it takes no turn", "first=50",
    "0:AAAA=6a,6b,6c 0:A=4a 5:next(4a)",
    "0:conn(6a) 10:conn(4a) 50:conn(6b) 150:conn(6c)" },
  { "growing: beside, each delay is the one fixed", "beside open first=50",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b",
    "150:conn(4a) 300:conn(6b) 450:conn(4b)" },
  { "growing: beside, a closed family's wait is by the one fixed",
    "beside first=50",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a",
    "200:conn(6b)" },
  { "growing: silence is judged by the longest delay",
    "first=50 count=2 max=9",
    "0:AAAA=6a,6b,6c,6d 0:A=4a,4b,4c,4d",
    "0:conn(6a) 50:conn(6b) 150:conn(4a) 300:conn(4b) 450:conn(4c)"
    " 600:conn(4d) 750:conn(6c) 900:conn(6d)" },
  { "growing: who answers within the longest delay is not silent",
    "first=50 count=2 max=9",
    "0:AAAA=6a,6b,6c 0:A=4a,4b 140:fail(6b) 160:fail(4a)",
    "0:conn(6a) 50:conn(6b) 140:conn(4a) 160:conn(6c) 310:conn(4b)" },
  { "scenario 2, growing", "first=50",
    "20:AAAA=6a 20:A=4a 90:ok(4a)",
    "20:conn(6a) 70:conn(4a) 90:cancel(6a) 90:win(4a)" },
  { "scenario 6, growing", "first=50",
    "20:AAAA=6a 20:A=4a,4b 190:ok(4b)",
    "20:conn(6a) 70:conn(4a) 170:conn(4b) 190:cancel(6a) 190:cancel(4a)"
    " 190:win(4b)" },
  { "scenario 7, growing", "first=50",
    "20:AAAA=6a,6b 20:A=4a,4b 340:ok(4b)",
    "20:conn(6a) 70:conn(4a) 170:conn(6b) 320:conn(4b) 340:cancel(6a)"
    " 340:cancel(4a) 340:cancel(6b) 340:win(4b)" },
  { "scenario 8, growing: IPv6 is dead after two silent attempts",
    "first=50",
    "20:AAAA=6a,6b,6c,6d 20:A=4a,4b,4c,4d 640:ok(4d)",
    "20:conn(6a) 70:conn(4a) 170:conn(6b) 320:conn(4b) 470:conn(4c)"
    " 620:conn(4d) 640:cancel(6a) 640:cancel(4a) 640:cancel(6b)"
    " 640:cancel(4b) 640:cancel(4c) 640:win(4d)" },
  { "scenario 9, growing", "first=50",
    "20:AAAA=- 20:A=4a,4b 90:ok(4b)",
    "20:conn(4a) 70:conn(4b) 90:cancel(4a) 90:win(4b)" },
  { "scenario 11, growing: the Resolution Delay is its own",
    "first=50 resolution=25",
    "20:A=4a 65:ok(4a)",
    "45:conn(4a) 65:forget(AAAA) 65:win(4a)" },

  /* --- a silent family --------------------------------------------------- */
  { "silent: one silent attempt proves nothing", "",
    "0:AAAA=6a,6b,6c 0:A=4a,4b 160:fail(4a)",
    "0:conn(6a) 150:conn(4a) 160:conn(6b) 310:conn(4b) 460:conn(6c)" },
  { "silent: a family that once refused is alive", "",
    "0:AAAA=6a,6b,6c 0:A=4a,4b,4c 20:fail(6a)",
    "0:conn(6a) 20:conn(4a) 170:conn(6b) 320:conn(4b) 470:conn(6c)"
    " 620:conn(4c)" },
  { "silent: the second attempt has its delay, too", "",
    "0:AAAA=6a,6b,6c 0:A=4a,4b,4c 310:fail(4a) 330:fail(4b)",
    "0:conn(6a) 150:conn(4a) 300:conn(6b) 310:conn(4b) 330:conn(6c)"
    " 480:conn(4c)" },
  { "silent: only one family can be", "max=9",
    "0:AAAA=6a,6b,6c,6d 0:A=4a,4b,4c,4d",
    "0:conn(6a) 150:conn(4a) 300:conn(6b) 450:conn(4b) 600:conn(4c)"
    " 750:conn(4d) 900:conn(6c) 1050:conn(6d)" },
  { "silent: IPv4 can be", "prefer=4 max=9",
    "0:AAAA=6a,6b,6c 0:A=4a,4b,4c",
    "0:conn(4a) 150:conn(6a) 300:conn(4b) 450:conn(6b) 600:conn(6c)"
    " 750:conn(4c)" },
  { "silent: a late answer of the other family goes before it", "",
    "0:AAAA=6a,6b,6c,6d 400:A=4a,4b",
    "0:conn(6a) 150:conn(6b) 300:conn(6c) 450:conn(4a) 600:conn(4b)"
    " 750:conn(6d)" },

  /* --- limits ------------------------------------------------------------ */
  { "at most max_attempts run at once", "max=2",
    "0:AAAA=6a,6b 0:A=4a 500:fail(4a)",
    "0:conn(6a) 150:conn(4a) 500:conn(6b)" },
  { "max_attempts of 1 is one after the other", "max=1 timeout=1000",
    "0:AAAA=6a 0:A=4a 2500:tick",
    "0:conn(6a) 1000:cancel(6a) 1000:conn(4a) 2000:cancel(4a)"
    " 2000:lost(timeout)" },
  { "an attempt is given up after attempt_timeout", "timeout=200",
    "0:AAAA=6a 0:A=4a 300:ok(4a)",
    "0:conn(6a) 150:conn(4a) 200:cancel(6a) 300:win(4a)" },
  { "given up sooner than the delay, the next starts at once", "timeout=50",
    "0:AAAA=6a 0:A=4a 60:ok(4a)",
    "0:conn(6a) 50:cancel(6a) 50:conn(4a) 60:win(4a)" },
  { "a success that just missed the time-out counts", "timeout=50",
    "0:AAAA=6a 0:A=- 50:ok(6a)",
    "0:conn(6a) 50:win(6a)" },
  { "the total time-out while resolving", "total=300",
    "",
    "300:forget(AAAA) 300:forget(A) 300:lost(timeout)" },
  { "the total time-out counts from the first event", "explicit total=300",
    "100:A=4a 200:start",
    "200:ask(AAAA) 250:conn(4a) 400:cancel(4a) 400:forget(AAAA)"
    " 400:lost(timeout)" },
  { "stopped while connecting", "",
    "0:AAAA=6a 30:stop 40:A=4a",
    "0:conn(6a) 30:cancel(6a) 30:forget(A) 30:lost(stopped)" },
  { "stopped before the start", "explicit",
    "0:stop 1:start",
    "0:lost(stopped)" },
  { "starting twice is starting once", "explicit",
    "0:start 0:start",
    "0:ask(AAAA) 0:ask(A)" },
  { "an answer that fails later leaves what is known", "",
    "0:AAAA=6a,6b 0:A=- 10:AAAA!",
    "0:conn(6a) 150:conn(6b)" },
  { "duplicates in an answer are tried once", "",
    "0:AAAA=6a,6a,6b,6a 0:A=-",
    "0:conn(6a) 150:conn(6b)" },
  { "addresses of another family in an answer are skipped", "",
    "0:AAAA=4a,6a 0:A=-",
    "0:conn(6a)" },
  { "no family allowed", "only=none",
    "",
    "0:lost(none)" },

  /* --- beside another racer ---------------------------------------------- */
  { "beside: connecting is begun by the other one", "beside",
    "0:start 20:AAAA=6a 20:A=4a 21:native(6a)",
    "0:ask(AAAA) 0:ask(A) 20:begin" },
  { "beside: BEGIN waits the Resolution Delay", "beside",
    "0:start 20:A=4a",
    "0:ask(AAAA) 0:ask(A) 70:begin" },
  { "beside: BEGIN comes once", "beside",
    "0:start 20:AAAA=6a 30:AAAA=6a,6b 40:A=4a",
    "0:ask(AAAA) 0:ask(A) 20:begin" },
  { "beside: no BEGIN after the other one has begun", "beside",
    "0:native(6a) 0:start 20:AAAA=6a",
    "0:ask(AAAA) 0:ask(A)" },
  { "beside: an empty answer is no end, and begins", "beside",
    "0:start 20:AAAA=- 30:A=-",
    "0:ask(AAAA) 0:ask(A) 30:begin" },
  { "beside: nothing is tried before the other one begins", "beside open",
    "0:start 20:AAAA=6a 20:A=4a 500:tick",
    "0:ask(AAAA) 0:ask(A) 20:begin" },
  { "beside: it adds the second address of the open family",
    "beside only=4",
    "0:native(4a) 0:start 20:A=4a,4b",
    "0:ask(A) 150:conn(4b)" },
  { "beside: START may never come", "beside",
    "0:native(4a) 0:A=4a,4b 0:AAAA=-",
    "150:conn(4b)" },
  { "beside: a closed family's turn is waited for", "beside",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a",
    "200:conn(6b)" },
  { "beside: the wait is for the other family only while it has addresses",
    "beside",
    "0:native(6a) 0:AAAA=6a,6b 0:A=-",
    "150:conn(6b)" },
  { "beside: an unanswered family is not waited for", "beside",
    "0:native(6a) 0:AAAA=6a,6b",
    "150:conn(6b)" },
  { "beside: a closed family is waited for once", "beside",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a",
    "200:conn(6b) 350:conn(6c)" },
  { "beside: a wait with nothing else to try was a wait", "beside",
    "0:native(6a) 0:AAAA=6a 0:A=4a 300:native(6b) 310:AAAA=6a,6b,6c",
    "450:conn(6c)" },
  { "beside: nothing of a closed family is ever tried", "beside",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 900:tick",
    "" },
  { "beside: a family that opens after all is joined", "beside",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a,4b 250:native(4a)",
    "200:conn(6b) 400:conn(4b) 550:conn(6c)" },
  { "beside: the second family opens in time", "beside",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 150:native(4a)",
    "300:conn(6b) 450:conn(4b)" },
  { "beside: config.open opens from the beginning", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a",
    "150:conn(4a) 300:conn(6b)" },
  { "beside, passive: the other one makes all attempts", "beside open passive",
    "0:native(6a) 0:start 20:AAAA=6a,6b 20:A=4a,4b 150:fail(~6a) 900:tick",
    "0:ask(AAAA) 0:ask(A)" },
  { "beside: a family that the other one was not given opens", "beside",
    "0:start 20:AAAA=6a 21:open(A) 21:native(6a) 520:A=4a 540:ok(4a)",
    "0:ask(AAAA) 0:ask(A) 20:begin 520:conn(4a) 540:win(4a)" },
  { "beside: opened late, it has its turn by the delay", "beside",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 900:open(A)",
    "900:conn(4a) 1050:conn(4b)" },
  { "beside: BEGIN waits for A where AAAA has no route", "beside",
    "0:start 20:AAAA=6a/ 30:A=4a",
    "0:ask(AAAA) 0:ask(A) 30:begin" },
  { "beside: a start of the other one resets the delay", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b,6c 140:native(6b)",
    "290:conn(6c)" },
  { "beside: a failed native attempt is followed after the grace",
    "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 20:fail(~6a)",
    "70:conn(6b)" },
  { "beside: the grace outlasts the delay", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 140:fail(~6a)",
    "190:conn(6b)" },
  { "beside: the other one follows its failure by itself", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b,6c 20:fail(~6a) 21:native(6b)",
    "171:conn(6c)" },
  { "beside: one of ours failing starts the next at once", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b,6c 170:fail(6b)",
    "150:conn(6b) 170:conn(6c)" },
  { "beside: but not within 10 ms of a native start", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b,6c,6d 160:native(6c) 161:fail(6b)",
    "150:conn(6b) 170:conn(6d)" },
  { "beside: and not within the grace of a native failure", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b,6c 160:fail(~6a) 170:fail(6b)",
    "150:conn(6b) 210:conn(6c)" },
  { "beside: a native start at an address of ours is a second attempt",
    "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 200:native(6b) 220:ok(~6b)",
    "150:conn(6b) 220:cancel(6b) 220:win(~6b)" },
  { "beside: an address in no answer is an attempt, too", "beside",
    "0:native(6z) 0:AAAA=6a 0:A=-",
    "150:conn(6a)" },
  { "beside: what was tried before the answer is not tried again",
    "beside only=6",
    "0:native(6a) 100:AAAA=6a",
    "" },
  { "beside: a native success cancels ours", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 160:ok(~6a)",
    "150:conn(6b) 160:cancel(6b) 160:win(~6a)" },
  { "beside: ours wins, theirs is not ours to cancel", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 160:ok(6b)",
    "150:conn(6b) 160:win(6b)" },
  { "beside: exhaustion is no end", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 160:fail(6b) 170:fail(~6a) 400:native(6a)"
    " 420:ok(~6a)",
    "150:conn(6b) 420:win(~6a)" },
  { "beside: native attempts count towards max_attempts",
    "beside only=6 max=2",
    "0:native(6a) 0:AAAA=6a,6b,6c,6d 400:gone(~6a) 700:fail(6b)",
    "150:conn(6b) 400:conn(6c) 700:conn(6d)" },
  { "beside: gone is no failure", "beside only=6",
    "0:native(6a) 0:AAAA=6a,6b 20:gone(~6a)",
    "150:conn(6b)" },
  { "beside: a silent family goes last, theirs counts", "beside open",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a,4b 150:native(4a)",
    "300:conn(6b) 450:conn(4b) 600:conn(6c)" },
  { "beside: a native attempt has no time-out of ours",
    "beside only=6 timeout=100",
    "0:native(6a) 0:AAAA=6a 5000:ok(~6a)",
    "5000:win(~6a)" },
  { "beside: the total time-out", "beside only=6 total=400",
    "100:native(6a) 100:AAAA=6a,6b",
    "250:conn(6b) 500:cancel(6b) 500:lost(timeout)" },
  { "next: at once, and the others as if it were not there", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 60:next(4b)",
    "60:conn(4b) 150:conn(4a) 300:conn(6b)" },
  { "next: not within 10 ms of the last start", "beside open",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 150:native(4a) 155:next(4b)",
    "160:conn(4b)" },
  { "next: nor within 10 ms of the next one's turn", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 145:next(4b)",
    "150:conn(4a) 160:conn(4b) 300:conn(6b)" },
  { "next: at the time of a turn it waits", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 150:next(6b)",
    "150:conn(4a) 160:conn(6b) 300:conn(4b)" },
  { "next: what has its turn unforeseen keeps 10 ms from it", "beside open",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a,4b 150:native(4a) 310:next(4b)"
    " 315:fail(6b)",
    "300:conn(6b) 310:conn(4b) 320:conn(6c)" },
  { "next: whose turn it is anyway has its turn", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a 145:native(4a) 290:next(6b)",
    "295:conn(6b)" },
  { "next: its failure hurries nothing", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 60:next(4b) 80:fail(4b)",
    "60:conn(4b) 150:conn(4a) 300:conn(6b)" },
  { "next: its silence counts", "beside open",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a,4b 20:next(6b)",
    "20:conn(6b) 150:conn(4a) 300:conn(4b) 450:conn(6c)" },
  { "next: what follows moves up", "beside open",
    "0:native(6a) 0:AAAA=6a,6b,6c 0:A=4a,4b 150:native(4a) 160:next(6b)",
    "160:conn(6b) 300:conn(6c) 450:conn(4b)" },
  { "next: withdrawn and back again it is not tried twice", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 60:next(6b) 70:AAAA=6a"
    " 80:AAAA=6a,6b,6c 150:native(4a)",
    "60:conn(6b) 300:conn(4b) 450:conn(6c)" },
  { "next: the other one tries it, too", "beside open",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 60:next(4a) 150:native(4a)",
    "60:conn(4a) 300:conn(6b) 450:conn(4b)" },
  { "next: a closed family's waits until it opens", "beside",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 60:next(4b) 150:native(4a)",
    "160:conn(4b)" },
  { "next: of a family that never opens it is never tried", "beside",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 60:next(4b) 900:tick",
    "" },
  { "next: unknown as yet it waits for the answer", "beside open",
    "0:native(6a) 20:next(4b) 60:AAAA=6a 60:A=4a,4b",
    "60:conn(4b) 150:conn(4a)" },
  { "next: what was tried is not tried again", "beside open",
    "0:native(6a) 0:AAAA=6a 0:A=4a 60:next(6a)",
    "150:conn(4a)" },
  { "next: a stranger is never tried", "beside open",
    "0:native(6a) 0:AAAA=6a 0:A=4a 60:next(4z)",
    "150:conn(4a)" },
  { "next: within max_attempts", "beside open max=2",
    "0:native(6a) 0:AAAA=6a,6b 0:A=4a,4b 150:native(4a) 170:next(4b)"
    " 400:gone(~6a) 500:gone(~4a)",
    "400:conn(6b) 500:conn(4b)" },
  { "next: a later one replaces it", "beside open",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b,4c 3:next(4b) 5:next(4c)",
    "10:conn(4c) 150:conn(4a) 300:conn(4b)" },
  { "next: alone, the first is the first", "",
    "0:next(4b) 0:A=4a,4b 0:AAAA=6a,6b",
    "0:conn(4b) 150:conn(6a) 300:conn(4a) 450:conn(6b)" },
  { "next: alone, its failure as the first hurries on", "",
    "0:next(4b) 0:A=4a,4b 0:AAAA=6a 30:fail(4b)",
    "0:conn(4b) 30:conn(6a) 180:conn(4a)" },
  { "next: it may win", "beside open",
    "0:native(6a) 0:AAAA=6a 0:A=4a,4b 60:next(4b) 80:ok(4b)",
    "60:conn(4b) 80:win(4b)" },
  { "beside: stopped", "beside",
    "0:native(6a) 0:start 160:AAAA=6a,6b 170:stop",
    "0:ask(AAAA) 0:ask(A) 160:conn(6b) 170:cancel(6b) 170:forget(A)"
    " 170:lost(stopped)" },
};

#define TIMELINES (sizeof(timelines) / sizeof(timelines[0]))

/* --- the runner ---------------------------------------------------------- */

struct run {
  struct he_race *race;
  struct he_race_config config;
  he_time_ns now;
  bool explicit_start;
  bool mute;
  char got[2048];
};

static struct he_addr named(const char *name)
{
  struct he_addr a = { .port = 443 };
  assert_true(name[0] == '6' || name[0] == '4');
  a.family = name[0] == '6' ? HE_IPV6 : HE_IPV4;
  if(a.family == HE_IPV6) {
    a.ip[0] = 0x3f;
    a.ip[1] = 0xff;
    a.ip[15] = (uint8_t)name[1];
  }
  else {
    a.ip[0] = 192;
    a.ip[2] = 2;
    a.ip[3] = (uint8_t)name[1];
  }
  return a;
}

static const char *name_of(const struct run *run, int attempt)
{
  static char name[4];
  struct he_attempt_info info;
  assert_true(he_race_attempt(run->race, attempt, &info));
  snprintf(name, sizeof(name), "%s%c%c", info.native ? "~" : "",
           info.addr.family == HE_IPV6 ? '6' : '4',
           info.addr.ip[info.addr.family == HE_IPV6 ? 15 : 3]);
  return name;
}

static const char *why(int error)
{
  switch(error) {
  case HE_RACE_NO_ADDRESS:
    return "none";
  case ECONNREFUSED:
    return "refused";
  case ETIMEDOUT:
    return "timeout";
  case ECANCELED:
    return "stopped";
  }
  return "?";
}

static void put(struct run *run, const char *verb, const char *what)
{
  const size_t len = strlen(run->got);
  if(run->mute)
    return;
  assert_int_equal(run->now % HE_MS(1), 0);
  snprintf(run->got + len, sizeof(run->got) - len, "%s%d:%s%s%s%s",
           len ? " " : "", (int)(run->now / HE_MS(1)), verb,
           what ? "(" : "", what ? what : "", what ? ")" : "");
}

static void drain(struct run *run)
{
  static const char *const family[] = { "AAAA", "A" };
  struct he_action act;
  while(he_race_next(run->race, &act)) {
    switch(act.kind) {
    case HE_ACT_RESOLVE:
      put(run, "ask", family[act.family]);
      break;
    case HE_ACT_FORGET:
      put(run, "forget", family[act.family]);
      break;
    case HE_ACT_BEGIN:
      put(run, "begin", NULL);
      break;
    case HE_ACT_CONNECT:
      put(run, "conn", name_of(run, act.attempt));
      break;
    case HE_ACT_CANCEL:
      put(run, "cancel", name_of(run, act.attempt));
      break;
    case HE_ACT_WON:
      put(run, "win", name_of(run, act.attempt));
      break;
    case HE_ACT_LOST:
      put(run, "lost", why(act.error));
      break;
    }
  }
  assert_true(he_race_due(run->race) > run->now);
}

static void feed(struct run *run, struct he_event ev)
{
  he_race_handle(run->race, run->now, &ev);
  drain(run);
}

/* Sleeps as a caller does, up to `until`, not including it. */
static void sleep_until(struct run *run, he_time_ns until)
{
  he_time_ns due;
  for(int wakes = 0; (due = he_race_due(run->race)) < until; wakes++) {
    assert_true(wakes < 100);
    run->now = due;
    feed(run, (struct he_event){ .kind = HE_EV_TIME });
  }
}

/* The running attempt that a name means. */
static int attempt_named(const struct run *run, const char *name)
{
  for(int i = he_race_attempts(run->race) - 1; i >= 0; i--) {
    struct he_attempt_info info;
    he_race_attempt(run->race, i, &info);
    if(info.state == HE_TRY_RUNNING && !strcmp(name_of(run, i), name))
      return i;
  }
  fail_msg("no attempt runs that is called %s", name);
  return -1;
}

static void answer(struct run *run, enum he_event_kind kind,
                   enum he_family f, char *names)
{
  struct he_candidate list[8];
  struct he_event ev = { .kind = kind, .family = f, .list = list };
  char *rest = NULL;
  if(strcmp(names, "-"))
    for(char *n = strtok_r(names, ",", &rest); n;
        n = strtok_r(NULL, ",", &rest)) {
      struct he_candidate c = { .addr = named(n), .has_source = true };
      c.source = c.addr;
      if(n[2] == '/')
        c.has_source = false;
      list[ev.n++] = c;
    }
  feed(run, ev);
}

static void perform(struct run *run, char *what)
{
  struct he_event ev = { .kind = HE_EV_TIME };
  char name[8] = "";
  char verb[16] = "";
  if(sscanf(what, "%15[a-z](%7[^)])", verb, name) == 2) {
    if(!strcmp(verb, "open")) {
      ev.kind = HE_EV_OPEN;
      ev.family = !strcmp(name, "A") ? HE_IPV4 : HE_IPV6;
    }
    else if(!strcmp(verb, "next")) {
      ev.kind = HE_EV_NEXT;
      ev.addr = named(name);
    }
    else if(!strcmp(verb, "native")) {
      ev.kind = HE_EV_STARTED;
      ev.addr = named(name);
    }
    else {
      ev.kind = !strcmp(verb, "ok") ? HE_EV_CONNECTED :
                !strcmp(verb, "fail") ? HE_EV_FAILED : HE_EV_GONE;
      ev.attempt = attempt_named(run, name);
      ev.error = ECONNREFUSED;
    }
  }
  else if(!strncmp(what, "AAAA=", 5)) {
    answer(run, HE_EV_ANSWER, HE_IPV6, what + 5);
    return;
  }
  else if(!strncmp(what, "A=", 2)) {
    answer(run, HE_EV_ANSWER, HE_IPV4, what + 2);
    return;
  }
  else if(!strncmp(what, "AAAA?", 5)) {
    answer(run, HE_EV_REMEMBERED, HE_IPV6, what + 5);
    return;
  }
  else if(!strncmp(what, "A?", 2)) {
    answer(run, HE_EV_REMEMBERED, HE_IPV4, what + 2);
    return;
  }
  else if(strchr(what, '!')) {
    ev.kind = HE_EV_UNANSWERED;
    ev.family = !strcmp(what, "AAAA!") ? HE_IPV6 : HE_IPV4;
    ev.error = EIO;
  }
  else if(!strcmp(what, "start"))
    ev.kind = HE_EV_START;
  else if(!strcmp(what, "stop"))
    ev.kind = HE_EV_STOP;
  else
    assert_string_equal(what, "tick");
  feed(run, ev);
}

static void apply_setting(struct run *run, const char *s)
{
  struct he_race_config *c = &run->config;
  const char *eq = strchr(s, '=');
  const long n = eq ? strtol(eq + 1, NULL, 10) : 0;
  if(!strcmp(s, "explicit"))
    run->explicit_start = true;
  else if(!strcmp(s, "beside"))
    c->beside = run->explicit_start = true;
  else if(!strcmp(s, "passive"))
    c->passive = true;
  else if(!strcmp(s, "open"))
    c->open[HE_IPV6] = c->open[HE_IPV4] = true;
  else if(!strncmp(s, "only=", 5)) {
    c->allowed[HE_IPV6] = n == 6;
    c->allowed[HE_IPV4] = n == 4;
  }
  else if(!strncmp(s, "prefer=", 7))
    c->preference = n == 6 ? HE_PREFER_IPV6 : HE_PREFER_IPV4;
  else if(!strcmp(s, "policy")) {   /* IPv4 first */
    const struct he_policy_line all = { .table = HE_POLICY_PRECEDENCE };
    c->policy = he_policy_new(&all, 1);
    assert_non_null(c->policy);
  }
  else if(!strncmp(s, "count=", 6))
    c->first_family_count = (unsigned)n;
  else if(!strncmp(s, "max=", 4))
    c->max_attempts = (unsigned)n;
  else if(!strncmp(s, "delay=", 6))
    c->attempt_delay = HE_MS(n);
  else if(!strncmp(s, "first=", 6))
    c->first_delay = HE_MS(n);
  else if(!strncmp(s, "resolution=", 11))
    c->resolution_delay = HE_MS(n);
  else if(!strncmp(s, "timeout=", 8))
    c->attempt_timeout = HE_MS(n);
  else if(!strncmp(s, "total=", 6))
    c->total_timeout = HE_MS(n);
  else
    fail_msg("what is %s?", s);
}

static void configure(struct run *run, const char *settings)
{
  char text[128];
  char *rest = NULL;
  run->config = (struct he_race_config){
    .resolution_delay = HE_MS(50), .attempt_delay = HE_MS(150),
    .attempt_timeout = HE_NEVER, .total_timeout = HE_NEVER,
    .native_grace = HE_MS(50), .first_family_count = 1, .max_attempts = 6,
    .allowed = { true, true } };
  snprintf(text, sizeof(text), "%s", settings);
  for(char *s = strtok_r(text, " ", &rest); s; s = strtok_r(NULL, " ", &rest))
    apply_setting(run, s);
}

static void run_timeline(void **state)
{
  const struct timeline *t = *state;
  struct run run = { .got = "" };
  char script[512];
  char *rest = NULL;
  configure(&run, t->settings);
  run.race = he_race_new(&run.config);
  assert_non_null(run.race);
  if(!run.explicit_start) {
    run.mute = run.config.allowed[HE_IPV6] || run.config.allowed[HE_IPV4];
    feed(&run, (struct he_event){ .kind = HE_EV_START });
    run.mute = false;
  }
  snprintf(script, sizeof(script), "%s", t->script);
  for(char *s = strtok_r(script, " ", &rest); s;
      s = strtok_r(NULL, " ", &rest)) {
    char *what = strchr(s, ':');
    const he_time_ns at = HE_MS(strtol(s, NULL, 10));
    assert_non_null(what);
    sleep_until(&run, at);
    run.now = at;
    perform(&run, what + 1);
  }
  sleep_until(&run, HE_NEVER);
  he_race_free(run.race);
  he_policy_unref(run.config.policy);
  assert_string_equal(run.got, t->want);
}

int main(void)
{
  static struct CMUnitTest tests[TIMELINES];
  for(size_t i = 0; i < TIMELINES; i++) {
    tests[i] = (struct CMUnitTest){ .name = timelines[i].name,
                                    .test_func = run_timeline,
                                    .initial_state = &timelines[i] };
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
