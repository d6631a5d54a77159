/* SPDX-License-Identifier: MIT */
#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl_he/curl_he.h>

#include "text.h"
#include "timeline.h"

struct http {
  CURL *easy;
  const struct http_options *options;
  struct curl_slist *headers;
  http_wait_function wait;
  int waits;
  long waited;                      /* seconds */
  bool too_big;
  struct http_reply *reply;         /* being received */
  size_t room;                      /* allocated for its body */
  char error[CURL_ERROR_SIZE];
};

static bool starts_with(const char *text, const char *start)
{
  return !strncmp(text, start, strlen(start));
}

bool http_check_base(const char *url)
{
  static const CURLUPart unwanted[] = {
    CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT
  };
  CURLU *u;
  bool good;
  size_t i;
  if(!starts_with(url, "http://") && !starts_with(url, "https://"))
    return false;
  u = curl_url();
  good = u && !curl_url_set(u, CURLUPART_URL, url, 0);
  for(i = 0; good && i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
    char *part = NULL;
    if(!curl_url_get(u, unwanted[i], &part, 0) && part)
      good = false;
    curl_free(part);
  }
  curl_url_cleanup(u);
  return good;
}

static bool grow(struct http *h, size_t need)
{
  size_t room = h->room ? h->room : 4096;
  char *body;
  while(room < need)
    room *= 2;
  if(room == h->room)
    return true;
  body = realloc(h->reply->body, room);
  if(!body)
    return false;
  h->reply->body = body;
  h->room = room;
  return true;
}

static size_t take_body(char *data, size_t size, size_t n, void *clientp)
{
  struct http *h = clientp;
  struct http_reply *reply = h->reply;
  n *= size;
  if(n > HTTP_ANSWER_MAX - reply->len) {
    h->too_big = true;
    return 0;
  }
  if(!grow(h, reply->len + n + 1))
    return 0;
  memcpy(reply->body + reply->len, data, n);
  reply->len += n;
  reply->body[reply->len] = 0;
  return n;
}

/* An option that curl-he wants to know of goes through it. A macro, since
   the values have many types; `code` keeps the first error. */
#define SET(h, code, option, value) \
  do { \
    if(!(code)) { \
      if((h)->options->he) \
        (code) = curl_he_easy_setopt((h)->easy, (int)(option), value) ? \
          CURLE_BAD_FUNCTION_ARGUMENT : CURLE_OK; \
      else \
        (code) = curl_easy_setopt((h)->easy, option, value); \
    } \
  } while(0)

#define SET_PLAIN(h, code, option, value) \
  do { \
    if(!(code)) \
      (code) = curl_easy_setopt((h)->easy, option, value); \
  } while(0)

/* No protocol but the base's own, whatever an answer says. */
static CURLcode set_protocol(struct http *h)
{
  bool plain = starts_with(h->options->base, "http:");
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR,
                          plain ? "http" : "https");
#else
  return curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS,
                          (long)(plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
}

static CURLcode set_options(struct http *h)
{
  const struct http_options *o = h->options;
  CURLcode code = set_protocol(h);
  SET_PLAIN(h, code, CURLOPT_ERRORBUFFER, h->error);
  SET_PLAIN(h, code, CURLOPT_NOSIGNAL, 1L);
  SET_PLAIN(h, code, CURLOPT_USERAGENT, "he-rest/" CURL_HE_VERSION);
  SET_PLAIN(h, code, CURLOPT_WRITEFUNCTION, take_body);
  SET_PLAIN(h, code, CURLOPT_WRITEDATA, h);
  SET_PLAIN(h, code, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET_PLAIN(h, code, CURLOPT_HTTPHEADER, h->headers);
  if(o->cacert)
    SET_PLAIN(h, code, CURLOPT_CAINFO, o->cacert);
  if(o->connect_timeout)
    SET(h, code, CURLOPT_CONNECTTIMEOUT, o->connect_timeout);
  if(o->max_time)
    SET(h, code, CURLOPT_TIMEOUT, o->max_time);
  return code;
}

static bool add_header(struct http *h, const char *line)
{
  struct curl_slist *more = curl_slist_append(h->headers, line);
  if(more)
    h->headers = more;
  return more != NULL;
}

static bool add_headers(struct http *h, const char *bearer)
{
  bool ok = add_header(h, "Accept: application/json") &&
    add_header(h, "Content-Type: application/json") &&
    /* no "100 Continue": the bodies are small, the wait is not */
    add_header(h, "Expect:");
  if(ok && bearer) {
    static const char name[] = "Authorization: Bearer ";
    size_t len = sizeof(name) + strlen(bearer);
    char *line = malloc(len);
    if(line)
      snprintf(line, len, "%s%s", name, bearer);
    ok = line && add_header(h, line);
    free(line);
  }
  return ok;
}

struct http *http_open(const struct http_options *options, const char *bearer,
                       http_wait_function wait)
{
  struct http *h = calloc(1, sizeof(*h));
  CURLHEcode he;
  CURLcode code;
  if(!h)
    goto memory;
  h->options = options;
  h->wait = wait;
  h->easy = curl_easy_init();
  if(!h->easy || !add_headers(h, bearer))
    goto memory;
  if(options->he) {
    he = options->history ?
         curl_he_setopt(NULL, CURLHEOPT_HISTORY_FILE, options->history) :
         CURL_HE_OK;
    if(!he)
      he = curl_he_setup(h->easy);
    if(he) {
      say("curl-he: %s", curl_he_strerror(he));
      goto fail;
    }
  }
  code = set_options(h);
  if(code) {
    say("libcurl: %s", curl_easy_strerror(code));
    goto fail;
  }
  return h;
memory:
  say("out of memory");
fail:
  http_close(h);
  return NULL;
}

/* A history is a help, no more: what was wrong with it is said at the end. */
static void end_history(const struct http_options *o)
{
  char why[CURL_HE_ERROR_SIZE];
  if(o->history && curl_he_history_error(NULL, why, sizeof(why)))
    say("--history: %s", why);
  curl_he_free(curl_he_default());
}

void http_close(struct http *h)
{
  if(!h)
    return;
  if(h->easy && h->options->he)
    curl_he_detach(h->easy);
  curl_easy_cleanup(h->easy);
  curl_slist_free_all(h->headers);
  if(h->options && h->options->he)
    end_history(h->options);
  free(h);
}

void http_reply_free(struct http_reply *reply)
{
  free(reply->body);
  memset(reply, 0, sizeof(*reply));
}

/* Did the last transfer make its connection, or find one? A transfer that
   failed is taken to have tried. */
static bool has_raced(struct http *h, CURLcode code)
{
  long connects = 0;
  curl_easy_getinfo(h->easy, CURLINFO_NUM_CONNECTS, &connects);
  return code || connects > 0;
}

static void print_trace(struct http *h, CURLcode code)
{
  struct curl_he_steps race;
  if(!has_raced(h, code)) {
    fputs("connection reused, no race\n", stderr);
    return;
  }
  if(!curl_he_easy_getinfo(h->easy, CURLHEINFO_RACE, &race))
    timeline_print(stderr, &race);
}

/* curl_he_perform() resolves before libcurl's clock starts. */
static curl_off_t resolved_before(struct http *h, CURLcode code)
{
  curl_off_t before = 0;
  if(h->options->he_perform && has_raced(h, code) &&
     curl_he_easy_getinfo(h->easy, CURLHEINFO_RESOLVE_TIME_T, &before))
    before = 0;
  return before;
}

static double phase_ms(curl_off_t end, curl_off_t begin)
{
  return end > begin ? (double)(end - begin) / 1000 : 0.0;
}

static void print_timing(struct http *h, CURLcode code)
{
  curl_off_t before = resolved_before(h, code);
  curl_off_t dns = 0, connected = 0, tls = 0, total = 0;
  const char *address = NULL;
  curl_easy_getinfo(h->easy, CURLINFO_NAMELOOKUP_TIME_T, &dns);
  curl_easy_getinfo(h->easy, CURLINFO_CONNECT_TIME_T, &connected);
  curl_easy_getinfo(h->easy, CURLINFO_APPCONNECT_TIME_T, &tls);
  curl_easy_getinfo(h->easy, CURLINFO_TOTAL_TIME_T, &total);
  curl_easy_getinfo(h->easy, CURLINFO_PRIMARY_IP, &address);
  fprintf(stderr, "dns %.1f ms, connect %.1f ms, tls %.1f ms, "
          "total %.1f ms, address ", phase_ms(dns + before, 0),
          phase_ms(connected, dns), phase_ms(tls, connected),
          phase_ms(total + before, 0));
  text_put(stderr, address && *address ? address : NULL);
  fputs(has_raced(h, code) ? "\n" : " (connection reused)\n", stderr);
}

/* What libcurl says, and every address that failed, which it does not. */
static void say_failure(struct http *h, CURLcode code)
{
  curl_off_t connected = 0;
  char *failures = NULL;
  if(h->too_big) {
    say("the answer is larger than %u MiB, given up",
        HTTP_ANSWER_MAX / (1024 * 1024));
    return;
  }
  say("%s (libcurl error %d)",
      h->error[0] ? h->error : curl_easy_strerror(code), (int)code);
  curl_easy_getinfo(h->easy, CURLINFO_CONNECT_TIME_T, &connected);
  if(!h->options->he || connected)
    return;
  if(!curl_he_easy_getinfo(h->easy, CURLHEINFO_FAILURES, &failures) &&
     failures && *failures)
    say("failed: %s", failures);
}

/* One transfer. An empty answer is an empty string. */
static CURLcode transfer(struct http *h, struct http_reply *reply)
{
  CURLcode code;
  memset(reply, 0, sizeof(*reply));
  h->reply = reply;
  h->room = 0;
  h->too_big = false;
  h->error[0] = 0;
  if(!grow(h, 1))
    return CURLE_OUT_OF_MEMORY;
  reply->body[0] = 0;
  code = h->options->he_perform ? curl_he_perform(h->easy) :
    curl_easy_perform(h->easy);
  curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &reply->status);
  curl_easy_getinfo(h->easy, CURLINFO_CONTENT_TYPE, &reply->type);
  if(!reply->type)
    reply->type = "";
  if(h->options->trace)
    print_trace(h, code);
  if(h->options->timing)
    print_timing(h, code);
  return code;
}

/* How long a 429 asks to wait: its header or its body, the longer of the two;
   0: it does not say. */
static long asked_to_wait(struct http *h, const struct http_reply *reply)
{
  curl_off_t header = 0;
  long body = h->wait ? h->wait(reply) : 0;
  curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &header);
  if(header < 0)
    header = 0;
  /* keeps the number small enough for a long, and is beyond all limits */
  if(header > 1000000)
    header = 1000000;
  return body > (long)header ? body : (long)header;
}

static void sleep_seconds(long seconds)
{
  struct timespec left;
  left.tv_sec = seconds;
  left.tv_nsec = 0;
  while(nanosleep(&left, &left) && errno == EINTR)
    ;
}

/* True when it has waited as asked and the request is to be made again. */
static bool waited_out(struct http *h, const struct http_reply *reply)
{
  long seconds;
  if(reply->status != 429)
    return false;
  seconds = asked_to_wait(h, reply);
  if(!seconds)
    return false;
  if(h->waits == HTTP_WAITS_MAX) {
    say("too many requests, still so after %d waits, given up", h->waits);
    return false;
  }
  if(seconds > HTTP_WAIT_SECONDS_MAX - h->waited) {
    say("too many requests, asked to wait %ld s, which is too long", seconds);
    return false;
  }
  say("too many requests, trying again in %ld s", seconds);
  sleep_seconds(seconds);
  h->waits++;
  h->waited += seconds;
  return true;
}

static CURLcode set_request(struct http *h, const char *path,
                            const char *json, size_t json_len)
{
  size_t len = strlen(h->options->base) + strlen(path) + 1;
  char *url = malloc(len);
  CURLcode code = url ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  if(url)
    snprintf(url, len, "%s%s", h->options->base, path);
  SET_PLAIN(h, code, CURLOPT_URL, url);
  if(json) {
    SET_PLAIN(h, code, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)json_len);
    SET_PLAIN(h, code, CURLOPT_POSTFIELDS, json);
  }
  else
    SET_PLAIN(h, code, CURLOPT_HTTPGET, 1L);
  free(url);
  return code;
}

enum http_result http_request(struct http *h, const char *path,
                              const char *json, size_t json_len,
                              struct http_reply *reply)
{
  CURLcode code;
  memset(reply, 0, sizeof(*reply));
  code = set_request(h, path, json, json_len);
  while(!code) {
    http_reply_free(reply);
    code = transfer(h, reply);
    if(!code && !waited_out(h, reply))
      return HTTP_DONE;
  }
  say_failure(h, code);
  http_reply_free(reply);
  return h->too_big ? HTTP_TOO_BIG : HTTP_FAILED;
}
