/* SPDX-License-Identifier: MIT */
/* main.c - he-rest: the options, and which command they are for. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl_he/curl_he.h>

#include "api.h"
#include "text.h"

#define WORDS_MAX 8
#define SECONDS_MAX 86400L

enum option_id {
  OPT_BASE = 256, OPT_CACERT, OPT_TRACE, OPT_NO_HE, OPT_PERFORM, OPT_TIMING,
  OPT_CONNECT_TIMEOUT, OPT_MAX_TIME, OPT_JSON, OPT_HISTORY, OPT_HELP,
  OPT_VERSION
};

static const struct option long_options[] = {
  { "base", required_argument, NULL, OPT_BASE },
  { "cacert", required_argument, NULL, OPT_CACERT },
  { "trace", no_argument, NULL, OPT_TRACE },
  { "no-he", no_argument, NULL, OPT_NO_HE },
  { "perform", no_argument, NULL, OPT_PERFORM },
  { "timing", no_argument, NULL, OPT_TIMING },
  { "connect-timeout", required_argument, NULL, OPT_CONNECT_TIMEOUT },
  { "max-time", required_argument, NULL, OPT_MAX_TIME },
  { "history", required_argument, NULL, OPT_HISTORY },
  { "json", no_argument, NULL, OPT_JSON },
  { "help", no_argument, NULL, OPT_HELP },
  { "version", no_argument, NULL, OPT_VERSION },
  { NULL, 0, NULL, 0 }
};

struct line {
  struct http_options http;
  char *base;               /* owned: --base without slashes at its end */
  char *words[WORDS_MAX];   /* API, verb, arguments */
  int count;
  bool json;
  bool help;
  bool version;
};

static void print_commands(const struct command *c)
{
  for(; c->api; c++)
    printf("  he-rest [OPTION...] %s %s%s%s\n", c->api, c->verb,
           c->count ? " " : "", c->arguments);
}

static void print_help(void)
{
  puts("Talks to the Cloudflare and Telegram APIs by libcurl with curl-he.\n"
       "\nUsage:");
  print_commands(cloudflare_commands);
  print_commands(telegram_commands);
  puts("\nFILE is a GraphQL query, or a JSON object with \"query\"; \"-\" is "
       "stdin.\nPut -- before a TEXT that begins with a dash.\n"
       "\nOptions:\n"
       "  --base URL                 instead of " CLOUDFLARE_BASE "\n"
       "                             or " TELEGRAM_BASE "\n"
       "  --cacert FILE              certificates to trust\n"
       "  --connect-timeout SECONDS  for connecting\n"
       "  --max-time SECONDS         for each request\n"
       "  --history FILE             what connects taught, for the next "
       "he-rest\n"
       "  --json                     print the result as JSON\n"
       "  --no-he                    libcurl alone, without curl-he\n"
       "  --perform                  resolve names by curl-he, too\n"
       "  --timing                   print times and address to stderr\n"
       "  --trace                    print the connection race to stderr\n"
       "  --help, --version");
  puts("\nEnvironment:\n"
       "  CLOUDFLARE_API_TOKEN       for cloudflare\n"
       "  CLOUDFLARE_ACCOUNT_ID      for cloudflare prefixes\n"
       "  TELEGRAM_BOT_TOKEN         for telegram\n"
       "\nExit codes:\n"
       "  0  done\n"
       "  1  the API said no (verify: or the token is not active)\n"
       "  2  wrong usage: options, environment, FILE\n"
       "  3  transport: no connection, no answer; or a local failure\n"
       "  4  the answer makes no sense, or is larger than 16 MiB");
}

static void print_version(void)
{
  const curl_he_version_info_data *v = curl_he_version_info();
  printf("he-rest %s, curl-he %s, libcurl %s\n", CURL_HE_VERSION, v->version,
         v->libcurl_version);
}

static bool read_seconds(const char *text, long *seconds)
{
  char *end;
  errno = 0;
  *seconds = strtol(text, &end, 10);
  if(!errno && end != text && !*end && *seconds >= 1 &&
     *seconds <= SECONDS_MAX)
    return true;
  say("not a number of seconds from 1 to %ld: %s", SECONDS_MAX, text);
  return false;
}

static bool read_base(struct line *l, const char *text)
{
  size_t len = strlen(text);
  if(!http_check_base(text)) {
    say("not a base URL (http or https, without user, query and fragment): "
        "%s", text);
    return false;
  }
  while(len && text[len - 1] == '/')
    len--;
  free(l->base);
  l->base = strndup(text, len);
  if(!l->base)
    say("out of memory");
  return l->base != NULL;
}

static bool take_option(struct line *l, int option)
{
  switch(option) {
  case OPT_BASE:
    return read_base(l, optarg);
  case OPT_CACERT:
    l->http.cacert = optarg;
    return true;
  case OPT_TRACE:
    l->http.trace = true;
    return true;
  case OPT_NO_HE:
    l->http.he = false;
    return true;
  case OPT_PERFORM:
    l->http.he_perform = true;
    return true;
  case OPT_TIMING:
    l->http.timing = true;
    return true;
  case OPT_CONNECT_TIMEOUT:
    return read_seconds(optarg, &l->http.connect_timeout);
  case OPT_MAX_TIME:
    return read_seconds(optarg, &l->http.max_time);
  case OPT_HISTORY:
    l->http.history = optarg;
    return true;
  case OPT_JSON:
    l->json = true;
    return true;
  case OPT_HELP:
    l->help = true;
    return true;
  case OPT_VERSION:
    l->version = true;
    return true;
  }
  return false;   /* getopt_long() has said why */
}

static bool take_word(struct line *l, char *word)
{
  if(l->count == WORDS_MAX) {
    say("too many arguments");
    return false;
  }
  l->words[l->count++] = word;
  return true;
}

/* Options may stand anywhere. A word is also "-" (stdin) and a negative
   number (a chat), and everything after "--". */
static bool read_line(struct line *l, int argc, char **argv)
{
  bool ok = true;
  bool only_words = false;
  while(ok && optind < argc) {
    char *arg = argv[optind];
    if(only_words || arg[0] != '-' || !arg[1] ||
       (arg[1] >= '0' && arg[1] <= '9')) {
      optind++;
      ok = take_word(l, arg);
    }
    else if(!strcmp(arg, "--")) {
      optind++;
      only_words = true;
    }
    else
      ok = take_option(l, getopt_long(argc, argv, "+", long_options, NULL));
  }
  return ok;
}

static bool check_line(const struct line *l)
{
  if(!l->http.he &&
     (l->http.trace || l->http.he_perform || l->http.history)) {
    say("--no-he leaves nothing for --trace, --perform and --history");
    return false;
  }
  return true;
}

static const struct command *find_in(const struct command *c,
                                     const struct line *l)
{
  for(; c->api; c++)
    if(l->count >= 2 && !strcmp(c->api, l->words[0]) &&
       !strcmp(c->verb, l->words[1]))
      return c;
  return NULL;
}

static const struct command *find_command(const struct line *l)
{
  const struct command *c = find_in(cloudflare_commands, l);
  if(!c)
    c = find_in(telegram_commands, l);
  if(!c)
    say("no such command; see he-rest --help");
  else if(l->count != 2 + c->count) {
    say("usage: he-rest %s %s %s", c->api, c->verb, c->arguments);
    c = NULL;
  }
  return c;
}

static enum exit_code run(struct line *l)
{
  const struct command *c = check_line(l) ? find_command(l) : NULL;
  enum exit_code code;
  if(!c)
    return EXIT_USAGE;
  if(l->base)
    l->http.base = l->base;
  else
    l->http.base = c == find_in(cloudflare_commands, l) ? CLOUDFLARE_BASE :
      TELEGRAM_BASE;
  if(curl_global_init(CURL_GLOBAL_DEFAULT)) {
    say("libcurl cannot be initialised");
    return EXIT_TRANSPORT;
  }
  code = c->run(&l->http, l->words + 2, l->json);
  curl_global_cleanup();
  return code;
}

int main(int argc, char **argv)
{
  struct line l;
  enum exit_code code = EXIT_OK;
  memset(&l, 0, sizeof(l));
  l.http.he = true;
  if(!read_line(&l, argc, argv))
    code = EXIT_USAGE;
  else if(l.help)
    print_help();
  else if(l.version)
    print_version();
  else
    code = run(&l);
  free(l.base);
  if((fflush(stdout) || ferror(stdout)) && !code) {
    say("cannot write: %s", strerror(errno));
    code = EXIT_TRANSPORT;
  }
  return (int)code;
}
