/* SPDX-License-Identifier: MIT */
/* ids.c - where the table grows, each id's place is the old one or the one as
 * far behind as the table was long: the next bit of the id says which. So no
 * two get in each other's way. */
#include "upstream/ids.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 16

void he_ids_init(struct he_ids *t)
{
  memset(t, 0, sizeof(*t));
}

void he_ids_free(struct he_ids *t)
{
  free(t->slots);
  he_ids_init(t);
}

static bool grow(struct he_ids *t)
{
  const uint32_t room = t->room ? 2 * t->room : ROOM;
  struct he_ids_slot *more;
  if(room > HE_IDS_MOST)
    return false;
  more = calloc(room, sizeof(*more));
  if(!more)
    return false;
  for(uint32_t i = 0; i < room; i++)
    more[i].id = (uint16_t)i;
  for(uint32_t i = 0; i < t->room; i++)
    more[t->slots[i].id & (room - 1)] = t->slots[i];
  free(t->slots);
  t->slots = more;
  t->next = t->room;
  t->room = room;
  return true;
}

bool he_ids_add(struct he_ids *t, void *what, uint16_t *id)
{
  struct he_ids_slot *s;
  if(t->used == t->room && !grow(t))
    return false;
  while(t->slots[t->next & (t->room - 1)].what)
    t->next++;
  s = &t->slots[t->next++ & (t->room - 1)];
  s->what = what;
  s->id = (uint16_t)(s->id + t->room);
  t->used++;
  *id = s->id;
  return true;
}

static struct he_ids_slot *find(const struct he_ids *t, uint16_t id)
{
  struct he_ids_slot *s = t->room ? &t->slots[id & (t->room - 1)] : NULL;
  return s && s->what && s->id == id ? s : NULL;
}

void *he_ids_find(const struct he_ids *t, uint16_t id)
{
  const struct he_ids_slot *s = find(t, id);
  return s ? s->what : NULL;
}

void he_ids_remove(struct he_ids *t, uint16_t id)
{
  struct he_ids_slot *s = find(t, id);
  if(s) {
    s->what = NULL;
    t->used--;
  }
}
