/* SPDX-License-Identifier: MIT */
/* log.c - what a process has read of the file, and what it adds.
 *
 *   file    | header | read and taken | read: news | not read yet |
 *                                                  ^ at
 *
 * Reading needs no lock: a line without its end is left for the next time, one
 * that is not whole has no right checksum. Writing is under the file's lock. A
 * file that is another one than the last time (its number, its header) or
 * shorter is read from its beginning, and what a process writes it reads in
 * its turn: to hear of a record twice changes nothing. */
#include "historian/log.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/words.h"
#include "historian/file.h"
#include "historian/fold.h"
#include "historian/lines.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Written anew where it is twice as long as it then was, and this. */
#define GROWTH (256u << 10)
/* No history is longer: it is not even read. */
#define LONGEST (2 * HE_LOG_BYTES_MAX)

struct he_log {
  struct he_file_is is;       /* the file that `at` is about */
  uint64_t header;            /* a hash of its first line */
  size_t at;                  /* read up to here */
  struct he_bytes news;       /* whole lines */
  size_t folded;              /* how long the file was when written anew */
  bool none;                  /* there was no file the last time */
  int64_t forgot;             /* lines that forget are known up to then */
  char path[];
};

static_assert(HE_LOG_WHY == HE_FILE_WHY, "a sentence fits");

/* What there is, as a look at the file tells. */
enum found {
  FOUND_HISTORY,
  FOUND_NOTHING,              /* of 0 bytes, or only a beginning */
  FOUND_LATER,
  FOUND_OTHER,
  FOUND_ERROR                 /* in errno */
};

int64_t he_log_wall_ms(void)
{
  struct timespec ts;
  int64_t ms;
  clock_gettime(CLOCK_REALTIME, &ts);
  ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
  return ms < 0 ? 0 : ms > HE_WALL_MAX ? HE_WALL_MAX : ms;
}

struct he_log *he_log_new(const char *path)
{
  size_t size = strlen(path) + 1;
  struct he_log *log = calloc(1, sizeof(*log) + size);
  if(!log)
    return NULL;
  memcpy(log->path, path, size);
  return log;
}

void he_log_free(struct he_log *log)
{
  if(log)
    free(log->news.at);
  free(log);
}

bool he_log_none(const struct he_log *log)
{
  return log->none;
}

static void rewind_to_begin(struct he_log *log)
{
  log->at = log->news.len = 0;
}

void he_log_rewind(struct he_log *log)
{
  rewind_to_begin(log);
  log->forgot = 0;
}

static bool say(const struct he_log *log, char why[HE_LOG_WHY],
                const char *what)
{
  snprintf(why, HE_LOG_WHY, "%s: %s", log->path, what);
  return false;
}

static bool say_errno(const struct he_log *log, char why[HE_LOG_WHY])
{
  char words[HE_WORDS];
  return say(log, why, he_errno_words(errno, words));
}

static bool say_found(const struct he_log *log, enum found found,
                      char why[HE_LOG_WHY])
{
  switch(found) {
  case FOUND_HISTORY:
  case FOUND_NOTHING:
    *why = 0;
    return true;
  case FOUND_LATER:
    return say(log, why, "a history of a later version, left alone");
  case FOUND_OTHER:
    return say(log, why, "not a history");
  case FOUND_ERROR:
    break;
  }
  return say_errno(log, why);
}

/* -- reading -- */

/* A damaged header is no reason to give up what follows. */
static enum found judge(struct he_log *log, struct he_word header)
{
  switch(he_lines_read_header(header.at, header.len, &log->folded)) {
  case HE_LINES_OURS:
    return FOUND_HISTORY;
  case HE_LINES_LATER:
    return FOUND_LATER;
  case HE_LINES_NONE:
    break;
  }
  if(he_lines_any(log->news.at, log->news.len))
    return FOUND_HISTORY;
  return log->is.size ? FOUND_OTHER : FOUND_NOTHING;
}

/* Adds what is new to the news; a line without an end is left. */
static bool read_on(struct he_log *log, const struct he_file *f)
{
  struct he_bytes *news = &log->news;
  size_t want = log->is.size - log->at;
  ptrdiff_t n;
  if(news->room - news->len < want) {
    char *more = realloc(news->at, news->len + want);
    if(!more) {
      errno = ENOMEM;
      return false;
    }
    news->at = more;
    news->room = news->len + want;
  }
  n = want ? he_file_read(f, log->at, news->at + news->len, want) : 0;
  if(n < 0)
    return false;
  while(n && news->at[news->len + (size_t)n - 1] != '\n')
    n--;
  news->len += (size_t)n;
  log->at += (size_t)n;
  return true;
}

/* Goes back to the beginning where it is another file than `at` is about. */
static void follow(struct he_log *log, struct he_file_is is,
                   struct he_word header)
{
  const uint64_t hash = he_hash(HE_HASH_BEGIN, header.at, header.len);
  if(is.device != log->is.device || is.inode != log->is.inode ||
     is.size < log->at || hash != log->header)
    rewind_to_begin(log);
  log->is = is;
  log->header = hash;
}

static enum found look(struct he_log *log, const struct he_file *f)
{
  char begin[HE_LINES_HEADER_MAX];
  struct he_word header = { begin, 0 };
  struct he_file_is is;
  enum found found = FOUND_HISTORY;
  ptrdiff_t n;
  const char *end;
  bool judged;
  if(!he_file_stat(f, &is))
    return FOUND_ERROR;
  if(is.size > LONGEST)
    return FOUND_OTHER;
  n = he_file_read(f, 0, begin, sizeof(begin));
  if(n < 0)
    return FOUND_ERROR;
  end = memchr(begin, '\n', (size_t)n);
  header.len = end ? (size_t)(end - begin) + 1 : 0;
  follow(log, is, header);
  judged = log->at > 0;
  if(!read_on(log, f))
    return FOUND_ERROR;
  if(!judged)
    found = judge(log, header);
  if(found != FOUND_HISTORY)
    rewind_to_begin(log);
  return found;
}

bool he_log_read(struct he_log *log, char why[HE_LOG_WHY])
{
  struct he_file f;
  if(he_file_open(&f, log->path, why)) {
    log->none = false;
    say_found(log, look(log, &f), why);
    he_file_close(&f);
    return !*why;
  }
  log->none = !*why;
  if(log->none)
    rewind_to_begin(log);
  return log->none;
}

/* The second word of a line says of which network it is; that of other lines
   is no such number. */
static bool is_others(struct he_word line, uint64_t network)
{
  struct he_word w;
  uint64_t of;
  return he_next_word(&line, &w) && he_next_word(&line, &w) &&
         he_read_hex(w, 16, &of) && of != network;
}

static bool is_forget(struct he_word line, struct he_record_head *head)
{
  return line.len > 7 && !memcmp(line.at, "forget ", 7) &&
         he_record_head(line.at, line.len, head);
}

void he_log_take(struct he_log *log, const uint64_t *network,
                 void (*each)(void *ctx, const char *line, size_t len),
                 void *ctx)
{
  struct he_word rest = { log->news.at, log->news.len }, line;
  const int64_t known = log->forgot;
  struct he_record_head head;
  while(he_lines_next(&rest, &line)) {
    if(network && is_others(line, *network))
      continue;
    if(is_forget(line, &head)) {
      if(head.wall_ms <= known)
        continue;
      if(head.wall_ms > log->forgot)
        log->forgot = head.wall_ms;
    }
    each(ctx, line.at, line.len);
  }
  free(log->news.at);         /* it may have been the whole file */
  log->news = (struct he_bytes){ NULL, 0, 0 };
}

/* -- writing -- */

/* All is written anew where it has grown enough, or `now`. False with errno
   where that failed: the file is as good as it was. */
static bool fold(struct he_log *log, struct he_file *f, bool now)
{
  static const struct he_fold_limits limits = {
    .hosts = HE_LOG_HOSTS_MAX, .bytes = HE_LOG_BYTES_MAX / 2
  };
  struct he_bytes out = { NULL, 0, 0 };
  struct he_file_is is;
  char *all;
  ptrdiff_t n;
  bool ok;
  int error;
  if(!he_file_stat(f, &is))
    return false;
  if(!now && is.size < 2 * log->folded + GROWTH && is.size < HE_LOG_BYTES_MAX)
    return true;
  errno = ENOMEM;
  all = malloc(is.size + 1);
  n = all ? he_file_read(f, 0, all, is.size) : -1;
  ok = n >= 0 && he_fold(all, (size_t)n, &limits, he_clock_now(),
                         he_log_wall_ms(), &out) &&
       he_file_replace(f, out.at, out.len);
  error = errno;
  free(out.at);
  free(all);
  errno = error;
  return ok;
}

/* Puts what is no history out of the way, and begins a new one. */
static enum found begin_anew(struct he_log *log, struct he_file *f,
                             char why[HE_LOG_WHY])
{
  if(!he_file_aside(f))
    return FOUND_ERROR;
  he_file_close(f);
  rewind_to_begin(log);
  if(!he_file_open_locked(f, log->path, HE_LOG_WAIT_MS, why)) {
    errno = EBUSY;
    return FOUND_ERROR;
  }
  say(log, why, "not a history; it is now called .bad, and a new one begun");
  return look(log, f);
}

/* The header where there is none, the end of a line that has none, and the
   lines. False with errno. */
static bool append(struct he_log *log, struct he_file *f, enum found found,
                   const char *lines, size_t len)
{
  struct he_bytes all = { NULL, 0, 0 };
  char begin[HE_LINES_HEADER_MAX] = "\n";
  size_t begin_len = log->at < log->is.size;
  int error;
  bool ok;
  if(found == FOUND_NOTHING)
    begin_len = he_lines_header(begin, he_log_wall_ms(), 0);
  ok = he_bytes_add(&all, begin, begin_len) && he_bytes_add(&all, lines, len);
  if(!ok)
    errno = ENOMEM;
  ok = ok && he_file_append(f, all.at, all.len);
  error = errno;
  free(all.at);
  errno = error;
  return ok;
}

static bool add(struct he_log *log, const char *lines, size_t len,
                bool anew, char why[HE_LOG_WHY])
{
  struct he_file f;
  enum found found;
  bool ok = false;
  *why = 0;
  if(!he_file_open_locked(&f, log->path, HE_LOG_WAIT_MS, why))
    return false;
  found = look(log, &f);
  if(found == FOUND_OTHER)
    found = begin_anew(log, &f, why);
  if(found != FOUND_HISTORY && found != FOUND_NOTHING)
    say_found(log, found, why);
  else if(log->is.size > HE_LOG_BYTES_MAX + GROWTH) {
    say(log, why, "too long, and could not be written anew");
    fold(log, &f, true);
  }
  else {
    ok = append(log, &f, found, lines, len) || say_errno(log, why);
    if(ok && !fold(log, &f, anew) && anew)
      ok = say_errno(log, why);
  }
  he_file_close(&f);
  return ok;
}

bool he_log_add(struct he_log *log, const char *lines, size_t len,
                char why[HE_LOG_WHY])
{
  return add(log, lines, len, false, why);
}

/* All is read once more, and with it the line that forgets: what was read
   before, and who else has told of it, is forgotten, too. */
bool he_log_forget(struct he_log *log, const char *host,
                   char why[HE_LOG_WHY])
{
  struct he_record r;
  bool ok;
  *why = 0;
  if(!he_record_forget(&r, host, he_log_wall_ms()))
    return false;
  r.line[r.len] = '\n';
  ok = add(log, r.line, r.len + 1, true, why);
  rewind_to_begin(log);
  return ok;
}
