/* SPDX-License-Identifier: MIT */
#ifndef HE_REMEMBERED_H
#define HE_REMEMBERED_H
/* remembered.h - what history knows, host by host, and where the next connect
 * to each goes. Read by the public API alone. */
#include <curl_he/curl_he.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define HE_TURNS 16           /* as many as history keeps of a host */
#define HE_ADDRESS 64

struct he_seen {
  char address[HE_ADDRESS];
  struct curl_he_history_entry e;    /* host and address: not to be used */
};

struct he_turn {
  char address[HE_ADDRESS];
  struct curl_he_history_turn t;     /* address: not to be used */
};

struct he_remembered {
  char host[256];
  struct he_seen *seen;       /* those of this network first */
  size_t n;
  struct he_turn turns[HE_TURNS];    /* of the next connect, in this network */
  size_t turns_n;
};

struct he_memory {
  CURLHE *he;                 /* NULL: the default context */
  char file[PATH_MAX];
  bool there;                 /* is the file? */
  unsigned long long network; /* where this machine is now */
  struct he_remembered *hosts;       /* most recently used first */
  size_t n;
};

/* A context of its own, with the user's configuration, which reads no file by
   itself. False, which was said in the name of `command`: there is no
   memory. */
bool he_memory_alone(struct he_memory *m, const char *command);

/* Sets m->file: the history that the configuration names, else the user's own,
   where CURL_HE_HISTORY_DEFAULT is. False: no such path. */
bool he_memory_file(struct he_memory *m);

/* Reads m->file, which the caller has set, into the context, and from there
   all hosts into `m`, for connects to `port`. False, which was said in the
   name of `command`: it cannot be read. A file that is not there is an empty
   one. */
bool he_memory_read(struct he_memory *m, const char *command, int port);
/* Ends the context, too, if it is of its own. */
void he_memory_free(struct he_memory *m);

/* NULL: nothing is known of it. */
const struct he_remembered *he_memory_find(const struct he_memory *m,
                                           const char *host);

/* Where the next connect goes, and why, in one sentence. */
void he_memory_next(const struct he_remembered *r, char *out, size_t size);

/* -- told, history_print.c and history_json.c -- */

void he_memory_print(const struct he_memory *m, const struct he_remembered *r,
                     FILE *out);
/* The caller's reference; NULL without memory. */
json_t *he_memory_json(const struct he_memory *m,
                       const struct he_remembered *r);

#endif
