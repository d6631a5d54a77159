/* SPDX-License-Identifier: MIT */
/* log_test.c - the story that CURLOPT_VERBOSE tells, and what is said of the
 * connection afterwards, where libcurl got another address than it asked for,
 * or a socket that was connected already. */
#include "harness.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct story {
  const char *url;
  const char *host;
  const char *winner;
  const char *local;
};

static const struct story stories[] = {
  { "http://s1.lab.test/", "s1.lab.test", "3fff:101::1", LAB_CLIENT_V6 },
  { "http://s6.lab.test/", "s6.lab.test", "198.19.6.2", LAB_CLIENT_V4 },
  { "http://s8.lab.test/", "s8.lab.test", "198.19.8.4", LAB_CLIENT_V4 },
  { "http://s9.lab.test/", "s9.lab.test", "198.19.9.2", LAB_CLIENT_V4 },
  { "http://half.lab.test/", "half.lab.test", "3fff:156::2", LAB_CLIENT_V6 },
};

struct param {
  const struct story *story;
  enum mode mode;
};

/* -- the log, line by line -- */

struct lines {
  char text[64][256];
  size_t count;
};

static int keep_line(CURL *easy, curl_infotype type, char *data, size_t size,
                     void *user)
{
  struct lines *l = user;
  (void)easy;
  if(type == CURLINFO_TEXT && l->count < 64)
    snprintf(l->text[l->count++], sizeof(l->text[0]), "%.*s", (int)size, data);
  return 0;
}

/* curl_he_perform() lets libcurl ask, and stops it: libcurl says that it could
   not resolve the name, and closes what it had not opened. The story begins
   where it is given the addresses. */
static size_t first_line(const struct lines *l, enum mode mode)
{
  for(size_t i = 0; mode == RESOLVING && i < l->count; i++) {
    if(!strncmp(l->text[i], "Added ", 6))
      return i;
  }
  return 0;
}

/* "Trying 192.0.2.1:80", "Trying [2001:db8::1]:80" name this address. */
static bool tries(const char *line, const char *address)
{
  const char *at = strstr(line, "Trying ");
  size_t n = strlen(address);
  if(!at)
    return false;
  at += 7;
  at += *at == '[';
  return !strncmp(at, address, n) && (at[n] == ']' || at[n] == ':');
}

static bool tells_of_failure(const char *line)
{
  static const char *const words[] = {
    "fail", "error", "reset", "refused", "timed out", "unreachable",
    "could not", "not connected", "bind", "abort"
  };
  for(size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
    if(strcasestr(line, words[i]))
      return true;
  }
  return false;
}

static bool tells_of_success(const char *line)
{
  return strstr(line, "Connected to ") || strstr(line, "Established ");
}

/* "Connected to host (192.0.2.1) port 80" up to 8.16, then "Established
   connection to host (192.0.2.1 port 80)" */
static void expect_success(const char *line, const struct story *s)
{
  char older[128], newer[128];
  snprintf(older, sizeof(older), "Connected to %s (%s) port 80", s->host,
           s->winner);
  snprintf(newer, sizeof(newer), "Established connection to %s (%s port 80)",
           s->host, s->winner);
  if(!strstr(line, older) && !strstr(line, newer))
    fail_msg("not about %s: %s", s->winner, line);
}

/* The address that was provoked to make way for the winner. */
static const char *provoked(CURL *easy)
{
  struct curl_he_steps race;
  assert_int_equal(curl_he_easy_getinfo(easy, CURLHEINFO_RACE, &race),
                   CURL_HE_OK);
  for(size_t i = 0; i < race.count; i++) {
    if(race.steps[i].step == CURL_HE_STEP_PROVOKED)
      return race.steps[i].address;
  }
  return NULL;
}

/* "connect to 192.0.2.1 port 80 failed: ..." of the attempt that was taken
   back is all that is said of a failure. */
static void expect_failure(const char *line, const char *address)
{
  char ip[64] = "", wanted[96];
  if(address)
    snprintf(ip, sizeof(ip), "%s", address + (*address == '['));
  ip[strcspn(ip, address && *address == '[' ? "]" : ":")] = 0;
  snprintf(wanted, sizeof(wanted), "connect to %s port 80 ", ip);
  if(!address || strncmp(line, wanted, strlen(wanted)))
    fail_msg("misleading: %s", line);
}

static void expect_story(struct client *c, const struct lines *l,
                         const struct story *s)
{
  const char *last = "";
  size_t connected = 0, failed = 0;
  for(size_t i = first_line(l, c->mode); i < l->count; i++) {
    const char *line = l->text[i];
    if(strstr(line, "Trying ")) {
      assert_int_equal(connected, 0);
      last = line;
    }
    if(tells_of_success(line)) {
      expect_success(line, s);
      connected++;
    }
    else if(tells_of_failure(line)) {
      expect_failure(line, provoked(c->easy));
      failed++;
    }
  }
  assert_int_equal(connected, 1);
  assert_in_range(failed, 0, 1);
  if(!tries(last, s->winner))
    fail_msg("the last attempt is not to %s: %s", s->winner, last);
}

/* -- what is said afterwards -- */

struct syn {
  const char *to;
  unsigned from_port;
};

static int note_port(const struct lab_packet *p, void *user)
{
  struct syn *syn = user;
  if(p->proto == IPPROTO_TCP && (p->flags & 18) == 2 &&
     !strcmp(p->dst, syn->to))
    syn->from_port = p->sport;
  return 0;
}

static void expect_ends(CURL *easy, const struct story *s)
{
  struct syn syn = { s->winner, 0 };
  char *ip = NULL, *local = NULL;
  long port = 0, local_port = 0;
  assert_true(lab_packets(note_port, &syn) > 0);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  curl_easy_getinfo(easy, CURLINFO_LOCAL_IP, &local);
  curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &local_port);
  assert_string_equal(ip, s->winner);
  assert_int_equal(port, 80);
  assert_string_equal(local, s->local);
  assert_int_equal(local_port, syn.from_port);
}

static void test_story(void **state)
{
  const struct param *p = *state;
  static struct lines lines;
  struct client c;
  lines.count = 0;
  client_open(&c, p->mode, p->story->url);
  curl_easy_setopt(c.easy, CURLOPT_DEBUGFUNCTION, keep_line);
  curl_easy_setopt(c.easy, CURLOPT_DEBUGDATA, &lines);
  curl_easy_setopt(c.easy, CURLOPT_VERBOSE, 1L);
  assert_int_equal(client_go(&c), CURLE_OK);
  expect_winner(&c, p->story->winner);
  expect_ends(c.easy, p->story);
  expect_story(&c, &lines, p->story);
  client_close(&c);
}

int main(void)
{
  static const enum mode modes[] = { BESIDE, RESOLVING };
  static struct param params[16];
  struct suite s = { NULL, 0 };
  size_t n = 0;
  for(size_t m = 0; m < 2; m++) {
    for(size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++) {
      struct param *p = &params[n++];
      p->story = &stories[i];
      p->mode = modes[m];
      suite_add(&s, test_story, p, "the log of %s, by %s", p->story->host,
                mode_name(p->mode));
    }
  }
  return suite_run(&s, "log");
}
