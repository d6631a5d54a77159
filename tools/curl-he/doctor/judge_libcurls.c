/* SPDX-License-Identifier: MIT */
/* judge_libcurls.c - how each version of libcurl connects when it is alone. */
#include "judge.h"

#include <stdio.h>

/* From this version on, up to the next row. */
static const struct {
  unsigned from;
  enum he_symptom_id id;
} eras[] = {
  { 0x000000, HE_LIBCURL_OLD },      /* curl-he takes none below 7.75.0 */
  { 0x074b00, HE_LIBCURL_SERIAL },   /* two walkers, one per family */
  { 0x081000, HE_LIBCURL_LATE }      /* all addresses, 200 ms apart */
};

static enum he_symptom_id era_of(unsigned number)
{
  size_t i = sizeof(eras) / sizeof(*eras) - 1;
  while(i && number < eras[i].from)
    i--;
  return eras[i].id;
}

static void tell_users(const struct he_libcurl *l, char *out, size_t size)
{
  *out = 0;
  if(l->users)
    snprintf(out, size, ", which %u process%s use%s now (%s)", l->users,
             l->users == 1 ? "" : "es", l->users == 1 ? "s" : "", l->used_by);
}

void he_judge_libcurls(const struct he_facts *f, struct he_findings *out)
{
  for(size_t i = 0; i < f->libcurls_n; i++) {
    const struct he_libcurl *l = &f->libcurls[i];
    char users[256];
    const char *const pairs[] = { "PATH", l->path, "VERSION", l->version,
                                  "USERS", users, NULL };
    tell_users(l, users, sizeof(users));
    if(!*l->version)
      he_find_well(out, "%s: its version is not known%s.", l->path, users);
    else
      he_find(out, era_of(l->number), pairs);
    if(l->cares)
      he_find(out, HE_LIBCURL_CARES, pairs);
  }
}
