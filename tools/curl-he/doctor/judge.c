/* SPDX-License-Identifier: MIT */
/* judge.c - keeps what is found. Names of programs and files are what others
 * have written: what is told of them is plain text. */
#include "judge.h"
#include "../plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct he_finding *next(struct he_findings *out)
{
  struct he_finding *f;
  if(out->n == out->room) {
    const size_t room = out->room ? 2 * out->room : 16;
    struct he_finding *more = realloc(out->list, room * sizeof(*more));
    if(!more)
      return NULL;
    out->list = more;
    out->room = room;
  }
  f = &out->list[out->n++];
  memset(f, 0, sizeof(*f));
  f->host = out->host;
  return f;
}

void he_find(struct he_findings *out, enum he_symptom_id id,
             const char *const *pairs)
{
  struct he_finding *f = next(out);
  char text[sizeof(f->text)];
  if(!f)
    return;
  f->symptom = &he_symptoms[id];
  he_symptom_fill(f->symptom->sentence, pairs, text, sizeof(text));
  he_plain_string(f->text, sizeof(f->text), text);
  he_symptom_fill(f->symptom->advice, pairs, text, sizeof(text));
  he_plain_string(f->advice, sizeof(f->advice), text);
}

void he_find_well(struct he_findings *out, const char *format, ...)
{
  struct he_finding *f = next(out);
  char text[sizeof(f->text)];
  va_list ap;
  if(!f)
    return;
  va_start(ap, format);
  vsnprintf(text, sizeof(text), format, ap);
  va_end(ap);
  he_plain_string(f->text, sizeof(f->text), text);
}

const char *he_judge_ms(double ms, char text[16])
{
  snprintf(text, 16, "%.0f", ms < 9999999 ? ms : 9999999);
  return text;
}

void he_judge(const struct he_facts *f, struct he_findings *out)
{
  memset(out, 0, sizeof(*out));
  he_judge_machine(f, out);
  he_judge_libcurls(f, out);
  for(size_t i = 0; i < f->hosts_n; i++) {
    out->host = f->hosts[i].name;
    he_judge_lookup(f, &f->hosts[i], out);
    he_judge_connects(f, &f->hosts[i], out);
  }
}

void he_findings_free(struct he_findings *out)
{
  free(out->list);
  memset(out, 0, sizeof(*out));
}

bool he_findings_wrong(const struct he_findings *f)
{
  for(size_t i = 0; i < f->n; i++) {
    if(f->list[i].symptom && f->list[i].symptom->wrong)
      return true;
  }
  return false;
}

bool he_findings_have(const struct he_findings *f, enum he_symptom_id id)
{
  for(size_t i = 0; i < f->n; i++) {
    if(f->list[i].symptom == &he_symptoms[id])
      return true;
  }
  return false;
}
