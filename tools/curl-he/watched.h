/* SPDX-License-Identifier: MIT */
#ifndef HE_TOOL_WATCHED_H
#define HE_TOOL_WATCHED_H
/* watched.h - runs a program to its end. */

/* Runs it as a child with its own arguments, waits for it, and tells what it
   and its children have reported. Ends as the program ends: its exit status is
   returned; a signal that ended it ends this process, too. */
int he_watched_run(const char *path, char **argv);

#endif
