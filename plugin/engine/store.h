/* SPDX-License-Identifier: MIT */
#ifndef HE_STORE_H
#define HE_STORE_H
/* store.h - a memory that outlives the process: records under keys, in one
 * file that all processes of a user share (LMDB).
 *
 * What it says may be old, missing or gone: it is a memory, not an archive.
 * A process that is killed loses its last he_store_put() at most. Nothing is
 * waited for until it is on the disk: when the power fails, what was learned
 * in the last half minute may be lost, or the file, which is found out when it
 * is next opened.
 *
 * Threads: a store is one thread's at a time, the racer's, with all signals
 * blocked (SIGXFSZ). All calls read or write the page cache, and wait for
 * another process for HE_STORE_WAIT_US at most (he_store_open() for
 * HE_STORE_OPEN_WAIT_US): none is for the way of a transfer.
 * Descriptors: four, of which liblmdb's two have low numbers; so a store is
 * best opened before there are transfers.
 * fork(): a child has to open the store again; what it inherited gives
 * HE_STORE_GONE, and may be closed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HE_STORE_KEY_MAX 500            /* bytes; 1 at least */
#define HE_STORE_VALUE_MAX 4096         /* bytes; 0 will do */
#define HE_STORE_RECORDS_MAX 65536
#define HE_STORE_BYTES_MAX (8u << 20)
#define HE_STORE_WAIT_US 2000
#define HE_STORE_OPEN_WAIT_US 10000

enum he_store_code {
  HE_STORE_OK,
  HE_STORE_NONE,        /* no such record */
  HE_STORE_BUSY,        /* another process is at it: later, perhaps */
  HE_STORE_BAD_SIZE,    /* a key, value or buffer of a wrong length */
  HE_STORE_FAILED,      /* no memory, no space on the disk; later, perhaps */
  HE_STORE_GONE         /* of no more use: close it, and open it again */
};

/* Where there is more than this, the oldest records go. */
struct he_store_limits {
  size_t records;       /* 1 ... HE_STORE_RECORDS_MAX */
  size_t bytes;         /* 65536 ... HE_STORE_BYTES_MAX; the file may be four
                           times that */
};

struct he_store_record {
  const void *key;
  size_t key_len;
  const void *value;
  size_t value_len;
  int64_t stamp;        /* when it was true, in any unit: the age */
};

struct he_store;

/* $XDG_CACHE_HOME/curl-he/history.mdb, or that in $HOME/.cache. False where
   neither variable is an absolute path, where it does not fit, and in a setuid
   program. */
bool he_store_default_path(char *path, size_t size);

/* Opens the store at `path` or begins one; he_store_file_open() tells what is
   refused. A file that is no store, is cut off or corrupt, or was made by a
   later version, is renamed to NAME.bad (over the last of these), and a new
   one is begun. `why` (at least 1 byte; 256 are good) gets a sentence in that
   case and where NULL is returned, else "". Reads the whole file once. */
struct he_store *he_store_open(const char *path,
                               const struct he_store_limits *limits,
                               char *why, size_t why_size);

/* Takes NULL. */
void he_store_close(struct he_store *s);

/* Copies a value into `value` (*len bytes of room, which gets its length) and
   its stamp into *stamp, where not NULL. A record whose checksum is wrong is
   HE_STORE_NONE. */
enum he_store_code he_store_get(struct he_store *s, const void *key,
                                size_t key_len, void *value, size_t *len,
                                int64_t *stamp);

/* What two processes have learned of one key, made one. Writes to `out` and
   returns its length, 0 to leave what is stored. `stored` is aligned as by
   malloc(). Computes only: other processes wait for it. */
typedef size_t he_store_merge(void *ctx, const void *stored,
                              size_t stored_len, const void *ours,
                              size_t ours_len, void *out, size_t out_size);

/* Writes n records, all or none. Where there is one already, `merge` (NULL:
   ours is taken) makes one of the two, with the later stamp of both; nobody
   writes in between. */
enum he_store_code he_store_put(struct he_store *s,
                                const struct he_store_record *records,
                                size_t n, he_store_merge *merge, void *ctx);

/* Calls `each` for all records as they are now, by ascending keys, until it
   returns false. Nothing is locked meanwhile; what `each` gets is valid until
   it returns. */
enum he_store_code he_store_foreach(struct he_store *s,
                                    bool (*each)(void *ctx,
                                       const struct he_store_record *r),
                                    void *ctx);

/* The same for `most` records at the most, beginning with that of the key
   `from`, or the next one where there is none. */
enum he_store_code he_store_range(struct he_store *s, const void *from,
                                  size_t from_len, size_t most,
                                  bool (*each)(void *ctx,
                                     const struct he_store_record *r),
                                  void *ctx);

/* Removes one record; all for a key of NULL. */
enum he_store_code he_store_forget(struct he_store *s, const void *key,
                                   size_t key_len);

#endif
