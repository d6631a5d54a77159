/* SPDX-License-Identifier: MIT */
#ifndef HE_PARKING_H
#define HE_PARKING_H
/* parking.h - closes a descriptor a little later.
 *
 * For a socket that libcurl regards as closed, but of which it may have told
 * the application's event loop once more: as long as it is open, the loop can
 * take it out, and its number goes to no other. */
#include "net/racer.h"

/* Takes fd, whatever comes of it: where it cannot be kept it is closed at
   once. Any thread; does not block. */
void he_park(struct he_racer *r, int fd);

#endif
