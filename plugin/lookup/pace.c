/* SPDX-License-Identifier: MIT */
/* pace.c - how far the race is, and how long its call may still take. */
#include "lookup/drive.h"
#include "base/clock.h"
#include "lookup/crowd.h"
#include "lookup/known.h"

/* An abort of the transfer has to wait for this call. So the call does not last
   longer than that after the last address was started. */
#define LAST_CHANCE HE_MS(1000)

static bool all_answered(const struct he_drive *d)
{
  for(int f = 0; f < HE_FAMILIES; f++) {
    if(d->l->config.race.allowed[f] &&
       !he_race_answered(d->race, (enum he_family)f))
      return false;
  }
  return true;
}

/* Has the race no address left that it may start? */
static bool all_started(const struct he_drive *d)
{
  return all_answered(d) && d->count &&
         (d->count >= d->l->config.race.max_attempts ||
          !he_race_untried(d->race, NULL, 0));
}

/* Not before: libcurl would never hear of the family that is missing. */
static bool is_to_leave(const struct he_drive *d)
{
  return d->leave_at <= he_clock_now() && he_lookup_all_there(d->l);
}

/* Others wait for a thread of libcurl's, and this race would hold one for
   longer than its lookup takes: no attempt was made yet, or the ones that run
   have had their time. */
static bool is_in_the_way(struct he_drive *d)
{
  const he_time_ns now = he_clock_now();
  const bool fresh = d->unheard[HE_IPV6] || d->unheard[HE_IPV4];
  const bool may = d->starts ? d->count && (he_race_due(d->race) <= now ||
                                            all_started(d)) : fresh;
  return may && he_lookup_all_there(d->l) && he_crowd_due(d->l) <= now;
}

bool he_drive_leaves(struct he_drive *d)
{
  return is_to_leave(d) || is_in_the_way(d);
}

bool he_drive_waits_to_yield(struct he_drive *d, he_time_ns now)
{
  if(d->starts || he_lookup_all_there(d->l) || he_crowd_due(d->l) > now)
    return false;
  if(d->room_until == HE_NEVER)
    d->room_until = he_time_add(now, d->l->config.race.resolution_delay);
  return d->room_until > now;
}

he_time_ns he_drive_limit(const struct he_drive *d)
{
  he_time_ns until = d->deadline;
  if(all_started(d) && he_time_add(d->last_start, LAST_CHANCE) < until)
    until = he_time_add(d->last_start, LAST_CHANCE);
  return until;
}

he_time_ns he_drive_due(const struct he_drive *d)
{
  he_time_ns until = he_race_due(d->race);
  if(he_drive_limit(d) < until)
    until = he_drive_limit(d);
  if(d->retry_at < until)
    until = d->retry_at;
  if(d->hold_until < until)
    until = d->hold_until;
  if(d->state == HE_DRIVE_CONFIRMING)
    until = d->confirm_until;
  if(d->room_until > he_clock_now() && d->room_until < until)
    until = d->room_until;
  if(d->count && he_lookup_all_there(d->l) && d->leave_at < until)
    until = d->leave_at;
  if(all_started(d) && he_crowd_due(d->l) < until)
    until = he_crowd_due(d->l);
  return until;
}
