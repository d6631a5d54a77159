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

/* The path, and who has it loaded. */
static void tell_path(const struct he_libcurl *l, char *out, size_t size)
{
  if(l->users)
    snprintf(out, size, "%s (now in %u process%s: %s)", l->path, l->users,
             l->users == 1 ? "" : "es", l->used_by);
  else
    snprintf(out, size, "%s", l->path);
}

void he_judge_libcurls(const struct he_facts *f, struct he_findings *out)
{
  for(size_t i = 0; i < f->libcurls_n; i++) {
    const struct he_libcurl *l = &f->libcurls[i];
    char path[PATH_MAX + 256];
    const char *const pairs[] = { "PATH", path, "VERSION", l->version, NULL };
    tell_path(l, path, sizeof(path));
    if(!*l->version)
      he_find_well(out, "%s does not tell its version.", path);
    else
      he_find(out, era_of(l->number), pairs);
    if(l->cares)
      he_find(out, HE_LIBCURL_CARES, pairs);
  }
}
