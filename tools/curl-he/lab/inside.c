/* SPDX-License-Identifier: MIT */
#include "inside.h"
#include "../command.h"
#include "../json_write.h"
#include "json.h"
#include "lab.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

/* All runs of a scenario. False: the laboratory failed, which was said. */
static bool runs_of(const struct he_lab_work *w, const struct lab_scenario *s,
                    struct he_lab_result *r)
{
  r->scenario = s;
  r->runs = calloc(w->repeat, sizeof(*r->runs));
  if(!r->runs) {
    he_say("lab: out of memory");
    return false;
  }
  for(r->n = 0; r->n < w->repeat; r->n++) {
    if(!he_lab_client(&w->plan, s, &r->runs[r->n]))
      return false;
  }
  return true;
}

/* Adds what came of a check to `list`, where that is not NULL. */
static bool judge(const struct he_lab_expect *e, const struct he_lab_check *c,
                  const struct he_lab_result *r, json_t *list)
{
  char got[HE_LAB_WORD];
  const bool met = he_lab_check_holds(c, r, got, sizeof(got));
  if(!met)
    he_say("lab: %s:%u: %s: not %s: %s", e->name, c->line, r->scenario->name,
           c->text, got);
  if(list)
    json_array_append_new(list, json_pack(
      "{s:s, s:i, s:s, s:b}", "scenario", r->scenario->name, "line",
      (int)c->line, "check", c->text, "met", met));
  return met;
}

/* True: all that could be checked is met, and something could be. */
static bool judge_all(const struct he_lab_work *w,
                      const struct he_lab_expect *e,
                      const struct he_lab_result *all, json_t *list)
{
  size_t met = 0, missed = 0;
  for(size_t i = 0; i < w->n; i++) {
    for(size_t k = 0; k < e->n; k++) {
      if(he_lab_check_about(&e->list[k], all[i].scenario))
        *(judge(e, &e->list[k], &all[i], list) ? &met : &missed) += 1;
    }
  }
  if(!met && !missed)
    he_say("lab: %s: nothing in it is about the scenarios that were run",
           e->name);
  else if(!list)
    printf("\n%s: %zu of %zu met\n", e->name, met, met + missed);
  return met && !missed;
}

static bool print_json(const struct he_lab_work *w,
                       const struct he_lab_result *all, json_t *checks)
{
  json_t *command = json_array(), *list = json_array(), *top;
  struct he_lab_summary summary;
  for(char **word = w->plan.command; *word; word++)
    json_array_append_new(command, he_json_text(*word));
  for(size_t i = 0; i < w->n; i++)
    json_array_append_new(list, he_lab_json(&w->plan, &all[i]));
  he_lab_summarize(all, w->n, &summary);
  top = json_pack("{s:i, s:o, s:f, s:i, s:o, s:o}", "v", 1, "command",
                  command, "timeout_s", w->plan.limit_s, "repeat",
                  (int)w->repeat, "scenarios", list, "summary",
                  he_lab_json_summary(&summary));
  if(checks)
    json_object_set(top, "expect", checks);
  return he_json_write(top, stdout);
}

static int run_all(const struct he_lab_work *w, struct he_lab_result *all)
{
  json_t *checks = w->expect && w->json ? json_array() : NULL;
  struct he_lab_summary summary;
  bool met = true;
  if(!w->json)
    he_lab_table_head(&w->plan);
  for(size_t i = 0; i < w->n; i++) {
    if(!runs_of(w, w->chosen[i], &all[i]))
      return HE_EXIT_NO_LAB;
    if(!w->json)
      he_lab_table_row(&all[i], w->verbose);
  }
  if(!w->json) {
    he_lab_table_foot(&w->plan);
    he_lab_summarize(all, w->n, &summary);
    he_lab_table_summary(&summary);
  }
  if(w->expect)
    met = judge_all(w, w->expect, all, checks);
  if(w->json && !print_json(w, all, checks))
    met = false;
  json_decref(checks);
  return met ? HE_EXIT_OK : HE_EXIT_FAILED;
}

int he_lab_inside(const struct he_lab_work *w)
{
  struct he_lab_result all[HE_LAB_CHOSEN] = { { NULL, NULL, 0 } };
  const int status = run_all(w, all);
  for(size_t i = 0; i < w->n; i++)
    free(all[i].runs);
  return status;
}
