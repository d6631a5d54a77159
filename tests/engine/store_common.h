/* SPDX-License-Identifier: MIT */
#ifndef HE_STORE_COMMON_H
#define HE_STORE_COMMON_H
/* store_common.h - a folder for stores, and records to fill them with. */
#include "engine/store.h"

/* A fresh folder and a path in it; what is in there goes with it. */
const char *folder_new(void);
const char *folder_path(const char *name);    /* the last few stay valid */
void folder_free(void);

extern const struct he_store_limits usual_limits;

/* Asserts that there is one, and that `why` was empty. */
struct he_store *open_well(const char *path);

/* Record i: a key and a value of a length and content that i tells. */
struct he_store_record record(unsigned i, unsigned max_len);
bool is_record(const struct he_store_record *r, unsigned max_len);

/* How often it says BUSY is bounded: some seconds. */
enum he_store_code put_patiently(struct he_store *s,
                                 const struct he_store_record *r, size_t n,
                                 he_store_merge *merge);

/* For a child: a crash is its end. cmocka would go on with the next test. */
void crash_ends(void);

/* A file's bytes; the caller frees them. */
unsigned char *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);

#endif
