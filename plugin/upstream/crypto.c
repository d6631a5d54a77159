/* SPDX-License-Identifier: MIT */
#include "upstream/crypto.h"
#include "base/forks.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t racer_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t aside_lock = PTHREAD_MUTEX_INITIALIZER;
/* Who takes both takes that of HE_CRYPTO_ASIDE first, as fork() does. */
static pthread_mutex_t *const locks[HE_CRYPTO_SIDES] = {
  [HE_CRYPTO_RACER] = &racer_lock,
  [HE_CRYPTO_ASIDE] = &aside_lock
};
static bool exiting;          /* written with both */

/* Functions of atexit() run in reverse: this one is OpenSSL's junior, so it
   runs before OpenSSL takes everything down. */
static void on_exit_begin(void)
{
  pthread_mutex_lock(&aside_lock);
  pthread_mutex_lock(&racer_lock);
  exiting = true;
  pthread_mutex_unlock(&racer_lock);
  pthread_mutex_unlock(&aside_lock);
}

static bool able;

static void begin(void)
{
  he_fork_hold(HE_FORK_CRYPTO_ASIDE, &aside_lock);
  he_fork_hold(HE_FORK_CRYPTO, &racer_lock);
  able = OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS |
                          OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) == 1 &&
         !atexit(on_exit_begin);
}

bool he_crypto_begin(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, begin);
  return able;
}

bool he_crypto_enter(enum he_crypto_side side)
{
  pthread_mutex_lock(locks[side]);
  if(!exiting)
    return true;
  pthread_mutex_unlock(locks[side]);
  return false;
}

void he_crypto_leave(enum he_crypto_side side)
{
  pthread_mutex_unlock(locks[side]);
}
