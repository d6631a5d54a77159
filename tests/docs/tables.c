/* SPDX-License-Identifier: MIT */
/* tables.c - prints curl-he's tables, a row a line, for docs_test.sh:
 *   option NAME NUMBER TYPE KEY UNIT MIN MAX ZERO DEFAULT SCOPES [WORD...]
 *   profile WORD OPTION VALUE
 *   step NAME NUMBER
 *   error NUMBER SENTENCE */
#include <stdio.h>
#include <string.h>

#include <curl_he/curl_he.h>

#include "trace/trace.h"
#include "options/options.h"

static const char *type_name(enum he_option_type type)
{
  switch(type) {
  case HE_TYPE_LONG:
    return "long";
  case HE_TYPE_FUNCTION:
    return "function";
  case HE_TYPE_OBJECT:
    return "object";
  case HE_TYPE_STRING:
    return "string";
  }
  return "?";
}

static const char *unit_name(enum he_unit unit)
{
  switch(unit) {
  case HE_UNIT_NONE:
    return "-";
  case HE_UNIT_MS:
    return "ms";
  case HE_UNIT_S:
    return "s";
  }
  return "?";
}

static void print_option(const struct he_option_row *r)
{
  printf("option %s %d %s %s %s %ld %ld %s %ld %s%s%s %s\n", r->name,
         r->number, type_name(r->type), r->key ? r->key : "-",
         unit_name(r->unit), r->min, r->max, r->zero ? "zero" : "-",
         r->normal, r->scopes & HE_SCOPE_CONTEXT ? "c" : "",
         r->scopes & HE_SCOPE_HOST ? "h" : "",
         r->scopes & HE_SCOPE_HANDLE ? "e" : "", r->words ? r->words : "");
}

/* What the profile of this value says, under its word. */
static void print_profile(long profile, const char *word, int len)
{
  for(int i = 0; i < HE_OPTIONS; i++) {
    long value = he_profile_value(profile, (enum he_option)i);
    if(value != HE_UNSET)
      printf("profile %.*s %s %ld\n", len, word,
             he_option_row((enum he_option)i)->name, value);
  }
}

static void print_profiles(void)
{
  const char *word = he_option_row(HE_OPT_PROFILE)->words;
  for(long profile = 0; *word; profile++) {
    size_t len = strcspn(word, " ");
    print_profile(profile, word, (int)len);
    word += len;
    word += *word == ' ';
  }
}

int main(void)
{
  for(int i = 0; i < HE_OPTION_ROWS; i++)
    print_option(he_option_row((enum he_option)i));
  print_profiles();
#define PRINT_STEP(name) \
  printf("step CURL_HE_STEP_%s %d\n", #name, (int)HE_STEP_##name);
  HE_STEP_TABLE(PRINT_STEP)
  for(int i = 0; i < CURL_HE_LAST; i++)
    printf("error %d %s\n", i, curl_he_strerror((CURLHEcode)i));
  return 0;
}
