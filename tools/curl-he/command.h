/* SPDX-License-Identifier: MIT */
#ifndef HE_COMMAND_H
#define HE_COMMAND_H
/* command.h - the commands of curl-he, as data. The tables make all that tells
 * of them: what parses a command line also writes the help, the man pages
 * (manual.c) and the completions (completion.c). */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses. A command that runs a program ends as the program does. */
enum {
  HE_EXIT_OK = 0,
  HE_EXIT_FAILED = 1,         /* it was tried, and did not work */
  HE_EXIT_USAGE = 2,          /* the command line is wrong */
  HE_EXIT_NOT_RUN = 126,      /* the program is there, and cannot be run */
  HE_EXIT_NOT_FOUND = 127
};

/* What an argument is, in the help, also tells the completions what may stand
   there (values.h): "FILE", "FOLDER", "HOST", "PROGRAM"; or some fixed words,
   "one|two|three". Any other name may be anything. */
struct he_flag {
  const char *name;           /* without the dashes */
  char letter;                /* 0: none */
  const char *argument;       /* its name in the help; NULL: there is none */
  const char *help;
};

struct he_command {
  const char *name;
  const char *operands;       /* as the help has them: "[HOST...]" */
  bool program;               /* the operands are a program and its arguments:
                                 the first of them ends the flags */
  bool hidden;                /* help, manual, completions leave it out */
  const char *help;           /* a sentence */
  const struct he_flag *flags;   /* up to one without a name */
  /* The operands, and an exit status. */
  int (*run)(int argc, char **argv);
  /* A flag was read. False: its argument is wrong, which was said. */
  bool (*set)(const struct he_flag *flag, const char *argument);
};

extern const struct he_command he_command_completion;
extern const struct he_command he_command_doctor;
extern const struct he_command he_command_history;
extern const struct he_command he_command_manual;
extern const struct he_command he_command_race;
extern const struct he_command he_command_lab;
extern const struct he_command he_command_run;
extern const struct he_command he_command_stats;
extern const struct he_command he_command_trace;

/* All of them, up to NULL, in the order of the help. */
extern const struct he_command *const he_commands[];

/* NULL: there is none of that name. Hidden ones are found, too. */
const struct he_command *he_command_find(const char *name);

/* Reads the flags of `c`, and runs it. argv[0] is the command's name. */
int he_command_line(const struct he_command *c, int argc, char **argv);
void he_command_help(const struct he_command *c);

/* Writes `text` and a line's end, broken between words before column 80. The
   first line stands behind `indent` already; the others get it here. */
void he_wrap(FILE *out, const char *text, const char *indent);

/* To stderr, behind "curl-he: ", with a line's end: "COMMAND: THING: reason".
   What others wrote may be in it: it is made plain (plain.h). */
void he_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
