/* SPDX-License-Identifier: MIT */
/* gather.c - what the other gather_ files share. */
#include "gather.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024)

char *he_gather_file(const char *path)
{
  /* O_NONBLOCK: nobody waits for a pipe of that name. */
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char *text = fd < 0 ? NULL : malloc(FILE_MAX + 1);
  size_t len = 0;
  ssize_t n = 1;
  while(text && len < FILE_MAX && n > 0) {
    n = read(fd, text + len, FILE_MAX - len);
    if(n > 0)
      len += (size_t)n;
  }
  if(text)
    text[len] = 0;
  if(fd >= 0)
    close(fd);
  return text;
}

double he_gather_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

void he_gather_address(const struct sockaddr *sa, char text[HE_ADDRESS_TEXT])
{
  const void *raw = sa->sa_family == AF_INET6 ?
    (const void *)&((const struct sockaddr_in6 *)sa)->sin6_addr :
    (const void *)&((const struct sockaddr_in *)sa)->sin_addr;
  if(!inet_ntop(sa->sa_family, raw, text, HE_ADDRESS_TEXT))
    text[0] = 0;
}

bool he_gather_way(const struct sockaddr *to, socklen_t len,
                   char from[HE_ADDRESS_TEXT])
{
  /* Connecting a datagram socket sends nothing. */
  const int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof(ss);
  const bool ok = fd >= 0 && !connect(fd, to, len) &&
                  !getsockname(fd, (struct sockaddr *)&ss, &size);
  if(ok)
    he_gather_address((struct sockaddr *)&ss, from);
  if(fd >= 0)
    close(fd);
  return ok;
}
