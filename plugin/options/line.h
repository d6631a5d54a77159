/* SPDX-License-Identifier: MIT */
#ifndef HE_LINE_H
#define HE_LINE_H
/* line.h - one line of a configuration file, or of CURL_HE_OPTIONS:
 *
 *   host-pattern key=value key=value ...   # comment
 *   program name off|on
 *
 * It is from outside: any bytes at all. Pure.
 *
 * Why a parser of our own: what is well kept and packaged (inih, libconfig,
 * libyaml) reads sections of keys or trees; none gives the column of a wrong
 * word, and none takes the same text as one line of an environment variable.
 * The whole grammar is words between blanks. */
#include "options/rules.h"

/* Longer lines are refused. */
#define HE_LINE_MAX 4096
/* Room for what is wrong with one. */
#define HE_FAULT_TEXT 160

/* A file's name has at most 255 bytes. */
#define HE_PROGRAM_SIZE 256

/* Of a file: an absolute path, or one of the words of its row. */
struct he_line_file {
  const char *at;              /* in the line's text; NULL: unsaid */
  size_t len;                  /* bytes, at least 1 */
};

struct he_line {
  char pattern[HE_PATTERN_SIZE];   /* of a rule, or of what it refuses */
  struct he_options options;   /* what the line says, in range */
  struct he_line_file file[HE_FILES];   /* likewise; any: pattern is "*" */
  char program[HE_PROGRAM_SIZE];   /* "*": every program */
  bool off;                    /* valid with a program */
  bool refuses;                /* a wrong line that may be meant to say who
                                  resolves these hosts' names: nobody does */
};

struct he_fault {
  size_t column;               /* of the wrong word, in bytes, from 1 */
  char text[HE_FAULT_TEXT];    /* printable ASCII */
};

enum he_line_kind {
  HE_LINE_EMPTY,               /* nothing but blanks and a comment */
  HE_LINE_RULE,                /* *out has pattern and options */
  HE_LINE_PROGRAM,             /* *out has program and off */
  HE_LINE_WRONG                /* *fault says why; of *out only `refuses` is to
                                  be used, and then the pattern */
};

/* Is the file's value this word of its row? */
bool he_line_file_is(const struct he_line_file *f, const char *word);

/* `text` is one line without its end. Of a rule it has to live as long as
   out->file is looked at. */
enum he_line_kind he_line_read(const char *text, size_t len,
                               struct he_line *out, struct he_fault *fault);

/* Finds out whether a wrong line refuses, and sets the pattern. */
void he_line_refuse(const char *text, size_t len, struct he_line *out);

#endif
