/* SPDX-License-Identifier: MIT */
/* store.c - the life of a store.
 *
 *   open file, lock -> read all -> he_store_check() -> liblmdb -> mark
 *                                     | wrong                      | not ours
 *                                     +----> aside, a new one <----+
 *
 * liblmdb's own locks are not used (MDB_NOLOCK): its mutex lies in a file that
 * may be damaged, is waited for without limit when its owner is stopped, and
 * forbids to open a file twice in a process. One flock() has none of these
 * faults, and a transaction takes some 50 us. liblmdb then wants that no
 * reader is there while somebody writes, which is what the lock is for.
 * It writes with pwrite(), never by its map, and a meta page last: whenever it
 * is killed, the last meta page points to a whole tree. */
#include "engine/store_txn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "engine/store_check.h"

/* One size for all, so that no process has to follow another's. Address space
   only: 4 * HE_STORE_BYTES_MAX, so that a full store can still be written
   anew, page by page. */
#define MAP (4u * HE_STORE_BYTES_MAX)

static const char mark[] = "curl-he 1";   /* the number is the format's */

static size_t page_size(void)
{
  long size = sysconf(_SC_PAGESIZE);
  return size > 0x8000 ? 0x8000 : (size_t)size;   /* liblmdb's largest */
}

/* -- transactions -- */

/* Where an assertion fails liblmdb would end the process. */
static void on_assert(MDB_env *env, const char *text)
{
  struct he_store *s = mdb_env_get_userctx(env);
  (void)text;
  longjmp(s->lost_at, 1);
}

/* A file that somebody cut off must not be read through the map. */
static bool is_whole(struct he_store *s)
{
  size_t size = he_store_file_size(&s->file);
  MDB_envinfo info;
  return size >= 2 * page_size() && !mdb_env_info(s->env, &info) &&
         info.me_last_pgno < size / page_size();
}

static int within(struct he_store *s, bool writing, he_store_work *work,
                  void *arg)
{
  MDB_txn *txn;
  int rc = mdb_txn_begin(s->env, NULL, writing ? 0 : MDB_RDONLY, &txn);
  if(rc)
    return rc;
  rc = work(s, txn, arg);
  if(!rc && writing)
    return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return rc;
}

/* setjmp() has a function of its own: no local of it may change. */
static int guarded(struct he_store *s, bool writing, he_store_work *work,
                   void *arg)
{
  if(setjmp(s->lost_at)) {
    s->lost = true;
    return MDB_CORRUPTED;
  }
  return within(s, writing, work, arg);
}

/* liblmdb's own codes are negative. A store that is broken, or so scattered
   that it has no room left, makes place for a new one. */
static enum he_store_code code_of(struct he_store *s, int rc)
{
  if(!rc)
    return HE_STORE_OK;
  if(rc == MDB_NOTFOUND)
    return HE_STORE_NONE;
  if(rc > 0)
    return HE_STORE_FAILED;
  if(rc != MDB_PANIC)     /* it could not write: as good as it was */
    he_store_file_aside(&s->file);
  return HE_STORE_GONE;
}

enum he_store_code he_store_transact(struct he_store *s, bool writing,
                                     he_store_work *work, void *arg)
{
  enum he_store_code code = HE_STORE_GONE;
  if(s->lost || s->pid != getpid())
    return HE_STORE_GONE;
  switch(he_store_file_lock(&s->file, writing, HE_STORE_WAIT_US)) {
  case HE_STORE_LOCK_BUSY:
    return HE_STORE_BUSY;
  case HE_STORE_LOCK_GONE:
    return HE_STORE_GONE;
  case HE_STORE_LOCKED:
    break;
  }
  if(is_whole(s))
    code = code_of(s, guarded(s, writing, work, arg));
  else
    he_store_file_aside(&s->file);
  he_store_file_unlock(&s->file);
  return code;
}

/* -- opening -- */

/* What is wrong, as a text, and whose fault that is. */
struct finding {
  const char *wrong;    /* NULL: nothing */
  bool file;            /* the file's */
};

/* Read, not mapped: it may be cut off at this moment. */
static struct finding look_through(struct he_store_file *f)
{
  struct finding found = { "cannot be read", false };
  size_t size = he_store_file_size(f);
  size_t have = 0;
  ssize_t n = 1;
  char *all;
  if(size > MAP)
    return (struct finding) { "larger than a store", true };
  if(!size)
    return (struct finding) { NULL, false };
  all = malloc(size);
  if(!all)
    return (struct finding) { "out of memory", false };
  while(have < size && n > 0) {
    n = pread(f->fd, all + have, size - have, (off_t)have);
    have += n > 0 ? (size_t)n : 0;
  }
  if(have == size) {
    found.wrong = he_store_check(all, size, page_size(), MAP, &found.file);
  }
  free(all);
  return found;
}

static void close_env(struct he_store *s)
{
  if(s->env && !s->lost)     /* lost: whatever it still has is left alone */
    mdb_env_close(s->env);
  s->env = NULL;
}

static int start_lmdb(struct he_store *s)
{
  const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC |
                         MDB_NORDAHEAD;
  mdb_filehandle_t fd;
  int rc = mdb_env_create(&s->env);
  if(rc)
    return rc;
  mdb_env_set_userctx(s->env, s);
  mdb_env_set_assert(s->env, on_assert);
  rc = mdb_env_set_mapsize(s->env, MAP);
  if(!rc)
    rc = mdb_env_open(s->env, s->file.path, flags, 0600);
  if(!rc)
    rc = mdb_env_get_fd(s->env, &fd);
  if(rc)
    return rc;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  /* It goes by the name. */
  return he_store_file_is(&s->file, fd) ? 0 : EAGAIN;
}

int he_store_mark(struct he_store *s, MDB_txn *txn)
{
  char name = HE_STORE_MARK;
  char text[sizeof(mark)];
  MDB_val key = { 1, &name };
  MDB_val data = { sizeof(text), text };
  memcpy(text, mark, sizeof(text));
  return mdb_put(txn, s->dbi, &key, &data, 0);
}

/* In a new file there is nothing yet, in one of ours the mark. */
static int begin_or_find(struct he_store *s, MDB_txn *txn, void *arg)
{
  char name = HE_STORE_MARK;
  MDB_val key = { 1, &name };
  MDB_val data;
  MDB_stat st;
  int rc = mdb_dbi_open(txn, NULL, 0, &s->dbi);
  (void)arg;
  if(!rc)
    rc = mdb_get(txn, s->dbi, &key, &data);
  if(!rc)
    return data.mv_size == sizeof(mark) &&
           !memcmp(data.mv_data, mark, sizeof(mark)) ? 0 : MDB_INCOMPATIBLE;
  if(rc != MDB_NOTFOUND)
    return rc;
  rc = mdb_stat(txn, s->dbi, &st);
  if(!rc && st.ms_entries)
    return MDB_INCOMPATIBLE;
  return rc ? rc : he_store_mark(s, txn);
}

/* liblmdb gets a file that was found good, or an empty one. */
static struct finding enter(struct he_store *s)
{
  int rc = start_lmdb(s);
  if(!rc)
    rc = guarded(s, true, begin_or_find, NULL);
  if(!rc)
    return (struct finding) { NULL, false };
  return (struct finding) {
    rc == MDB_INCOMPATIBLE ? "made by another program, or a later version" :
                             mdb_strerror(rc),
    rc < 0
  };
}

/* `why` keeps what was wrong with a file that was put aside. */
static bool try_path(struct he_store *s, const char *path, bool *again,
                     char *why, size_t size)
{
  struct finding found;
  *again = false;
  if(!he_store_file_open(&s->file, path, HE_STORE_OPEN_WAIT_US, why, size))
    return false;
  found = look_through(&s->file);
  if(!found.wrong)
    found = enter(s);
  if(!found.wrong)
    return true;
  *again = found.file && he_store_file_aside(&s->file);
  snprintf(why, size, "%s: %s%s", path, found.wrong,
           *again ? "; it is now called .bad, and a new one begun" : "");
  close_env(s);
  he_store_file_close(&s->file);
  s->lost = false;
  return false;
}

static bool in_range(const struct he_store_limits *l)
{
  return l->records && l->records <= HE_STORE_RECORDS_MAX &&
         l->bytes >= 65536 && l->bytes <= HE_STORE_BYTES_MAX;
}

struct he_store *he_store_open(const char *path,
                               const struct he_store_limits *limits,
                               char *why, size_t why_size)
{
  struct he_store *s = in_range(limits) ? calloc(1, sizeof(*s)) : NULL;
  bool again;
  char last[256];
  snprintf(why, why_size, "%s", s ? "" : "no memory, or limits out of range");
  if(!s)
    return NULL;
  s->limits = *limits;
  s->pid = getpid();
  if(try_path(s, path, &again, why, why_size) ||
     (again && try_path(s, path, &again, last, sizeof(last)))) {
    he_store_file_unlock(&s->file);
    return s;
  }
  free(s);
  return NULL;
}

void he_store_close(struct he_store *s)
{
  if(!s)
    return;
  close_env(s);
  he_store_file_close(&s->file);
  free(s);
}

bool he_store_default_path(char *path, size_t size)
{
  const char *dir = getenv("XDG_CACHE_HOME");
  const char *below = "/curl-he/history.mdb";
  int n;
  if(getauxval(AT_SECURE))
    return false;
  if(!dir || *dir != '/') {
    dir = getenv("HOME");
    below = "/.cache/curl-he/history.mdb";
  }
  if(!dir || *dir != '/')
    return false;
  n = snprintf(path, size, "%s%s", dir, below);
  return n > 0 && (size_t)n < size;
}
