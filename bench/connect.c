/* SPDX-License-Identifier: MIT */
/* connect.c - one cold transfer, and how long it took to be connected.
 *
 *   connect easy|perform|epoll URL [LIMIT-MS]
 *   connect_alone curl|epoll URL [LIMIT-MS]
 *
 * easy: curl_easy_perform() of a handle that is set up; perform:
 * curl_he_perform(); epoll: a strict event loop. connect_alone is libcurl
 * alone, linked without libcurl-he. Prints two lines:
 *
 *   MS WINNER CODE TEXT    when the transfer is done: milliseconds from the
 *                          call to the connected socket, "-" for no winner,
 *                          libcurl's code and what it says about it
 *   LEFT                   a second later: sockets still in SYN-SENT
 */
#include "client.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libcurl 7.88 gives an address half of what is left of this; 40 s is what the
   numbers known of libcurl alone were measured with. */
#define LIMIT_MS 40000L

/* Does this process own the socket of this inode? */
static bool mine(unsigned long inode)
{
  DIR *dir = opendir("/proc/self/fd");
  struct dirent *entry;
  bool found = false;
  char want[40];

  snprintf(want, sizeof(want), "socket:[%lu]", inode);
  while(dir && !found && (entry = readdir(dir))) {
    char path[300];
    char link[64];
    ssize_t n;
    snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
    n = readlink(path, link, sizeof(link) - 1);
    if(n > 0) {
      link[n] = 0;
      found = !strcmp(link, want);
    }
  }
  if(dir)
    closedir(dir);
  return found;
}

/* How many sockets of this process are in SYN-SENT, by one table of /proc. */
static int syn_sent(const char *table)
{
  FILE *f = fopen(table, "r");
  char line[512];
  int n = 0;

  while(f && fgets(line, sizeof(line), f)) {
    unsigned state;
    unsigned long inode;
    /* slot: local remote state tx:rx timer:when retransmits uid timeout
       inode */
    if(sscanf(line, " %*[0-9]: %*s %*s %x %*s %*s %*s %*s %*s %lu",
              &state, &inode) == 2 && state == 2 && mine(inode))
      n++;
  }
  if(f)
    fclose(f);
  return n;
}

int main(int argc, char **argv)
{
  struct client c;
  long limit_ms = LIMIT_MS;

  if(argc < 3) {
    fputs("usage: connect curl|easy|perform|epoll URL [LIMIT-MS]\n", stderr);
    return 2;
  }
  if(argc > 3)
    limit_ms = strtol(argv[3], NULL, 10);
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  if(!client_open(&c, argv[1], argv[2], limit_ms))
    return 1;
  client_go(&c);
  sleep(1);
  printf("%d\n", syn_sent("/proc/self/net/tcp") +
         syn_sent("/proc/self/net/tcp6"));
  client_close(&c);
  curl_global_cleanup();
  return 0;
}
