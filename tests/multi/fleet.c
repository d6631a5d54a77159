/* SPDX-License-Identifier: MIT */
#include "fleet.h"

#include <string.h>

static void on_done(CURL *easy, CURLcode result, void *user)
{
  struct fleet *f = user;
  struct member *m = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &m);
  m->result = result;
  m->done = true;
  f->done++;
}

void fleet_open(struct fleet *f)
{
  memset(f, 0, sizeof(*f));
  f->t.done = on_done;
  f->t.user = f;
  f->t.multi = curl_multi_init();
  assert_non_null(f->t.multi);
  f->loop = loop_new(&f->t);
  assert_non_null(f->loop);
}

void fleet_open_member(struct member *m, enum mode mode, const char *url)
{
  client_open(&m->c, mode, url);
  curl_easy_setopt(m->c.easy, CURLOPT_PRIVATE, m);
}

void fleet_join(struct fleet *f, struct member *m)
{
  m->done = false;
  assert_int_equal(curl_multi_add_handle(f->t.multi, m->c.easy), CURLM_OK);
}

void fleet_add(struct fleet *f, struct member *m, enum mode mode,
               const char *url)
{
  fleet_open_member(m, mode, url);
  fleet_join(f, m);
}

void fleet_run(struct fleet *f, int ms)
{
  assert_true(loop_run(f->loop, ms));
}

void fleet_remove(struct fleet *f, struct member *m)
{
  assert_int_equal(curl_multi_remove_handle(f->t.multi, m->c.easy), CURLM_OK);
}

void fleet_close(struct fleet *f)
{
  assert_int_equal(curl_multi_cleanup(f->t.multi), CURLM_OK);
  loop_free(f->loop);
}

void fleet_warm_up(void)
{
  struct fleet f;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  fleet_open(&f);
  fleet_close(&f);
}

struct questions {
  const char *host;
  long n;
};

static int count_questions(const struct lab_packet *p, void *user)
{
  struct questions *q = user;
  const size_t len = strlen(q->host);
  q->n += p->dport == 53 && !strncmp(p->name, q->host, len) &&
          p->name[len] == '.';
  return 0;
}

long questions_for(const char *host)
{
  struct questions q = { host, 0 };
  assert_true(lab_traffic(count_questions, &q) >= 0);
  return q.n;
}
