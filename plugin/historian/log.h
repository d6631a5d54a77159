/* SPDX-License-Identifier: MIT */
#ifndef HE_LOG_H
#define HE_LOG_H
/* log.h - a history's file, read as it grows and written at its end.
 *
 * What it says may be old, missing or gone: it is a memory, not an archive. A
 * killed process loses what it was about to write at most, a loss of power
 * what was learned in the last half minute.
 *
 * Threads: one at a time, with all signals blocked (SIGXFSZ). All calls but
 * he_log_take() block, on the disk or for another process: for
 * HE_LOG_WAIT_MS, where that is stopped amid its writing. Nothing is open
 * between calls, so a child of fork() has nothing of it. */
#include "history/history.h"

#define HE_LOG_WAIT_MS 3000
#define HE_LOG_HOSTS_MAX 16384
#define HE_LOG_BYTES_MAX (16u << 20)   /* written anew where it is longer */
#define HE_LOG_WHY 256

struct he_log;

/* Opens nothing yet. NULL without memory. */
struct he_log *he_log_new(const char *path);
void he_log_free(struct he_log *log);   /* NULL is fine */

/* Reads what was added to the file since the last call, or all of a file that
   is a new one; he_log_take() gives it out. No file is no failure. False, with
   a sentence in `why`, where it cannot be read or is no history. */
bool he_log_read(struct he_log *log, char why[HE_LOG_WHY]);

/* Was there no file? */
bool he_log_none(const struct he_log *log);

/* The next he_log_read() begins at the beginning, as the first one. */
void he_log_rewind(struct he_log *log);

/* Gives the lines about a network, itself and its hosts, and those that say
 * "forget", once each, in the file's order: what a line is to forget was said
 * before. NULL is for all networks. */
void he_log_take(struct he_log *log, const uint64_t *network,
                 void (*each)(void *ctx, const char *line, size_t len),
                 void *ctx);

/* Adds lines, each with its end, all or none, be there none; the file is made
 * where it is missing. What others have added meanwhile is there to be taken
 * afterwards. A file that is no history is renamed to NAME.bad: then it is
 * true, and `why` says so; else "". False, with a sentence, where it cannot be
 * written, or is of a later format. */
bool he_log_add(struct he_log *log, const char *lines, size_t len,
                char why[HE_LOG_WHY]);

/* Adds the line that forgets a host (NULL: everything), and writes the file
   anew without it. False, with a sentence, where either cannot be: the line
   may stand in the file by then. */
bool he_log_forget(struct he_log *log, const char *host,
                   char why[HE_LOG_WHY]);

/* The wall clock, as records have it. */
int64_t he_log_wall_ms(void);

#endif
