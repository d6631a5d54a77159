/* SPDX-License-Identifier: MIT */
#ifndef HE_HOSTS_H
#define HE_HOSTS_H
/* hosts.h - which names the hosts file has, as far as curl-he has to know: a
 * name that it has is the C library's to look up.
 *
 * Names are kept as hashes. Two names of one hash, or a line that the C
 * library would not accept, make curl-he think that the file has a name which
 * it has not. Never the other way round. */
#include <stdbool.h>
#include <stddef.h>

struct he_hosts;

/* Reads a file's text: n bytes. NULL without memory. Names without a dot are
   left out. */
struct he_hosts *he_hosts_parse(const char *text, size_t n);
void he_hosts_free(struct he_hosts *h);

/* Does it have this name, in whatever case of letters? */
bool he_hosts_has(const struct he_hosts *h, const char *name);

#endif
