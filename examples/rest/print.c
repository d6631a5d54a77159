/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* A path of print_flat() longer than this is cut short; so is its depth. */
#define PATH_MAX_BYTES 1024

static void put_value(const json_t *value)
{
  char *dump;
  switch(json_typeof(value)) {
  case JSON_STRING:
    text_write(stdout, json_string_value(value), json_string_length(value),
               json_string_length(value));
    return;
  case JSON_INTEGER:
    printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return;
  case JSON_TRUE:
    fputs("yes", stdout);
    return;
  case JSON_FALSE:
    fputs("no", stdout);
    return;
  case JSON_NULL:
    fputs("none", stdout);
    return;
  case JSON_REAL:
  case JSON_OBJECT:
  case JSON_ARRAY:
    break;
  }
  dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                    JSON_REAL_PRECISION(15));
  text_put(stdout, dump);
  free(dump);
}

void print_fact(const char *label, const json_t *value)
{
  if(!value || json_is_null(value))
    return;
  printf("%s: ", label);
  put_value(value);
  putchar('\n');
}

void print_fields(const char *indent, const json_t *object,
                  const struct print_field *fields)
{
  for(; fields->key; fields++) {
    const json_t *value = json_object_get(object, fields->key);
    if(value && !json_is_null(value)) {
      fputs(indent, stdout);
      print_fact(fields->label, value);
    }
  }
}

struct path {
  char text[PATH_MAX_BYTES];
  size_t len;
};

static void flatten(struct path *path, const json_t *value);

/* Goes down to one member, and comes back with the path as it was. */
static void flatten_member(struct path *path, const char *name,
                           const json_t *value)
{
  size_t len = path->len;
  size_t n = strlen(name);
  if(len + n + 2 > sizeof(path->text)) {
    text_write(stdout, path->text, len, len);
    fputs(".: (deeper than this prints; see --json)\n", stdout);
    return;
  }
  if(len)
    path->text[path->len++] = '.';
  memcpy(path->text + path->len, name, n);
  path->len += n;
  flatten(path, value);
  path->len = len;
}

static void flatten(struct path *path, const json_t *value)
{
  const char *key;
  json_t *member;
  size_t i;
  if(json_is_object(value) && json_object_size(value)) {
    /* the iteration macro wants a plain pointer, and only reads */
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
      flatten_member(path, key, member);
  }
  else if(json_is_array(value) && json_array_size(value)) {
    json_array_foreach(value, i, member) {
      char index[24];
      snprintf(index, sizeof(index), "%zu", i);
      flatten_member(path, index, member);
    }
  }
  else {
    text_write(stdout, path->text, path->len, path->len);
    fputs(path->len ? ": " : "", stdout);
    put_value(value);
    putchar('\n');
  }
}

void print_flat(const json_t *value)
{
  struct path path;
  path.len = 0;
  flatten(&path, value);
}

int print_json(const json_t *value)
{
  char *dump = json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII |
                          JSON_ENCODE_ANY);
  if(!dump)
    return 0;
  text_put_json(dump);
  putchar('\n');
  free(dump);
  return 1;
}
