/* SPDX-License-Identifier: MIT */
/* complete_zsh.c - completions for zsh, by its _arguments. */
#include "completion.h"
#include "values.h"

static void text(FILE *out, const char *sentence)
{
  he_complete_quote(out, sentence, "'\\''", "\\[]:");
}

/* ":NAME:what completes it" */
static void action(FILE *out, const char *name)
{
  struct he_values v;
  he_values_of(name, &v);
  fputc(':', out);
  text(out, name);
  fputc(':', out);
  switch(v.kind) {
  case HE_KIND_FILE:
    fputs("_files", out);
    break;
  case HE_KIND_FOLDER:
    fputs("_files -/", out);
    break;
  case HE_KIND_HOST:
    fputs("_hosts", out);
    break;
  case HE_KIND_PROGRAM:
    fputs("_command_names -e", out);
    break;
  case HE_KIND_WORDS:
    fprintf(out, "(%s)", v.words);
    break;
  case HE_KIND_ANY:
  case HE_KIND_NONE:
    break;
  }
}

static void flag(FILE *out, const char *name, char letter, const char *help,
                 const char *argument)
{
  /* '*': a flag may stand there more than once. */
  if(letter)
    fprintf(out, " \\\n        '*'{-%c%s,--%s%s}'[", letter,
            argument ? "+" : "", name, argument ? "=" : "");
  else
    fprintf(out, " \\\n        '*--%s%s[", name, argument ? "=" : "");
  text(out, help);
  fputc(']', out);
  if(argument)
    action(out, argument);
  fputc('\'', out);
}

static void command(FILE *out, const struct he_command *c)
{
  struct he_values v;
  fprintf(out, "    %s)\n      _arguments -s -S", c->name);
  for(const struct he_flag *f = c->flags; f->name; f++)
    flag(out, f->name, f->letter, f->help, f->argument);
  flag(out, "help", 'h', "print this", NULL);
  he_values_of(c->operands, &v);
  if(v.kind != HE_KIND_NONE) {
    fprintf(out, " \\\n        '%s", c->program ? "(-)1" : "*");
    action(out, c->operands);
    fputc('\'', out);
  }
  if(c->program)
    fputs(" \\\n        '*::argument:_normal'", out);
  fputs(" ;;\n", out);
}

void he_complete_zsh(FILE *out)
{
  fputs("#compdef curl-he\n# zsh completion of curl-he, made by: curl-he"
        " completion zsh\n_curl-he()\n{\n"
        "  local curcontext=$curcontext state line\n"
        "  typeset -A opt_args\n"
        "  local -a commands\n  commands=(", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(he_commands[i]->hidden)
      continue;
    fprintf(out, "\n    '%s:", he_commands[i]->name);
    text(out, he_commands[i]->help);
    fputc('\'', out);
  }
  fputs("\n  )\n"
        "  _arguments -C '(- 1 *)'{-h,--help}'[print this]' \\\n"
        "    '(- 1 *)--version[print the version]' \\\n"
        "    '1:command:->command' '*::argument:->argument'\n"
        "  case $state in\n"
        "    command) _describe command commands; return ;;\n"
        "    argument) ;;\n"
        "    *) return ;;\n"
        "  esac\n"
        "  curcontext=${curcontext%:*:*}:curl-he-$words[1]:\n"
        "  case $words[1] in\n", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden)
      command(out, he_commands[i]);
  }
  fputs("  esac\n}\n"
        "# Sourced, or called by zsh for the first time.\n"
        "if [ \"$funcstack[1]\" = _curl-he ]; then\n"
        "  _curl-he \"$@\"\n"
        "elif (($+functions[compdef])); then\n"
        "  compdef _curl-he curl-he\n"
        "fi\n", out);
}
