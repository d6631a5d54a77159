/* SPDX-License-Identifier: MIT */
#ifndef LAB_RUN_H
#define LAB_RUN_H
/* run.h - files, messages and child processes of the laboratory's init. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The private tmpfs covers /run, so that no name service daemon of the host
 * is reachable either. Everything made at run time is in it. */
#define LAB_TMPFS "/run"
#define LAB_RUN LAB_TMPFS "/lab"
#define LAB_CONTROL LAB_RUN "/control"
#define LAB_CA LAB_RUN "/ca.pem"

enum {
  LAB_EXIT_SKIP = 77, /* the laboratory cannot run here */
  LAB_EXIT_ERROR = 99 /* it should have, but did not */
};

extern bool lab_verbose;

/* Tells why in one sentence and exits with LAB_EXIT_SKIP. In the init of the
 * PID namespace that takes everything else along. */
void lab_cannot(const char *fmt, ...)
  __attribute__((format(printf, 1, 2), noreturn));

/* With --verbose: a line with the time since the first call. */
void lab_note(const char *text);

/* Creates or overwrites a file; lab_cannot() where that fails. */
void lab_write_file(const char *path, const char *text);

/* The text of a file, which the caller frees, or NULL with errno. */
char *lab_read_file(const char *path);

/* `text` with every @NAME@ replaced: pairs of name and value, NULL ends
 * them. The caller frees it. */
char *lab_expand(const char *text, const char *const *pairs);

/* Writes LAB_RUN/NAME from the template NAME.in of the directory `templates`;
 * lab_cannot() where that fails. */
void lab_configure(const char *templates, const char *name,
                   const char *const *pairs);

/* Starts a program with nothing on stdin and its output in NAME.log (with
 * --verbose: stderr) below LAB_RUN. `before` runs in the child, may be NULL.
 * A program that is not installed: lab_cannot(). */
pid_t lab_spawn(const char *name, const char *const *argv,
                void (*before)(void));

/* Runs a program to its end with `input` on stdin; its output only shows
 * when it fails, which is lab_cannot(). */
void lab_run(const char *name, const char *const *argv, const char *input);

#endif
