/* SPDX-License-Identifier: MIT */
/* cost.c - what curl-he takes where nothing is connecting.
 *
 *   cost [URL]
 *
 * Memory and time to set a handle up, over many handles; and how often the
 * threads of curl-he wake up in a process that does nothing, after a transfer
 * of URL has started them. */
#include <curl_he/curl_he.h>

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HANDLES 10000
#define IDLE_S 2

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t heap(void)
{
  struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

static size_t swallow(char *data, size_t size, size_t n, void *clientp)
{
  (void)data;
  (void)clientp;
  return size * n;
}

static int handles(void)
{
  CURL **easy = calloc(HANDLES, sizeof(*easy));
  size_t before;
  size_t after;
  double started;
  double ended;
  int i;

  if(!easy)
    return 1;
  for(i = 0; i < HANDLES; i++) {
    easy[i] = curl_easy_init();
    if(!easy[i])
      return 1;
  }
  /* The first makes the default context. */
  if(curl_he_setup(easy[0]))
    return 1;
  before = heap();
  started = now_us();
  for(i = 1; i < HANDLES; i++)
    if(curl_he_setup(easy[i]))
      return 1;
  ended = now_us();
  after = heap();
  printf("handle set up: %.0f bytes, %.2f us (mean of %d)\n",
         ((double)after - (double)before) / (HANDLES - 1),
         (ended - started) / (HANDLES - 1), HANDLES - 1);
  for(i = 0; i < HANDLES; i++) {
    curl_he_detach(easy[i]);
    curl_easy_cleanup(easy[i]);
  }
  free(easy);
  return 0;
}

/* How often the other threads of this process gave up the processor, and how
   many there are. */
static long wakeups(int *threads)
{
  DIR *dir = opendir("/proc/self/task");
  struct dirent *entry;
  long sum = 0;

  *threads = 0;
  while(dir && (entry = readdir(dir))) {
    char path[300];
    char line[256];
    FILE *f;
    if(entry->d_name[0] == '.' || atol(entry->d_name) == (long)getpid())
      continue;
    snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
    f = fopen(path, "r");
    if(!f)
      continue;
    (*threads)++;
    while(fgets(line, sizeof(line), f)) {
      long n;
      if(sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1)
        sum += n;
    }
    fclose(f);
  }
  if(dir)
    closedir(dir);
  return sum;
}

static int idle(const char *url)
{
  CURL *easy = curl_easy_init();
  CURLcode code = CURLE_OK;
  int threads;
  long before;
  long after;

  if(!easy || curl_he_setup(easy))
    return 1;
  if(url) {
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
    code = curl_he_perform(easy);
    /* Let a resolver thread that was late come to its end. */
    sleep(1);
  }
  before = wakeups(&threads);
  sleep(IDLE_S);
  after = wakeups(&threads);
  printf("idle %s: %ld wake-ups of %d other threads in %d s%s%s\n",
         url ? "after a transfer" : "once set up", after - before, threads,
         IDLE_S, code ? "; the transfer failed: " : "",
         code ? curl_easy_strerror(code) : "");
  curl_easy_cleanup(easy);
  return 0;
}

int main(int argc, char **argv)
{
  int status;
  if(curl_global_init(CURL_GLOBAL_ALL))
    return 1;
  status = handles();
  if(!status)
    status = idle(NULL);
  if(!status && argc > 1)
    status = idle(argv[1]);
  curl_he_free(curl_he_default());
  curl_global_cleanup();
  return status;
}
