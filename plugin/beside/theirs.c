/* SPDX-License-Identifier: MIT */
/* theirs.c - libcurl's sockets are known by number and inode. What is read of
 * a number is believed where the inode is the attempt's before and afterwards.
 * A dup() would say more, and do harm: as long as there is one, an
 * application's event loop hears of a socket that libcurl has closed. */
#include "beside/theirs.h"
#include "net/tcp.h"

const char he_theirs_is_bound[] =
  "the socket is bound to an address, a port or an interface";
static const char is_fast[] =
  "TCP Fast Open: libcurl takes the socket for connected";

/* -- one of them -- */

bool he_theirs_bound(const struct he_beside *b, int fd)
{
  struct he_wire_binding binding;
  if(!b->c.config.app)
    return he_wire_bound(fd);
  he_wire_binding(fd, &binding);
  return binding.address;
}

static const char *objection(const struct he_beside *b, int fd)
{
  if(he_wire_fast_open(fd))
    return is_fast;
  return he_theirs_bound(b, fd) ? he_theirs_is_bound : NULL;
}

struct he_seen he_theirs_look(struct he_beside_try *t)
{
  struct he_seen seen = { .what = HE_SAW_CLOSED };
  struct he_wire_handshake hs;
  enum he_wire_state state;
  if(!he_try_is_open(t))
    return seen;
  state = he_wire_state(t->a.fd, &hs);
  seen.rtt = hs.rtt;
  if(state == HE_WIRE_CONNECTED && t->beside->c.config.recall) {
    t->a.handshake = hs.rtt;
    t->a.again = hs.again;
  }
  if(state == HE_WIRE_CONNECTING)
    seen.why = objection(t->beside, t->a.fd);
  if(he_try_is_open(t))
    seen.what = state == HE_WIRE_CONNECTED ? HE_SAW_CONNECTED :
                state == HE_WIRE_CONNECTING ? HE_SAW_CONNECTING : HE_SAW_IDLE;
  return seen;
}

bool he_theirs_connected(const struct he_beside_try *t)
{
  return t->a.native && !t->a.fate && he_try_is_open(t) &&
         he_wire_state(t->a.fd, NULL) == HE_WIRE_CONNECTED;
}

/* It is about to connect, or failed and about to be closed. */
void he_theirs_look_again(struct he_beside_try *t, he_time_ns now)
{
  he_try_unwatch(t);
  t->pause = t->pause ? t->pause * 2 : (uint32_t)HE_MS(1);
  if(t->pause > HE_GUARD)
    t->pause = (uint32_t)HE_GUARD;
  t->look = he_time_add(now, t->pause);
}

/* -- all of them -- */

static bool is_theirs(const struct he_beside_try *t)
{
  return t->a.native && !t->a.fate;
}

const char *he_theirs_objection(struct he_beside *b)
{
  const char *why = NULL;
  for(struct he_beside_try *t = b->race->tries; t && !why; t = t->next) {
    if(is_theirs(t) && he_try_is_open(t))
      why = objection(b, t->a.fd);
    if(why && !he_try_is_open(t))
      why = NULL;             /* it was another socket's */
  }
  return why;
}

bool he_theirs_are_bound_like(struct he_beside *b, int fd)
{
  struct he_wire_binding ours, theirs;
  he_wire_binding(fd, &ours);
  for(const struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(!is_theirs(t))
      continue;
    he_wire_binding(t->a.fd, &theirs);
    if(he_try_is_open(t) && !he_wire_binding_equal(&ours, &theirs))
      return false;
  }
  return true;
}

bool he_theirs_are_here(const struct he_beside *b)
{
  bool here = b->c.config.attended || b->race->owes;
  for(const struct he_beside_try *t = b->race->tries; t && !here; t = t->next)
    here = is_theirs(t) && he_try_is_open(t);
  return here;
}

/* Where an attempt has failed, or was made to, libcurl will ask for the winner
   that waits, if only when it wakes up: curl_easy_perform() does once a second
   at the least. Where it dropped them all by itself the transfer has ended. */
#define WINNER_GUARD HE_MS(2000)

he_time_ns he_theirs_orphaned(const struct he_beside *b, he_time_ns now)
{
  const struct he_beside_race *r = b->race;
  bool any = false;
  if(b->c.config.attended)
    return HE_NEVER;
  for(const struct he_beside_try *t = r->tries; t; t = t->next) {
    if(is_theirs(t))
      return HE_NEVER;
    any = any || t->a.native;
  }
  return !any ? HE_NEVER :
         he_time_add(now, r->winner && r->owes ? WINNER_GUARD : HE_GUARD);
}

/* Nobody answers at an address of earlier. So long it is waited for. */
#define OUTDATED_PATIENCE HE_MS(250)

static void note_outdated(struct he_beside *b, const struct he_try *t)
{
  const he_time_ns delay = b->c.config.race.attempt_delay;
  struct he_beside_race *r = b->race;
  r->outdated = true;
  if(b->c.config.restarts && !t->fate && !t->provoked)
    r->quit_at = he_time_add(t->started, delay > OUTDATED_PATIENCE ? delay :
                             OUTDATED_PATIENCE);
}

const char *he_theirs_verify(struct he_beside *b)
{
  const struct he_race *race = b->race->race;
  for(struct he_beside_try *t = b->race->tries; t; t = t->next) {
    if(!t->a.native ||
       !he_race_answered(race, (enum he_family)t->a.addr.family) ||
       he_race_knows(race, &t->a.addr))
      continue;
    if(!b->c.config.certain)
      return "libcurl connects to an address that is none of the host's";
    note_outdated(b, &t->a);
  }
  return NULL;
}
