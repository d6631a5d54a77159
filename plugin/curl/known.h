/* SPDX-License-Identifier: MIT */
#ifndef HE_KNOWN_H
#define HE_KNOWN_H
/* known.h - the record of what an easy handle was told, and the table of known
 * easy handles: those whose curl_easy_init() was seen, and with that every
 * option that was set since.
 *
 * The table has one reference to a record. The thread that uses the easy
 * handle owns the rest of it. */
#include "curl/declared.h"

struct he_known {
  CURL *easy;
  struct he_known *next;      /* in its slot of the table, under its lock */
  unsigned refs;              /* atomic */
  long mark;                  /* he_mark_set(); 0: there is none */
  bool set_up;                /* atomic: curl_he_setup() was called */
  CURLM *multi;               /* the one it is in, or was in last; a name */
  bool alone;                 /* that one is libcurl's own: curl_easy_perform()
                                 runs, or ran */
  bool connected;             /* it has asked for a socket there */
  struct he_declared declared;
};

/* The record of a handle that is not known: `like` is what it was told. With a
   mark, and the caller's reference. NULL without memory. */
struct he_known *he_known_new(CURL *easy, const struct he_declared *like);

/* A new handle is known from now on. Whatever was known of an earlier one at
   its address is forgotten. Without memory it is not known. */
void he_known_add(CURL *easy, const struct he_declared *like);

/* NULL: it is not known. Valid as long as the easy handle, for the thread that
   uses the easy handle. */
struct he_known *he_known_of(CURL *easy);

/* The same, where it is not certain that the easy handle at this address still
   is the one that was seen: NULL, and forgotten, if it is another. */
struct he_known *he_known_checked(CURL *easy);

/* The easy handle joins a multi handle; `alone`: one of libcurl's own. */
void he_known_joins(CURL *easy, CURLM *multi, bool alone);

/* The easy handle is about to be freed: nothing is known of its address. */
void he_known_forget(CURL *easy);

void he_known_ref(struct he_known *k);
void he_known_put(struct he_known *k);   /* NULL is fine */

/* A mark on an easy handle, that a new handle at the same address does not
 * have, and a copy neither. It is in CURLOPT_RTSP_SERVER_CSEQ, which libcurl
 * keeps for the application, and reads nowhere but in
 * CURLINFO_RTSP_SERVER_CSEQ. 0: this libcurl has no RTSP. */
long he_mark_set(CURL *easy);
/* Is it still there? True, too, for a mark of 0. */
bool he_mark_is(CURL *easy, long mark);

#endif
