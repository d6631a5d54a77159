/* SPDX-License-Identifier: MIT */
/* history_next.c - curl_he_history_next() and curl_he_network(): what history
 * says of the next connect, to somebody who only looks. */
#include "base/clock.h"
#include "curl/asks.h"
#include "curl/default.h"
#include "historian/recall.h"
#include "net/network.h"
#include "options/options.h"

#include <string.h>
#include <sys/socket.h>

unsigned long long curl_he_network(void)
{
  struct he_network *n = he_network_open();
  const uint64_t id = n ? he_network_id(n) : 0;
  he_network_close(n);
  return id;
}

/* As a handle would ask that has no options of its own. */
static void fill_ask(CURLHE *he, const char *host, int port,
                     struct he_recall_ask *ask, struct he_race_config *race)
{
  struct he_options said, o;
  he_context_options(he, host, &said);
  for(int i = 0; i < HE_OPTIONS; i++)
    o.value[i] = he_options_get(&said, NULL, (enum he_option)i);
  memset(race, 0, sizeof(*race));      /* options say nothing of `beside` */
  he_options_race(&o, race);
  he_asks_fill(ask, host, (uint16_t)port, &o, race);
}

static long verdict_of(const struct he_advice *a)
{
  switch(a->rank) {
  case HE_RANK_DOUBTED:
    return CURL_HE_VERDICT_DOUBTED;
  case HE_RANK_BAD:
    return CURL_HE_VERDICT_BAD;
  case HE_RANK_SLOW:
    return CURL_HE_VERDICT_SLOW;
  case HE_RANK_GOOD:
    break;
  }
  return a->doubtful ? CURL_HE_VERDICT_SILENT : CURL_HE_VERDICT_GOOD;
}

static long delay_from(bool fixed, enum he_pace_from from)
{
  if(fixed)
    return CURL_HE_DELAY_RULE;
  switch(from) {
  case HE_PACE_NETWORK:
    return CURL_HE_DELAY_NETWORK;
  case HE_PACE_HOST:
    return CURL_HE_DELAY_LEARNED;
  case HE_PACE_COLD:
    break;
  }
  return CURL_HE_DELAY_COLD;
}

/* Where the first one is in doubt, the first that is known to work follows it,
   if the delay is ours to choose. False: nothing changes. */
static bool hedge(struct he_turn_ahead *turns, size_t n)
{
  size_t i = 1;
  if(!n || !turns[0].advice.doubtful)
    return false;
  while(i < n && !turns[i].advice.proven)
    i++;
  if(i >= n)
    return false;
  for(; i > 1; i--) {
    const struct he_turn_ahead t = turns[i];
    turns[i] = turns[i - 1];
    turns[i - 1] = t;
  }
  return true;
}

static void show(struct he_turn_ahead *turns, size_t n,
                 const struct he_race_config *race, bool hedged, long from,
                 curl_he_history_turn_callback fn, void *data)
{
  he_time_ns start = 0;
  for(size_t i = 0; i < n; i++) {
    char address[HE_ADDR_TEXT];
    const struct curl_he_history_turn t = {
      .address = address,
      .family = turns[i].addr.family == HE_IPV6 ? AF_INET6 : AF_INET,
      .verdict = verdict_of(&turns[i].advice),
      .start_ms = (long)(start / HE_MS(1)),
      .delay_from = from
    };
    he_addr_text(&turns[i].addr, address);
    if(fn(&t, data))
      return;
    start += hedged && !i ? HE_RACE_MIN_GAP :
             he_race_delay_after(race, (unsigned)i + 1);
  }
}

CURLHEcode curl_he_history_next(CURLHE *context, const char *host, int port,
                                curl_he_history_turn_callback fn, void *data)
{
  struct he_turn_ahead turns[HE_HISTORY_ADDRS];
  struct he_recall_ask ask;
  struct he_race_config race;
  uint64_t network;
  CURLHE *he;
  size_t n;
  bool fixed;
  CURLHEcode code = he_default_find(context, &he);
  if(!code && (!host || !fn || port < 1 || port > 65535))
    code = CURL_HE_BAD_POINTER;
  if(code)
    return code;
  network = curl_he_network();
  if(!network)
    return CURL_HE_NO_MEMORY;
  fill_ask(he, host, port, &ask, &race);
  n = he_recall_foresee(he->recall, network, &ask,
                        race.preference == HE_PREFER_IPV4 ? HE_IPV4 : HE_IPV6,
                        turns, HE_HISTORY_ADDRS, he_clock_now());
  fixed = !race.first_delay;
  if(n) {
    const enum he_pace_from from = turns[0].advice.from;
    const bool hedged = !fixed && hedge(turns, n);
    he_pace(&race, turns[0].advice.delay, from);
    show(turns, n, &race, hedged, delay_from(fixed, from), fn, data);
  }
  return CURL_HE_OK;
}
