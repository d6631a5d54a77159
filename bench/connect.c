/* SPDX-License-Identifier: MIT */
/* connect.c - one cold transfer, and how long it took to be connected.
 *
 *   connect curl|easy|perform URL [LIMIT-MS]
 *
 * curl: libcurl alone; easy: curl_easy_perform() of a handle that is set up;
 * perform: curl_he_perform(). Prints two lines:
 *
 *   MS WINNER CODE TEXT    when the transfer is done: milliseconds from the
 *                          call to the connected socket, "-" for no winner,
 *                          libcurl's code and what it says about it
 *   LEFT                   a second later: sockets still in SYN-SENT
 */
#include <curl_he/curl_he.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* libcurl 7.88 gives an address half of what is left of this; 40 s is what the
   numbers known of libcurl alone were measured with. */
#define LIMIT_MS 40000L

static double now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* The first thing that libcurl says once a connection is good to use. */
static int on_connected(void *clientp, char *ip, char *local_ip, int port,
                        int local_port)
{
  double *connected = clientp;
  (void)ip;
  (void)local_ip;
  (void)port;
  (void)local_port;
  *connected = now_ms();
  return CURL_PREREQFUNC_OK;
}
#endif

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

static CURL *handle(const char *url, long limit_ms, double *connected)
{
  CURL *easy = curl_easy_init();
  if(!easy)
    return NULL;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limit_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms + 10000L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
#if LIBCURL_VERSION_NUM >= 0x075000
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, connected);
#else
  (void)connected;
#endif
  return easy;
}

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

/* The cold transfer; both times are on the same clock. */
static CURLcode transfer(CURL *easy, const char *mode)
{
  if(!strcmp(mode, "perform"))
    return curl_he_perform(easy);
  return curl_easy_perform(easy);
}

static void report(CURL *easy, CURLcode code, const char *said, double ms)
{
  char *ip = NULL;
  if(!code)
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  printf("%.1f %s %d %s\n", ms, ip && *ip ? ip : "-", (int)code,
         code ? said : "connected");
  fflush(stdout);
}

int main(int argc, char **argv)
{
  char said[CURL_ERROR_SIZE] = "";
  double started;
  double connected = 0;
  const char *mode;
  CURL *easy;
  CURLcode code;
  long limit_ms = LIMIT_MS;

  if(argc < 3) {
    fputs("usage: connect curl|easy|perform URL [LIMIT-MS]\n", stderr);
    return 2;
  }
  mode = argv[1];
  if(argc > 3)
    limit_ms = strtol(argv[3], NULL, 10);
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  easy = handle(argv[2], limit_ms, &connected);
  if(!easy)
    return 1;
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
  if(strcmp(mode, "curl")) {
    CURLHEcode he = curl_he_setup(easy);
    if(he) {
      fprintf(stderr, "connect: curl_he_setup: %s\n", curl_he_strerror(he));
      return 1;
    }
  }
  started = now_ms();
  code = transfer(easy, mode);
  /* Older than PREREQFUNCTION, or failed: when the call came back. */
  if(connected <= 0)
    connected = now_ms();
  report(easy, code, *said ? said : curl_easy_strerror(code),
         connected - started);
  sleep(1);
  printf("%d\n", syn_sent("/proc/self/net/tcp") +
         syn_sent("/proc/self/net/tcp6"));
  curl_easy_cleanup(easy);
  curl_global_cleanup();
  return 0;
}
