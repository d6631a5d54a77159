/* SPDX-License-Identifier: MIT */
/* command.c - a command line by its table, with getopt_long(). */
#include "command.h"
#include "plain.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS 32              /* a command has fewer */
#define HELP 'h'
#define WIDTH 78

void he_say(const char *format, ...)
{
  char *text = NULL, *plain = NULL;
  va_list ap;
  int n;
  va_start(ap, format);
  n = vasprintf(&text, format, ap);
  va_end(ap);
  if(n >= 0) {
    const size_t size = HE_PLAIN_GROWS * (size_t)n + 1;
    plain = malloc(size);
    if(plain)
      he_plain(plain, size, text, (size_t)n);
    free(text);
  }
  fprintf(stderr, "curl-he: %s\n", plain ? plain : "out of memory");
  free(plain);
}

void he_wrap(FILE *out, const char *text, const char *indent)
{
  size_t used = strlen(indent);
  bool first = true;
  while(*text) {
    const size_t n = strcspn(text, " ");
    const size_t columns = he_columns(text) - he_columns(text + n);
    if(!first && used + 1 + columns > WIDTH) {
      fprintf(out, "\n%s", indent);
      used = strlen(indent);
    }
    else if(!first) {
      fputc(' ', out);
      used++;
    }
    fprintf(out, "%.*s", (int)n, text);
    used += columns;
    text += n;
    text += strspn(text, " ");
    first = false;
  }
  fputc('\n', out);
}

static size_t count_of(const struct he_command *c)
{
  size_t n = 0;
  while(c->flags[n].name)
    n++;
  return n;
}

static void help_flag(const struct he_flag *f)
{
  const bool argument = f->argument;
  char left[64], letter[8] = "   ";
  if(f->letter)
    snprintf(letter, sizeof(letter), "-%c,", f->letter);
  snprintf(left, sizeof(left), "%s%s%s", f->name, argument ? " " : "",
           argument ? f->argument : "");
  printf("  %s --%-20s ", letter, left);
  if(strlen(left) > 20)
    printf("\n%29s", "");
  he_wrap(stdout, f->help, "                             ");
}

void he_command_help(const struct he_command *c)
{
  static const struct he_flag help = { "help", HELP, NULL, "print this" };
  printf("Usage: curl-he %s [OPTION...] %s\n", c->name, c->operands);
  he_wrap(stdout, c->help, "");
  putchar('\n');
  for(size_t i = 0; i < count_of(c); i++)
    help_flag(&c->flags[i]);
  help_flag(&help);
}

int he_command_line(const struct he_command *c, int argc, char **argv)
{
  struct option longs[FLAGS + 2];
  char letters[2 * FLAGS + 4], one[] = "-?";
  size_t n = count_of(c);
  int chosen;
  memset(longs, 0, sizeof(longs));
  strcpy(letters, c->program ? "+:h" : ":h");
  for(size_t i = 0; i < n; i++) {
    const struct he_flag *f = &c->flags[i];
    longs[i] = (struct option){ f->name, f->argument ? required_argument :
                                no_argument, NULL, 256 + (int)i };
    if(f->letter)
      snprintf(letters + strlen(letters), 3, "%c%s", f->letter,
               f->argument ? ":" : "");
  }
  longs[n] = (struct option){ "help", no_argument, NULL, HELP };
  opterr = 0;
  while((chosen = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
    const struct he_flag *f = NULL;
    const char *word = argv[optind - 1];
    if(chosen == HELP) {
      he_command_help(c);
      return HE_EXIT_OK;
    }
    if(optopt > 0 && optopt < 256) {
      one[1] = (char)optopt;
      word = one;
    }
    if(chosen == '?' || chosen == ':') {
      he_say("%s: %s: %s; see curl-he %s --help", c->name, word,
             chosen == ':' ? "an argument is missing" : optopt < 256 ?
             "no such option" : "no argument goes with it", c->name);
      return HE_EXIT_USAGE;
    }
    for(size_t i = 0; i < n; i++) {
      if(chosen == 256 + (int)i || chosen == c->flags[i].letter)
        f = &c->flags[i];
    }
    if(!f || !c->set(f, optarg))
      return HE_EXIT_USAGE;
  }
  return c->run(argc - optind, argv + optind);
}
