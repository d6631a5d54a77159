/* SPDX-License-Identifier: MIT */
#ifndef HE_LOG_COMMON_H
#define HE_LOG_COMMON_H
/* log_common.h - lines to fill a log with, and what a log says. */
#include "historian/fold.h"
#include "historian/log.h"

#define NETWORK 0x1122334455667788u

/* The line of host i, with its end: the host has connected to an address that
   i tells, i tells, too, how often. */
struct he_bytes line_of(unsigned i);
/* Lines from ... to - 1. */
struct he_bytes lines_of(unsigned from, unsigned to);
const char *host_of(unsigned i);      /* valid until the next call */

/* Asserts that it was written, and that `why` was empty. */
void add_well(struct he_log *log, unsigned from, unsigned to);
struct he_log *log_of(const char *path);

/* A history of room for all, into which a log's lines go. */
struct he_history *history_new(void);
void absorb_line(void *ctx, const char *line, size_t len);

/* What a fresh reader finds at `path`: asserts that it can be read. */
struct he_history *history_at(const char *path);

/* Is host i known, with what line_of() says of it? */
bool has(const struct he_history *h, unsigned i);
/* How many of hosts from ... to - 1 are. */
unsigned count(const struct he_history *h, unsigned from, unsigned to);
unsigned count_at(const char *path, unsigned from, unsigned to);

#endif
