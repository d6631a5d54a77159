/* SPDX-License-Identifier: MIT */
/* complete_bash.c - completions for bash. They use bash itself alone, and
 * bash-completion's words where that is loaded. */
#include "completion.h"
#include "values.h"

/* bash takes "=" and ":" for words of their own: --file=x is three. */
static const char head[] =
  "# bash completion of curl-he, made by: curl-he completion bash\n"
  "_curl_he_values()\n"
  "{\n"
  "  case $1 in\n"
  "    file) compopt -o filenames 2>/dev/null\n"
  "      mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
  "    folder) compopt -o filenames 2>/dev/null\n"
  "      mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
  "    host) if declare -F _known_hosts_real >/dev/null; then\n"
  "        _known_hosts_real -- \"$cur\"\n"
  "      else\n"
  "        mapfile -t COMPREPLY < <(compgen -A hostname -- \"$cur\")\n"
  "      fi ;;\n"
  "    program) mapfile -t COMPREPLY < <(compgen -c -- \"$cur\") ;;\n"
  "    words) shift\n"
  "      mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$cur\") ;;\n"
  "  esac\n"
  "}\n"
  "\n"
  "# The words of a program that curl-he runs are completed as its own.\n"
  "_curl_he_program()\n"
  "{\n"
  "  if declare -F _command_offset >/dev/null; then\n"
  "    _command_offset \"$1\"\n"
  "  else\n"
  "    _curl_he_values file\n"
  "  fi\n"
  "}\n"
  "\n";

static const char tail[] =
  "\n"
  "_curl_he()\n"
  "{\n"
  "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
  "  local i before flags operand program values=''\n"
  "  COMPREPLY=()\n"
  "  if [ \"$cur\" = = ]; then\n"
  "    cur=\n"
  "  elif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
  "    prev=${COMP_WORDS[COMP_CWORD-2]}\n"
  "  fi\n"
  "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
  "    _curl_he_values words \"$_curl_he_commands --help --version\"\n"
  "    return\n"
  "  fi\n"
  "  _curl_he_of \"${COMP_WORDS[1]}\"\n"
  "  # A program's own words, behind the first that is no flag of curl-he.\n"
  "  for((i = 2; i < COMP_CWORD && ${#program}; i++)); do\n"
  "    before=${COMP_WORDS[i-1]}\n"
  "    [ \"$before\" != = ] || before=${COMP_WORDS[i-2]}\n"
  "    case ${COMP_WORDS[i]} in\n"
  "      --) [ $((i + 1)) -lt \"$COMP_CWORD\" ] || break\n"
  "        _curl_he_program $((i + 1))\n"
  "        return ;;\n"
  "      -* | =) ;;\n"
  "      *) _curl_he_of \"${COMP_WORDS[1]}\" \"$before\" && continue\n"
  "        _curl_he_program \"$i\"\n"
  "        return ;;\n"
  "    esac\n"
  "  done\n"
  "  # shellcheck disable=SC2086\n"
  "  if _curl_he_of \"${COMP_WORDS[1]}\" \"$prev\"; then\n"
  "    _curl_he_values $values\n"
  "  elif [ \"${cur#-}\" != \"$cur\" ]; then\n"
  "    _curl_he_values words \"$flags\"\n"
  "  else\n"
  "    _curl_he_values $operand\n"
  "  fi\n"
  "}\n"
  "complete -F _curl_he curl-he\n";

static void values(FILE *out, const char *name)
{
  static const char *const kinds[] = {
    [HE_KIND_NONE] = "none", [HE_KIND_ANY] = "any", [HE_KIND_FILE] = "file",
    [HE_KIND_FOLDER] = "folder", [HE_KIND_HOST] = "host",
    [HE_KIND_PROGRAM] = "program", [HE_KIND_WORDS] = "words"
  };
  struct he_values v;
  he_values_of(name, &v);
  fprintf(out, "\"%s%s%s\"", kinds[v.kind], v.kind == HE_KIND_WORDS ? " " : "",
          v.kind == HE_KIND_WORDS ? v.words : "");
}

static void of_command(FILE *out, const struct he_command *c)
{
  const struct he_flag *f;
  fprintf(out, "    %s)\n      flags=\"", c->name);
  for(f = c->flags; f->name; f++)
    fprintf(out, "--%s ", f->name);
  fprintf(out, "--help\"\n      operand=");
  values(out, c->operands);
  fprintf(out, "\n      program=%s\n      case ${2-} in\n",
          c->program ? "yes" : "");
  for(f = c->flags; f->name; f++) {
    if(!f->argument)
      continue;
    fprintf(out, "        --%s", f->name);
    if(f->letter)
      fprintf(out, " | -%c", f->letter);
    fputs(") values=", out);
    values(out, f->argument);
    fputs("; return 0 ;;\n", out);
  }
  fputs("      esac ;;\n", out);
}

void he_complete_bash(FILE *out)
{
  fputs(head, out);
  fputs("_curl_he_commands=\"", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden)
      fprintf(out, "%s%s", i ? " " : "", he_commands[i]->name);
  }
  fputs("\"\n\n# _curl_he_of COMMAND [WORD]: its flags, and what it is about."
        " Is WORD a flag\n# that takes an argument? Then values says which.\n"
        "_curl_he_of()\n{\n  values=\n  case $1 in\n", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden)
      of_command(out, he_commands[i]);
  }
  fputs("  esac\n  return 1\n}\n", out);
  fputs(tail, out);
}
