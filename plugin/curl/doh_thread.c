/* SPDX-License-Identifier: MIT */
/* doh_thread.c - the loop that asks. */
#include "base/clock.h"
#include "curl/doh_own.h"

#include <stdlib.h>

/* -- those that wait -- */

static void append(struct he_doh *c, struct he_doh_transfer *t)
{
  t->next = NULL;
  *c->waiting_end = t;
  c->waiting_end = &t->next;
}

static struct he_doh_transfer *take_first(struct he_doh *c)
{
  struct he_doh_transfer *t = c->waiting;
  c->waiting = t->next;
  if(!c->waiting)
    c->waiting_end = &c->waiting;
  return t;
}

static void accept_question(struct he_doh *c, struct he_mail *m,
                            he_time_ns now)
{
  struct he_upstream_question *q = (struct he_upstream_question *)m;
  struct he_doh_transfer *t = calloc(1, sizeof(*t));
  if(!t) {
    q->done(q, HE_UPSTREAM_GONE, NULL, 0);
    return;
  }
  t->question = q;
  t->deadline = he_time_add(now, HE_DOH_PATIENCE);
  append(c, t);
}

static void read_mail(struct he_doh *c, he_time_ns now)
{
  struct he_mail *m, *in_order = NULL;
  pthread_mutex_lock(&c->lock);
  m = c->mail;
  c->mail = NULL;
  pthread_mutex_unlock(&c->lock);
  while(m) {
    struct he_mail *next = m->next;
    m->next = in_order;
    in_order = m;
    m = next;
  }
  while(in_order) {
    struct he_mail *next = in_order->next;
    accept_question(c, in_order, now);
    in_order = next;
  }
}

/* Tells all that wait. */
static void give_up(struct he_doh *c, enum he_upstream_verdict v)
{
  while(c->waiting)
    he_doh_transfer_tell(take_first(c), v);
}

/* Tells those whose time is over. When is the next one's? One that lost its
   connection waits behind later ones. */
static he_time_ns expire(struct he_doh *c, he_time_ns now)
{
  struct he_doh_transfer *t = c->waiting;
  he_time_ns due = HE_NEVER;
  c->waiting = NULL;
  c->waiting_end = &c->waiting;
  while(t) {
    struct he_doh_transfer *next = t->next;
    if(t->deadline <= now)
      he_doh_transfer_tell(t, c->link.up ? HE_UPSTREAM_SILENT :
                           HE_UPSTREAM_UNREACHABLE);
    else {
      if(t->deadline < due)
        due = t->deadline;
      append(c, t);
    }
    t = next;
  }
  return due;
}

/* -- those that are asked -- */

static void start(struct he_doh *c, struct he_doh_transfer *t, he_time_ns now)
{
  enum he_upstream_verdict v = HE_UPSTREAM_GONE;
  if(t->question->wanted(t->question) &&
     he_doh_transfer_begin(c, t, now, &v)) {
    if(!curl_multi_add_handle(c->multi, t->easy)) {
      c->active[c->active_n++] = t;
      return;
    }
    v = HE_UPSTREAM_GONE;
  }
  he_doh_transfer_tell(t, v);
}

/* Takes it off the list, and out of libcurl. */
static void take_out(struct he_doh *c, struct he_doh_transfer *t)
{
  for(size_t i = 0; i < c->active_n; i++) {
    if(c->active[i] == t) {
      c->active[i] = c->active[--c->active_n];
      break;
    }
  }
  curl_multi_remove_handle(c->multi, t->easy);
}

static void finish(struct he_doh *c, CURL *easy, CURLcode code)
{
  struct he_doh_transfer *t = NULL;
  enum he_upstream_verdict v;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
  take_out(c, t);
  if(he_doh_transfer_ended(c, t, code, &v))
    append(c, t);
  else
    he_doh_transfer_tell(t, v);
}

/* Has one ended? */
static bool finish_all(struct he_doh *c)
{
  bool any = false;
  CURLMsg *m;
  int left;
  while((m = curl_multi_info_read(c->multi, &left))) {
    if(m->msg == CURLMSG_DONE) {
      finish(c, m->easy_handle, m->data.result);
      any = true;
    }
  }
  return any;
}

/* -- the thread -- */

/* Starts what can be started. When is there something to do that libcurl does
   not know of? */
static he_time_ns advance(struct he_doh *c, he_time_ns now)
{
  const he_time_ns due = expire(c, now);
  if(!c->waiting)
    return HE_NEVER;
  switch(he_doh_link_state(c)) {
  case HE_DOH_UP:
    while(c->waiting && c->active_n < HE_DOH_ACTIVE)
      start(c, take_first(c), now);
    break;
  case HE_DOH_LOST:
    give_up(c, c->link.unproven ? HE_UPSTREAM_UNPROVEN :
            HE_UPSTREAM_UNREACHABLE);
    break;
  case HE_DOH_DIALLING:
    break;
  }
  return due;
}

static int milliseconds(he_time_ns from, he_time_ns to)
{
  const he_time_ns most = HE_MS(60000);
  if(to <= from)
    return 0;
  return (int)((to - from < most ? to - from : most) / HE_MS(1)) + 1;
}

static bool is_over(struct he_doh *c)
{
  return __atomic_load_n(&c->over, __ATOMIC_ACQUIRE);
}

static void end(struct he_doh *c)
{
  read_mail(c, he_clock_now());
  while(c->active_n) {
    struct he_doh_transfer *t = c->active[0];
    take_out(c, t);
    he_doh_transfer_tell(t, HE_UPSTREAM_GONE);
  }
  give_up(c, HE_UPSTREAM_GONE);
  he_doh_link_end(c);
}

/* The end of one transfer lets another have its connection. In 7.88
   curl_multi_perform() may let that one go and forget its timer, so that
   curl_multi_poll() waits for nothing: it is called once more.
   In 8.21 curl_multi_perform() uses up a wake-up that was for the next
   curl_multi_poll(). So what a wake-up tells of is looked at between the
   two. */
void *he_doh_main(void *channel)
{
  struct he_doh *c = channel;
  for(;;) {
    he_time_ns now, due;
    int running;
    do {
      curl_multi_perform(c->multi, &running);
    } while(finish_all(c));
    if(is_over(c))
      break;
    now = he_clock_now();
    read_mail(c, now);
    due = advance(c, now);
    curl_multi_poll(c->multi, NULL, 0, milliseconds(now, due), NULL);
  }
  end(c);
  return NULL;
}
