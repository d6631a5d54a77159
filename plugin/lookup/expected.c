/* SPDX-License-Identifier: MIT */
/* expected.c - the lookups that libcurl is about to ask for.
 *
 * libcurl's resolver-start callback runs just before libcurl hands the question
 * to a thread of its own. The callback knows the handle, the thread knows the
 * name. Here they meet: by a name that the handle may lead to.
 *
 * Two handles may expect a call for one name at the same time. Which of the two
 * calls is whose makes no difference where both race in the same way: they are
 * in one group. Where they would race otherwise, neither is raced.
 *
 * It makes a difference when one handle gives up. libcurl waits then for the
 * thread that it started for this handle, and that thread may run another
 * one's race. So all races of the group leave their calls, and go on beside
 * libcurl. */
#include "lookup/expected.h"
#include "base/clock.h"
#include "base/forks.h"
#include "lookup/crowd.h"
#include "lookup/groups.h"
#include "net/racer.h"

#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct he_lookup *any_first;   /* those of any name, oldest first */
static struct he_lookup **any_end = &any_first;
static unsigned count;        /* atomic to read */
static unsigned racing;       /* likewise */
static uint64_t serial;

static void before_fork(void)
{
  pthread_mutex_lock(&lock);
  he_crowds_before_fork();
}

static void after_fork_parent(void)
{
  he_crowds_after_fork(false);
  pthread_mutex_unlock(&lock);
}

/* The threads that would ask are the parent's. What the parent has in the table
   is left alone. */
static void after_fork_child(void)
{
  he_groups_forget();
  any_first = NULL;
  any_end = &any_first;
  __atomic_store_n(&count, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&racing, 0, __ATOMIC_RELAXED);
  he_lookup_forked();
  he_crowds_after_fork(true);
  pthread_mutex_unlock(&lock);
}

static const struct he_fork_hooks forks = {
  before_fork, after_fork_parent, after_fork_child
};

bool he_expected_any(void)
{
  return __atomic_load_n(&count, __ATOMIC_ACQUIRE) != 0;
}

/* -- entries -- */

static void remove_any(struct he_lookup *l)
{
  if(!l->any_link)
    return;
  *l->any_link = l->any_next;
  if(l->any_next)
    l->any_next->any_link = l->any_link;
  else
    any_end = l->any_link;
  l->any_link = NULL;
}

static void remove_locked(struct he_lookup *l)
{
  if(!l->expected)
    return;
  for(size_t i = 0; i < l->entry_count; i++)
    he_group_leave(&l->entries[i]);
  l->entry_count = 0;
  remove_any(l);
  l->expected = false;
  __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
}

static void add_any(struct he_lookup *l)
{
  l->any_next = NULL;
  l->any_link = any_end;
  *any_end = l;
  any_end = &l->any_next;
}

/* A name that there is no memory for is not expected. */
static void add_names(struct he_lookup *l)
{
  const struct he_lookup_config *c = &l->config;
  l->entries = calloc(c->name_count ? c->name_count : 1,
                      sizeof(*l->entries));
  for(size_t i = 0; l->entries && i < c->name_count; i++) {
    struct he_expected_group *g = he_group_of(c, &c->names[i]);
    if(g) {
      struct he_expected_entry *e = &l->entries[l->entry_count++];
      e->lookup = l;
      he_group_enter(g, e);
    }
  }
}

void he_expected_add(struct he_lookup *l)
{
  he_fork_watch(HE_FORK_LOOKUPS, &forks);
  pthread_mutex_lock(&lock);
  l->serial = ++serial;
  l->expected = true;
  add_names(l);
  if(l->config.any_name)
    add_any(l);
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&lock);
}

void he_expected_remove(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  remove_locked(l);
  pthread_mutex_unlock(&lock);
}

/* -- races -- */

static void add_racing(struct he_expected_group *g, struct he_lookup *l)
{
  he_group_add_racing(g, l);
  __atomic_add_fetch(&racing, 1, __ATOMIC_RELAXED);
}

static void remove_racing(struct he_lookup *l)
{
  if(he_group_remove_racing(l))
    __atomic_sub_fetch(&racing, 1, __ATOMIC_RELAXED);
}

void he_expected_over(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  if(l->racing_link) {
    remove_racing(l);
    he_group_end(l->group);
  }
  pthread_mutex_unlock(&lock);
}

static void part_mixed(struct he_expected_group *g)
{
  while(g->mixed && g->racing) {
    struct he_lookup *l = g->racing;
    remove_racing(l);
    he_lookup_leave(l, he_clock_now());
  }
}

void he_expected_part(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  for(size_t i = 0; i < l->entry_count; i++)
    part_mixed(l->entries[i].group);
  if(l->racing_link) {
    part_mixed(l->group);
    he_group_end(l->group);
  }
  pthread_mutex_unlock(&lock);
}

bool he_expected_racing(void)
{
  return __atomic_load_n(&racing, __ATOMIC_RELAXED) != 0;
}

/* Those who race to one host mostly end within milliseconds of each other. */
#define GRACE HE_MS(10)

void he_expected_answered(const char *host, uint16_t port,
                          const void *multi)
{
  const he_time_ns at = he_time_add(he_clock_now(), GRACE);
  const struct he_expected_group *g = NULL;
  pthread_mutex_lock(&lock);
  while((g = he_group_next(g, host, port))) {
    for(struct he_lookup *l = g->racing; l; l = l->racing_next) {
      if(!l->config.apart && (!multi || l->config.multi == multi))
        he_lookup_leave(l, at);
    }
  }
  pthread_mutex_unlock(&lock);
}

void he_expected_tell(struct he_lookup *l)
{
  pthread_mutex_lock(&lock);
  for(struct he_lookup *o = l->racing_link ? l->group->racing : NULL; o;
      o = o->racing_next) {
    if(o != l)
      he_lookup_wake(o);
  }
  pthread_mutex_unlock(&lock);
}

/* -- claims -- */

/* Was there a call already that asked for this? */
static bool was_asked(const struct he_lookup *l, int family)
{
  if(family < 0)
    return l->asked[HE_IPV6] || l->asked[HE_IPV4];
  return l->asked[family] || (!l->config.apart &&
                              l->asked[he_other_family((enum he_family)
                                                       family)]);
}

struct claim {
  int family;                 /* what the call asks for, -1 for both */
  uint64_t netns;             /* where it comes from */
  struct he_lookup *found;    /* the oldest */
  struct he_expected_group *group;
  bool doubt;                 /* another one would race otherwise */
};

/* libcurl's thread is in the network of the one that started it. */
static bool may_claim(const struct claim *c, const struct he_lookup *l)
{
  return !was_asked(l, c->family) && l->config.netns == c->netns &&
         !pthread_equal(l->asker, pthread_self());
}

/* May either be taken for the other? */
static bool alike(const struct he_lookup_config *a,
                  const struct he_lookup_config *b)
{
  return a->app == b->app && a->recall == b->recall &&
         a->race.allowed[HE_IPV6] == b->race.allowed[HE_IPV6] &&
         a->race.allowed[HE_IPV4] == b->race.allowed[HE_IPV4];
}

static void consider(struct claim *c, struct he_lookup *l,
                     struct he_expected_group *g)
{
  if(c->found && !alike(&c->found->config, &l->config))
    c->doubt = true;
  if(!c->found || l->serial < c->found->serial) {
    c->found = l;
    c->group = g;
  }
}

static void find_by_name(struct claim *c, const char *host, uint16_t port)
{
  struct he_expected_group *g = NULL;
  while((g = he_group_next(g, host, port))) {
    struct he_expected_entry *e = g->first;
    while(e && !may_claim(c, e->lookup))
      e = e->next;
    if(e)
      consider(c, e->lookup, g);
  }
}

static void find_any(struct claim *c)
{
  for(struct he_lookup *l = any_first; l; l = l->any_next) {
    if(may_claim(c, l))
      consider(c, l, NULL);
  }
}

static void note_locked(struct he_lookup *l, int family)
{
  bool all = true;
  for(int f = 0; f < HE_FAMILIES; f++) {
    l->asked[f] = l->asked[f] || family < 0 || family == f;
    all = all && (l->asked[f] || !l->config.race.allowed[f]);
  }
  if(all || !l->config.apart)
    remove_locked(l);
}

static bool has_other(const struct he_expected_group *g,
                      const struct he_lookup *l)
{
  return g->first && (g->first->lookup != l || g->first->next);
}

static void take_locked(struct claim *c)
{
  struct he_lookup *l = c->found;
  const bool first_call = !l->asked[HE_IPV6] && !l->asked[HE_IPV4];
  if(c->group && first_call && !c->doubt) {
    c->group->mixed = c->group->mixed || has_other(c->group, l);
    add_racing(c->group, l);
  }
  note_locked(l, c->family);
  if(!c->doubt)
    he_lookup_ref(l);
}

struct he_lookup *he_expected_claim(const char *host, uint16_t port,
                                    int family)
{
  struct claim c = { .family = family, .netns = he_netns_here() };
  pthread_mutex_lock(&lock);
  find_by_name(&c, host, port);
  if(!c.found)
    find_any(&c);
  if(c.found)
    take_locked(&c);
  pthread_mutex_unlock(&lock);
  return c.doubt ? NULL : c.found;
}
