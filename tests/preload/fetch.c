/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define THREADS 16

struct body {
  char text[256];
  size_t len;
};

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
  struct body *b = data;
  for(size_t i = 0; i < size * n && b->len < sizeof(b->text) - 1; i++)
    b->text[b->len++] = p[i];
  return size * n;
}

static bool find(void *object, const char *name, void *function)
{
  void *p = dlsym(object, name);
  memcpy(function, &p, sizeof(p));
  return p != NULL;
}

bool libcurl_in(struct libcurl *out, void *object)
{
  return find(object, "curl_easy_init", &out->init) &&
         find(object, "curl_easy_setopt", &out->setopt) &&
         find(object, "curl_easy_perform", &out->perform) &&
         find(object, "curl_easy_cleanup", &out->cleanup);
}

bool fetch(const struct libcurl *c, const char *url)
{
  CURL *easy = c->init();
  struct body b = { .len = 0 };
  bool ok = easy != NULL;
  if(!ok)
    return false;
  c->setopt(easy, CURLOPT_URL, url);
  c->setopt(easy, CURLOPT_NOSIGNAL, 1L);
  c->setopt(easy, CURLOPT_TIMEOUT, 30L);
  c->setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  c->setopt(easy, CURLOPT_WRITEDATA, &b);
  ok = !c->perform(easy) && !strncmp(b.text, "hello from ", 11);
  c->cleanup(easy);
  return ok;
}

struct thread {
  pthread_t id;
  const struct libcurl *c;
  const char *url;
  pthread_barrier_t *together;
  bool ok;
};

static void *run(void *data)
{
  struct thread *t = data;
  pthread_barrier_wait(t->together);
  t->ok = fetch(t->c, t->url);
  return NULL;
}

bool fetch_in_threads(const struct libcurl *c, const char *url, unsigned n)
{
  struct thread all[THREADS];
  pthread_barrier_t together;
  bool ok = true;
  pthread_barrier_init(&together, NULL, n);
  for(unsigned i = 0; i < n; i++) {
    all[i] = (struct thread){ .c = c, .url = url, .together = &together };
    if(pthread_create(&all[i].id, NULL, run, &all[i]))
      return false;
  }
  for(unsigned i = 0; i < n; i++) {
    pthread_join(all[i].id, NULL);
    ok = ok && all[i].ok;
  }
  pthread_barrier_destroy(&together);
  return ok;
}
