/* SPDX-License-Identifier: MIT */
#ifndef HE_STORE_TXN_H
#define HE_STORE_TXN_H
/* store_txn.h - what the halves of the store share: an open file, and work
 * within a transaction. For store*.c alone. */
#include "engine/store.h"
#include "engine/store_file.h"

#include <lmdb.h>
#include <setjmp.h>
#include <sys/types.h>

struct he_store {
  struct he_store_file file;
  struct he_store_limits limits;
  MDB_env *env;
  MDB_dbi dbi;
  pid_t pid;            /* whose it is */
  bool lost;            /* liblmdb has given up: never to be entered again */
  jmp_buf lost_at;
};

/* Returns one of liblmdb's codes, which are 0, negative, or an errno. */
typedef int he_store_work(struct he_store *s, MDB_txn *txn, void *arg);

/* Runs `work` within a transaction under the file's lock, and commits where it
   returns 0 and was `writing`. */
enum he_store_code he_store_transact(struct he_store *s, bool writing,
                                     he_store_work *work, void *arg);

/* How a record of he_store_put() is stored: its key after HE_STORE_RECORD, its
   value after this. The mark of the format is under HE_STORE_MARK. */
struct he_store_head {
  uint64_t sum;         /* of all that follows, and the key */
  int64_t stamp;
};

#define HE_STORE_RECORD 'r'
#define HE_STORE_MARK 'm'

/* Writes the mark. */
int he_store_mark(struct he_store *s, MDB_txn *txn);

#endif
