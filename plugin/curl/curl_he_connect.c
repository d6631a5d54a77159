/* SPDX-License-Identifier: MIT */
/* curl_he_connect.c - a race of the application's own: begun, gone on with,
 * called off, asked about.
 *
 *   IDLE --begin--> RUNS --on_done()--> OVER --begin, or next--> RUNS
 *
 * Only on_done() ends a race. A result is given once: to the caller who waits,
 * to the callback, or to curl_he_connect_result().
 *
 * A thread that pthread_cancel() ended in here would leave a race running, or
 * a lock held: it is ended when it is out. */
#include "curl/connecting.h"
#include "curl/figures.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef curl_he_connect_getinfo

/* -- the end -- */

static CURLHEcode code_of(enum he_dial_end end)
{
  switch(end) {
  case HE_DIAL_WON:
    break;
  case HE_DIAL_FAILED:
    return CURL_HE_COULDNT_CONNECT;
  case HE_DIAL_UNRESOLVED:
    return CURL_HE_COULDNT_RESOLVE;
  case HE_DIAL_LATE:
    return CURL_HE_TIMEDOUT;
  case HE_DIAL_ABORTED:
    return CURL_HE_CANCELLED;
  case HE_DIAL_NO_MEMORY:
    return CURL_HE_NO_MEMORY;
  }
  return CURL_HE_OK;
}

/* Makes the descriptor readable, or not. */
static void signal_locked(const CURLHErace *r, bool over)
{
  uint64_t n = 1;
  if(r->event < 0)
    return;
  /* neither can fail but where it is so already */
  if((over ? write(r->event, &n, sizeof(n)) :
      read(r->event, &n, sizeof(n))) < 0)
    return;
}

/* After the callback the race may be gone. */
static void on_done(void *arg, int fd, const struct he_addr *addr, int error)
{
  CURLHErace *r = arg;
  curl_he_connect_callback call;
  const CURLHEcode code = code_of(he_dial_end(r->dial));
  void *data = r->done_data;
  (void)addr;
  (void)error;
  pthread_mutex_lock(&r->lock);
  call = r->blocks ? NULL : r->done;
  r->state = HE_CONNECTING_OVER;
  r->code = code;
  r->fd = call ? -1 : fd;
  r->told = call != NULL;
  if(!call && !r->blocks)
    signal_locked(r, true);
  pthread_mutex_unlock(&r->lock);
  if(call)
    call(r, code, fd < 0 ? CURL_SOCKET_BAD : fd, data);
}

/* The result, which is given once. */
static CURLHEcode take_locked(CURLHErace *r, curl_socket_t *fd)
{
  *fd = r->fd < 0 ? CURL_SOCKET_BAD : r->fd;
  r->fd = -1;
  r->told = true;
  signal_locked(r, false);
  return r->code;
}

/* -- beginning -- */

/* From now on it runs. What nobody took of the last race is closed. */
static CURLHEcode enter(CURLHErace *r, bool blocks, bool goes_on)
{
  CURLHEcode code = CURL_HE_OK;
  int fd = -1;
  pthread_mutex_lock(&r->lock);
  if(r->state == HE_CONNECTING_RUNS)
    code = CURL_HE_BUSY;
  else if(goes_on && !r->dial)
    code = CURL_HE_BAD_POINTER;
  else {
    r->state = HE_CONNECTING_RUNS;
    r->blocks = blocks;
    r->nth = goes_on ? r->nth + 1 : 1;
    r->called_off = r->told = false;
    fd = r->fd;
    r->fd = -1;
    signal_locked(r, false);
  }
  pthread_mutex_unlock(&r->lock);
  if(fd >= 0 && r->app)
    r->app->ops->close(r->app, fd);
  else if(fd >= 0)
    close(fd);
  return code;
}

/* It was not begun after all. */
static CURLHEcode leave(CURLHErace *r, CURLHEcode code)
{
  pthread_mutex_lock(&r->lock);
  r->state = HE_CONNECTING_IDLE;
  pthread_mutex_unlock(&r->lock);
  return code;
}

static void keep(CURLHErace *r, const struct he_dial_config *c)
{
  free(r->host);
  r->host = strdup(c->host ? c->host : "");
  r->port = c->port_count ? c->ports[0] : c->list[0].port;
  r->delay = c->race.attempt_delay;
  r->network = c->network;
}

/* A new dial in the place of the last one. */
static CURLHEcode prepare(CURLHErace *r, const char *host,
                          const unsigned short *ports, size_t count)
{
  struct he_dial_config c;
  struct he_dial *d = NULL;
  bool called_off;
  CURLHEcode code;
  he_connecting_drop(r);
  code = he_connecting_config(r, host, ports, count, &c);
  if(!code) {
    keep(r, &c);
    d = he_dial_new(&c, on_done, r);
    code = d ? CURL_HE_OK : CURL_HE_NO_MEMORY;
  }
  he_connecting_config_free(&c);
  pthread_mutex_lock(&r->lock);
  r->dial = d;
  called_off = r->called_off;
  pthread_mutex_unlock(&r->lock);
  if(d && called_off)
    he_dial_abort(d, 1);
  return code;
}

/* A race that blocks is over when this returns, another one may be. */
static CURLHEcode go(CURLHErace *r, curl_socket_t *fd)
{
  CURLHEcode code = CURL_HE_OK;
  if(!he_dial_go(r->dial, fd != NULL))
    return leave(r, CURL_HE_NO_MEMORY);
  if(!fd)
    return CURL_HE_OK;
  pthread_mutex_lock(&r->lock);
  code = take_locked(r, fd);
  pthread_mutex_unlock(&r->lock);
  return code;
}

static CURLHEcode begin(CURLHErace *r, const char *host,
                        const unsigned short *ports, size_t count,
                        curl_socket_t *fd)
{
  CURLHEcode code;
  int cancel;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  code = enter(r, fd != NULL, false);
  if(!code) {
    code = prepare(r, host, ports, count);
    code = code ? leave(r, code) : go(r, fd);
  }
  pthread_setcancelstate(cancel, NULL);
  return code;
}

CURLHEcode curl_he_connect(CURLHErace *r, const char *host,
                           const unsigned short *ports, size_t count,
                           curl_socket_t *fd)
{
  if(!he_connecting_is(r) || !fd)
    return CURL_HE_BAD_POINTER;
  *fd = CURL_SOCKET_BAD;
  return begin(r, host, ports, count, fd);
}

CURLHEcode curl_he_connect_start(CURLHErace *r, const char *host,
                                 const unsigned short *ports, size_t count)
{
  return he_connecting_is(r) ? begin(r, host, ports, count, NULL) :
         CURL_HE_BAD_POINTER;
}

CURLHEcode curl_he_connect_next(CURLHErace *r, curl_socket_t *fd)
{
  CURLHEcode code;
  int cancel;
  if(fd)
    *fd = CURL_SOCKET_BAD;
  if(!he_connecting_is(r))
    return CURL_HE_BAD_POINTER;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  code = enter(r, fd != NULL, true);
  code = code ? code : go(r, fd);
  pthread_setcancelstate(cancel, NULL);
  return code;
}

/* -- meanwhile, and afterwards -- */

CURLHEcode curl_he_connect_cancel(CURLHErace *r)
{
  struct he_dial *d = NULL;
  unsigned nth = 0;
  int cancel;
  if(!he_connecting_is(r))
    return CURL_HE_BAD_POINTER;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  pthread_mutex_lock(&r->lock);
  if(r->state == HE_CONNECTING_RUNS) {
    r->called_off = true;
    nth = r->nth;
    d = r->dial;
    if(d)
      he_dial_ref(d);
  }
  pthread_mutex_unlock(&r->lock);
  if(d) {
    he_dial_abort(d, nth);    /* may close sockets by the application's word */
    he_dial_unref(d);
  }
  pthread_setcancelstate(cancel, NULL);
  return CURL_HE_OK;
}

CURLHEcode curl_he_connect_result(CURLHErace *r, curl_socket_t *fd)
{
  CURLHEcode code = CURL_HE_BAD_POINTER;
  int cancel;
  if(!he_connecting_is(r) || !fd)
    return code;
  *fd = CURL_SOCKET_BAD;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
  pthread_mutex_lock(&r->lock);
  if(r->state == HE_CONNECTING_RUNS)
    code = CURL_HE_AGAIN;
  else if(r->state == HE_CONNECTING_OVER && !r->told)
    code = take_locked(r, fd);
  pthread_mutex_unlock(&r->lock);
  pthread_setcancelstate(cancel, NULL);
  return code;
}

/* Takes the place of what was given out before. */
static CURLHEcode give(void **place, void *piece)
{
  if(!piece)
    return CURL_HE_NO_MEMORY;
  free(*place);
  *place = piece;
  return CURL_HE_OK;
}

static CURLHEcode tell_failures(CURLHErace *r, const struct he_figures *t,
                                const char **out)
{
  const bool late = r->dial && he_dial_end(r->dial) == HE_DIAL_LATE;
  char *text = he_figures_failures_at(t, late);
  if(!text)
    return CURL_HE_NO_MEMORY;
  free(r->failures);
  *out = r->failures = text;
  return CURL_HE_OK;
}

static CURLHEcode tell_winner(CURLHErace *r, const struct he_figures *t,
                              const char **out)
{
  const struct he_step *won = he_figures_winner(t);
  *out = won ? he_addr_text(&won->addr, r->winner) : NULL;
  return CURL_HE_OK;
}

static CURLHEcode tell_long(CURLHErace *r, const struct he_figures *t,
                            CURLHEINFO info, long *out)
{
  const struct he_step *won = he_figures_winner(t);
  switch(info) {
  case CURLHEINFO_PORT:
    *out = won ? won->addr.port : 0;
    return CURL_HE_OK;
  case CURLHEINFO_ATTEMPTS:
    *out = he_figures_attempts(t);
    return CURL_HE_OK;
  case CURLHEINFO_DELAY_MS:
    *out = (long)(t->delay / HE_MS(1));
    return CURL_HE_OK;
  case CURLHEINFO_OS_ERRNO:
    *out = r->dial ? he_dial_errno(r->dial) : 0;
    return CURL_HE_OK;
  case CURLHEINFO_RESOLVE_ERRNO:
    *out = r->dial ? he_dial_unresolved(r->dial) : 0;
    return CURL_HE_OK;
  default:
    return CURL_HE_UNKNOWN_OPTION;
  }
}

/* Writes `info` to *out, by the type that the public header gives it. */
static CURLHEcode answer(CURLHErace *r, const struct he_figures *t,
                         CURLHEINFO info, void *out)
{
  switch(info) {
  case CURLHEINFO_WINNER:
    return tell_winner(r, t, out);
  case CURLHEINFO_FAILURES:
    return tell_failures(r, t, out);
  case CURLHEINFO_RACE:
    return give(&r->race, he_figures_race(t, out));
  case CURLHEINFO_RESOLVE_TIME_T:
    *(curl_off_t *)out = he_figures_resolve_time(t);
    return CURL_HE_OK;
  case CURLHEINFO_CONNECT_TIME_T:
    *(curl_off_t *)out = he_figures_connect_time(t);
    return CURL_HE_OK;
  default:
    return tell_long(r, t, info, out);
  }
}

CURLHEcode curl_he_connect_getinfo(CURLHErace *r, CURLHEINFO info, ...)
{
  struct he_figures t = { .host = NULL };
  CURLHEcode code = CURL_HE_NO_MEMORY;
  va_list ap;
  void *out;
  va_start(ap, info);
  out = va_arg(ap, void *);
  va_end(ap);
  if(!he_connecting_is(r) || !out)
    return CURL_HE_BAD_POINTER;
  if(r->dial) {
    t = (struct he_figures){ .host = r->host, .port = r->port,
                             .delay = r->delay, .network = r->network };
    t.steps = he_dial_steps(r->dial, &t.n);
  }
  if(t.steps || !t.n)
    code = answer(r, &t, info, out);
  free(t.steps);
  return code;
}
