/* SPDX-License-Identifier: MIT */
/* completion.c - curl-he completion: prints what a shell takes to complete
 * command lines of curl-he. */
#include "completion.h"

#include <string.h>

static const struct {
  const char *shell;
  void (*write)(FILE *out);
} shells[] = {
  { "bash", he_complete_bash },
  { "zsh", he_complete_zsh },
  { "fish", he_complete_fish }
};

void he_complete_quote(FILE *out, const char *text, const char *apostrophe,
                       const char *escaped)
{
  for(; *text; text++) {
    if(*text == '\'')
      fputs(apostrophe, out);
    else
      fprintf(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
  }
}

static int run(int argc, char **argv)
{
  if(argc != 1) {
    he_say("completion: %s; see curl-he completion --help",
           argc ? "one shell at a time" : "no shell");
    return HE_EXIT_USAGE;
  }
  for(size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
    if(!strcmp(argv[0], shells[i].shell)) {
      shells[i].write(stdout);
      return HE_EXIT_OK;
    }
  }
  he_say("completion: %s: no such shell; there are bash, zsh and fish",
         argv[0]);
  return HE_EXIT_USAGE;
}

static const struct he_flag flags[] = {
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_completion = {
  .name = "completion",
  .operands = "bash|zsh|fish",
  .help = "Prints a shell's completions of curl-he.",
  .flags = flags,
  .run = run
};
