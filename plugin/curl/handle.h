/* SPDX-License-Identifier: MIT */
#ifndef HE_HANDLE_H
#define HE_HANDLE_H
/* handle.h - what curl-he keeps for one easy handle, and the registry of them.
 *
 * libcurl's callbacks get a number, not a pointer. A connection may outlive its
 * handle, or curl-he's interest in the handle. Its callbacks then find no
 * handle by the number, and do what libcurl does by itself.
 *
 * Owner: the registry holds one reference, a callback in progress another.
 * The thread that uses the easy handle owns all fields but `tasks`, which a
 * close callback may read on another thread. */
#include "curl/context.h"
#include "curl/idle.h"
#include "curl/known.h"
#include "curl/peer.h"
#include "curl/tasks.h"
#include "net/silence.h"
#include "resolve/prepared.h"


struct he_settled {           /* what options come to */
  const char *host;           /* whose; only to compare with */
  uint64_t generation;        /* he_options_generation(); 0: nothing yet, or
                                 the handle's options have changed */
  struct he_options options;  /* none unset */
  struct he_race_config race;
};

enum he_veto {
  HE_VETO_OFF,
  HE_VETO_ARMED,     /* the next name to be resolved is curl-he's */
  HE_VETO_DONE       /* libcurl asked for it, and the connect resolves it */
};

struct he_performing {        /* what curl_he_perform() and the callbacks have
                                 to tell each other */
  he_time_ns began;
  enum he_veto veto;
  bool given;                 /* libcurl has the peer's addresses from curl-he,
                                 and has not begun to connect */
  bool elsewhere;             /* libcurl did not want them */
  bool begins;                /* libcurl has asked for a socket to the peer */
  bool runs;                  /* it is in libcurl */
  bool again;                 /* the transfer may be performed again */
  bool afresh;                /* the second time: no address of an earlier
                                 answer is to be used */
  struct he_silence *silence; /* watches the connection, or NULL */
};

struct he_standing {          /* of waiting.h */
  bool ever;                  /* libcurl was told of stand-ins */
  bool listed;                /* and has not asked for one since */
  bool spent;                 /* this connect's race is over */
  int failing;                /* the last socket that libcurl was given to fail
                                 with; valid with has_failing */
  bool has_failing;
  uint16_t port;              /* the URL's, when it was told */
  unsigned next[HE_FAMILIES]; /* no stand-in before this one is asked for
                                 again in this connect */
  struct he_lookup *lookup;   /* the race, with a reference, or NULL */
  struct he_idle *idle;       /* what libcurl waits for meanwhile; likewise */
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
  bool known;                 /* seen from its curl_easy_init() on */
  struct he_known *record;    /* what it was told, with a reference: that of
                                 the known handle, else its own */
  struct he_peer peer;        /* url NULL: none yet */
  struct he_tasks tasks;      /* what runs for the handle */
  curl_socket_t handed;       /* given to libcurl connected, which libcurl has
                                 not been told yet */
  bool handed_prepared;       /* `handed` has been through the sockopt
                                 callback */
  bool handed_refused;        /* `handed` is not connected, and never will be */
  he_time_ns asked_at;        /* when libcurl's resolver was asked for the
                                 connect that is to come; 0: it was not */
  struct he_performing performing;
  struct he_standing standing;
  struct {
    struct he_prepared *answers;   /* or NULL; atomic */
    curl_he_prepared_callback told;
    void *data;
  } prepared;                 /* by curl_he_prepare() */
  bool slow_timer;            /* the HE timer is longer than any connect */
  bool passed;                /* libcurl connects, and the lookup is not over:
                                 its call was another handle's */
  he_time_ns connects_since;  /* valid with a lookup */
  he_time_ns transfers_since; /* likewise */
  uint64_t netns;             /* the calling thread's, while libcurl asks for a
                                 name or a socket; 0: not known. To ask takes
                                 a system call */
  bool first;                 /* the socket asked for is this transfer's first;
                                 of a known handle */
  bool figures;               /* libcurl has figures of the last transfer */
  bool ech;                   /* CURLOPT_ECH is an HTTPS record's for now */
  bool leaves_no_name;        /* CURLOPT_DNS_CACHE_TIMEOUT is 0 for now */
  bool hastened;              /* the HE timer is shorter for this connect */
  bool traced;                /* one of its races was, or is, watched */
  bool confined;              /* CURLOPT_IPRESOLVE was set, by FAMILIES */
  struct {
    char winner[HE_ADDR_TEXT];
    void *failures;           /* a text */
    void *race;
  } given;                    /* what getinfo gave out; freed with the handle */
};

/* By easy handle or by number, with a reference; NULL where there is none. */
struct he_handle *he_handle_of(CURL *easy);
struct he_handle *he_handle_by_id(uintptr_t id);
/* As he_handle_of(), outside of libcurl's callbacks. NULL, and the handle is
   forgotten, where its easy handle was cleaned up behind curl-he's back and
   another one made at the address. */
struct he_handle *he_handle_own(CURL *easy);
/* As he_handle_own(); also NULL where the easy handle was reset behind
   curl-he's back. The sign: libcurl has no figures of a transfer, although one
   had come as far as to connect. */
struct he_handle *he_handle_current(CURL *easy);
void he_handle_put(struct he_handle *h);   /* NULL is fine */

/* A new one, registered, with a reference for the caller; NULL without
   memory. One that was registered for this easy handle is forgotten first.
   What is known of the easy handle holds; where nothing is, `like` does. */
struct he_handle *he_handle_new(CURLHE *he, CURL *easy,
                                const struct he_declared *like);

/* The program wants libcurl's HE timer to be this long. */
void he_handle_told_delay(struct he_handle *h, long ms);

/* Nobody is told of what is prepared any more, and nothing is. Waits for a
   callback that runs, but on its own thread. */
void he_handle_unprepare(struct he_handle *h);
/* Whom a race of this handle asks, in place of `r`. */
const struct he_resolver *he_handle_resolver(const struct he_handle *h,
                                             const struct he_resolver *r);

/* Takes it out of the registry and calls its race off. */
void he_handle_forget(struct he_handle *h);
/* The one of this easy handle, if there is one. */
void he_handle_forget_of(CURL *easy);
/* All of a context. */
void he_handles_forget(CURLHE *he);

/* What it was told. */
const struct he_declared *he_handle_declared(const struct he_handle *h);

#endif
