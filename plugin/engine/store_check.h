/* SPDX-License-Identifier: MIT */
#ifndef HE_STORE_CHECK_H
#define HE_STORE_CHECK_H
/* store_check.h - may LMDB be trusted with this file?
 *
 * liblmdb believes its file: a page number, an offset or a count that is wrong
 * makes it read and write where it must not. So the whole file is gone through
 * before liblmdb sees it. Computes only: no file, no clock. */
#include <stdbool.h>
#include <stddef.h>

/* `file` holds the `size` bytes of a data file of LMDB 0.9, aligned as by
   malloc(); `page` is the page size and `map` the map size that it must have
   been made with, with one unnamed plain database (no MDB_DUPSORT).
   NULL where all that can be reached from the newest meta page holds
   together; else what does not, a text that is never freed, and in *guilty
   whether that is the file's fault (or a lack of memory). */
const char *he_store_check(const void *file, size_t size, size_t page,
                           size_t map, bool *guilty);

#endif
