/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_FOLDER_H
#define HE_TEST_FOLDER_H
/* folder.h - a folder for the files of a test. What fails here fails the
 * test. */
#include <stddef.h>

/* A fresh folder and a path in it; what is in there goes with it. */
const char *folder_new(void);
const char *folder_path(const char *name);    /* the last few stay valid */
void folder_free(void);

/* For a child: a crash is its end. cmocka would go on with the next test. */
void crash_ends(void);

/* A file's bytes, and a zero behind them; the caller frees them. */
unsigned char *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);

#endif
