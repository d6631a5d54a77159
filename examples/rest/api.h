/* SPDX-License-Identifier: MIT */
#ifndef HE_REST_API_H
#define HE_REST_API_H
/* api.h - what main.c knows of the two APIs, and what they share. */
#include <stdbool.h>

#include <jansson.h>

#include "http.h"

/* The exit codes of he-rest. */
enum exit_code {
  EXIT_OK = 0,
  EXIT_REFUSED = 1,         /* the API said no */
  EXIT_USAGE = 2,
  EXIT_TRANSPORT = 3,
  EXIT_UNINTELLIGIBLE = 4
};

struct command {
  const char *api;          /* "cloudflare" */
  const char *verb;         /* "zones" */
  const char *arguments;    /* for --help: "FILE" */
  int count;                /* of them */
  /* Runs the command with its arguments, tells what came of it on stdout or
     stderr. `json`: the API's result as JSON instead of facts. */
  enum exit_code (*run)(const struct http_options *options, char **arguments,
                        bool json);
};

/* Each ended by a NULL api. */
extern const struct command cloudflare_commands[];
extern const struct command telegram_commands[];

#define CLOUDFLARE_BASE "https://api.cloudflare.com"
#define TELEGRAM_BASE "https://api.telegram.org"

/* The value of an environment variable that is not empty and has no bytes but
 * letters, digits and those of `also`; NULL, and the reason on stderr, where
 * there is none. The value itself is never told. */
const char *api_environment(const char *name, const char *also);

/* One request (a POST of `len` bytes of JSON; where `post` is NULL, a GET),
 * its answer parsed. EXIT_OK: *answer is a JSON object, the caller's, and
 * *status the HTTP status. Else everything is said, and *answer is NULL. */
enum exit_code api_request(struct http *h, const char *path,
                           const char *post, size_t len,
                           json_t **answer, long *status);

/* Says that an answer which is JSON makes no sense; EXIT_UNINTELLIGIBLE. */
enum exit_code api_nonsense(long status, const char *why);

/* On stderr, "error 6003: Invalid request headers"; a code or message that is
   not there is left out. `indent` steps to the right. */
void api_say_error(int indent, const json_t *code, const json_t *message);

#endif
