/* SPDX-License-Identifier: MIT */
/* reading_test.c - traces are hostile input: whatever stands in a line, what is
 * drawn is well-formed, holds no control characters, and memory is bounded.
 *
 * HE_SEED repeats a walk over mutated lines, HE_ROUNDS makes more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "draw.h"
#include "gallery.h"
#include "line.h"
#include "perfetto.h"
#include "reading.h"

#define STEP(id, event, us, more) \
  "{\"v\":1,\"event\":\"" event "\",\"pid\":7,\"race\":\"" id "\"," \
  "\"host\":\"s2.example\",\"port\":443,\"mono_us\":5000000," \
  "\"time_us\":" #us more "}\n"

static const char sample[] =
  "{\"v\":1,\"event\":\"trace\",\"pid\":7,\"program\":\"git\"}\n"
  STEP("7-1", "resolve", 0, ",\"family\":6")
  STEP("7-1", "answer", 20000, ",\"family\":6,\"count\":1,"
       "\"origin\":\"query\"")
  STEP("7-1", "start", 20000, ",\"family\":6,\"by\":\"curl-he\","
       "\"remote\":\"[2001:db8::1]:443\",\"delay_ms\":50,"
       "\"delay_why\":\"cold\",\"origin\":\"query\"")
  STEP("7-1", "start", 70000, ",\"family\":4,\"by\":\"libcurl\","
       "\"remote\":\"192.0.2.1:443\"")
  STEP("7-2", "start", 0, ",\"family\":4,\"by\":\"libcurl\","
       "\"remote\":\"192.0.2.9:443\"")
  STEP("7-2", "failed", 900, ",\"by\":\"libcurl\",\"errno\":111,"
       "\"error\":\"ECONNREFUSED\",\"remote\":\"192.0.2.9:443\"")
  STEP("7-2", "aside", 950, ",\"text\":\"for a reason\"")
  STEP("7-1", "connected", 90000, ",\"by\":\"libcurl\","
       "\"remote\":\"192.0.2.1:443\"")
  STEP("7-1", "won", 91000, ",\"remote\":\"192.0.2.1:443\"")
  STEP("7-2", "lost", 951, "")
  "{\"v\":1,\"event\":\"dropped\",\"count\":3}\n"
  "{\"v\":1,\"event\":\"mistake\",\"text\":\"line 3\"}\n"
  "{\"v\":1,\"event\":\"of a later form\",\"x\":[1]}\n"
  "{\"v\":2,\"what\":\"ever\"}\n";

struct seen {
  struct he_summary summary;
  struct he_gallery gallery;
  struct he_perfetto perfetto;
  char *profile;
  size_t profile_size;
  unsigned long damaged;
  unsigned long first;
  unsigned long taken;
};

static bool take(const struct he_story *s, void *data)
{
  struct seen *x = data;
  x->taken++;
  he_perfetto_story(&x->perfetto, s);
  return he_summary_add(&x->summary, s) && he_gallery_add(&x->gallery, s);
}

static void damaged(unsigned long line, const char *why, void *data)
{
  struct seen *x = data;
  assert_non_null(why);
  if(!x->damaged++)
    x->first = line;
}

static void begin(struct seen *x)
{
  memset(x, 0, sizeof(*x));
  x->gallery.limit = 20;
  he_perfetto_begin(&x->perfetto, open_memstream(&x->profile,
                                                 &x->profile_size));
}

static int read_stream(struct seen *x, FILE *in)
{
  const struct he_reader r = { take, damaged, x, &x->summary };
  const int error = he_reading_run(in, &r);
  fclose(in);
  he_spread_sort(&x->summary.spread);
  he_gallery_sort(&x->gallery);
  assert_true(he_perfetto_end(&x->perfetto));
  fclose(x->perfetto.out);
  return error;
}

static void read_text(struct seen *x, const char *text, size_t len)
{
  begin(x);
  assert_int_equal(read_stream(x, fmemopen((void *)(uintptr_t)text, len ? len :
                                           1, "r")), 0);
}

static void end(struct seen *x)
{
  he_summary_free(&x->summary);
  he_gallery_free(&x->gallery);
  free(x->profile);
}

/* -- what is drawn -- */

static void check_no_controls(const char *text)
{
  for(; *text; text++)
    assert_true((unsigned char)*text >= 0x20 || *text == '\n');
}

/* Every tag that is opened is closed, in order; "<" and "&" stand for
   themselves nowhere. */
static void check_xml(const char *text)
{
  char stack[64][16];
  size_t depth = 0;
  for(; *text; text++) {
    if(*text == '&') {
      size_t n = strspn(++text, "#abcdefghijklmnopqrstuvwxyz0123456789");
      assert_true(n && n < 8 && text[n] == ';');
    }
    if(*text != '<')
      continue;
    if(text[1] == '/') {
      size_t n = strcspn(text, ">");
      assert_true(depth--);
      assert_true(strlen(stack[depth]) == n - 2);
      assert_memory_equal(text + 2, stack[depth], n - 2);
      text += n;
    }
    else {
      size_t n = strcspn(text + 1, " >/"), all = strcspn(text + 1, "<>");
      assert_true(islower((unsigned char)text[1]) && n < 16 && depth < 64);
      assert_true(text[1 + all] == '>');
      memcpy(stack[depth], text + 1, n);
      stack[depth][n] = 0;
      depth += text[all] != '/';
      text += all;
    }
  }
  assert_int_equal(depth, 0);
}

static void check_json(const char *text)
{
  json_t *j = json_loads(text, 0, NULL);
  assert_non_null(j);
  json_decref(j);
}

/* The report in all forms. Returns the text, which the caller frees. */
static char *draw(struct seen *x)
{
  const struct he_terminal terminal = { false, true, 80 };
  struct he_report r = {
    .command = "trace", .title = "a <file> & more",
    .stories = (const struct he_story *const *)x->gallery.stories,
    .count = x->gallery.count, .summary = &x->summary
  };
  char *text = NULL, *svg = NULL, *html = NULL, *json = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  he_draw_text(out, &r, &terminal);
  fclose(out);
  check_no_controls(text);
  out = open_memstream(&svg, &size);
  assert_true(he_draw_svg(out, &r));
  fclose(out);
  check_no_controls(svg);
  check_xml(svg);
  out = open_memstream(&html, &size);
  assert_true(he_draw_html(out, &r));
  fclose(out);
  check_no_controls(html);
  assert_null(strstr(html, "<script"));
  out = open_memstream(&json, &size);
  assert_true(he_draw_json(out, &r));
  fclose(out);
  check_json(json);
  check_json(x->profile);
  free(svg);
  free(html);
  free(json);
  return text;
}

/* -- good lines -- */

static void test_sample(void **state)
{
  struct seen x;
  const struct he_story *s;
  char *text;
  (void)state;
  read_text(&x, sample, strlen(sample));
  assert_int_equal(x.damaged, 0);
  assert_int_equal(x.taken, 2);
  assert_int_equal(x.summary.dropped, 3);
  assert_int_equal(x.summary.mistakes, 1);
  assert_int_equal(x.summary.lost, 1);
  s = x.gallery.stories[0];
  assert_string_equal(s->id, "7-1");
  assert_string_equal(s->program, "git");
  assert_string_equal(s->host, "s2.example");
  assert_int_equal(s->pid, 7);
  assert_int_equal(s->began_us, 5000000);
  assert_int_equal(he_story_connect_us(s), 90000);
  assert_true(s->tried[1].libcurls);
  assert_int_equal(s->tried[0].delay_ms, 50);
  assert_string_equal(s->tried[0].why, "cold");
  assert_string_equal(s->asked[0].origin, "query");
  s = x.gallery.stories[1];
  assert_string_equal(s->tried[0].error, strerror(ECONNREFUSED));
  assert_string_equal(s->asides[0].text, "for a reason");
  text = draw(&x);
  assert_non_null(strstr(text, "s2.example port 443: connected in 90.0 ms"));
  assert_non_null(strstr(text, "WON"));
  assert_non_null(strstr(text, "2001:db8::1"));
  free(text);
  end(&x);
}

static void test_empty(void **state)
{
  struct seen x;
  (void)state;
  begin(&x);
  assert_int_equal(read_stream(&x, fopen("/dev/null", "r")), 0);
  assert_int_equal(x.taken, 0);
  assert_int_equal(x.summary.lines, 0);
  free(draw(&x));
  end(&x);
  begin(&x);
  assert_int_equal(read_stream(&x, fopen("/", "r")), EISDIR);
  end(&x);
}

/* -- bad lines -- */

static void test_damaged(void **state)
{
  static const char *const lines[] = {
    "no JSON", "[]", "{", "{}", "{\"v\":1}", "{\"event\":\"won\"}", "\"won\"",
    "{\"v\":\"1\",\"event\":\"won\"}", "{\"v\":1,\"event\":7}",
    "{\"v\":1,\"event\":\"won\"}",                           /* no race */
    "{\"v\":1,\"event\":\"won\",\"race\":\"\"}",
    "{\"v\":1,\"event\":\"won\",\"race\":5}",
    "{\"v\":1,\"event\":\"start\",\"race\":\"1\"}",          /* no address */
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"time_us\":-1}",
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"time_us\":1e3}",
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"port\":65536}",
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"host\":\"a\\u0000b\"}",
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"host\":\"\xff\"}",
    "{\"v\":1,\"event\":\"won\",\"race\":\"1\",\"count\":99999999999999999}"
  };
  const size_t n = sizeof(lines) / sizeof(*lines);
  (void)state;
  for(size_t i = 0; i < n; i++) {
    char text[8192];
    struct seen x;
    snprintf(text, sizeof(text), "\n%s\n%s", lines[i], sample);
    read_text(&x, text, strlen(text));
    if(x.damaged != 1 || x.first != 2 || x.summary.first_damaged != 2)
      fail_msg("%s: %lu, line %lu", lines[i], x.damaged, x.first);
    assert_int_equal(x.taken, 2);             /* the others are read */
    end(&x);
  }
}

static void test_long_line(void **state)
{
  const size_t many = 3 << 20;
  char *text = malloc(many + sizeof(sample) + 16);
  struct seen x;
  (void)state;
  memset(text, '[', many);
  snprintf(text + many, sizeof(sample) + 16, "\n%s", sample);
  read_text(&x, text, many + 1 + strlen(sample));
  assert_int_equal(x.damaged, 1);
  assert_int_equal(x.summary.lines, 16);
  assert_int_equal(x.taken, 2);
  end(&x);
  /* Deep, in a line that is not too long. */
  memset(text, '[', HE_LINE_MAX);
  read_text(&x, text, HE_LINE_MAX);
  assert_int_equal(x.damaged, 1);
  end(&x);
  free(text);
}

/* More races than may be open: those that were told of longest ago come out
   while reading goes on. */
static void test_many_open(void **state)
{
  const unsigned races = 3 * HE_READING_OPEN;
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  struct seen x;
  (void)state;
  for(unsigned i = 0; i < races; i++) {
    fprintf(out, "{\"v\":1,\"event\":\"start\",\"race\":\"%u\",\"host\":\"h\","
            "\"remote\":\"192.0.2.1:1\",\"family\":4,\"time_us\":0}\n", i);
    /* the first one is told of again and again, and stays */
    fputs("{\"v\":1,\"event\":\"aside\",\"race\":\"0\",\"time_us\":1}\n", out);
  }
  fclose(out);
  read_text(&x, text, size);
  assert_int_equal(x.taken, races);
  assert_int_equal(x.summary.aside, 1);
  free(draw(&x));
  end(&x);
  free(text);
}

static bool stop(const struct he_story *s, void *data)
{
  (void)s;
  (void)data;
  return false;
}

static void test_stopped(void **state)
{
  struct he_summary sum;
  const struct he_reader r = { stop, NULL, NULL, &sum };
  FILE *in = fmemopen((void *)(uintptr_t)sample, strlen(sample), "r");
  (void)state;
  memset(&sum, 0, sizeof(sum));
  assert_int_equal(he_reading_run(in, &r), ECANCELED);
  fclose(in);
}

static void test_hostile_words(void **state)
{
  static const char hostile[] =
    "</text><script>alert(1)</script>\\u001b[2J\\r\\nfake: \\u009b31m"
    "\\u202e\\\"'&<!--]]>\\u0007";
  char text[4096];
  struct seen x;
  char *drawn;
  (void)state;
  snprintf(text, sizeof(text), "{\"v\":1,\"event\":\"trace\",\"pid\":1,"
           "\"program\":\"%s\"}\n{\"v\":1,\"event\":\"start\",\"pid\":1,"
           "\"race\":\"%s\",\"host\":\"%s\",\"remote\":\"%s\",\"wall\":\"%s\","
           "\"origin\":\"%s\",\"delay_ms\":1,\"delay_why\":\"%s\"}\n"
           "{\"v\":1,\"event\":\"failed\",\"race\":\"%s\",\"remote\":\"%s\","
           "\"error\":\"%s\"}\n{\"v\":1,\"event\":\"aside\",\"race\":\"%s\","
           "\"text\":\"%s\"}\n", hostile, hostile, hostile, hostile, hostile,
           hostile, hostile, hostile, hostile, hostile, hostile, hostile);
  read_text(&x, text, strlen(text));
  assert_int_equal(x.damaged, 0);
  assert_int_equal(x.taken, 1);
  drawn = draw(&x);
  assert_non_null(strstr(drawn, "\\x1b[2J\\x0d\\x0afake: \\u{9b}31m"
                         "\\u{202e}"));
  free(drawn);
  end(&x);
}

/* -- a walk over mutated lines -- */

static uint64_t dice;

static size_t roll(size_t sides)
{
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return (size_t)(dice >> 20) % sides;
}

static size_t mutate(char *text, size_t len, size_t room)
{
  static const char *const pieces[] = {
    "\\u001b", "\"", "{", "}", ",", "\n", "\xff", "<", "999999999999999999",
    "-1", "1e308", "null", "\\ud800", "[[[[", ":443", "]", "86400000000",
    "\\u0000", "\"time_us\":", "\"won\"", "\"start\"", "\"remembered\"",
    "\"lost\""
  };
  const char *piece = pieces[roll(sizeof(pieces) / sizeof(*pieces))];
  const size_t at = roll(len), n = strlen(piece);
  size_t cut;
  switch(roll(5)) {
  case 0:
    text[at] = (char)roll(256);
    return len;
  case 1:                       /* a piece, in the place of what is there */
    memcpy(text + at, piece, at + n <= len ? n : len - at);
    return len;
  case 2:                       /* a piece between */
    if(len + n >= room)
      return len;
    memmove(text + at + n, text + at, len - at);
    memcpy(text + at, piece, n);
    return len + n;
  case 3:                       /* some bytes less */
    cut = roll(40) % (len - at);
    memmove(text + at, text + at + cut, len - at - cut);
    return len - cut;
  default:                      /* digits are others */
    for(size_t i = at; i < len && i < at + 60; i++) {
      if(isdigit((unsigned char)text[i]))
        text[i] = (char)('0' + roll(10));
    }
    return len;
  }
}

static void test_mutated(void **state)
{
  const char *seed = getenv("HE_SEED"), *rounds = getenv("HE_ROUNDS");
  const unsigned long walks = rounds ? strtoul(rounds, NULL, 10) :
                              getenv("HE_QUICK") ? 300 : 3000;
  const uint64_t first = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
  static char text[3 * sizeof(sample)];
  (void)state;
  print_message("HE_SEED=%llu\n", (unsigned long long)first);
  for(unsigned long i = 0; i < walks; i++) {
    size_t len = strlen(sample);
    struct seen x;
    dice = (first + i) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    memcpy(text, sample, len);
    for(size_t n = 1 + roll(12); n && len > 2; n--)
      len = mutate(text, len, sizeof(text));
    read_text(&x, text, len);
    free(draw(&x));
    end(&x);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sample),
    cmocka_unit_test(test_empty),
    cmocka_unit_test(test_damaged),
    cmocka_unit_test(test_long_line),
    cmocka_unit_test(test_many_open),
    cmocka_unit_test(test_stopped),
    cmocka_unit_test(test_hostile_words),
    cmocka_unit_test(test_mutated)
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
