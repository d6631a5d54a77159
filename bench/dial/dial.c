/* SPDX-License-Identifier: MIT */
/* dial.c - dial HOST PORT: one cold connect by curl_he_connect(). Prints the
 * milliseconds from the call until it returned, or "-" where it failed. */
#include <curl_he/curl_he.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
  CURLHErace *race = curl_he_connect_init(NULL);
  const unsigned short port = (unsigned short)atoi(argc == 3 ? argv[2] : "0");
  curl_socket_t fd = CURL_SOCKET_BAD;
  const double began = now_ms();
  const CURLHEcode code = curl_he_connect(race, argv[1], &port, 1, &fd);
  const double took = now_ms() - began;
  if(code)
    puts("-");
  else
    printf("%.1f\n", took);
  if(!code)
    close(fd);
  curl_he_connect_cleanup(race);
  return code != CURL_HE_OK;
}
