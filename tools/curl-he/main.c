/* SPDX-License-Identifier: MIT */
/* main.c - curl-he, the command: finds which of its commands is meant. */
#include "command.h"

#include <curl_he/curl_he.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

const struct he_command *const he_commands[] = {
  &he_command_race,
  &he_command_run,
  &he_command_trace,
  &he_command_stats,
  &he_command_history,
  &he_command_lab,
  &he_command_doctor,
  &he_command_completion,
  &he_command_manual,
  NULL
};

const struct he_command *he_command_find(const char *name)
{
  for(size_t i = 0; he_commands[i]; i++) {
    if(!strcmp(name, he_commands[i]->name))
      return he_commands[i];
  }
  return NULL;
}

static void help(void)
{
  puts("Usage: curl-he COMMAND [OPTION...]\n\nCommands:");
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden)
      printf("  %-10s %s\n", he_commands[i]->name, he_commands[i]->help);
  }
  puts("\nOne command's options: curl-he COMMAND --help, or curl-he help"
       " COMMAND.\nThe version: curl-he --version. Manual: man curl-he,"
       " man curl-he-COMMAND.");
}

/* A file that is opened must not get the number of a stream that is closed:
   what is printed would go there. Programs that are run get no such file. */
static void hold_streams(void)
{
  for(int fd = 0; fd < 3; fd++) {
    if(fcntl(fd, F_GETFD) < 0)    /* and no read or write there succeeds */
      open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
  }
}

static int run(int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : "";
  const struct he_command *c = he_command_find(word);
  if(c)
    return he_command_line(c, argc - 1, argv + 1);
  if(!*word) {
    he_say("no command; see curl-he --help");
    return HE_EXIT_USAGE;
  }
  if(!strcmp(word, "help") && argc > 2) {
    word = argv[2];
    c = he_command_find(word);
    if(c) {
      he_command_help(c);
      return HE_EXIT_OK;
    }
  }
  else if(!strcmp(word, "--help") || !strcmp(word, "-h") ||
          !strcmp(word, "help")) {
    help();
    return HE_EXIT_OK;
  }
  if(!strcmp(word, "--version")) {
    puts("curl-he " CURL_HE_VERSION);
    return HE_EXIT_OK;
  }
  he_say("%s: no such command; see curl-he --help", word);
  return HE_EXIT_USAGE;
}

int main(int argc, char **argv)
{
  const struct he_command *c;
  int status;
  hold_streams();
  status = run(argc, argv);
  if(!ferror(stdout) && !fflush(stdout))
    return status;
  c = argc > 1 ? he_command_find(argv[1]) : NULL;
  he_say("%s%sstandard output: it cannot be written", c ? c->name : "",
         c ? ": " : "");
  return status ? status : HE_EXIT_FAILED;
}
