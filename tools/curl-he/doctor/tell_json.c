/* SPDX-License-Identifier: MIT */
/* tell_json.c - findings, and the facts that they rest on. */
#include "../json_write.h"
#include "tell.h"

#include <jansson.h>

static void set(json_t *object, const char *key, const char *text)
{
  json_object_set_new(object, key, he_json_text(text));
}

static json_t *finding_json(const struct he_finding *f)
{
  json_t *o = json_object();
  set(o, "level", !f->symptom ? "ok" : f->symptom->wrong ? "wrong" : "note");
  if(f->symptom)
    set(o, "symptom", f->symptom->name);
  if(f->host)
    set(o, "host", f->host);
  set(o, "text", f->text);
  if(*f->advice)
    set(o, "advice", f->advice);
  return o;
}

static json_t *shook_json(const struct he_shook *s)
{
  static const char *const words[] = {
    [HE_SHAKE_UNTRIED] = "untried", [HE_SHAKE_COMPLETED] = "completed",
    [HE_SHAKE_STALLED] = "stalled", [HE_SHAKE_FAILED] = "failed"
  };
  return json_pack("{s:s, s:f}", "outcome", words[s->shake], "ms", s->ms);
}

static json_t *tried_json(const struct he_trial *t)
{
  static const char *const words[] = {
    [HE_REACH_UNTRIED] = "untried", [HE_REACH_CONNECTED] = "connected",
    [HE_REACH_REFUSED] = "refused", [HE_REACH_UNREACHABLE] = "unreachable",
    [HE_REACH_SILENT] = "silent"
  };
  return json_pack("{s:s, s:i, s:s, s:f, s:o}", "address", t->address,
                   "family", t->family == HE_SIX ? 6 : 4,
                   "outcome", words[t->reach], "ms", t->ms,
                   "tls", shook_json(&t->shook));
}

static json_t *asked_json(const struct he_query *a)
{
  static const char *const words[] = {
    [HE_ANSWER_NOT_ASKED] = "not asked", [HE_ANSWER_ADDRESSES] = "addresses",
    [HE_ANSWER_NONE] = "none", [HE_ANSWER_FAILED] = "failed",
    [HE_ANSWER_SILENT] = "silent"
  };
  return json_pack("{s:s, s:f, s:I}", "answer", words[a->answer], "ms", a->ms,
                   "addresses", (json_int_t)a->n);
}

static json_t *host_json(const struct he_site *h)
{
  json_t *tried = json_array(), *o;
  for(size_t i = 0; i < h->tried_n; i++)
    json_array_append_new(tried, tried_json(&h->tried[i]));
  o = json_pack("{s:i, s:{s:o, s:o}, s:o}", "port", h->port,
                "dns", "aaaa", asked_json(&h->asked[HE_SIX]),
                "a", asked_json(&h->asked[HE_FOUR]), "connects", tried);
  if(o) {
    set(o, "host", h->name);
    if(*h->winner)
      json_object_set_new(o, "curl_he", json_pack("{s:s, s:f}", "address",
                          h->winner, "ms", h->race_ms));
  }
  return o;
}

static json_t *libcurl_json(const struct he_libcurl *l)
{
  json_t *o = json_object();
  set(o, "path", l->path);
  if(*l->version)
    set(o, "version", l->version);
  json_object_set_new(o, "processes", json_integer(l->users));
  set(o, "used_by", l->used_by);
  return o;
}

bool he_tell_json(const struct he_facts *f, const struct he_findings *all,
                  FILE *out)
{
  json_t *findings = json_array(), *hosts = json_array();
  json_t *libcurls = json_array(), *o;
  for(size_t i = 0; i < all->n; i++)
    json_array_append_new(findings, finding_json(&all->list[i]));
  for(size_t i = 0; i < f->hosts_n; i++)
    json_array_append_new(hosts, host_json(&f->hosts[i]));
  for(size_t i = 0; i < f->libcurls_n; i++)
    json_array_append_new(libcurls, libcurl_json(&f->libcurls[i]));
  o = json_pack("{s:i, s:b, s:o, s:o, s:o}", "v", 1,
                "wrong", he_findings_wrong(all), "findings", findings,
                "hosts", hosts, "libcurls", libcurls);
  return he_json_write(o, out);
}

bool he_tell_symptoms_json(FILE *out)
{
  json_t *all = json_array();
  for(int i = 0; i < HE_SYMPTOMS; i++) {
    const struct he_symptom *s = &he_symptoms[i];
    json_t *o = json_object();
    set(o, "symptom", s->name);
    set(o, "level", s->wrong ? "wrong" : "note");
    set(o, "text", s->sentence);
    set(o, "advice", s->advice);
    if(s->seen)
      set(o, "seen", s->seen);
    json_array_append_new(all, o);
  }
  return he_json_write(all, out);
}
