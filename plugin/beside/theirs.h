/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_THEIRS_H
#define HE_BESIDE_THEIRS_H
/* theirs.h - what can be seen of libcurl's own sockets. Nothing here changes a
 * connect: what was seen is returned, and the driver acts on it. */
#include "beside/own.h"

enum he_saw {
  HE_SAW_CLOSED,        /* libcurl has closed it */
  HE_SAW_IDLE,          /* about to connect; or failed, and about to be
                           closed */
  HE_SAW_CONNECTING,
  HE_SAW_CONNECTED
};

struct he_seen {
  enum he_saw what;
  he_time_ns rtt;       /* CONNECTED: the kernel's; 0: unknown */
  const char *why;      /* CONNECTING: to stand aside; or NULL. Static. */
};

/* Reasons to stand aside. */
extern const char he_theirs_is_bound[];

/* The racer's thread. Of an attempt of libcurl's that runs; notes what the
   history wants to know of a connected one. */
struct he_seen he_theirs_look(struct he_beside_try *t);
/* Is it connected? */
bool he_theirs_connected(const struct he_beside_try *t);

/* Any thread. Has libcurl bound its socket fd? What the application may have
   done is none of that where it is asked about our sockets, too. */
bool he_theirs_bound(const struct he_beside *b, int fd);

/* The racer's thread. Why nothing may be added to what libcurl has under way,
   or NULL: a socket is bound, or sends data with its SYN. By now they are
   connecting, so that what there is to bind is bound. */
const char *he_theirs_objection(struct he_beside *b);
/* Is our socket bound and marked as libcurl's are? They went through the same
   callbacks of the application's: what differs was done by libcurl. */
bool he_theirs_are_bound_like(struct he_beside *b, int fd);
/* What libcurl connects to must be among the host's addresses, else it goes
   somewhere that we know nothing of: the reason to stand aside, or NULL. Where
   its own lookup gave it the address some time ago, that is noted, and when
   its attempts are to be ended. */
const char *he_theirs_verify(struct he_beside *b);
/* Is libcurl at this connect, as far as can be seen? Once it has left, the
   application is not to be bothered. */
bool he_theirs_are_here(const struct he_beside *b);

/* It is not connecting: when to look again. */
void he_theirs_look_again(struct he_beside_try *t, he_time_ns now);
/* Where libcurl has closed all its attempts: when it has left the race, unless
   it starts another one; else HE_NEVER. */
he_time_ns he_theirs_orphaned(const struct he_beside *b, he_time_ns now);

#endif
