/* SPDX-License-Identifier: MIT */
/* telegram.c - the Telegram Bot API. The token is part of the URL. Every
 * answer is {"ok": bool, "result": ...} or {"ok": false, "error_code": n,
 * "description": "...", "parameters": {...}}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "print.h"
#include "text.h"

/* "parameters.retry_after" of a 429, seconds. */
static long told_to_wait(const struct http_reply *reply)
{
  json_t *answer = json_loadb(reply->body, reply->len, 0, NULL);
  json_t *parameters = json_object_get(answer, "parameters");
  json_int_t n =
    json_integer_value(json_object_get(parameters, "retry_after"));
  json_decref(answer);
  if(n < 0)
    return 0;
  return n < 1000000 ? (long)n : 1000000;
}

static enum exit_code check_answer(const json_t *answer, long status)
{
  const json_t *ok = json_object_get(answer, "ok");
  const json_t *parameters = json_object_get(answer, "parameters");
  const json_t *moved = json_object_get(parameters, "migrate_to_chat_id");
  if(json_is_true(ok))
    return status >= 200 && status <= 299 ? EXIT_OK :
      api_nonsense(status, "\"ok\" is true");
  if(!json_is_false(ok))
    return api_nonsense(status, "\"ok\" is neither true nor false");
  api_say_error(0, json_object_get(answer, "error_code"),
                json_object_get(answer, "description"));
  if(json_is_integer(moved))
    say("the group is now the chat %" JSON_INTEGER_FORMAT,
        json_integer_value(moved));
  return EXIT_REFUSED;
}

/* Calls a method; *answer is the caller's, its result an object. */
static enum exit_code call(const struct http_options *options,
                           const char *method, const char *post,
                           json_t **answer)
{
  const char *token = api_environment("TELEGRAM_BOT_TOKEN", ":-_");
  struct http *h;
  char *path;
  size_t size;
  long status = 0;
  enum exit_code code = EXIT_TRANSPORT;
  *answer = NULL;
  if(!token)
    return EXIT_USAGE;
  text_hide(token);
  h = http_open(options, NULL, told_to_wait);
  size = strlen(token) + strlen(method) + sizeof("/bot/");
  path = malloc(size);
  if(h && path) {
    snprintf(path, size, "/bot%s/%s", token, method);
    code = api_request(h, path, post, post ? strlen(post) : 0, answer,
                       &status);
  }
  if(!code)
    code = check_answer(*answer, status);
  if(!code && !json_is_object(json_object_get(*answer, "result")))
    code = api_nonsense(status, "\"result\" is not an object");
  free(path);
  http_close(h);
  return code;
}

static enum exit_code print_result(const json_t *answer, bool json,
                                   const struct print_field *fields)
{
  const json_t *result = json_object_get(answer, "result");
  if(!json)
    print_fields("", result, fields);
  else if(!print_json(result)) {
    say("out of memory");
    return EXIT_TRANSPORT;
  }
  return EXIT_OK;
}

static enum exit_code me(const struct http_options *options, char **arguments,
                         bool json)
{
  static const struct print_field fields[] = {
    { "id", "id" }, { "username", "username" }, { "first_name", "name" },
    { "is_bot", "bot" }, { "can_join_groups", "can join groups" },
    { "can_read_all_group_messages", "can read all group messages" },
    { "supports_inline_queries", "supports inline queries" }, { NULL, NULL }
  };
  json_t *answer;
  enum exit_code code = call(options, "getMe", NULL, &answer);
  (void)arguments;
  if(!code)
    code = print_result(answer, json, fields);
  json_decref(answer);
  return code;
}

static void print_chat(const json_t *answer)
{
  static const struct print_field fields[] = {
    { "id", "chat" }, { "type", "chat type" }, { "title", "chat title" },
    { "username", "chat name" }, { NULL, NULL }
  };
  const json_t *result = json_object_get(answer, "result");
  print_fields("", json_object_get(result, "chat"), fields);
}

static enum exit_code send_message(const struct http_options *options,
                                   char **arguments, bool json)
{
  static const struct print_field fields[] = {
    { "message_id", "message" }, { "date", "date" }, { "text", "text" },
    { NULL, NULL }
  };
  json_t *answer = NULL;
  enum exit_code code = EXIT_USAGE;
  json_t *message = json_pack("{s:s, s:s}", "chat_id", arguments[0],
                              "text", arguments[1]);
  char *post = message ? json_dumps(message, JSON_COMPACT) : NULL;
  if(post)
    code = call(options, "sendMessage", post, &answer);
  else
    say("CHAT and TEXT must be UTF-8 text");
  if(!code)
    code = print_result(answer, json, fields);
  if(!code && !json)
    print_chat(answer);
  json_decref(answer);
  json_decref(message);
  free(post);
  return code;
}

const struct command telegram_commands[] = {
  { "telegram", "me", "", 0, me },
  { "telegram", "send", "CHAT TEXT", 2, send_message },
  { NULL, NULL, NULL, 0, NULL }
};
