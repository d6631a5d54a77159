/* SPDX-License-Identifier: MIT */
/* values.c - from an argument's name to what may stand there. */
#include "values.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  enum he_kind kind;
} names[] = {
  { "FILE", HE_KIND_FILE },
  { "FOLDER", HE_KIND_FOLDER },
  { "HOST", HE_KIND_HOST },
  { "PROGRAM", HE_KIND_PROGRAM },
  { "COMMAND", HE_KIND_PROGRAM }
};

void he_values_of(const char *name, struct he_values *v)
{
  size_t n;
  v->kind = HE_KIND_NONE;
  v->words[0] = 0;
  if(!name)
    return;
  name += strspn(name, "[- ");
  n = strcspn(name, "[]. :");
  if(!n)
    return;
  snprintf(v->words, sizeof(v->words), "%.*s", (int)n, name);
  v->kind = HE_KIND_ANY;
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    if(!strcmp(v->words, names[i].name))
      v->kind = names[i].kind;
  }
  if(strchr(v->words, '|'))
    v->kind = HE_KIND_WORDS;
  for(char *at = v->words; *at; at++) {
    if(*at == '|')
      *at = ' ';
  }
}
