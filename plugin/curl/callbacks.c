/* SPDX-License-Identifier: MIT */
/* callbacks.c - the hooks in libcurl.
 *
 * opensocket:     the winner where there is one, else a plain new socket, of
 *                 which the racer is told
 * sockopt:        says that the winner is connected already
 * closesocket:    tells the racer how an attempt ended
 * resolver start: sets the HE timer; the moment where curl_he_perform() takes
 *                 over the resolving
 *
 * None blocks for longer than a millisecond: that is waited for a history file,
 * until what it has of the host is read, and where an attempt has failed, see
 * outlast_timers(). The number that they get is a handle's (handle.h). */
#include "curl/callbacks.h"
#include "base/clock.h"
#include "beside/owners.h"
#include "curl/ahead.h"
#include "curl/closers.h"
#include "curl/hasten.h"
#include "curl/known.h"
#include "curl/outlook.h"
#include "curl/progress.h"
#include "curl/quirks.h"
#include "curl/races.h"
#include "curl/timer.h"
#include "net/netns.h"
#include "net/parking.h"
#include "net/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What libcurl adds to a socket's type; 8.19 and later set SOCK_CLOEXEC. */
#ifdef SOCK_CLOEXEC
#define TYPE_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#else
#define TYPE_FLAGS 0
#endif

/* -- jobs -- */

static bool same_peer(const struct he_job *j, const struct he_peer *p)
{
  const struct he_job_config *c = he_job_config(j);
  return c->port == p->port && !strcmp(c->host, p->host);
}

/* libcurl has just resolved a name, and connects: what it begins with. */
static void note_first(struct he_handle *h, const struct he_peer *p,
                       const struct he_addr *offered)
{
  he_time_ns us = (he_clock_now() - h->asked_at) / 1000;
  if(us >= HE_LOOKUP_CERTAIN)
    us = HE_LOOKUP_CERTAIN - 1;
  he_context_tries(h->he, p->sighting, offered, (uint32_t)us);
}

/* What speaks for a connect to the host's addresses, as libcurl's resolver
   gave them: NULL, or what does not. */
static const char *missing(struct he_handle *h, const struct he_peer *p,
                           const struct he_addr *offered,
                           struct he_sighting *seen, he_time_ns *lookup)
{
  uint32_t us = 0;
  *lookup = 0;
  if(!he_context_has_seen(h->he, p->sighting, he_clock_now(), seen))
    return "libcurl did not ask the system's resolver for this name";
  if(he_sighting_begins(seen, offered, &us)) {
    if(us != HE_LOOKUP_CERTAIN)
      *lookup = (he_time_ns)us * 1000 + 1;
    return NULL;
  }
  /* cached for whoever may use both families, and this one may not */
  if(he_handle_option(h, p->host, HE_OPT_FAMILIES) &&
     !he_sighting_family(seen, (enum he_family)offered->family))
    return NULL;
  return "libcurl begins with another address than when it resolved the name";
}

/* A job for a connect that libcurl began by itself; NULL without memory. */
static struct he_job *job_beside(struct he_handle *h, const struct he_peer *p,
                                 const struct he_addr *offered)
{
  const char *doubt = he_peer_doubt(h, p, offered->port);
  struct he_sighting seen = { .partial = false };
  he_time_ns lookup = 0;
  struct he_job *j;
  if(!doubt)
    doubt = missing(h, p, offered, &seen, &lookup);
  j = he_handle_new_job(h, p, doubt, lookup, false, seen.partial);
  if(j && seen.partial)
    he_job_listed(j, seen.listed, false);
  return j;
}

/* The job that a request for this address belongs to, with a reference: the
   last one, or a new one (*fresh). NULL where the request is none of
   curl-he's. */
static struct he_job *job_for(struct he_handle *h,
                              const struct he_addr *offered, bool *fresh)
{
  const struct he_peer *peer = he_peer_of(h);
  struct he_job *j;
  /* another port: a proxy, an FTP data connection, CURLOPT_CONNECT_TO, ... */
  if(!peer || peer->port != offered->port)
    return NULL;
  if(h->asked_at)
    note_first(h, peer, offered);
  j = he_handle_job(h);
  if(j && same_peer(j, peer) && he_job_continues(j, offered))
    return j;
  he_job_unref(j);
  j = job_beside(h, peer, offered);
  *fresh = true;
  if(j) {
    he_job_ref(j);
    he_handle_set_job(h, j);
  }
  return j;
}

/* -- opensocket -- */

/* Has a winner been handed over yet? Where none ever was, and no application
   has declared anything, there is no handle to look up: that is most
   connects. */
static bool any_handed;

static curl_socket_t open_plain(struct he_handle *h, curlsocktype purpose,
                                struct curl_sockaddr *sa)
{
  if(h && he_handle_declared(h)->opensocket) {
    const struct he_declared *d = he_handle_declared(h);
    return d->opensocket(d->opensocket_data, purpose, sa);
  }
  return socket(sa->family, sa->socktype, sa->protocol);
}

static curl_socket_t open_unraced(struct he_handle *h, curlsocktype purpose,
                                  struct curl_sockaddr *sa)
{
  curl_socket_t fd = open_plain(h, purpose, sa);
  he_owner_none(fd);   /* which an attempt may have had before */
  return fd;
}

static bool raceable(curlsocktype purpose, const struct curl_sockaddr *sa)
{
  return purpose == CURLSOCKTYPE_IPCXN &&
         (sa->family == AF_INET || sa->family == AF_INET6) &&
         (sa->socktype & ~TYPE_FLAGS) == SOCK_STREAM;
}

static void write_back(struct curl_sockaddr *sa, const struct he_addr *a)
{
  /* libcurl has room for a sockaddr_storage behind `addr` */
  sa->addrlen = (unsigned)he_addr_to_sockaddr(a, &sa->addr,
                                          sizeof(struct sockaddr_storage));
  sa->family = a->family == HE_IPV4 ? AF_INET : AF_INET6;
}

/* libcurl has a socket for `addr` from the application's callback, unless that
   has made something else of it. */
static void started_by_app(struct he_job *j, curl_socket_t fd,
                           const struct he_addr *addr, enum he_family asked,
                           const struct curl_sockaddr *sa)
{
  struct he_addr now;
  bool tcp = he_addr_from_sockaddr(&now, &sa->addr, sa->addrlen) &&
             he_wire_is_tcp(fd, &now);
  if(tcp)
    he_job_started(j, fd, &now, asked);
  if(!tcp || !he_addr_equal(&now, addr))
    he_job_steered(j);
}

/* Before 7.88.0 libcurl opens the next socket first, then closes the one that
   failed: hurry() would come too late to clean the slate. libcurl would tell
   the event loop of the new socket from inside the close callback, where it
   refuses curl_multi_assign(): the loop would not know that socket later. Here
   libcurl tells the loop at most that the failed one is gone. */
static void clean_slate(CURL *easy)
{
  if(he_quirk(HE_QUIRK_CLOSES_FIRST))
    return;
  curl_easy_pause(easy, CURLPAUSE_RECV);
  curl_easy_pause(easy, CURLPAUSE_CONT);
}

/* The job that this request belongs to, with a reference, or NULL. Where a
   connected socket is to answer it, *fd is that socket and *addr its peer. */
static struct he_job *find_job(struct he_handle *h, struct he_addr *addr,
                               bool *fresh, curl_socket_t *fd)
{
  struct he_job *j;
  *fd = -1;
  *fresh = false;
  if(he_handle_looked_up(h, addr, &j, fd))
    return j;
  j = job_for(h, addr, fresh);
  if(j && !*fresh)
    *fd = he_job_take(j, addr);
  if(*fd >= 0)
    clean_slate(h->easy);
  return j;
}

/* What the sockopt callback is to say of it. */
static void hand_over(struct he_handle *h, const struct he_job *j,
                      curl_socket_t fd, bool refused)
{
  h->handed = fd;
  __atomic_store_n(&any_handed, true, __ATOMIC_RELAXED);
  h->handed_prepared = he_job_config(j)->app != NULL;
  h->handed_refused = refused;
}

static curl_socket_t open_raced(struct he_handle *h, curlsocktype purpose,
                                struct curl_sockaddr *sa)
{
  struct he_addr addr;
  enum he_family asked;
  struct he_job *j = NULL;
  bool fresh = false;
  curl_socket_t fd;
  if(he_addr_from_sockaddr(&addr, &sa->addr, sa->addrlen))
    j = find_job(h, &addr, &fresh, &fd);
  if(!j)
    return open_unraced(h, purpose, sa);
  h->begins = true;
  if(fd < 0 && he_refused_again(h->refused, &addr, he_clock_now())) {
    he_job_unref(j);
    return CURL_SOCKET_BAD;
  }
  asked = sa->family == AF_INET ? HE_IPV4 : HE_IPV6;
  if(fd >= 0) {
    write_back(sa, &addr);
    hand_over(h, j, fd, false);
  }
  else if((fd = he_refused_socket(h->refused, &addr)) >= 0) {
    hand_over(h, j, fd, true);
    he_job_started(j, fd, &addr, asked);
  }
  else {
    if((!fresh && he_job_prefer(j, &addr)) || he_job_instead(j, &addr))
      write_back(sa, &addr);
    fd = open_plain(h, purpose, sa);
    if(fd != CURL_SOCKET_BAD && he_handle_declared(h)->opensocket)
      started_by_app(j, fd, &addr, asked, sa);
    else if(fd != CURL_SOCKET_BAD)
      he_job_started(j, fd, &addr, asked);
  }
  he_job_unref(j);
  return fd;
}

static curl_socket_t on_opensocket(void *number, curlsocktype purpose,
                                   struct curl_sockaddr *sa)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  curl_socket_t fd;
  if(h) {
    h->netns = he_netns_here();
    h->figures = true;
    if(h->veto == HE_VETO_ARMED)   /* from now on something may be sent */
      h->veto = HE_VETO_OFF;
    if(h->record)
      h->record->connected = true;
    /* a winner that libcurl closed before it asked for options */
    h->handed = CURL_SOCKET_BAD;
    if(h->hastened)
      he_handle_unhasten(h);
  }
  fd = h && raceable(purpose, sa) ? open_raced(h, purpose, sa) :
       open_unraced(h, purpose, sa);
  if(fd != CURL_SOCKET_BAD) {
    const struct he_declared *d = h ? he_handle_declared(h) : NULL;
    he_closer_note(fd, d ? d->closesocket : NULL,
                   d ? d->closesocket_data : NULL);
  }
  if(h) {
    h->netns = 0;
    h->asked_at = 0;
    h->given = false;
  }
  he_handle_put(h);
  return fd;
}

/* -- sockopt -- */

/* A refused socket says why when libcurl connects it. Before 7.88 libcurl has
   no words for a connect() that fails at once; told that it is connected
   libcurl looks, and has them. */
static bool says_connected(const struct he_handle *h)
{
  return !h->handed_refused || !he_quirk(HE_QUIRK_CLOSES_FIRST);
}

static int on_sockopt(void *number, curl_socket_t fd, curlsocktype purpose)
{
  struct he_handle *h = NULL;
  int result = CURL_SOCKOPT_OK;
  if(__atomic_load_n(&any_handed, __ATOMIC_RELAXED) ||
     he_declared_any_hook())
    h = he_handle_by_id((uintptr_t)number);
  if(h) {
    const struct he_declared *d = he_handle_declared(h);
    /* a winner has been through it before it was connected */
    if(d->sockopt && !(fd == h->handed && h->handed_prepared))
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

/* -- closesocket -- */

/* curl_multi_perform() of 7.88.0 to 8.3.0 drops a timer that was set less than
   1 ms after the call began, if another timer of the transfer has run out. On a
   busy machine one mostly has: the transfer is woken late. So the call is to be
   a millisecond old. */
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
   - Before 8.10.0 the last that an event loop said of any socket is kept until
     there is a connection. If it was CURL_CSELECT_ERR of the failed attempt, as
     libuv has it, and the next socket is the winner, it passes for an error of
     that one: CURLE_SEND_ERROR.
   On the way libcurl tells the event loop of the failed socket once more (from
   8.8.0 on, a bare CURLPAUSE_CONT does without), so that it has to stay open
   until the loop has heard that it is gone. True where that is so.
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

/* libcurl leaves a failed connect's error in errno when it closes the socket
   (7.88.0 to 8.3.0 do; later ones are to be hurried after a provoked attempt
   only, which the racer has seen, so that it is asked). The errors that other
   calls leave there on the way to a successful end say nothing; any other is
   worth asking the kernel. */
static bool is_doubtful(int error)
{
  return error && error != EINPROGRESS && error != EAGAIN && error != EINTR;
}

/* An attempt that never connected is closed by the thread that drives the
   transfer, so the easy handle may be touched. A connection that was
   established may be closed by any thread, long after its handle; nothing is
   touched where the system does not tell the one from the other. True where fd
   should be closed a little later. */
static bool before_close(struct he_handle *h, struct he_job *j,
                         curl_socket_t fd, bool doubtful)
{
  bool later = false;
  if(he_job_closing(j, fd, doubtful)) {
    bool sure = he_wire_remembers(fd);
    long error = 0;
    if(sure)
      curl_easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &error);
    he_job_failed(j, fd, (int)error);
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

static int on_closesocket(void *number, curl_socket_t fd)
{
  bool doubtful = is_doubtful(errno);
  struct he_job *j;
  struct he_handle *h = he_handle_with_job((uintptr_t)number, &j);
  curl_closesocket_callback closer = NULL;
  bool later = false;
  void *data = NULL;
  int result;
  if(h) {
    later = j && before_close(h, j, fd, doubtful);
    he_handle_closer(h, &closer, &data);   /* for sockets not noted */
  }
  he_closer_take(fd, &closer, &data);
  if(closer)
    result = closer(data, fd);
  else
    result = later ? close_later(h, fd) : close(fd);
  he_job_unref(j);
  he_handle_put(h);
  return result;
}

/* -- resolver start -- */

bool he_has_requested(CURL *easy)
{
  long redirects = 0, bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
  return redirects || bytes;
}

/* Is libcurl past the first question of the transfer? Each of the times begins
   at 0, and is never 0 once it is known. */
static bool is_past_lookup(CURL *easy)
{
  curl_off_t us = 0;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &us);
  return us;
}

/* The size of the request is HTTP's alone, the response code whoever answered
   in this transfer; with a connection that was kept libcurl 8.21 has no times
   when it asks for the address of an FTP data connection. */
bool he_may_have_sent(struct he_handle *h)
{
  curl_off_t connected_us = 0;
  long code = 0;
  curl_easy_getinfo(h->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
  curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &code);
  return connected_us || code || he_has_requested(h->easy) ||
         (is_past_lookup(h->easy) && !h->begins);   /* it kept a connection */
}

/* curl_he_perform() waits to know whether this transfer needs a name resolved,
   and which: here it is. What is asked for later, an FTP data connection's
   address say, is asked for when commands were sent. */
static bool take_over(struct he_handle *h, const struct he_peer *p)
{
  struct he_job *j;
  if(is_past_lookup(h->easy) || he_may_have_sent(h) ||
     he_peer_doubt(h, p, p->port))
    return false;
  j = he_handle_new_job(h, p, NULL, 0, true, false);
  if(j)
    he_handle_set_job(h, j);
  return j != NULL;
}

/* libcurl has the host's addresses from curl_he_perform(), and asks for a name
   all the same: it is another one, by CURLOPT_CONNECT_TO for instance; or
   CURLOPT_IPRESOLVE is set, and these are of the wrong family. True where that
   is so, and curl-he out of it. */
static bool gone_elsewhere(struct he_handle *h, const struct he_peer *p)
{
  struct he_job *j = h->given ? he_handle_job(h) : NULL;
  bool yes = j && same_peer(j, p) && !he_may_have_sent(h);
  he_job_unref(j);
  if(yes) {
    h->given = false;
    h->elsewhere = true;
    he_context_forget(h->he, p->sighting);
    j = he_handle_new_job(h, p, "libcurl does not want the addresses it was "
                          "given", 0, false, false);
    if(j)
      he_handle_set_job(h, j);
  }
  return yes;
}

static void watch_lookup(struct he_handle *h, const struct he_peer *p)
{
  if(gone_elsewhere(h, p))
    return;
  h->asked_at = he_clock_now();
  he_context_saw(h->he, p->sighting, h->asked_at, NULL);
}

/* What other processes have learned of this host, for the HE timer. */
static void read_up(struct he_handle *h, const struct he_peer *p)
{
  struct he_recall *r = __atomic_load_n(&h->he->recall, __ATOMIC_ACQUIRE);
  if(r && he_recall_pending(r))
    he_handle_outlook(h, p);   /* waits for 1 ms at most */
}

static int on_resolver_start(void *resolver, void *reserved, void *number)
{
  struct he_handle *h = he_handle_by_id((uintptr_t)number);
  const struct he_peer *peer;
  int veto = 0;
  if(!h)
    return 0;
  h->figures = false;
  if(he_handle_declared(h)->resolver_start) {
    const struct he_declared *d = he_handle_declared(h);
    veto = d->resolver_start(resolver, reserved, d->resolver_start_data);
  }
  peer = veto ? NULL : he_peer_of(h);
  if(peer) {
    h->netns = he_netns_here();
    read_up(h, peer);
    h->resolves = true;
    he_hooks_set_delay(h);
    if(h->veto != HE_VETO_ARMED)
      he_handle_hasten(h, peer);
    h->resolves = false;
    if(h->veto == HE_VETO_ARMED && take_over(h, peer)) {
      h->veto = HE_VETO_DONE;
      veto = 1;
    }
    else {
      watch_lookup(h, peer);
      he_handle_expect(h, peer);
    }
    h->netns = 0;
  }
  he_handle_put(h);
  return veto;
}

/* -- setting them -- */

/* Has anything been learned? */
static bool has_learned(CURLHE *he)
{
  struct he_recall *r = __atomic_load_n(&he->recall, __ATOMIC_ACQUIRE);
  return r && he_recall_epoch(r) != 1;
}

/* The URL's host, where that makes a difference. */
static const char *host_of(struct he_handle *h)
{
  const struct he_peer *p = he_context_has_hosts(h->he) ? he_peer_of(h) : NULL;
  return p ? p->host : NULL;
}

CURLcode he_hooks_set_delay(struct he_handle *h)
{
  const struct he_peer *p = has_learned(h->he) ? he_peer_of(h) : NULL;
  if(p && he_peer_led_away(h, p))
    p = NULL;
  return he_handle_set_timer(h, p ? (long)(he_handle_delay(h, p) / HE_MS(1)) :
                                he_handle_delay_ms(h, host_of(h)));
}

CURLcode he_hooks_set_families(struct he_handle *h)
{
  long families = he_handle_option(h, host_of(h), HE_OPT_FAMILIES);
  h->confined = families != CURL_HE_FAMILIES_ANY;
  return curl_easy_setopt(h->easy, CURLOPT_IPRESOLVE, families);
}

CURLcode he_hooks_set_host(struct he_handle *h)
{
  const struct he_peer *p = has_learned(h->he) ? he_peer_of(h) : NULL;
  CURLcode rc = he_hooks_set_delay(h);
  if(p)   /* for a name that libcurl has in its cache */
    he_handle_hasten(h, p);
  /* what the application has set stays, where curl-he's options say nothing,
     and said nothing before */
  if(!rc && (h->confined || he_handle_option(h, host_of(h), HE_OPT_FAMILIES)))
    rc = he_hooks_set_families(h);
  return rc;
}

CURLcode he_hooks_set(struct he_handle *h)
{
  CURL *e = h->easy;
  void *number = (void *)h->id;
  CURLcode rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, number);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_opensocket);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_sockopt);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_closesocket);
  if(!rc)
    rc = curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION,
                          on_resolver_start);
  if(!rc)
    rc = he_hooks_set_host(h);
  if(!rc)
    he_progress_set(h);
  return rc;
}

void he_hooks_reset(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  CURL *e = h->easy;
  curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, d->opensocket);
  curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, d->opensocket_data);
  curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, d->sockopt);
  curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, d->sockopt_data);
  curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, d->closesocket);
  curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, d->closesocket_data);
  curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, d->resolver_start);
  curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, d->resolver_start_data);
  curl_easy_setopt(e, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,
                   d->happy_eyeballs_ms >= 0 ? d->happy_eyeballs_ms :
                   (long)CURL_HET_DEFAULT);
  he_handle_leave_names(h);
  he_progress_reset(h);
  if(h->known && h->confined)
    curl_easy_setopt(e, CURLOPT_IPRESOLVE, d->ipresolve >= 0 ? d->ipresolve :
                     (long)CURL_IPRESOLVE_WHATEVER);
}
