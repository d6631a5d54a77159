/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct ledger *ledger_new(void)
{
  struct ledger *l = calloc(1, sizeof(*l));
  if(!l)
    abort();
  l->owner = pthread_self();
  pthread_mutex_init(&l->lock, NULL);
  return l;
}

static void *ip_of(struct curl_sockaddr *sa)
{
  void *addr = &sa->addr;
  if(sa->family == AF_INET)
    return &((struct sockaddr_in *)addr)->sin_addr;
  return &((struct sockaddr_in6 *)addr)->sin6_addr;
}

static bool listed(const char *const *list, const char *address)
{
  for(; list && *list; list++) {
    if(!strcmp(*list, address))
      return true;
  }
  return false;
}

/* The socket that is not closed, or else the last, with this number. */
static struct account *find(struct ledger *l, curl_socket_t fd)
{
  struct account *found = NULL;
  for(size_t i = 0; i < l->count; i++) {
    if(l->list[i].fd == fd)
      found = &l->list[i];
  }
  return found;
}

static bool enter(struct ledger *l, const char *address, curl_socket_t fd)
{
  struct account *a;
  bool ok;
  pthread_mutex_lock(&l->lock);
  ok = l->count < sizeof(l->list) / sizeof(*l->list);
  if(ok) {
    a = &l->list[l->count++];
    a->fd = fd;
    strcpy(a->address, address);
    a->racers = !pthread_equal(pthread_self(), l->owner);
  }
  else
    l->strange++;
  pthread_mutex_unlock(&l->lock);
  return ok;
}

static void dawdle(struct ledger *l)
{
  struct timespec pause = { .tv_nsec = 1000000 * (long)l->slow_ms };
  if(l->inside)
    l->inside(l);
  nanosleep(&pause, NULL);
}

static curl_socket_t on_open(void *user, curlsocktype purpose,
                             struct curl_sockaddr *sa)
{
  struct ledger *l = user;
  char address[64] = "";
  curl_socket_t fd;
  if(purpose != CURLSOCKTYPE_IPCXN ||
     !inet_ntop(sa->family, ip_of(sa), address, sizeof(address)))
    return CURL_SOCKET_BAD;
  if(!pthread_equal(pthread_self(), l->owner))
    dawdle(l);
  if(listed(l->refused, address)) {
    enter(l, address, CURL_SOCKET_BAD);
    return CURL_SOCKET_BAD;
  }
  if(l->steer_from && !strcmp(l->steer_from, address))
    inet_pton(sa->family, l->steer_to, ip_of(sa));
  fd = socket(sa->family, sa->socktype, sa->protocol);
  if(fd < 0)
    return CURL_SOCKET_BAD;
  if((l->mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &l->mark,
                            sizeof(l->mark))) || !enter(l, address, fd)) {
    close(fd);
    return CURL_SOCKET_BAD;
  }
  return fd;
}

static int on_sockopt(void *user, curl_socket_t fd, curlsocktype purpose)
{
  struct ledger *l = user;
  struct account *a;
  int result = CURL_SOCKOPT_OK;
  pthread_mutex_lock(&l->lock);
  a = find(l, fd);
  if(!a || a->closed || purpose != CURLSOCKTYPE_IPCXN)
    l->strange++;
  else {
    a->prepared++;
    if(listed(l->unprepared, a->address))
      result = CURL_SOCKOPT_ERROR;
    else if(l->claims && a->racers)
      result = CURL_SOCKOPT_ALREADY_CONNECTED;
  }
  pthread_mutex_unlock(&l->lock);
  return result;
}

static int on_close(void *user, curl_socket_t fd)
{
  struct ledger *l = user;
  struct account *a;
  pthread_mutex_lock(&l->lock);
  a = find(l, fd);
  if(a)
    a->closed++;
  else
    l->strange++;
  pthread_mutex_unlock(&l->lock);
  return close(fd);
}

bool ledger_declare(struct ledger *l, CURL *easy)
{
  return !(curl_he_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, on_open) &&
         !(curl_he_easy_setopt)(easy, CURLOPT_OPENSOCKETDATA, l) &&
         !(curl_he_easy_setopt)(easy, CURLOPT_SOCKOPTFUNCTION, on_sockopt) &&
         !(curl_he_easy_setopt)(easy, CURLOPT_SOCKOPTDATA, l) &&
         !(curl_he_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close) &&
         !(curl_he_easy_setopt)(easy, CURLOPT_CLOSESOCKETDATA, l);
}

static size_t tally(struct ledger *l, bool (*counts)(const struct account *))
{
  size_t n = 0;
  pthread_mutex_lock(&l->lock);
  for(size_t i = 0; i < l->count; i++)
    n += l->list[i].fd != CURL_SOCKET_BAD && counts(&l->list[i]);
  pthread_mutex_unlock(&l->lock);
  return n;
}

static bool is_any(const struct account *a)
{
  (void)a;
  return true;
}

static bool is_closed(const struct account *a)
{
  return a->closed == 1;
}

static bool is_racers(const struct account *a)
{
  return a->racers;
}

static bool is_unprepared(const struct account *a)
{
  return a->prepared != 1;
}

size_t ledger_sockets(struct ledger *l)
{
  return tally(l, is_any);
}

size_t ledger_closed(struct ledger *l)
{
  return tally(l, is_closed);
}

size_t ledger_racers(struct ledger *l)
{
  return tally(l, is_racers);
}

size_t ledger_unprepared(struct ledger *l)
{
  return tally(l, is_unprepared);
}

const char *ledger_wrong(struct ledger *l)
{
  const char *wrong = NULL;
  pthread_mutex_lock(&l->lock);
  if(l->strange)
    wrong = "a call for a socket that is not in the books";
  for(size_t i = 0; i < l->count; i++) {
    const struct account *a = &l->list[i];
    if(a->fd == CURL_SOCKET_BAD)
      continue;
    if(a->closed > 1)
      wrong = "a socket was closed twice";
    else if(!a->closed && a->racers)
      wrong = "a socket of the racer's was not closed";
    else if(!a->closed && !libcurl_closes_silently())
      wrong = "a socket of libcurl's was not closed";
  }
  pthread_mutex_unlock(&l->lock);
  return wrong;
}

bool ledger_asked(struct ledger *l, const char *address)
{
  bool yes = false;
  pthread_mutex_lock(&l->lock);
  for(size_t i = 0; i < l->count; i++)
    yes = yes || !strcmp(l->list[i].address, address);
  pthread_mutex_unlock(&l->lock);
  return yes;
}
