/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "command.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "CURL_HE_OPTIONS"

/* As a line of a configuration, in which a semicolon would end it; the
   caller's to free(). NULL without memory. */
static char *line_of(const char *value)
{
  char *line = NULL;
  size_t size;
  FILE *f = open_memstream(&line, &size);
  if(!f)
    return NULL;
  fputs("* resolver=\"", f);
  for(; *value; value++) {
    if(*value == ';')
      fputs("%3B", f);
    else
      putc(*value, f);
  }
  putc('"', f);
  if(fclose(f)) {
    free(line);
    return NULL;
  }
  return line;
}

static char *kept(const char *variable)
{
  const char *is = getenv(variable);
  return is ? strdup(is) : NULL;
}

static void restore(const char *variable, char *was)
{
  if(was)
    setenv(variable, was, 1);
  else
    unsetenv(variable);
  free(was);
}

/* The library reads this line, and no file. */
static CURLHEcode read_line(const char *line, char error[CURL_HE_ERROR_SIZE])
{
  char *options = kept(VARIABLE), *config = kept("CURL_HE_CONFIG");
  CURLHE *he = curl_he_init();
  CURLHEcode code = CURL_HE_NO_MEMORY;
  if(he && !setenv(VARIABLE, line, 1) && !setenv("CURL_HE_CONFIG", "", 1))
    code = curl_he_load_config(he, NULL, error, CURL_HE_ERROR_SIZE);
  restore(VARIABLE, options);
  restore("CURL_HE_CONFIG", config);
  curl_he_free(he);
  return code;
}

bool he_resolver_check(const char *command, const char *value)
{
  char error[CURL_HE_ERROR_SIZE] = "";
  char *line = line_of(value);
  const CURLHEcode code = !line ? CURL_HE_NO_MEMORY :
    strchr(value, '"') || strchr(value, '#') ? CURL_HE_BAD_OPTION :
    read_line(line, error);
  const char *what = strstr(error, ": ");   /* behind variable and column */
  free(line);
  if(code)
    he_say("%s: --resolver: %s", command, what ? what + 2 :
           curl_he_strerror(code));
  return !code;
}

bool he_resolver_export(const char *value)
{
  const char *before = getenv(VARIABLE);
  char *line = line_of(value), *all = NULL;
  bool ok = line && asprintf(&all, "%s%s%s", before ? before : "",
                             before ? ";" : "", line) >= 0;
  ok = ok && !setenv(VARIABLE, all, 1);
  free(line);
  free(all);
  return ok;
}
