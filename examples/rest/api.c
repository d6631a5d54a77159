/* SPDX-License-Identifier: MIT */
#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* So much of an answer that is no JSON is shown. */
#define SHOWN_BYTES 100

const char *api_environment(const char *name, const char *also)
{
  static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789";
  const char *value = getenv(name);
  const char *c;
  if(!value || !*value) {
    say("the environment variable %s is not set", name);
    return NULL;
  }
  for(c = value; *c; c++)
    if(!strchr(alnum, *c) && !strchr(also, *c)) {
      say("the environment variable %s has a character that does not belong "
          "there", name);
      return NULL;
    }
  return value;
}

static void say_unintelligible(const struct http_reply *reply,
                               const char *why)
{
  fflush(stdout);
  fprintf(stderr, "he-rest: unintelligible answer: HTTP %ld, content type ",
          reply->status);
  text_put(stderr, *reply->type ? reply->type : NULL);
  fprintf(stderr, ", %zu bytes: ", reply->len);
  text_put(stderr, why);
  if(reply->len) {
    fputs("\nhe-rest: it begins: ", stderr);
    text_write(stderr, reply->body, reply->len, SHOWN_BYTES);
  }
  fputc('\n', stderr);
}

enum exit_code api_request(struct http *h, const char *path,
                           const char *post, size_t len,
                           json_t **answer, long *status)
{
  struct http_reply reply;
  json_error_t error;
  enum http_result result;
  enum exit_code code = EXIT_OK;
  *answer = NULL;
  result = http_request(h, path, post, len, &reply);
  if(result == HTTP_DONE) {
    *status = reply.status;
    *answer = json_loadb(reply.body, reply.len, 0, &error);
    if(!json_is_object(*answer)) {
      /* what the parser was near to may be a piece of the token */
      char *near = strstr(error.text, " near ");
      if(!*answer && near)
        *near = 0;
      say_unintelligible(&reply, *answer ? "not a JSON object" : error.text);
      json_decref(*answer);
      *answer = NULL;
      code = EXIT_UNINTELLIGIBLE;
    }
    http_reply_free(&reply);
  }
  else
    code = result == HTTP_TOO_BIG ? EXIT_UNINTELLIGIBLE : EXIT_TRANSPORT;
  return code;
}

enum exit_code api_nonsense(long status, const char *why)
{
  say("unintelligible answer: HTTP %ld, JSON, but %s", status, why);
  return EXIT_UNINTELLIGIBLE;
}

void api_say_error(int indent, const json_t *code, const json_t *message)
{
  fflush(stdout);
  fprintf(stderr, "he-rest: %*serror", 2 * indent, "");
  if(json_is_integer(code))
    fprintf(stderr, " %" JSON_INTEGER_FORMAT, json_integer_value(code));
  fputs(": ", stderr);
  if(json_is_string(message))
    text_write(stderr, json_string_value(message),
               json_string_length(message), json_string_length(message));
  else
    fputs("(without a message)", stderr);
  fputc('\n', stderr);
}
