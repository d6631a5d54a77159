/* SPDX-License-Identifier: MIT */
/* relay.c - a question gets a number of the relay's own on its way to the name
 * server. The number says who asked, until 65536 questions later. */
#include "relay.h"
#include "scenarios.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 64
#define MESSAGE 65535

/* By TCP. */
struct client {
  unsigned int serial;        /* of the connection; a place is used again */
  size_t have;
  unsigned char in[2 + MESSAGE];
};

struct asked {
  int client;                 /* -1: by UDP */
  unsigned int serial;
  struct sockaddr_in from;
  unsigned char id[2];
};

enum { UDP, TCP, SERVER, FIRST };

static struct pollfd fds[FIRST + CLIENTS];
static struct client clients[CLIENTS];
static struct asked asked[65536];
static uint16_t number;

static void ask(int client, const struct sockaddr_in *from,
                unsigned char *message, size_t len)
{
  struct asked *a = &asked[++number];
  if(len < 12)
    return;
  a->client = client;
  a->serial = client < 0 ? 0 : clients[client].serial;
  if(from)
    a->from = *from;
  memcpy(a->id, message, 2);
  message[0] = (unsigned char)(number >> 8);
  message[1] = (unsigned char)number;
  send(fds[SERVER].fd, message, len, 0);
}

static void answer(void)
{
  unsigned char text[2 + MESSAGE], *message = text + 2;
  const ssize_t n = recv(fds[SERVER].fd, message, MESSAGE, 0);
  const struct asked *a;
  if(n < 12)
    return;
  a = &asked[message[0] << 8 | message[1]];
  memcpy(message, a->id, 2);
  text[0] = (unsigned char)(n >> 8);
  text[1] = (unsigned char)n;
  if(a->client < 0)
    sendto(fds[UDP].fd, message, (size_t)n, 0,
           (const struct sockaddr *)&a->from, sizeof(a->from));
  else if(clients[a->client].serial == a->serial)
    send(fds[FIRST + a->client].fd, text, (size_t)n + 2, MSG_NOSIGNAL);
}

static void receive(void)
{
  unsigned char message[MESSAGE];
  struct sockaddr_in from;
  socklen_t len = sizeof(from);
  const ssize_t n = recvfrom(fds[UDP].fd, message, sizeof(message), 0,
                             (struct sockaddr *)&from, &len);
  if(n > 0)
    ask(-1, &from, message, (size_t)n);
}

static void greet(void)
{
  const int fd = accept(fds[TCP].fd, NULL, NULL);
  for(int i = 0; fd >= 0 && i < CLIENTS; i++) {
    if(fds[FIRST + i].fd < 0) {
      fds[FIRST + i].fd = fd;
      clients[i].serial++;
      clients[i].have = 0;
      return;
    }
  }
  if(fd >= 0)
    close(fd);
}

/* Questions that are there as a whole. */
static void take(int i)
{
  struct client *c = &clients[i];
  size_t at = 0;
  while(c->have - at >= 2) {
    const size_t len = (size_t)(c->in[at] << 8 | c->in[at + 1]);
    if(c->have - at - 2 < len)
      break;
    ask(i, NULL, c->in + at + 2, len);
    at += 2 + len;
  }
  memmove(c->in, c->in + at, c->have - at);
  c->have -= at;
}

static void hear(int i)
{
  struct client *c = &clients[i];
  struct pollfd *p = &fds[FIRST + i];
  const ssize_t n = recv(p->fd, c->in + c->have, sizeof(c->in) - c->have, 0);
  if(n > 0) {
    c->have += (size_t)n;
    take(i);
    return;
  }
  close(p->fd);
  p->fd = -1;
  c->serial++;
}

static bool open_all(void)
{
  struct sockaddr_in here = { .sin_family = AF_INET }, there = here;
  int on = 1;
  here.sin_port = htons(LAB_RELAY_PORT);
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons(53);
  inet_pton(AF_INET, LAB_DNS_V4, &there.sin_addr);
  fds[UDP].fd = socket(AF_INET, SOCK_DGRAM, 0);
  fds[TCP].fd = socket(AF_INET, SOCK_STREAM, 0);
  fds[SERVER].fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(fds[TCP].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  for(int i = 0; i < FIRST + CLIENTS; i++) {
    fds[i].events = POLLIN;
    if(i >= FIRST)
      fds[i].fd = -1;
  }
  return !bind(fds[UDP].fd, (struct sockaddr *)&here, sizeof(here)) &&
         !bind(fds[TCP].fd, (struct sockaddr *)&here, sizeof(here)) &&
         !listen(fds[TCP].fd, CLIENTS) &&
         !connect(fds[SERVER].fd, (struct sockaddr *)&there, sizeof(there));
}

int lab_relay(void)
{
  if(!open_all()) {
    perror("relay");
    return 1;
  }
  while(poll(fds, FIRST + CLIENTS, -1) > 0) {
    if(fds[UDP].revents)
      receive();
    if(fds[SERVER].revents)
      answer();
    if(fds[TCP].revents)
      greet();
    for(int i = 0; i < CLIENTS; i++) {
      if(fds[FIRST + i].fd >= 0 && fds[FIRST + i].revents)
        hear(i);
    }
  }
  return 1;
}
