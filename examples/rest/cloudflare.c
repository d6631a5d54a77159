/* SPDX-License-Identifier: MIT */
/* cloudflare.c - the Cloudflare API, version 4, and its GraphQL endpoint.
 *
 * Every answer is an envelope: {"success": bool, "errors": [...], "messages":
 * [...], "result": ..., "result_info": {...}}. GraphQL's is {"data": ...,
 * "errors": [...] or null}, but for errors found before it, which come in the
 * other one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "input.h"
#include "print.h"
#include "text.h"

#define ROOT "/client/v4"
/* A list longer than this many pages is not believed. */
#define PAGES_MAX 1000
#define CHAIN_MAX 8

static enum exit_code open_client(const struct http_options *options,
                                  struct http **h)
{
  const char *token = api_environment("CLOUDFLARE_API_TOKEN", "-._~+/=");
  *h = NULL;
  if(!token)
    return EXIT_USAGE;
  text_hide(token);
  *h = http_open(options, token, NULL);
  return *h ? EXIT_OK : EXIT_TRANSPORT;
}

/* Errors, each with its chain of causes one step to the right. */
static void say_errors(const json_t *errors, int depth)
{
  size_t i;
  const json_t *error;
  json_array_foreach(errors, i, error) {
    api_say_error(depth, json_object_get(error, "code"),
                  json_object_get(error, "message"));
    if(depth < CHAIN_MAX)
      say_errors(json_object_get(error, "error_chain"), depth + 1);
  }
}

static enum exit_code refused(const json_t *answer, long status)
{
  const json_t *errors = json_object_get(answer, "errors");
  if(json_array_size(errors))
    say_errors(errors, 0);
  else
    say("the API refused without a reason (HTTP %ld)", status);
  return EXIT_REFUSED;
}

static enum exit_code check_envelope(const json_t *answer, long status)
{
  const json_t *success = json_object_get(answer, "success");
  if(json_is_false(success))
    return refused(answer, status);
  if(!json_is_true(success))
    return api_nonsense(status, "\"success\" is neither true nor false");
  if(status < 200 || status > 299)
    return api_nonsense(status, "\"success\" is true");
  return EXIT_OK;
}

/* GET path: the answer's envelope, seen to be a success. */
static enum exit_code get(struct http *h, const char *path, json_t **answer)
{
  long status = 0;
  enum exit_code code = api_request(h, path, NULL, 0, answer, &status);
  if(!code)
    code = check_envelope(*answer, status);
  if(code) {
    json_decref(*answer);
    *answer = NULL;
  }
  return code;
}

static enum exit_code done(int ok)
{
  if(ok)
    return EXIT_OK;
  say("out of memory");
  return EXIT_TRANSPORT;
}

/* -- verify ------------------------------------------------------------- */

static void print_verified(const json_t *answer, const json_t *result)
{
  static const struct print_field fields[] = {
    { "status", "token" }, { "id", "id" }, { "not_before", "not before" },
    { "expires_on", "expires on" }, { NULL, NULL }
  };
  const json_t *message;
  size_t i;
  print_fields("", result, fields);
  json_array_foreach(json_object_get(answer, "messages"), i, message)
    print_fact("message", json_object_get(message, "message"));
}

static enum exit_code verify(const struct http_options *options,
                             char **arguments, bool json)
{
  struct http *h;
  json_t *answer = NULL;
  enum exit_code code = open_client(options, &h);
  (void)arguments;
  if(!code)
    code = get(h, ROOT "/user/tokens/verify", &answer);
  if(!code) {
    const json_t *result = json_object_get(answer, "result");
    const char *status = json_string_value(json_object_get(result, "status"));
    if(!status)
      code = api_nonsense(200, "the token has no \"status\"");
    else if(json)
      code = done(print_json(result));
    else
      print_verified(answer, result);
    /* the API says "success" of a token that is disabled or expired, too */
    if(!code && strcmp(status, "active"))
      code = EXIT_REFUSED;
  }
  json_decref(answer);
  http_close(h);
  return code;
}

/* -- lists -------------------------------------------------------------- */

/* How many pages the list has, by what this page says; at least 1. */
static json_int_t total_pages(const json_t *answer)
{
  const json_t *info = json_object_get(answer, "result_info");
  json_int_t n = json_integer_value(json_object_get(info, "total_pages"));
  return n > 1 ? n : 1;
}

/* Appends the entries of one page to `all`. `more` says whether there is
   another. */
static enum exit_code get_page(struct http *h, const char *path, int page,
                               json_t *all, bool *more)
{
  char url[256];
  json_t *answer;
  json_t *result;
  enum exit_code code;
  snprintf(url, sizeof(url), "%s?page=%d&per_page=50", path, page);
  code = get(h, url, &answer);
  *more = false;
  if(code)
    return code;
  result = json_object_get(answer, "result");
  if(json_is_array(result)) {
    *more = total_pages(answer) > page && json_array_size(result);
    code = done(!json_array_extend(all, result));
  }
  else if(result && !json_is_null(result))
    code = api_nonsense(200, "\"result\" is not a list");
  json_decref(answer);
  return code;
}

/* All pages of a list as one array, the caller's; NULL unless EXIT_OK. */
static enum exit_code get_list(struct http *h, const char *path, json_t **all)
{
  bool more = true;
  int page;
  enum exit_code code;
  *all = json_array();
  code = done(*all != NULL);
  for(page = 1; !code && more; page++) {
    if(page > PAGES_MAX)
      code = api_nonsense(200, "the list does not end");
    else
      code = get_page(h, path, page, *all, &more);
  }
  if(code) {
    json_decref(*all);
    *all = NULL;
  }
  return code;
}

/* Each entry: what it is and its name, then its fields, and last the strings
   of its list `names`, if it has one. */
struct entry_form {
  const char *what;
  const char *many;
  const char *key;
  const struct print_field *fields;
  const char *names;
  const char *names_label;
};

static void print_entry(const json_t *entry, const struct entry_form *form)
{
  const json_t *name;
  size_t i;
  const json_t *title = json_object_get(entry, form->key);
  if(title && !json_is_null(title))
    print_fact(form->what, title);
  else
    printf("%s: (without a name)\n", form->what);
  print_fields("  ", entry, form->fields);
  json_array_foreach(form->names ? json_object_get(entry, form->names) : NULL,
                     i, name) {
    fputs("  ", stdout);
    print_fact(form->names_label, name);
  }
}

static enum exit_code list(const struct http_options *options,
                           const char *path, const struct entry_form *form,
                           bool json)
{
  struct http *h;
  json_t *all = NULL;
  const json_t *entry;
  size_t i;
  enum exit_code code = open_client(options, &h);
  if(!code)
    code = get_list(h, path, &all);
  if(!code && json)
    code = done(print_json(all));
  else if(!code) {
    json_array_foreach(all, i, entry)
      print_entry(entry, form);
    printf("%s: %zu\n", form->many, json_array_size(all));
  }
  json_decref(all);
  http_close(h);
  return code;
}

static enum exit_code zones(const struct http_options *options,
                            char **arguments, bool json)
{
  static const struct print_field fields[] = {
    { "id", "id" }, { "status", "status" }, { "type", "type" },
    { "paused", "paused" }, { NULL, NULL }
  };
  static const struct entry_form form = {
    "zone", "zones", "name", fields, "name_servers", "name server"
  };
  (void)arguments;
  return list(options, ROOT "/zones", &form, json);
}

static enum exit_code prefixes(const struct http_options *options,
                               char **arguments, bool json)
{
  static const struct print_field fields[] = {
    { "id", "id" }, { "asn", "asn" }, { "description", "description" },
    { "approved", "approved" }, { "advertised", "advertised" },
    { "on_demand_enabled", "on demand" }, { NULL, NULL }
  };
  static const struct entry_form form = {
    "prefix", "prefixes", "cidr", fields, NULL, NULL
  };
  char path[160];
  const char *account = api_environment("CLOUDFLARE_ACCOUNT_ID", "-");
  (void)arguments;
  if(!account)
    return EXIT_USAGE;
  if(strlen(account) > 64) {
    say("the environment variable CLOUDFLARE_ACCOUNT_ID is too long");
    return EXIT_USAGE;
  }
  snprintf(path, sizeof(path), ROOT "/accounts/%s/addressing/prefixes",
           account);
  return list(options, path, &form, json);
}

/* -- GraphQL ------------------------------------------------------------ */

/* Is the text a request already, {"query": "..."}? */
static bool is_request(const char *text, size_t len)
{
  json_t *parsed = json_loadb(text, len, 0, NULL);
  bool yes = json_is_string(json_object_get(parsed, "query"));
  json_decref(parsed);
  return yes;
}

/* The request to send for a file, for free(); NULL, and the reason said. */
static char *read_request(const char *path, size_t *len)
{
  char *text = input_read(path, len);
  char *request = NULL;
  json_t *wrapped;
  if(!text || is_request(text, *len))
    return text;
  wrapped = json_pack("{s:s%}", "query", text, *len);
  if(wrapped)
    request = json_dumps(wrapped, JSON_COMPACT);
  if(request)
    *len = strlen(request);
  else
    say("%s is not UTF-8 text", strcmp(path, "-") ? path : "stdin");
  json_decref(wrapped);
  free(text);
  return request;
}

static enum exit_code print_data(const json_t *data, bool json)
{
  if(json)
    return done(print_json(data));
  print_flat(data);
  return EXIT_OK;
}

static enum exit_code check_graphql(const json_t *answer, long status,
                                    bool json)
{
  const json_t *data = json_object_get(answer, "data");
  const json_t *errors = json_object_get(answer, "errors");
  enum exit_code code = EXIT_OK;
  if(json_object_get(answer, "success") && !data) {
    code = check_envelope(answer, status);
    return code ? code : api_nonsense(status, "without \"data\"");
  }
  /* data may come beside errors: a part of the answer is better than none */
  if(data && !json_is_null(data))
    code = print_data(data, json);
  if(json_array_size(errors))
    return refused(answer, status);
  if(errors && !json_is_null(errors) && !json_is_array(errors))
    return api_nonsense(status, "\"errors\" is not a list");
  if(!code && (!data || json_is_null(data)))
    return api_nonsense(status, "without \"data\" or \"errors\"");
  if(!code && (status < 200 || status > 299))
    return api_nonsense(status, "without \"errors\"");
  return code;
}

static enum exit_code graphql(const struct http_options *options,
                              char **arguments, bool json)
{
  struct http *h;
  json_t *answer = NULL;
  size_t len = 0;
  long status = 0;
  char *request = NULL;
  enum exit_code code = open_client(options, &h);
  if(!code) {
    request = read_request(arguments[0], &len);
    code = request ? EXIT_OK : EXIT_USAGE;
  }
  if(!code)
    code = api_request(h, ROOT "/graphql", request, len, &answer, &status);
  if(!code)
    code = check_graphql(answer, status, json);
  json_decref(answer);
  free(request);
  http_close(h);
  return code;
}

const struct command cloudflare_commands[] = {
  { "cloudflare", "verify", "", 0, verify },
  { "cloudflare", "zones", "", 0, zones },
  { "cloudflare", "prefixes", "", 0, prefixes },
  { "cloudflare", "graphql", "FILE", 1, graphql },
  { NULL, NULL, NULL, 0, NULL }
};
