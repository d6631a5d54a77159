/* SPDX-License-Identifier: MIT */
#ifndef HE_CRYPTO_H
#define HE_CRYPTO_H
/* crypto.h - when OpenSSL may be called.
 *
 * OpenSSL keeps locks of its own, which a child of fork() must not get while a
 * thread of the parent holds one. And what OpenSSL has is gone when the
 * process has called exit(), though threads run on for a moment. So who calls
 * OpenSSL says so before and afterwards: fork() and exit() wait for that.
 * Nobody reads files meanwhile: a disk may hang. */
#include <stdbool.h>

/* Who calls: one thread a side at a time, and not for long. */
enum he_crypto_side {
  HE_CRYPTO_RACER,            /* the racer, which never waits for the other */
  HE_CRYPTO_ASIDE             /* who judges certificates */
};
#define HE_CRYPTO_SIDES 2

/* Once before all else, without any lock of forks.h; then again, with any. May
   read OpenSSL's configuration the first time. False where OpenSSL cannot work.
   Any thread. */
bool he_crypto_begin(void);

/* False: the process ends, and nothing may be called any more. Else to be
   paired with leave(). Innermost but for fds.h. */
bool he_crypto_enter(enum he_crypto_side side);
void he_crypto_leave(enum he_crypto_side side);

#endif
