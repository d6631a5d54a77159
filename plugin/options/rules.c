/* SPDX-License-Identifier: MIT */
#include "options/rules.h"

#include <stdlib.h>
#include <string.h>

void he_rules_init(struct he_rules *r)
{
  memset(r, 0, sizeof(*r));
  he_options_clear(&r->every);
}

void he_rules_free(struct he_rules *r)
{
  for(size_t i = 0; i < r->n; i++)
    free(r->list[i]);
  free(r->list);
  for(int i = 0; i < HE_FILES; i++)
    free(r->file[i]);
  he_rules_init(r);
}

/* Where the pattern is, or would be. */
static size_t place(const struct he_rules *r, const char *pattern)
{
  size_t low = 0, high = r->n;
  while(low < high) {
    size_t middle = low + (high - low) / 2;
    if(strcmp(r->list[middle]->pattern, pattern) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool is_at(const struct he_rules *r, size_t i, const char *pattern)
{
  return i < r->n && !strcmp(r->list[i]->pattern, pattern);
}

static bool more_room(struct he_rules *r)
{
  size_t room = r->room ? 2 * r->room : 8;
  struct he_rule **list;
  if(r->n < r->room)
    return true;
  list = realloc(r->list, room * sizeof(*list));
  if(!list)
    return false;
  r->list = list;
  r->room = room;
  return true;
}

/* The options of a pattern, new ones where there are none. */
static enum he_rules_result options_of(struct he_rules *r,
                                       const char *pattern,
                                       struct he_options **out)
{
  size_t i = place(r, pattern), size = strlen(pattern) + 1;
  struct he_rule *rule;
  if(!strcmp(pattern, "*")) {
    *out = &r->every;
    return HE_RULES_OK;
  }
  if(!is_at(r, i, pattern)) {
    if(r->n == HE_RULES_MAX)
      return HE_RULES_FULL;
    rule = more_room(r) ? malloc(sizeof(*rule) + size) : NULL;
    if(!rule)
      return HE_RULES_NO_MEMORY;
    he_options_clear(&rule->options);
    memcpy(rule->pattern, pattern, size);
    memmove(&r->list[i + 1], &r->list[i], (r->n - i) * sizeof(*r->list));
    r->list[i] = rule;
    r->n++;
  }
  *out = &r->list[i]->options;
  return HE_RULES_OK;
}

static bool says_nothing(const struct he_options *o)
{
  for(int i = 0; i < HE_OPTIONS; i++) {
    if(o->value[i] != HE_UNSET)
      return false;
  }
  return true;
}

static void unset(struct he_rules *r, const char *pattern,
                  enum he_option which)
{
  size_t i = place(r, pattern);
  if(!is_at(r, i, pattern))
    return;
  r->list[i]->options.value[which] = HE_UNSET;
  if(says_nothing(&r->list[i]->options)) {
    free(r->list[i]);
    r->n--;
    memmove(&r->list[i], &r->list[i + 1], (r->n - i) * sizeof(*r->list));
  }
}

enum he_rules_result he_rules_set(struct he_rules *r, const char *pattern,
                                  enum he_option which, long value)
{
  struct he_options one;
  he_options_clear(&one);
  if(!he_options_set(&one, which, value))
    return HE_RULES_BAD_VALUE;
  if(!strcmp(pattern, "*")) {
    r->every.value[which] = value;
    return HE_RULES_OK;
  }
  if(value != HE_UNSET)
    return he_rules_add(r, pattern, &one);
  if(he_option_contexts(which))
    return HE_RULES_BAD_SCOPE;
  unset(r, pattern, which);
  return HE_RULES_OK;
}

enum he_rules_result he_rules_add(struct he_rules *r, const char *pattern,
                                  const struct he_options *options)
{
  struct he_options *mine;
  enum he_rules_result result;
  for(int i = 0; strcmp(pattern, "*") && i < HE_OPTIONS; i++) {
    if(options->value[i] != HE_UNSET && he_option_contexts((enum he_option)i))
      return HE_RULES_BAD_SCOPE;
  }
  result = options_of(r, pattern, &mine);
  for(int i = 0; !result && i < HE_OPTIONS; i++) {
    if(options->value[i] != HE_UNSET)
      mine->value[i] = options->value[i];
  }
  return result;
}

static void fill_from(const struct he_rules *r, const char *pattern,
                      struct he_options *o)
{
  size_t i = place(r, pattern);
  if(is_at(r, i, pattern))
    he_options_fill(o, &r->list[i]->options);
}

void he_rules_fill(const struct he_rules *r, const char *host,
                   struct he_options *o)
{
  /* room for the "*" of "*.example.com", in the place of the label before */
  char name[HE_PATTERN_SIZE + 1];
  if(r->n && host && he_host_read(host, name + 1)) {
    fill_from(r, name + 1, o);
    for(char *dot = name; (dot = strchr(dot + 1, '.')) != NULL;) {
      dot[-1] = '*';
      fill_from(r, dot - 1, o);
    }
  }
  he_options_fill(o, &r->every);
}

/* -- files -- */

char *he_rules_exchange_file(struct he_rules *r, enum he_option which,
                             char *path)
{
  char *old;
  int place;
  if(!he_option_file(which, &place))
    return path;
  old = r->file[place];
  r->file[place] = path;
  return old;
}

const char *he_rules_file(const struct he_rules *r, enum he_option which)
{
  int place;
  return he_option_file(which, &place) ? r->file[place] : NULL;
}

static bool says_more(const struct he_options *o, enum he_option which)
{
  const long value = he_options_said(o, which);
  return value != HE_UNSET && value;
}

bool he_rules_any(const struct he_rules *r, enum he_option which)
{
  bool any = says_more(&r->every, which);
  for(size_t i = 0; i < r->n && !any; i++)
    any = says_more(&r->list[i]->options, which);
  return any;
}
