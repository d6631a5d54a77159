/* SPDX-License-Identifier: MIT */
#ifndef HE_LINE_H
#define HE_LINE_H
/* line.h - one line of a trace, as data. Lines are hostile input: every value
 * is checked for its kind and its bounds. */
#include "story.h"

#include <jansson.h>

/* A line of a trace has at most 1,024 bytes; a reader takes some more. */
#define HE_LINE_MAX 4096

enum he_line_kind {
  HE_LINE_STEP,                 /* of a race */
  HE_LINE_PROCESS,              /* a process begins to write */
  HE_LINE_MISTAKE,              /* a configuration is wrong */
  HE_LINE_DROPPED,              /* lines are missing */
  HE_LINE_OTHER,                /* of a later form, or of no use here */
  HE_LINE_DAMAGED
};

struct he_line {
  enum he_line_kind kind;
  const char *why;              /* of HE_LINE_DAMAGED; static */
  /* Strings are of the line, as written: not plain. NULL: not there. */
  const char *race;
  const char *host;
  const char *wall;
  const char *program;
  const char *network;
  int port;                     /* 0: not there */
  long pid;
  int64_t mono_us;              /* 0: not there */
  unsigned long count;          /* of HE_LINE_DROPPED */
  struct he_moment moment;      /* of HE_LINE_STEP */
  char error[80];               /* room for its words */
  json_t *root;
};

/* Reads a line, without its end. */
void he_line_read(struct he_line *l, const char *text, size_t len);
/* The strings of the line end. */
void he_line_free(struct he_line *l);

#endif
