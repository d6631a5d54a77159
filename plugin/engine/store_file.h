/* SPDX-License-Identifier: MIT */
#ifndef HE_STORE_FILE_H
#define HE_STORE_FILE_H
/* store_file.h - the file that a store is in: whose it is, who may look into
 * it, who is at it now, and how it is put out of the way. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct he_store_file {
  int dir;                /* -1 once closed, as fd */
  int fd;
  char name[NAME_MAX + 1];
  char path[PATH_MAX];
};

enum he_store_lock {
  HE_STORE_LOCKED,
  HE_STORE_LOCK_BUSY,     /* another process kept it all that time */
  HE_STORE_LOCK_GONE      /* the name is no longer this file's */
};

/* Opens the file at `path`, locked, and makes it (0600) and its directory
   (0700, and those above it) where they are missing. False, with a sentence in
   `why` and nothing open, where it cannot be, or must not:
   - a process that has more rights than its user (setuid, AT_SECURE);
   - a directory that is neither ours nor root's, or that others may write;
   - a symbolic link in the place of the directory or the file;
   - a file that is not ours, not plain, or that others may write;
   - a file system over a network, where mmap() and locks do not go together;
   - another process was at the file for `wait_us`.
   Blocks on the disk, and for the lock. */
bool he_store_file_open(struct he_store_file *f, const char *path,
                        unsigned wait_us, char *why, size_t why_size);
void he_store_file_close(struct he_store_file *f);

/* One writer, or any number of readers, among all processes and all opens of
   this one; let go by the system when a process ends, however it does. Waits
   `wait_us` microseconds at most. */
enum he_store_lock he_store_file_lock(struct he_store_file *f, bool writing,
                                      unsigned wait_us);
void he_store_file_unlock(struct he_store_file *f);

/* How long it is now, 0 where that cannot be told. */
size_t he_store_file_size(const struct he_store_file *f);

/* Is fd open at this very file? */
bool he_store_file_is(const struct he_store_file *f, int fd);

/* Renames it to NAME.bad, over the last one of these. While locked. */
bool he_store_file_aside(struct he_store_file *f);

#endif
