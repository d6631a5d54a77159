/* SPDX-License-Identifier: MIT */
#ifndef HE_GAI_H
#define HE_GAI_H
/* gai.h - the tables that getaddrinfo() sorts by in this process: gai.conf(5).
 *
 * glibc reads the file when it sorts for the first time, and never again,
 * unless the file says "reload yes". he_gai_policy() does the same. It cannot
 * know what glibc has read before curl-he was there: a file that was changed
 * between the two, without "reload yes", is the one case in which they
 * differ. */
#include "race/policy.h"

/* The policy of this moment, with a reference, the caller's; NULL: the
 * built-in tables. Reads the file at the first call. After that a call costs
 * one stat() where the file said "reload yes", else nothing but a lock. May
 * wait for a disk: not for the race's thread, nor for a program's event loop.
 * Where the file is missing, cannot be read, or memory is short, the built-in
 * tables hold, as in glibc. Any other C library: NULL, and no file is
 * looked at. */
const struct he_policy *he_gai_policy(void);

/* The one that was read last, with a reference, the caller's. Looks at no
   file; any thread. */
const struct he_policy *he_gai_known(void);

/* -- for this file's tests -- */

struct he_gai_text {
  const struct he_policy *policy;   /* the caller's reference; NULL: default */
  bool reload;                      /* as it was where no line says it */
};

/* Reads a file's text as glibc does: what it does not understand it ignores.
 * `text` has n bytes and a zero after them, and is written to. `lax`: as glibc
 * before 2.41, which took a number without a digit for 0. False without
 * memory. */
bool he_gai_parse(char *text, size_t n, bool lax, struct he_gai_text *out);

/* From now on the file is this one, and has not been read yet. Not while
   another thread may call. */
void he_gai_set_path(const char *path);

#endif
