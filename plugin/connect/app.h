/* SPDX-License-Identifier: MIT */
#ifndef HE_APP_H
#define HE_APP_H
/* app.h - the application's say in the sockets of the racer's attempts. The
 * race knows no more of it than this table; curl/gate.c fills it.
 *
 * open() and prepare() are called on the racer's thread, close() on any, none
 * with a lock held. They may take their time, and may call functions of
 * connect.h. What open() gave, or prepare() saw, is closed by close(), once,
 * unless libcurl gets it. */
#include "base/addr.h"

struct he_app;

enum he_app_says {
  HE_APP_CONNECT,      /* go on */
  HE_APP_CONNECTED,    /* it claims to be connected already */
  HE_APP_DROP          /* no attempt with this one */
};

struct he_app_ops {
  /* A socket for an attempt at *addr; -1: that attempt is not to be made. It
     may set *addr, when it would have it go elsewhere. Only where `opens`. */
  int (*open)(struct he_app *a, struct he_addr *addr);
  enum he_app_says (*prepare)(struct he_app *a, int fd);
  void (*close)(struct he_app *a, int fd);
  void (*ref)(struct he_app *a);
  void (*unref)(struct he_app *a);
};

struct he_app {
  const struct he_app_ops *ops;
  bool opens;          /* else attempts' sockets are curl-he's own */
  bool counts;         /* it learns of numbers that are closed: they stay */
};

#endif
