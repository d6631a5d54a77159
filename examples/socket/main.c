/* SPDX-License-Identifier: MIT */
/* he-socket HOST PORT - a plain TCP client: connects by Happy Eyeballs, sends
 * what comes on its input, prints what comes back. No libcurl in it. */
#include <curl_he/curl_he.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, unsigned short port)
{
  CURLHErace *race = curl_he_connect_init(NULL);
  const char *address = NULL, *failures = NULL;
  int fd = -1;
  CURLHEcode code = curl_he_connect(race, host, &port, 1, &fd);
  curl_he_connect_getinfo(race, CURLHEINFO_WINNER, &address);
  curl_he_connect_getinfo(race, CURLHEINFO_FAILURES, &failures);
  if(code)
    fprintf(stderr, "%s: %s (%s)\n", host, curl_he_strerror(code),
            failures ? failures : "");
  else
    fprintf(stderr, "connected to %s\n", address);
  curl_he_connect_cleanup(race);
  return fd;
}

/* The socket does not block: poll() says when it may be used. */
static int send_all(int fd, const char *at, ssize_t n)
{
  struct pollfd p = { .fd = fd, .events = POLLOUT };
  while(n > 0 && poll(&p, 1, -1) == 1) {
    ssize_t sent = send(fd, at, (size_t)n, MSG_NOSIGNAL);
    if(sent < 0)
      return 0;
    at += sent;
    n -= sent;
  }
  return 1;
}

int main(int argc, char **argv)
{
  int fd = argc == 3 ? dial(argv[1], (unsigned short)atoi(argv[2])) : -1;
  struct pollfd p[] = { { .fd = fd, .events = POLLIN },
                        { .fd = STDIN_FILENO, .events = POLLIN } };
  char buffer[4096];
  ssize_t n;
  while(fd >= 0 && poll(p, 2, -1) > 0) {
    if(p[1].revents) {
      n = read(STDIN_FILENO, buffer, sizeof(buffer));
      if(n <= 0) {
        p[1].fd = -1;          /* the other side may have more to say */
        shutdown(fd, SHUT_WR);
      }
      else if(!send_all(fd, buffer, n))
        break;
    }
    if(p[0].revents) {
      n = read(fd, buffer, sizeof(buffer));
      if(n <= 0 || fwrite(buffer, 1, (size_t)n, stdout) != (size_t)n)
        break;
    }
  }
  return fd < 0;
}
