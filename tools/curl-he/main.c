/* SPDX-License-Identifier: MIT */
/* main.c - curl-he, the command: finds which of its commands is meant. */
#include "command.h"

#include <curl_he/curl_he.h>
#include <stdio.h>
#include <string.h>

static const struct he_command *const commands[] = { &he_command_run,
  &he_command_lab };

static void help(void)
{
  puts("Usage: curl-he COMMAND [OPTION...]\n\nCommands:");
  for(size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
    printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
  puts("\ncurl-he COMMAND --help tells more of one. curl-he --version prints\n"
       "the version.");
}

int main(int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : "";
  for(size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
    if(!strcmp(word, commands[i]->name))
      return he_command_line(commands[i], argc - 1, argv + 1);
  }
  if(!strcmp(word, "--help") || !strcmp(word, "-h")) {
    help();
    return HE_EXIT_OK;
  }
  if(!strcmp(word, "--version")) {
    puts("curl-he " CURL_HE_VERSION);
    return HE_EXIT_OK;
  }
  he_say("%s%sno such command; see curl-he --help", word, *word ? ": " : "");
  return HE_EXIT_USAGE;
}
