/* SPDX-License-Identifier: MIT */
#ifndef HE_CONNECT_OURS_H
#define HE_CONNECT_OURS_H
/* ours.h - the sockets of curl-he's own attempts, with the application's say
 * in them (app.h). curl-he goes nowhere that the application did not agree to:
 * where its callback changes the address, libcurl has to connect alone. */
#include "connect/app.h"
#include "connect/attempt.h"

/* A reason to stand aside: see he_ours_open(). Static. */
extern const char he_ours_steered[];

/* How a socket of curl-he's own is numbered, where the application does not
   count descriptors. */
enum he_ours_number {
  HE_OURS_HIGH,         /* out of libcurl's way, for it stays a while */
  HE_OURS_LOW,          /* libcurl gets it soon. The last eighth of the
                           descriptors that the process may have is left to
                           libcurl. */
  HE_OURS_LOWEST        /* whoever asked for it gets it soon, be it the last
                           one */
};

/* Makes the socket of an attempt to he_try_peer(t): sets t->fd, t->apps and
   t->connected. `app` NULL: nobody is asked; else its callbacks run here, and
   may take their time. 0, or errno: EMFILE and ENFILE where descriptors are
   scarce; ECANCELED where the application does not want this attempt, *why
   set where nothing is to be added to the connect at all. With an error there
   may be a socket, to be closed. */
int he_ours_open(struct he_app *app, enum he_ours_number number,
                 struct he_try *t, const char **why);

/* Sends it on its way, once. 0 or errno. Does not block. */
int he_ours_connect(const struct he_try *t);

/* Closes a socket; `apps`: the application does. */
void he_ours_close(struct he_app *app, int fd, bool apps);

#endif
