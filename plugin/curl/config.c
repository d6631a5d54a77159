/* SPDX-License-Identifier: MIT */
/* config.c - where the configuration is, and what is said where it is wrong.
 * Rules are read into a set of their own, which then takes the place of the
 * one before: no race sees half of a file. */
#include "curl/config.h"
#include "base/program.h"
#include "base/words.h"
#include "historian/file.h"
#include "options/line.h"
#include "options/resolvers.h"
#include "resolve/textfile.h"
#include "trace/sink.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)

/* One reading. */
struct load {
  struct he_config *into;
  size_t faults;
};

__attribute__((format(printf, 2, 3)))
static void fault(struct load *l, const char *format, ...)
{
  va_list ap;
  if(l->faults++)
    return;
  if(l->into->code != CURL_HE_NO_MEMORY)
    l->into->code = CURL_HE_BAD_CONFIG;
  va_start(ap, format);
  vsnprintf(l->into->error, sizeof(l->into->error), format, ap);
  va_end(ap);
}

static void count_faults(const struct load *l)
{
  char *error = l->into->error;
  size_t n = strlen(error);
  if(l->faults > 1)
    snprintf(error + n, CURL_HE_ERROR_SIZE - n, " (and %zu more)",
             l->faults - 1);
}

/* A path in a message: its end, where it is long; printable. */
#define PATH_SHOWN 80
static const char *shown(const char *path, char out[PATH_SHOWN + 1])
{
  size_t len = strlen(path), i = 0;
  if(len > PATH_SHOWN) {
    path += len - PATH_SHOWN;
    for(; i < 3; i++)
      out[i] = '.';
  }
  for(; path[i]; i++)
    out[i] = path[i] >= ' ' && path[i] <= '~' ? path[i] : '?';
  out[i] = 0;
  return out;
}

/* -- text to rules -- */

/* Where a line is: its text has no end. */
struct at {
  const char *name;           /* of the file, or of the variable */
  size_t number;
  const char *text;
};

/* The path that the value stands for; "": no file. False where there is none,
   which is said. */
static bool read_path(struct load *l, const struct at *at,
                      const struct he_line_file *f, char path[PATH_MAX])
{
  *path = 0;
  if(he_line_file_is(f, "off"))
    return true;
  if(!he_line_file_is(f, "default")) {
    memcpy(path, f->at, f->len);
    path[f->len] = 0;
    return true;
  }
  if(he_file_default_path(path, PATH_MAX))
    return true;
  fault(l, "%s:%zu:%td: default: neither XDG_CACHE_HOME nor HOME names a "
        "folder", at->name, at->number, f->at - at->text + 1);
  return false;
}

/* A line fits, and so does a path in it. */
_Static_assert(HE_LINE_MAX <= PATH_MAX && HE_LINE_MAX <= HE_SINK_PATH,
               "a path fits");

/* All of the line's files, or none where one is wrong. */
static bool add_files(struct load *l, struct he_rules *rules,
                      const struct at *at, const struct he_line *line)
{
  char path[HE_FILES][PATH_MAX];
  for(int i = 0; i < HE_FILES; i++) {
    if(line->file[i].at && !read_path(l, at, &line->file[i], path[i]))
      return false;
  }
  for(int i = 0; i < HE_FILES; i++) {
    char *copy = line->file[i].at ? strdup(path[i]) : NULL;
    if(copy)
      free(he_rules_exchange_file(rules, (enum he_option)
                                  (HE_OPT_HISTORY_FILE + i), copy));
    else if(line->file[i].at) {
      l->into->code = CURL_HE_NO_MEMORY;
      return false;
    }
  }
  return true;
}

/* Names of these hosts are nobody's to resolve, rather than the system's. */
static void refuse(struct load *l, struct he_rules *rules, const char *pattern)
{
  struct he_options o;
  enum he_rules_result result;
  he_options_clear(&o);
  o.value[HE_OPT_RESOLVER] = HE_RESOLVERS_REFUSED;
  result = he_rules_add(rules, pattern, &o);
  if(result == HE_RULES_FULL)       /* for every host there is always room */
    result = he_rules_add(rules, "*", &o);
  if(result)
    l->into->code = CURL_HE_NO_MEMORY;
}

static void add_line(struct load *l, struct he_rules *rules,
                     const struct at *at, const struct he_line *line)
{
  enum he_rules_result result;
  const bool resolver = line->options.value[HE_OPT_RESOLVER] != HE_UNSET;
  if(!add_files(l, rules, at, line)) {
    if(resolver)
      refuse(l, rules, line->pattern);
    return;
  }
  result = he_rules_add(rules, line->pattern, &line->options);
  if(result == HE_RULES_FULL) {
    fault(l, "%s:%zu: more than %d hosts", at->name, at->number,
          HE_RULES_MAX);
    if(resolver)
      refuse(l, rules, line->pattern);
  }
  else if(result == HE_RULES_NO_MEMORY)
    l->into->code = CURL_HE_NO_MEMORY;
}

/* A line for this program by its name holds, else the last one for all. */
static void add_program(struct load *l, enum he_source from,
                        const struct he_line *line)
{
  const bool by_name = strcmp(line->program, "*") != 0;
  if(by_name ? !he_program_is(line->program) : l->into->by_name[from])
    return;
  l->into->by_name[from] = by_name;
  l->into->program[from] = line->off ? HE_PROGRAM_OFF : HE_PROGRAM_ON;
}

/* `ends`: what ends a line, a rule. False without memory. */
static bool read_rules(struct load *l, enum he_source from,
                       const char *name, const char *text, size_t len,
                       const char *ends)
{
  const char *end = text + len;
  for(size_t number = 1; text < end; number++) {
    struct he_line line;
    struct he_fault why;
    size_t n = 0;
    while(text + n < end && (!text[n] || !strchr(ends, text[n])))
      n++;
    switch(he_line_read(text, n, &line, &why)) {
    case HE_LINE_WRONG:
      fault(l, "%s:%zu:%zu: %s", name, number, why.column, why.text);
      if(line.refuses)
        refuse(l, &l->into->rules[from], line.pattern);
      break;
    case HE_LINE_RULE:
      add_line(l, &l->into->rules[from],
               &(struct at){ name, number, text }, &line);
      break;
    case HE_LINE_PROGRAM:
      add_program(l, from, &line);
      break;
    case HE_LINE_EMPTY:
      break;
    }
    text += n;
    text += text < end;
  }
  return l->into->code != CURL_HE_NO_MEMORY;
}

/* -- files -- */

static const char *reason(int error, char words[HE_WORDS])
{
  if(error == EFBIG)
    return "longer than 1 MiB";
  if(error == EINVAL)
    return "not a regular file";
  return he_errno_words(error, words);
}

/* False where there is nothing to take the place of what was there. */
static bool load_file(struct load *l, const char *path, bool must)
{
  char name[PATH_SHOWN + 1], words[HE_WORDS], *text = NULL;
  size_t len = 0, begin;
  bool ok;
  int error = he_textfile_read(path, TEXT_MAX, &text, &len, NULL);
  if(error && !must && (error == ENOENT || error == ENOTDIR))
    return true;
  shown(path, name);
  if(error) {
    if(error == ENOMEM)
      l->into->code = CURL_HE_NO_MEMORY;
    else
      fault(l, "%s: %s", name, reason(error, words));
    return false;
  }
  begin = strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3;   /* byte order mark */
  ok = read_rules(l, HE_SOURCE_FILE, name, text + begin, len - begin, "\n");
  free(text);
  return ok;
}

/* -- the environment -- */

/* $`variable`/`rest`, the caller's to free, where that is an absolute path. */
static char *path_below(const char *variable, const char *rest)
{
  const char *base = secure_getenv(variable);
  size_t size;
  char *path;
  if(!base || *base != '/')
    return NULL;
  size = strlen(base) + strlen(rest) + 2;
  path = malloc(size);
  if(path)
    snprintf(path, size, "%s/%s", base, rest);
  return path;
}

static bool load_users_file(struct load *l)
{
  const char *named = secure_getenv("CURL_HE_CONFIG");
  char *path;
  bool ok = true;
  if(named)
    return !*named || load_file(l, named, true);
  path = path_below("XDG_CONFIG_HOME", "curl-he/config");
  if(!path)
    path = path_below("HOME", ".config/curl-he/config");
  if(path)
    ok = load_file(l, path, false);
  free(path);
  return ok;
}

static bool load_variable(struct load *l)
{
  const char *text = secure_getenv("CURL_HE_OPTIONS");
  size_t len = text ? strlen(text) : 0;
  if(len > TEXT_MAX) {
    fault(l, "CURL_HE_OPTIONS: longer than 1 MiB");
    return false;
  }
  return !len || read_rules(l, HE_SOURCE_ENVIRONMENT, "CURL_HE_OPTIONS", text,
                            len, "\n;");
}

/* -- all of it -- */

static void out_of_memory(struct he_config *c)
{
  for(int i = 0; i < HE_SOURCES; i++)
    c->read[i] = false;
  snprintf(c->error, sizeof(c->error), "%s", curl_he_strerror(c->code));
}

void he_config_read(struct he_config *c, const char *path)
{
  struct load l = { .into = c };
  memset(c, 0, sizeof(*c));
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_init(&c->rules[i]);
  if(path)
    c->read[HE_SOURCE_FILE] = load_file(&l, path, true);
  else {
    c->read[HE_SOURCE_FILE] = load_users_file(&l);
    c->read[HE_SOURCE_ENVIRONMENT] = load_variable(&l);
  }
  count_faults(&l);
  if(c->code == CURL_HE_NO_MEMORY)
    out_of_memory(c);
}

void he_config_free(struct he_config *c)
{
  for(int i = 0; i < HE_SOURCES; i++)
    he_rules_free(&c->rules[i]);
}
