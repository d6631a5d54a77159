/* SPDX-License-Identifier: MIT */
#include "upstream/asked.h"

void he_asked_init(struct he_asked_list *l)
{
  l->first = NULL;
  l->end = &l->first;
}

void he_asked_add(struct he_asked_list *l, struct he_asked *a)
{
  a->next = NULL;
  a->link = l->end;
  *l->end = a;
  l->end = &a->next;
}

void he_asked_take(struct he_asked_list *l, struct he_asked *a)
{
  *a->link = a->next;
  if(a->next)
    a->next->link = a->link;
  else
    l->end = a->link;
}

struct he_asked *he_asked_pop(struct he_asked_list *l)
{
  struct he_asked *a = l->first;
  if(a)
    he_asked_take(l, a);
  return a;
}

void he_asked_prepend(struct he_asked_list *to, struct he_asked_list *from)
{
  if(!from->first)
    return;
  *from->end = to->first;
  if(to->first)
    to->first->link = from->end;
  else
    to->end = from->end;
  to->first = from->first;
  to->first->link = &to->first;
  he_asked_init(from);
}
