/* SPDX-License-Identifier: MIT */
#ifndef HE_FILE_H
#define HE_FILE_H
/* file.h - the file that a history is in: whose it is, who may look into it,
 * who writes to it now. All calls block, on the disk or for a lock: none is
 * for a thread that somebody waits for. Nothing is mapped, so that a file that
 * is cut off meanwhile is a short read.
 *
 * A file is open for one piece of work. Whoever opens it by its name finds the
 * present one, be it that another process has put a new one in its place. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct he_file {
  int dir;                /* -1 once closed, as fd */
  int fd;
  char name[NAME_MAX + 1];
  char path[PATH_MAX];
};

/* $XDG_CACHE_HOME/curl-he/history.log, or that in $HOME/.cache. False where
   neither variable is an absolute path, where it does not fit, and in a setuid
   program. */
bool he_file_default_path(char *path, size_t size);

#define HE_FILE_WHY 256       /* bytes of a sentence */

/* Opens the file at `path`, to be read. False where that cannot be, with "" in
   `why` where it is not there, or a sentence; or where it must not be:
   - a process that has more rights than its user (setuid, AT_SECURE);
   - a directory that is neither ours nor root's, or that others may write;
   - a symbolic link in the place of the directory or the file;
   - a file that is not ours, not plain, of several names, or that others may
     write. */
bool he_file_open(struct he_file *f, const char *path,
                  char why[HE_FILE_WHY]);

/* The same, to be written, and locked against other writers. Makes the file
   (0600) and its directory (0700, and those above it) where they are missing.
   False also where another process was at it for `wait_ms`. */
bool he_file_open_locked(struct he_file *f, const char *path,
                         unsigned wait_ms, char why[HE_FILE_WHY]);

/* Unlocks, too. A process that ends, however it does, has no lock. */
void he_file_close(struct he_file *f);

/* Which file it is and how long; false where that cannot be told. */
struct he_file_is {
  uint64_t device;
  uint64_t inode;
  size_t size;
};
bool he_file_stat(const struct he_file *f, struct he_file_is *out);

/* Reads `n` bytes from `from` on; returns how many there were, -1 for an
   error, which is in errno. */
ptrdiff_t he_file_read(const struct he_file *f, size_t from, char *out,
                       size_t n);

/* Adds to the end of a locked file all of it, or nothing. False with errno. */
bool he_file_append(struct he_file *f, const char *bytes, size_t n);

/* Puts a new file of these bytes, on the disk, in the place of a locked one.
   `f` is open at the former one still. False with errno, and nothing
   changed. */
bool he_file_replace(struct he_file *f, const char *bytes, size_t n);

/* Renames a locked file to NAME.bad, over the last one of these. */
bool he_file_aside(struct he_file *f);

#endif
