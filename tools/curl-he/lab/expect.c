/* SPDX-License-Identifier: MIT */
#include "expect.h"
#include "../command.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE 1024
#define MOST_CHECKS 4096

static const struct {
  const char *sign;           /* the longer ones first */
  enum he_lab_how how;
} signs[] = {
  { "<=", HE_LAB_AT_MOST }, { ">=", HE_LAB_AT_LEAST }, { "!=", HE_LAB_OTHER },
  { "<", HE_LAB_LESS }, { ">", HE_LAB_MORE }, { "=", HE_LAB_SAME }
};

static bool wrong(const struct he_lab_expect *e, unsigned line,
                  const char *word, const char *why)
{
  he_say("lab: %s:%u: %s: %s", e->name, line, word, why);
  return false;
}

/* The sign at `at`. Returns what follows it, or NULL. */
static const char *read_sign(const char *at, enum he_lab_how *how)
{
  for(size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
    const size_t n = strlen(signs[i].sign);
    if(!strncmp(at, signs[i].sign, n)) {
      *how = signs[i].how;
      return at + n;
    }
  }
  return NULL;
}

static bool read_number(const char *text, double *number)
{
  char *end;
  errno = 0;
  *number = strtod(text, &end);
  return end != text && !*end && !errno && isfinite(*number);
}

static bool read_check(const struct he_lab_expect *e, struct he_lab_check *c)
{
  const size_t n = strcspn(c->text, "<>=!");
  const char *value = read_sign(c->text + n, &c->how);
  c->fact = he_lab_fact_named(c->text, n);
  if(!c->fact)
    return wrong(e, c->line, c->text, "there is no such fact");
  if(!value || !*value)
    return wrong(e, c->line, c->text,
                 "not a fact, one of <= >= < > = !=, and a value");
  c->value = (size_t)(value - c->text);
  c->none = c->fact->number && !strcmp(value, "none");
  if((c->fact->word || c->none) && c->how != HE_LAB_SAME &&
     c->how != HE_LAB_OTHER)
    return wrong(e, c->line, c->text, "only = and != compare that");
  if(c->fact->number && !c->none && !read_number(value, &c->number))
    return wrong(e, c->line, c->text, "the value is not a number");
  return true;
}

static struct he_lab_check *add(struct he_lab_expect *e)
{
  struct he_lab_check *list = NULL;
  if(e->n < MOST_CHECKS)
    list = realloc(e->list, (e->n + 1) * sizeof(*list));
  if(!list)
    return NULL;
  e->list = list;
  memset(&list[e->n], 0, sizeof(*list));
  return &list[e->n++];
}

static bool read_line(struct he_lab_expect *e, char *text, unsigned line)
{
  const struct lab_scenario *s;
  char *save, *word;
  text[strcspn(text, "#")] = 0;
  word = strtok_r(text, " \t\r\n", &save);
  if(!word)
    return true;
  s = lab_scenario_named(word);
  if(!s && strcmp(word, "*"))
    return wrong(e, line, word, "there is no such scenario; see curl-he lab "
                 "--list");
  while((word = strtok_r(NULL, " \t\r\n", &save))) {
    struct he_lab_check *c = add(e);
    if(!c || strlen(word) >= sizeof(c->text))
      return wrong(e, line, "this line", "it is too much");
    c->scenario = s;
    c->line = line;
    strcpy(c->text, word);
    if(!read_check(e, c))
      return false;
  }
  return true;
}

bool he_lab_expect_read(struct he_lab_expect *e, const char *file)
{
  char text[LINE];
  unsigned line = 0;
  bool ok = true;
  FILE *in = fopen(file, "re");
  memset(e, 0, sizeof(*e));
  e->name = file;
  if(!in) {
    he_say("lab: %s: %s", file, strerror(errno));
    return false;
  }
  while(ok && fgets(text, sizeof(text), in)) {
    line++;
    if(!strchr(text, '\n') && !feof(in))
      ok = wrong(e, line, "this line", "it is too long");
    else
      ok = read_line(e, text, line);
  }
  if(ok && ferror(in)) {
    he_say("lab: %s: %s", file, strerror(errno));
    ok = false;
  }
  fclose(in);
  if(ok && !e->n) {
    he_say("lab: %s: nothing is expected in there", file);
    ok = false;
  }
  return ok;
}

void he_lab_expect_free(struct he_lab_expect *e)
{
  free(e->list);
  memset(e, 0, sizeof(*e));
}

bool he_lab_check_about(const struct he_lab_check *c,
                        const struct lab_scenario *s)
{
  return !c->scenario || c->scenario == s;
}

static bool compare(const struct he_lab_check *c, double got)
{
  if(c->none)
    return (got < 0) == (c->how == HE_LAB_SAME);
  if(got < 0)
    return c->how == HE_LAB_OTHER;
  switch(c->how) {
  case HE_LAB_AT_MOST:
    return got <= c->number;
  case HE_LAB_AT_LEAST:
    return got >= c->number;
  case HE_LAB_LESS:
    return got < c->number;
  case HE_LAB_MORE:
    return got > c->number;
  case HE_LAB_SAME:
    return got >= c->number && got <= c->number;
  case HE_LAB_OTHER:
    return got < c->number || got > c->number;
  }
  return false;
}

static bool number_holds(const struct he_lab_check *c, double value, char *got,
                         size_t size)
{
  if(value < 0)
    snprintf(got, size, "none");
  else
    snprintf(got, size, "%.*f", c->fact->time ? 1 : 0, value);
  return compare(c, value);
}

/* "v6" stands for each address of that family, as for v6.2. */
static bool same_words(const char *wanted, const char *got)
{
  for(;;) {
    const size_t n = strcspn(wanted, ",");
    size_t m = strcspn(got, ",");
    if(!memchr(wanted, '.', n) && memchr(got, '.', m))
      m = strcspn(got, ".");
    if(n != m || memcmp(wanted, got, n))
      return false;
    wanted += n;
    got += strcspn(got, ",");
    if(!*wanted || !*got)
      return *wanted == *got;
    wanted++;
    got++;
  }
}

static bool word_holds(const struct he_lab_check *c,
                       const struct he_lab_run *run, char *got, size_t size)
{
  c->fact->word(run, got, size);
  return same_words(c->text + c->value, got) == (c->how == HE_LAB_SAME);
}

bool he_lab_check_holds(const struct he_lab_check *c,
                        const struct he_lab_result *r, char *got,
                        size_t size)
{
  if(c->fact->time)
    return number_holds(c, he_lab_median(r, c->fact), got, size);
  for(size_t i = 0; i < r->n; i++) {
    if(c->fact->word ? !word_holds(c, &r->runs[i], got, size) :
       !number_holds(c, c->fact->number(&r->runs[i]), got, size))
      return false;
  }
  return true;
}
