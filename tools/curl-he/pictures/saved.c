/* SPDX-License-Identifier: MIT */
/* saved.c - a client of RFC 8305, played through. */
#include "saved.h"
#include "story.h"

#define WAYS 64
#define LATE INT64_MAX

struct play {
  const struct he_way *ways;
  size_t n;
  int64_t at[2];                /* answers: IPv4, IPv6 */
  size_t next[2];               /* each family's next address */
  int64_t ends[WAYS];           /* of those that were started */
  enum he_does does[WAYS];
  size_t started;
};

static size_t play_next(const struct play *p, int six)
{
  size_t i = p->next[six];
  while(i < p->n && (p->ways[i].family == 6) != (six == 1))
    i++;
  return i;
}

/* The moment from which an address of the family can be tried. */
static int64_t play_ready(const struct play *p, int six)
{
  return play_next(p, six) < p->n ? p->at[six] : LATE;
}

/* Section 3: with the answer for AAAA, whatever it says, or with A alone after
   the Resolution Delay. */
static int64_t play_begin(const struct play *p)
{
  const int64_t six = p->at[1], four = p->at[0];
  if(six <= four || four == LATE)
    return six;
  return six < four + HE_SAVED_RESOLUTION_DELAY_US ? six :
         four + HE_SAVED_RESOLUTION_DELAY_US;
}

/* Section 5: the next one starts after the delay, or with a failure. */
static int64_t play_turn(const struct play *p, int64_t last)
{
  int64_t turn = last + HE_SAVED_ATTEMPT_DELAY_US;
  for(size_t i = 0; i < p->started; i++) {
    if(p->does[i] == HE_DOES_FAIL && p->ends[i] >= last && p->ends[i] < turn)
      turn = p->ends[i];
  }
  return turn;
}

static void play_start(struct play *p, int six, int64_t at)
{
  const size_t i = play_next(p, six);
  p->next[six] = i + 1;
  p->does[p->started] = p->ways[i].does;
  p->ends[p->started++] = at + p->ways[i].took;
}

int64_t he_saved_rfc8305_us(int64_t v6_at, int64_t v4_at,
                            const struct he_way *ways, size_t n)
{
  struct play p = {
    .ways = ways, .n = n < WAYS ? n : WAYS,
    .at = { v4_at == HE_NEVER_US ? LATE : v4_at,
            v6_at == HE_NEVER_US ? LATE : v6_at }
  };
  int64_t now = play_begin(&p), connected = LATE;
  int six = 1;
  while(now < connected) {
    const int64_t other = play_ready(&p, !six);
    if(play_ready(&p, six) > now && other <= now)
      six = !six;
    else if(play_ready(&p, six) > now) {
      /* Nothing is there now: wait for what comes first. */
      six = play_ready(&p, six) <= other ? six : !six;
      now = play_ready(&p, six);
      if(now == LATE)
        break;
    }
    play_start(&p, six, now);
    if(p.does[p.started - 1] == HE_DOES_CONNECT &&
       p.ends[p.started - 1] < connected)
      connected = p.ends[p.started - 1];
    now = play_turn(&p, now);
    six = !six;
  }
  return connected == LATE ? HE_NEVER_US : connected;
}
