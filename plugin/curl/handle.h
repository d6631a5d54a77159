/* SPDX-License-Identifier: MIT */
#ifndef HE_HANDLE_H
#define HE_HANDLE_H
/* handle.h - what curl-he keeps for one easy handle, and the registry of them.
 *
 * libcurl's callbacks get a number, not a pointer: a connection that outlives
 * its handle, or curl-he's interest in it, still calls with its number, finds
 * nothing, and does what libcurl does by itself.
 *
 * Owner: the registry holds one reference, a callback in progress another.
 * The thread that uses the easy handle owns all fields but what a close
 * callback may read from another thread: `job`, by he_handle_job(), `app`, and
 * the application's close callback, by he_handle_closer(). */
#include "beside/job.h"
#include "curl/gate.h"
#include "curl/context.h"
#include "curl/declared.h"
#include "curl/peer.h"
#include "curl/refused.h"
#include "lookup/lookup.h"
#include "net/silence.h"

struct he_known;
struct he_report;

struct he_settled {           /* what options come to */
  const char *host;           /* whose; only to compare with */
  uint64_t generation;        /* he_options_generation(); 0: nothing yet */
  struct he_options options;  /* none unset */
  struct he_race_config race;
};

enum he_veto {
  HE_VETO_OFF,
  HE_VETO_ARMED,     /* the next name to be resolved is curl-he's */
  HE_VETO_DONE       /* it came, and `job` resolves it */
};

struct he_handle {
  uintptr_t id;
  CURL *easy;
  CURLHE *he;
  struct he_handle *next;     /* in the context's list; the registry's lock */
  struct he_handle **link;
  unsigned refs;              /* atomic */
  struct he_options options;
  struct he_settled settled;
  struct he_tracer tracer;
  bool hidden;                /* not in the registry by easy handle; the
                                 registry's lock */
  bool known;                 /* seen from its curl_easy_init() on */
  struct he_known *record;    /* if so, with a reference; else NULL */
  struct he_declared *declared;  /* the record's, else its own; atomic; NULL:
                                    nothing */
  long mark;                  /* he_mark_set(); 0: none */
  struct he_peer peer;        /* url NULL: none yet */
  struct he_job *job;         /* the last race; the registry's lock */
  struct he_lookup *lookup;   /* expected, running, or not yet taken from;
                                 the registry's lock */
  struct he_refused *refused; /* in the last lookup, or NULL */
  struct he_app *app;         /* asked by its races; the registry's lock */
  curl_socket_t handed;       /* given to libcurl connected, not yet told so */
  bool handed_prepared;       /* it has been through the sockopt callback */
  bool handed_refused;        /* it is not connected, and never will be */
  he_time_ns asked_at;        /* libcurl's resolver, for the connect that is
                                 to come; 0: it was not asked */
  he_time_ns began;           /* curl_he_perform() */
  bool passed;                /* libcurl connects, and `lookup` is not over:
                                 its call was another handle's */
  he_time_ns connects_since;  /* valid with `lookup` */
  he_time_ns transfers_since; /* likewise */
  bool given;                 /* libcurl has the peer's addresses from us, and
                                 has not begun to connect */
  bool elsewhere;             /* it did not want them */
  bool begins;                /* libcurl, performed by curl_he_perform(), has
                                 asked for a socket to the peer */
  bool resolves;              /* libcurl is about to ask its resolver */
  uint64_t netns;             /* the calling thread's, while libcurl asks for a
                                 name or a socket; 0: not known. To ask takes
                                 a system call */
  bool figures;               /* libcurl has some of its last transfer */
  enum he_veto veto;
  bool leaves_no_name;        /* CURLOPT_DNS_CACHE_TIMEOUT is 0 for now */
  bool hastened;              /* the HE timer is shorter for this connect */
  bool afresh;                /* no address of an earlier answer is to be used:
                                 curl_he_perform() performs again */
  bool performs;              /* curl_he_perform() may perform again */
  struct he_silence *silence; /* watches a connection for it, or NULL */
  bool traced;                /* a race of it was, or is, watched */
  bool confined;              /* CURLOPT_IPRESOLVE was set, by FAMILIES */
  struct he_report *report;   /* what getinfo gave out; report.c */
};

/* By easy handle or by number, with a reference; NULL where there is none. */
struct he_handle *he_handle_of(CURL *easy);
struct he_handle *he_handle_by_id(uintptr_t id);
/* And its job as he_handle_job() gives it. */
struct he_handle *he_handle_with_job(uintptr_t id, struct he_job **job);
/* As he_handle_of(), outside of libcurl's callbacks. One whose easy handle was
   cleaned up behind curl-he's back, and another one made at its address, is
   forgotten: NULL. */
struct he_handle *he_handle_own(CURL *easy);
/* The same for one that was reset behind curl-he's back. The sign of it is that
   libcurl has no figures of a transfer, although one had come as far as to
   connect. */
struct he_handle *he_handle_current(CURL *easy);
void he_handle_put(struct he_handle *h);   /* NULL is fine */

/* A new one, registered, with a reference for the caller; NULL without
   memory. One that was registered for this easy handle is forgotten first.
   What is known of the easy handle holds. */
struct he_handle *he_handle_new(CURLHE *he, CURL *easy);

/* The program wants libcurl's HE timer to be this long. */
void he_handle_told_delay(struct he_handle *h, long ms);

/* Takes it out of the registry and calls its race off. */
void he_handle_forget(struct he_handle *h);
/* The one of this easy handle, if there is one. */
void he_handle_forget_of(CURL *easy);
/* Its easy handle is about to be freed, after which another one may get its
   address: from now on only libcurl's callbacks find it, by its number, for
   what they tell of the last connections is still to be learned. With a
   reference; forget it when libcurl has freed the easy handle. NULL: there is
   none. */
struct he_handle *he_handle_hide(CURL *easy);
/* All of a context. */
void he_handles_forget(CURLHE *he);

/* The current job with a reference, or NULL. */
struct he_job *he_handle_job(struct he_handle *h);
/* Replaces it (NULL: with none), calling the old one off; takes over the
   caller's reference. Of a handle that was forgotten meanwhile, the new one is
   called off: nobody else would do it. */
void he_handle_set_job(struct he_handle *h, struct he_job *j);

/* The current lookup with a reference, or NULL. */
struct he_lookup *he_handle_lookup(struct he_handle *h);
/* Replaces it (NULL: with none), stopping the old one; takes over the caller's
   reference. Of a handle that was forgotten meanwhile the new one is
   stopped. */
void he_handle_set_lookup(struct he_handle *h, struct he_lookup *l);

/* Ends the race in libcurl's lookup, for libcurl is about to wait for it. Does
   not wait itself. */
void he_handle_stop_lookup(struct he_handle *h);

/* The gate (gate.h) of the last race, with a reference; NULL: there is none. */
struct he_app *he_handle_known_app(struct he_handle *h);
/* Keeps this one, with a reference of its own. False where the handle was
   forgotten meanwhile. */
bool he_handle_keep_app(struct he_handle *h, struct he_app *app);
/* No call to them comes from the racer's thread after the return, and none
   runs; what their race has is closed. Waits for that, but on the racer's
   thread itself. A race that begins later asks those declared then. */
void he_handle_quit_app(struct he_handle *h);
/* Never NULL: where nothing was declared, he_declared_none. */
const struct he_declared *he_handle_declared(const struct he_handle *h);
/* To change it; NULL without memory. */
struct he_declared *he_handle_declare(struct he_handle *h);

/* The application's close callback, which is asked for from any thread, and
   its data; and to hold while they are changed. */
void he_handle_closer(struct he_handle *h, curl_closesocket_callback *fn,
                      void **data);
void he_handles_lock(void);
void he_handles_unlock(void);

#endif
