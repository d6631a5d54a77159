/* SPDX-License-Identifier: MIT */
/* place.c - the client's command line and environment for one scenario. */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_https(const struct he_lab_plan *plan,
                     const struct lab_scenario *s)
{
  /* What is lost there are the certificates. */
  return plan->https || (s->v6[0].rule && strstr(s->v6[0].rule, "mtu="));
}

void he_lab_url(const struct he_lab_plan *plan, const struct lab_scenario *s,
                char *out, size_t size)
{
  snprintf(out, size, "%s://%s/", is_https(plan, s) ? "https" : "http",
           s->host);
}

static const char *const places[] = { "{url}", "{host}", "{port}", "{ca}" };

bool he_lab_has_place(char **command)
{
  for(; *command; command++) {
    for(size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
      if(strstr(*command, places[i]))
        return true;
    }
  }
  return false;
}

/* One argument with its placeholders replaced; NULL: out of memory. */
static char *replace(const char *word, const char *const *values)
{
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if(!out)
    return NULL;
  while(*word) {
    size_t n = 0;
    for(size_t i = 0; i < sizeof(places) / sizeof(*places) && !n; i++) {
      if(!strncmp(word, places[i], strlen(places[i]))) {
        fputs(values[i], out);
        n = strlen(places[i]);
      }
    }
    if(n)
      word += n;
    else
      fputc(*word++, out);
  }
  if(fclose(out)) {
    free(text);
    return NULL;
  }
  return text;
}

/* The laboratory's certificates are trusted, by what programs look at. */
static void trust(const char *ca)
{
  static const char *const names[] = {
    "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "DENO_CERT",
    "PIP_CERT", "CARGO_HTTP_CAINFO"
  };
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    setenv(names[i], ca, 1);
}

char **he_lab_place(const struct he_lab_plan *plan,
                    const struct lab_scenario *s)
{
  char url[256];
  const char *ca = getenv("HE_LAB_CA");
  const char *values[] = {
    url, s->host, is_https(plan, s) ? "443" : "80", ca ? ca : ""
  };
  const bool add = plan->add_url && !he_lab_has_place(plan->command);
  size_t n = 0;
  char **argv;
  while(plan->command[n])
    n++;
  argv = calloc(n + 2, sizeof(*argv));
  if(!argv)
    return NULL;
  he_lab_url(plan, s, url, sizeof(url));
  for(size_t i = 0; i < n + add; i++) {
    argv[i] = i < n ? replace(plan->command[i], values) : strdup(url);
    if(!argv[i]) {
      he_lab_place_free(argv);
      return NULL;
    }
  }
  setenv("HE_LAB_URL", url, 1);
  setenv("HE_LAB_HOST", s->host, 1);
  setenv("HE_LAB_PORT", values[2], 1);
  if(ca)
    trust(ca);
  return argv;
}

void he_lab_place_free(char **argv)
{
  for(size_t i = 0; argv && argv[i]; i++)
    free(argv[i]);
  free(argv);
}
