/* SPDX-License-Identifier: MIT */
/* closesocket.c - libcurl gives a socket up: how an attempt ended. */
#include "curl/callbacks.h"
#include "curl/closers.h"
#include "curl/handle.h"
#include "curl/quirks.h"
#include "curl/waiting.h"
#include "net/parking.h"
#include "net/tcp.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

/* curl_multi_perform() of 7.88.0 to 8.3.0 drops a timer that was set less than
   1 ms after the call began, if another timer of the transfer has expired. On
   a busy machine another timer mostly has, for the transfer is woken late. So
   this waits until the call is a millisecond old. */
static void outlast_timers(void)
{
  struct timespec left = { .tv_nsec = 1000000 };
  while(nanosleep(&left, &left) && errno == EINTR)
    ;
}

/* Makes libcurl go on at once, and with a clean slate, after a failed attempt.
   - 7.88.0 to 8.3.0 try the next address of the same family only when woken the
     next time, up to half the connect time-out later (seen on 7.88.1: 4.004 s
     becomes 0.121 s).
   - Before 8.10.0 libcurl keeps what an event loop last said of any socket
     until there is a connection. After CURL_CSELECT_ERR for the failed attempt,
     as by libuv, libcurl takes that for an error of the next socket, the
     winner: CURLE_SEND_ERROR.
   On the way libcurl tells the event loop of the failed socket once more (from
   8.8.0 on, a bare CURLPAUSE_CONT does without). Then the socket has to stay
   open until the loop has heard that it is gone. True where that is so.
   Before 7.88.0 libcurl goes on by itself; see clean_slate(). */
static bool hurry(CURL *easy)
{
  const bool tells = he_quirk(HE_QUIRK_TELLS_OF_FAILED);
  if(!he_quirk(HE_QUIRK_CLOSES_FIRST))
    return false;
  if(he_quirk(HE_QUIRK_SLEEPS_ON))
    outlast_timers();
  if(tells)
    curl_easy_pause(easy, CURLPAUSE_RECV);
  if(he_quirk(HE_QUIRK_KEEPS_EVENTS))
    curl_easy_pause(easy, CURLPAUSE_CONT);
  return tells;
}

/* The thread that drives the transfer closes an attempt that never connected,
   so that this may touch the easy handle. Any thread may close an established
   connection, long after its handle. Where the system does not tell the two
   apart, this touches nothing. True where fd should be closed a little
   later. */
static bool before_close(struct he_handle *h, struct he_connect *c,
                         curl_socket_t fd)
{
  bool later = false;
  if(he_connect_closing(c, fd)) {
    bool sure = he_wire_remembers(fd);
    long error = 0;
    if(sure)
      curl_easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &error);
    he_connect_failed(c, fd, (int)error);
    later = sure && hurry(h->easy);
  }
  return later;
}

static int close_later(struct he_handle *h, curl_socket_t fd)
{
  struct he_racer *r = he_context_racer(h->he);
  if(!r)
    return close(fd);
  he_park(r, fd);
  he_racer_unref(r);
  return 0;
}

int he_on_closesocket(void *number, curl_socket_t fd)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  struct he_connect *c = h ? he_tasks_race(&h->tasks) : NULL;
  curl_closesocket_callback closer = NULL;
  bool later = false;
  void *data = NULL;
  int result;
  if(h && he_waiting_closing(h, fd))
    later = he_wire_remembers(fd) && hurry(h->easy);
  else if(c)
    later = before_close(h, c, fd);
  he_closer_take(fd, &closer, &data);
  if(closer)
    result = closer(data, fd);
  else
    result = later ? close_later(h, fd) : close(fd);
  he_connect_unref(c);
  he_handle_put(h);
  return result;
}
