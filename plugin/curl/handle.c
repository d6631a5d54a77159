/* SPDX-License-Identifier: MIT */
/* handle.c - the registry: two search trees, by easy handle and by number,
 * under one lock. No function that locks or blocks is called with it. */
#include "curl/handle.h"
#include "base/forks.h"

#include <search.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *by_easy;
static void *by_id;
static uintptr_t last_id;

static int order(uintptr_t a, uintptr_t b)
{
  return a < b ? -1 : a > b;
}

static int compare_easy(const void *a, const void *b)
{
  return order((uintptr_t)((const struct he_handle *)a)->easy,
               (uintptr_t)((const struct he_handle *)b)->easy);
}

static int compare_id(const void *a, const void *b)
{
  return order(((const struct he_handle *)a)->id,
               ((const struct he_handle *)b)->id);
}

static void ref(struct he_handle *h)
{
  __atomic_add_fetch(&h->refs, 1, __ATOMIC_RELAXED);
}

/* with a reference */
static struct he_handle *find(void **tree, const struct he_handle *key,
                              int (*compare)(const void *, const void *))
{
  struct he_handle **node;
  struct he_handle *h = NULL;
  pthread_mutex_lock(&lock);
  node = tfind(key, tree, compare);
  if(node) {
    h = *node;
    ref(h);
  }
  pthread_mutex_unlock(&lock);
  return h;
}

struct he_handle *he_handle_of(CURL *easy)
{
  struct he_handle key = { .easy = easy };
  return find(&by_easy, &key, compare_easy);
}

struct he_handle *he_handle_by_id(uintptr_t id)
{
  struct he_handle key = { .id = id };
  return find(&by_id, &key, compare_id);
}

/* curl_easy_reset() clears them all, and a new handle begins with them
   cleared. A transfer that began to connect leaves some. */
static bool has_figures(CURL *easy)
{
  curl_off_t total = 0, lookup = 0;
  long connects = 0, bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total);
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
  return total || lookup || connects || bytes;
}

static struct he_handle *lose(struct he_handle *h)
{
  he_handle_forget(h);
  he_handle_put(h);
  return NULL;
}

struct he_handle *he_handle_own(CURL *easy)
{
  struct he_handle *h = he_handle_of(easy);
  return h && !he_mark_is(easy, h->record->mark) ? lose(h) : h;
}

struct he_handle *he_handle_current(CURL *easy)
{
  struct he_handle *h = he_handle_own(easy);
  return h && !h->known && h->figures && !has_figures(easy) ? lose(h) : h;
}

void he_handle_unprepare(struct he_handle *h)
{
  struct he_prepared *p = __atomic_exchange_n(&h->prepared.answers, NULL,
                                              __ATOMIC_ACQ_REL);
  if(p) {
    he_prepared_cancel(p);
    he_prepared_free(p);
  }
}

void he_handle_put(struct he_handle *h)
{
  if(h && !__atomic_sub_fetch(&h->refs, 1, __ATOMIC_ACQ_REL)) {
    he_handle_unprepare(h);
    he_tasks_free(&h->tasks);
    he_lookup_unref(h->standing.lookup);
    he_idle_unref(h->standing.idle);
    free(h->given.failures);
    free(h->given.race);
    he_peer_free(&h->peer);
    he_context_unref(h->he);
    he_known_put(h->record);
    free(h);
  }
}

/* with the lock */
static bool enter_locked(struct he_handle *h)
{
  h->id = ++last_id;
  if(!tsearch(h, &by_easy, compare_easy))
    return false;
  if(!tsearch(h, &by_id, compare_id)) {
    tdelete(h, &by_easy, compare_easy);
    return false;
  }
  h->next = h->he->handles;
  h->link = &h->he->handles;
  if(h->next)
    h->next->link = &h->next;
  h->he->handles = h;
  return true;
}

/* libcurl's own limits are wider. */
void he_handle_told_delay(struct he_handle *h, long ms)
{
  const long least = 10, most = 2000;
  he_options_set(&h->options, HE_OPT_DELAY_MS,
                 ms < least ? least : ms > most ? most : ms);
}

/* What libcurl was told of the easy handle before this holds for the handle.
   False without memory. */
static bool recognize(struct he_handle *h, const struct he_declared *like)
{
  struct he_known *k = he_known_checked(h->easy);
  h->known = k != NULL;
  if(!k) {
    h->record = he_known_new(h->easy, like);
    return h->record != NULL;
  }
  he_known_ref(k);
  h->record = k;
  if(k->declared.ipresolve >= 0)
    he_options_set(&h->options, HE_OPT_FAMILIES, k->declared.ipresolve);
  if(k->declared.happy_eyeballs_ms >= 0)
    he_handle_told_delay(h, k->declared.happy_eyeballs_ms);
  __atomic_store_n(&k->set_up, true, __ATOMIC_RELAXED);
  return true;
}

void he_handle_forget_of(CURL *easy)
{
  struct he_handle *old = he_handle_of(easy);
  if(old)
    he_handle_forget(old);
  he_handle_put(old);
}

struct he_handle *he_handle_new(CURLHE *he, CURL *easy,
                                const struct he_declared *like)
{
  struct he_handle *h = calloc(1, sizeof(*h));
  bool ok;
  he_fork_hold(HE_FORK_HANDLES, &lock);
  if(!h)
    return NULL;
  he_handle_forget_of(easy);
  h->easy = easy;
  h->he = he;
  h->refs = 2;
  h->handed = CURL_SOCKET_BAD;
  he_options_clear(&h->options);
  he_tasks_init(&h->tasks);
  ok = recognize(h, like);
  if(ok) {
    pthread_mutex_lock(&lock);
    ok = enter_locked(h);
    pthread_mutex_unlock(&lock);
  }
  if(!ok) {
    he_known_put(h->record);
    free(h);
    return NULL;
  }
  he_context_ref(he);
  return h;
}

/* with the lock; false where somebody else was first */
static bool remove_locked(struct he_handle *h)
{
  if(!h->link)
    return false;
  tdelete(h, &by_easy, compare_easy);
  tdelete(h, &by_id, compare_id);
  *h->link = h->next;
  if(h->next)
    h->next->link = h->link;
  h->link = NULL;
  return true;
}

const struct he_resolver *he_handle_resolver(const struct he_handle *h,
                                             const struct he_resolver *r)
{
  const struct he_resolver *by =
    __atomic_load_n(&h->prepared.answers, __ATOMIC_ACQUIRE) ?
    he_prepared_by(r) : NULL;
  return by ? by : r;
}

void he_handle_forget(struct he_handle *h)
{
  bool mine;
  pthread_mutex_lock(&lock);
  mine = remove_locked(h);
  pthread_mutex_unlock(&lock);
  if(mine) {
    he_handle_unprepare(h);
    he_tasks_end(&h->tasks, h->traced);
    he_handle_put(h);
  }
}

void he_handles_forget(CURLHE *he)
{
  for(;;) {
    struct he_handle *h;
    pthread_mutex_lock(&lock);
    h = he->handles;
    if(h)
      ref(h);
    pthread_mutex_unlock(&lock);
    if(!h)
      return;
    he_handle_forget(h);
    he_handle_put(h);
  }
}

const struct he_declared *he_handle_declared(const struct he_handle *h)
{
  return &h->record->declared;
}
