/* SPDX-License-Identifier: MIT */
#include "upstream/rounds.h"

static unsigned all(const struct he_rounds *r)
{
  return (1u << r->upstream->n) - 1;
}

void he_rounds_begin(struct he_rounds *r, const struct he_upstream *u)
{
  r->upstream = u;
  r->failed = r->useless;
  r->unproven = 0;
  /* without anything to prove by nobody has to */
  r->lenient = u->opportunistic && !*u->name && !u->pins;
}

unsigned he_rounds_servers(const struct he_rounds *r)
{
  return all(r) & ~r->failed;
}

/* All have had their turn: those that were of no use get theirs again. */
static void recall_useless(struct he_rounds *r)
{
  if(r->failed == all(r))
    r->failed &= ~r->useless;
  if(!(r->failed & r->useless))
    r->useless = 0;
}

bool he_rounds_failed(struct he_rounds *r, int server, bool unproven)
{
  r->failed |= server < 0 ? all(r) : 1u << server;
  if(server >= 0 && unproven)
    r->unproven |= 1u << server;
  recall_useless(r);
  if(r->failed == all(r) && r->upstream->opportunistic && !r->lenient &&
     r->unproven) {
    r->lenient = true;
    r->failed &= ~r->unproven;
  }
  return r->failed != all(r);
}

void he_rounds_last(struct he_rounds *r, int server)
{
  r->failed |= 1u << server;
  r->useless |= 1u << server;
  recall_useless(r);
}

void he_rounds_answered(struct he_rounds *r)
{
  r->failed = r->useless;
  r->unproven = 0;
}
