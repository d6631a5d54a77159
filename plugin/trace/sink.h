/* SPDX-License-Identifier: MIT */
#ifndef HE_SINK_H
#define HE_SINK_H
/* sink.h - whoever has lines for a trace leaves them here and goes on: a worker
 * writes them. There is one sink a path in a process. What the worker is too
 * slow for is dropped and counted; what cannot be written stops the sink, and
 * nothing else.
 *
 * Any thread calls these. None blocks but he_sink_flush_all(). A child of
 * fork() has the same sinks, empty, and opens their files itself. */
#include "base/base.h"

struct he_sink;

#define HE_SINK_PATH 4096     /* bytes of a path, with its end */

/* The sink for that file, "-": stderr, with a reference. A relative path is
   taken from the present working directory. NULL without memory, or where the
   path is too long. */
struct he_sink *he_sink_get(const char *path);
void he_sink_ref(struct he_sink *s);
/* NULL is fine. What is in the sink is written all the same. */
void he_sink_unref(struct he_sink *s);

/* After so many bytes the file becomes PATH.1. 64 MiB where nothing is said. */
void he_sink_limit(struct he_sink *s, uint64_t most);

/* The user of the program has named the file, and hears on stderr, once, that
   it cannot be opened. Before the first line. */
void he_sink_complain(struct he_sink *s, const char *variable);

/* Is it stderr, which people read? */
bool he_sink_is_stderr(const struct he_sink *s);
/* Does a terminal show it, and is nothing said against colours? */
bool he_sink_has_colours(const struct he_sink *s);
/* Are lines taken at all? Not once it could not be written. */
bool he_sink_takes(struct he_sink *s);

/* Adds whole lines, or none of them. */
void he_sink_put(struct he_sink *s, const char *lines, size_t n);

#define HE_SINK_WHY 256
/* Why it was stopped; "": it was not. */
void he_sink_trouble(struct he_sink *s, char why[HE_SINK_WHY]);

/* All that is in sinks is written, or `patience` is over. */
void he_sink_flush_all(he_time_ns patience);

#endif
