/* SPDX-License-Identifier: MIT */
/* opensocket.c - libcurl asks for a socket, and then, by the sockopt callback,
 * whether the socket is connected already. */
#include "base/clock.h"
#include "connect/owners.h"
#include "curl/ahead.h"
#include "curl/callbacks.h"
#include "curl/closers.h"
#include "curl/doubt.h"
#include "curl/ech.h"
#include "curl/hetimer.h"
#include "curl/known.h"
#include "curl/quirks.h"
#include "curl/races.h"
#include "curl/reporting.h"
#include "curl/settled.h"
#include "curl/translate.h"
#include "curl/waiting.h"
#include "net/racer.h"
#include "net/standin.h"
#include "net/tcp.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* What libcurl adds to a socket's type; 8.19 and later set SOCK_CLOEXEC. */
#ifdef SOCK_CLOEXEC
#define TYPE_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#else
#define TYPE_FLAGS 0
#endif

/* -- the race that a request belongs to -- */

/* libcurl connects: what it begins with, if it has just resolved the name. */
static void note_first(struct he_handle *h, const struct he_peer *p,
                       const struct he_addr *offered)
{
  const he_time_ns us = (he_clock_now() - h->asked_at) / 1000;
  if(h->asked_at)
    he_sightings_tries(&h->he->sightings, p->sighting, offered,
                       us < HE_LOOKUP_CERTAIN ? (uint32_t)us :
                       HE_LOOKUP_CERTAIN - 1);
}

/* Does libcurl connect to the host's addresses, as its resolver gave them?
   NULL, or what speaks against it. */
static const char *missing(struct he_handle *h, const struct he_peer *p,
                           const struct he_addr *offered,
                           struct he_sighting *seen, he_time_ns *lookup)
{
  uint32_t us = 0;
  if(!he_sightings_find(&h->he->sightings, p->sighting, he_clock_now(), seen))
    return "libcurl did not ask the system's resolver for this name";
  if(!he_sighting_begins(seen, offered, &us))
    return "libcurl begins with another address than when it resolved the "
           "name";
  if(us != HE_LOOKUP_CERTAIN)
    *lookup = (he_time_ns)us * 1000 + 1;
  return NULL;
}

/* The race of a connect that libcurl began by itself; NULL without memory. */
static struct he_connect *race_beside(struct he_handle *h,
                                      const struct he_peer *p,
                                      const struct he_addr *offered)
{
  struct he_begun begun = { .doubt = he_doubt_of(h, p, offered->port) };
  struct he_sighting seen = { .partial = false };
  struct he_connect *c;
  if(!begun.doubt && he_ech_relies(h, p))
    begun.doubt = HE_ECH_RELIES;
  if(!begun.doubt)
    begun.doubt = missing(h, p, offered, &seen, &begun.lookup);
  begun.partial = seen.partial;
  c = he_races_new(h, p, &begun);
  if(c && seen.partial)
    he_connect_listed(c, seen.listed, false);
  return c;
}

/* The connect that a request for this address belongs to, with a reference: the
   last one, or a new one (*fresh). NULL where the request is none of
   curl-he's. */
static struct he_connect *race_for(struct he_handle *h,
                                  const struct he_addr *offered, bool *fresh)
{
  const struct he_peer *peer = he_settled_peer(h);
  struct he_connect *c;
  /* another port: a proxy, an FTP data connection, CURLOPT_CONNECT_TO, ... */
  if(!peer || peer->port != offered->port)
    return NULL;
  note_first(h, peer, offered);
  c = he_tasks_race(&h->tasks);
  if(c && he_races_to(c, peer) && he_connect_continues(c, offered))
    return c;
  he_connect_unref(c);
  c = race_beside(h, peer, offered);
  *fresh = true;
  if(c) {
    he_connect_ref(c);
    he_tasks_set_race(&h->tasks, c);
  }
  return c;
}

/* -- the answer -- */

static curl_socket_t open_plain(const struct he_declared *d,
                                curlsocktype purpose, struct curl_sockaddr *sa)
{
  return d->opensocket ? d->opensocket(d->opensocket_data, purpose, sa) :
         socket(sa->family, sa->socktype, sa->protocol);
}

/* Datagrams of QUIC would go to a stand-in. */
static bool is_standin(const struct curl_sockaddr *sa)
{
  struct he_addr addr;
  unsigned place;
  return he_addr_from_sockaddr(&addr, &sa->addr, sa->addrlen) &&
         he_standin_is(&addr, &place);
}

static curl_socket_t open_unraced(const struct he_declared *d,
                                  curlsocktype purpose,
                                  struct curl_sockaddr *sa)
{
  curl_socket_t fd = is_standin(sa) ? CURL_SOCKET_BAD :
                     open_plain(d, purpose, sa);
  he_owner_none(fd);   /* an attempt may have had this number before */
  return fd;
}

static bool raceable(curlsocktype purpose, const struct curl_sockaddr *sa)
{
  return purpose == CURLSOCKTYPE_IPCXN &&
         (sa->family == AF_INET || sa->family == AF_INET6) &&
         (sa->socktype & ~TYPE_FLAGS) == SOCK_STREAM;
}

/* The application's callback has opened a socket for `addr`, or has changed the
   address. */
static void started_by_app(struct he_connect *c, curl_socket_t fd,
                           const struct he_addr *addr, enum he_family asked,
                           const struct curl_sockaddr *sa)
{
  struct he_addr now;
  bool tcp = he_addr_from_sockaddr(&now, &sa->addr, sa->addrlen) &&
             he_wire_is_tcp(fd, &now);
  if(tcp)
    he_connect_started(c, fd, &now, asked);
  if(!tcp || !he_addr_equal(&now, addr))
    he_connect_steered(c);
}

/* Before 7.88.0 libcurl opens the next socket first, then closes the one that
   failed, so that hurry() (closesocket.c) would come too late. libcurl would
   tell the event loop of the new socket from inside the close callback, where
   libcurl refuses curl_multi_assign(): the loop would not know that socket
   later. Here libcurl tells the loop at most that the failed socket is gone. */
static void clean_slate(CURL *easy)
{
  if(he_quirk(HE_QUIRK_CLOSES_FIRST))
    return;
  curl_easy_pause(easy, CURLPAUSE_RECV);
  curl_easy_pause(easy, CURLPAUSE_CONT);
}

/* The connect that this request belongs to, with a reference, or NULL. Where a
   connected socket is to answer it, *fd is that socket and *addr its peer. */
static struct he_connect *find_race(struct he_handle *h, struct he_addr *addr,
                                   bool *fresh, curl_socket_t *fd)
{
  struct he_connect *c;
  *fd = -1;
  *fresh = false;
  if(he_ahead_looked_up(h, addr, &c, fd)) {
    he_reporting_ahead(h, c);
    return c;
  }
  c = race_for(h, addr, fresh);
  if(!c || *fresh)
    he_reporting_beside(h, addr, c);
  if(c && !*fresh)
    *fd = he_connect_take(c, addr);
  if(*fd >= 0) {
    he_ech_set(h, addr);
    he_translate_peer(*fd, addr);
    clean_slate(h->easy);
  }
  return c;
}

/* Notes what the sockopt callback is to say of this socket. */
static void hand_over(struct he_handle *h, const struct he_connect *c,
                      curl_socket_t fd, bool refused)
{
  h->handed = fd;
  h->handed_prepared = he_connect_config(c)->app != NULL;
  h->handed_refused = refused;
}

/* libcurl makes an attempt of its own, by a translator. */
static curl_socket_t open_translated(const struct he_declared *d,
                                     struct he_connect *c,
                                     const struct he_addr *addr,
                                     enum he_family asked,
                                     struct curl_sockaddr *sa)
{
  struct he_addr through;
  curl_socket_t fd = CURL_SOCKET_BAD;
  if(he_addr_from_sockaddr(&through, &sa->addr, sa->addrlen))
    fd = open_plain(d, CURLSOCKTYPE_IPCXN, sa);
  if(fd != CURL_SOCKET_BAD && d->opensocket)
    started_by_app(c, fd, &through, asked, sa);
  else if(fd != CURL_SOCKET_BAD)
    he_connect_started_through(c, fd, addr, &through, asked);
  return fd;
}

/* libcurl makes an attempt of its own. */
static curl_socket_t open_attempt(struct he_handle *h,
                                  const struct he_declared *d,
                                  struct he_connect *c, bool fresh,
                                  struct he_addr *addr,
                                  struct curl_sockaddr *sa)
{
  const enum he_family asked = (enum he_family)addr->family;
  curl_socket_t fd;
  if((!fresh && he_connect_prefer(c, addr)) || he_connect_instead(c, addr))
    he_translate_write(sa, addr);
  if(!he_ech_set(h, addr))
    return CURL_SOCKET_BAD;
  if(he_translate(h, sa))
    return open_translated(d, c, addr, asked, sa);
  fd = open_plain(d, CURLSOCKTYPE_IPCXN, sa);
  if(fd != CURL_SOCKET_BAD && d->opensocket)
    started_by_app(c, fd, addr, asked, sa);
  else if(fd != CURL_SOCKET_BAD)
    he_connect_started(c, fd, addr, asked);
  return fd;
}

/* A connect() to a stand-in fails at once. libcurl is quicker to go on when a
   socket fails than when there is none (hurry() in closesocket.c). */
static curl_socket_t open_failing(struct he_handle *h,
                                  const struct curl_sockaddr *sa)
{
  h->standing.failing = socket(sa->family, sa->socktype, sa->protocol);
  h->standing.has_failing = h->standing.failing >= 0;
  return h->standing.failing;
}

/* libcurl waits for a race, or gets what came of it. */
static curl_socket_t open_stood(struct he_handle *h,
                                enum he_waiting_says says,
                                const struct he_stood *s,
                                struct curl_sockaddr *sa)
{
  if(says == HE_WAITING_FAIL)
    return open_failing(h, sa);
  he_translate_write(sa, &s->addr);
  if(says == HE_WAITING_GIVEN) {
    hand_over(h, s->connect, s->fd, s->refused);
    if(s->refused)
      he_connect_started(s->connect, s->fd, &s->addr,
                         (enum he_family)s->addr.family);
    clean_slate(h->easy);
  }
  return s->fd;
}

static curl_socket_t open_raced(struct he_handle *h,
                                const struct he_declared *d,
                                struct curl_sockaddr *sa)
{
  struct he_addr addr = { .port = 0 };
  struct he_stood stood;
  enum he_waiting_says says;
  struct he_connect *c = NULL;
  bool fresh = false;
  curl_socket_t fd;
  if(he_addr_from_sockaddr(&addr, &sa->addr, sa->addrlen)) {
    says = he_waiting_asked(h, &addr, &stood);
    if(says != HE_WAITING_NOT) {
      fd = open_stood(h, says, &stood, sa);
      he_connect_unref(stood.connect);
      return fd;
    }
    c = find_race(h, &addr, &fresh, &fd);
  }
  if(!c) {
    if(!he_ech_set(h, &addr))
      return CURL_SOCKET_BAD;
    he_translate(h, sa);
    return open_unraced(d, CURLSOCKTYPE_IPCXN, sa);
  }
  h->performing.begins = true;
  if(fd >= 0) {
    he_translate_write(sa, &addr);
    hand_over(h, c, fd, false);
  }
  else if(!he_refused_answers(h->tasks.refused, &addr, &fd))
    fd = open_attempt(h, d, c, fresh, &addr, sa);
  else if(fd >= 0) {
    hand_over(h, c, fd, true);
    he_connect_started(c, fd, &addr, (enum he_family)addr.family);
  }
  he_connect_unref(c);
  return fd;
}

/* What a request for a socket says of the transfer. */
static void begin(struct he_handle *h)
{
  h->netns = he_netns_here();
  h->figures = true;
  /* from now on something may be sent */
  if(h->performing.veto == HE_VETO_ARMED)
    h->performing.veto = HE_VETO_OFF;
  h->first = h->record && !h->record->connected;
  if(h->record)
    h->record->connected = true;
  /* a winner that libcurl closed before it asked for options */
  h->handed = CURL_SOCKET_BAD;
  if(h->hastened)   /* the next connect is another matter */
    he_hetimer_set_delay(h);
}

curl_socket_t he_on_opensocket(void *number, curlsocktype purpose,
                               struct curl_sockaddr *sa)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  const struct he_declared *d = h ? he_handle_declared(h) : &he_declared_none;
  curl_socket_t fd;
  if(h)
    begin(h);
  fd = h && raceable(purpose, sa) ? open_raced(h, d, sa) :
       open_unraced(d, purpose, sa);
  if(h && he_waiting_is(h, fd))
    he_closer_note(fd, NULL, NULL);
  else if(fd != CURL_SOCKET_BAD)
    he_closer_note(fd, d->closesocket, d->closesocket_data);
  if(h) {
    h->netns = 0;
    h->asked_at = 0;
    h->performing.given = false;
  }
  he_handle_put(h);
  return fd;
}

/* -- sockopt -- */

/* A refused socket says why when libcurl connects it. Before 7.88 libcurl has
   no words for a connect() that fails at once. Told that the socket is
   connected libcurl looks at it, and has words. */
static bool says_connected(const struct he_handle *h)
{
  return !h->handed_refused || !he_quirk(HE_QUIRK_CLOSES_FIRST);
}

int he_on_sockopt(void *number, curl_socket_t fd, curlsocktype purpose)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  int result = CURL_SOCKOPT_OK;
  if(h) {
    const struct he_declared *d = he_handle_declared(h);
    /* a winner has been through the callback before it was connected */
    if(d->sockopt && !he_waiting_is(h, fd) &&
       !(fd == h->handed && h->handed_prepared))
      result = d->sockopt(d->sockopt_data, fd, purpose);
    if(fd == h->handed) {
      h->handed = CURL_SOCKET_BAD;
      if(result == CURL_SOCKOPT_OK && says_connected(h))
        result = CURL_SOCKOPT_ALREADY_CONNECTED;
    }
  }
  he_handle_put(h);
  return result;
}
