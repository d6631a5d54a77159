/* SPDX-License-Identifier: MIT */
#ifndef HE_KEPT_H
#define HE_KEPT_H
/* kept.h - answers that came too late for whoever asked, kept for who asks
 * next. Nothing else is kept: other answers libcurl has in its own cache.
 *
 * They are of questions for both families. Any thread. None blocks, and no
 * other lock is taken inside. */
#include "resolve/resolver.h"

/* libcurl's own cache believes an answer for this long, whatever its TTL. */
#define HE_KEPT_MOST HE_MS(60000)

/* Keeps addresses of a family, which came at `now`, for as long as they are
   valid, and HE_KEPT_MOST at the most. The list is copied, n > 0. Without
   memory, or of a name that is longer than DNS has any, nothing is kept. */
void he_kept_put(const char *host, uint16_t port, enum he_family f,
                 const struct he_candidate *list, size_t n, he_time_ns now);

/* A copy of what is kept, the caller's to free(), and *n; NULL where there is
   nothing that is still valid and no older than `most`, or no memory. */
struct he_candidate *he_kept_get(const char *host, uint16_t port,
                                 enum he_family f, he_time_ns most,
                                 size_t *n, he_time_ns now);

void he_kept_forget(void);

#endif
