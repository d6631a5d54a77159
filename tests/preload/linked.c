/* SPDX-License-Identifier: MIT */
/* linked.c - linked MODE URL: a program that links libcurl, and knows nothing
 * of curl-he. Exit status 0: each transfer went well. */
#include "fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct libcurl linked = {
  curl_easy_init, curl_easy_setopt, curl_easy_perform, curl_easy_cleanup
};

/* A child that gets the page; its process id. */
static pid_t be_child(const char *url)
{
  const pid_t pid = fork();
  if(!pid)
    _exit(!fetch(&linked, url));
  return pid;
}

static bool went_well(pid_t pid)
{
  int status = -1;
  if(pid > 0 && waitpid(pid, &status, 0) == pid && !status)
    return true;
  fprintf(stderr, "linked: child %ld: wait status %#x\n", (long)pid,
          (unsigned)status);
  return false;
}

/* -- a fork while the first handles are made -- */

static void *make_handles(void *data)
{
  (void)data;
  for(int i = 0; i < 200; i++)
    curl_easy_cleanup(curl_easy_init());
  return NULL;
}

#define MAKERS 3
#define CHILDREN 40

/* Each child has to get a handle: a lock that another thread held would be held
   for ever. */
static pid_t make_handle(void)
{
  const pid_t pid = fork();
  CURL *easy;
  if(!pid) {
    alarm(20);
    easy = curl_easy_init();
    curl_easy_cleanup(easy);
    _exit(!easy);
  }
  return pid;
}

static bool fork_among_threads(void)
{
  pthread_t threads[MAKERS];
  pid_t children[CHILDREN];
  bool ok = true;
  curl_global_init(CURL_GLOBAL_ALL);
  for(int i = 0; i < MAKERS; i++)
    pthread_create(&threads[i], NULL, make_handles, NULL);
  for(int i = 0; i < CHILDREN; i++)
    children[i] = make_handle();
  for(int i = 0; i < CHILDREN; i++)
    ok = went_well(children[i]) && ok;
  for(int i = 0; i < MAKERS; i++)
    pthread_join(threads[i], NULL);
  return ok;
}

static bool run(const char *mode, const char *url)
{
  if(!strcmp(mode, "once"))
    return fetch(&linked, url);
  if(!strcmp(mode, "elsewhere"))
    return !chdir("/") && fetch(&linked, url);
  if(!strcmp(mode, "in-child"))
    return went_well(be_child(url));
  if(!strcmp(mode, "before-fork"))
    return fetch(&linked, url) && went_well(be_child(url));
  if(!strcmp(mode, "in-both")) {
    const pid_t pid = be_child(url);
    const bool ok = fetch(&linked, url);
    return went_well(pid) && ok;
  }
  if(!strcmp(mode, "around-fork"))
    return fetch(&linked, url) && went_well(be_child(url)) &&
           fetch(&linked, url);
  if(!strcmp(mode, "among-threads"))
    return fork_among_threads();
  if(!strcmp(mode, "threads"))
    return fetch_in_threads(&linked, url, 8);
  fprintf(stderr, "linked: %s: no such mode\n", mode);
  return false;
}

int main(int argc, char **argv)
{
  return argc != 3 || !run(argv[1], argv[2]);
}
