/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_HTTP_H
#define HE_REST_HTTP_H
/* http.h - one request at a time by libcurl, with curl-he on the handle. */
#include <stdbool.h>
#include <stddef.h>

/* Answers longer than this are refused. */
#define HTTP_ANSWER_MAX (16u * 1024 * 1024)
/* "429 Too Many Requests" is obeyed this often, and this long in all. */
#define HTTP_WAITS_MAX 3
#define HTTP_WAIT_SECONDS_MAX 60

struct http_options {
  const char *base;       /* "https://host[:port][/path]", no slash at its end;
                             checked by http_check_base() */
  const char *cacert;     /* file, or NULL: libcurl's own */
  long connect_timeout;   /* seconds, 0: libcurl's default */
  long max_time;          /* seconds a request, 0: no limit */
  bool he;                /* curl_he_setup() on the handle */
  bool he_perform;        /* curl_he_perform() for curl_easy_perform() */
  const char *history;    /* CURLHEOPT_HISTORY_FILE, or NULL */
  bool trace;             /* the race to stderr after each request */
  bool timing;            /* the times to stderr after each request */
};

struct http_reply {
  long status;
  const char *type;       /* Content-Type, "" where there was none; libcurl's,
                             lives until the next request */
  char *body;             /* zero-terminated, never NULL after HTTP_DONE */
  size_t len;
};

enum http_result {
  HTTP_DONE,              /* there is a reply, whatever its status */
  HTTP_FAILED,            /* there is none; said on stderr */
  HTTP_TOO_BIG            /* more than HTTP_ANSWER_MAX; said on stderr */
};

struct http;

/* How long the body of a 429 asks to wait, in seconds, 0: does not say. */
typedef long (*http_wait_function)(const struct http_reply *reply);

/* Is `url` fit for http_options.base? */
bool http_check_base(const char *url);

/* A client; NULL, and the reason on stderr, when it cannot be had. `options`
 * must outlive it. `bearer` is sent as "Authorization: Bearer ...", NULL:
 * nothing is. `wait` may be NULL; the Retry-After header is obeyed anyhow. */
struct http *http_open(const struct http_options *options, const char *bearer,
                       http_wait_function wait);
void http_close(struct http *h);    /* NULL is fine */

/* GET base + path, or, where `json` is not NULL, POST it there. Blocks; a 429
 * that says how long to wait is waited out and tried again, within the limits
 * above. The reply is the caller's, for http_reply_free(). */
enum http_result http_request(struct http *h, const char *path,
                              const char *json, size_t json_len,
                              struct http_reply *reply);
void http_reply_free(struct http_reply *reply);

#endif
