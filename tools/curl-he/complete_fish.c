/* SPDX-License-Identifier: MIT */
/* complete_fish.c - completions for fish. */
#include "completion.h"
#include "values.h"

static void text(FILE *out, const char *sentence)
{
  fputc('\'', out);
  he_complete_quote(out, sentence, "\\'", "\\");
  fputc('\'', out);
}

/* What completes an argument or operand. -f: no files. */
static void action(FILE *out, const char *name)
{
  struct he_values v;
  he_values_of(name, &v);
  switch(v.kind) {
  case HE_KIND_FILE:
    fputs(" -F", out);
    break;
  case HE_KIND_FOLDER:
    fputs(" -f -a '(__fish_complete_directories)'", out);
    break;
  case HE_KIND_HOST:
    fputs(" -f -a '(__fish_print_hostnames)'", out);
    break;
  case HE_KIND_PROGRAM:
    fputs(" -f -a '(__fish_complete_subcommand --fcs-skip=2)'", out);
    break;
  case HE_KIND_WORDS:
    fputs(" -f -a ", out);
    text(out, v.words);
    break;
  case HE_KIND_ANY:
  case HE_KIND_NONE:
    fputs(" -f", out);
    break;
  }
}

static void flag(FILE *out, const char *command, const struct he_flag *f)
{
  fprintf(out, "complete -c curl-he -n '__curl_he_of %s' -l %s", command,
          f->name);
  if(f->letter)
    fprintf(out, " -s %c", f->letter);
  fputs(" -d ", out);
  text(out, f->help);
  if(f->argument) {
    fputs(" -r", out);
    action(out, f->argument);
  }
  fputc('\n', out);
}

static void command(FILE *out, const struct he_command *c)
{
  static const struct he_flag help = { "help", 'h', NULL, "print this" };
  fprintf(out, "\ncomplete -c curl-he -n __curl_he_first -a %s -d ", c->name);
  text(out, c->help);
  fputc('\n', out);
  for(const struct he_flag *f = c->flags; f->name; f++)
    flag(out, c->name, f);
  flag(out, c->name, &help);
  fprintf(out, "complete -c curl-he -n '__curl_he_of %s'", c->name);
  action(out, c->operands);
  fputc('\n', out);
}

void he_complete_fish(FILE *out)
{
  fputs("# fish completion of curl-he, made by: curl-he completion fish\n"
        "function __curl_he_first\n"
        "  test (count (commandline -opc)) -eq 1\n"
        "end\n"
        "function __curl_he_of\n"
        "  set -l words (commandline -opc)\n"
        "  test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
        "end\n"
        "complete -c curl-he -f\n"
        "complete -c curl-he -n __curl_he_first -l help -s h"
        " -d 'print this'\n"
        "complete -c curl-he -n __curl_he_first -l version"
        " -d 'print the version'\n", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden)
      command(out, he_commands[i]);
  }
}
