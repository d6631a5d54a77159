/* SPDX-License-Identifier: MIT */
/* observe.c - from an attempt's fate to what the history calls an outcome. */
#include "connect/observe.h"
#include "net/tcp.h"

bool he_observe_handshake(struct he_try *t)
{
  struct he_wire_handshake hs;
  if(he_wire_state(t->fd, &hs) != HE_WIRE_CONNECTED)
    return false;
  t->handshake = hs.rtt;
  t->again = hs.again;
  return true;
}

he_time_ns he_observe_taken(const struct he_try *winner)
{
  if(!winner)
    return 0;
  return winner->handshake ? winner->handshake :
         winner->ended - winner->started;
}

void he_observe(struct he_recall *r, const char *host, const struct he_try *t,
                he_time_ns winner, he_time_ns now)
{
  struct he_outcome o = { .kind = HE_OUTCOME_UNANSWERED, .winner = winner };
  const he_time_ns until = t->ended ? t->ended : now;
  o.addr = t->addr;
  o.delay = t->delay;
  o.pending = until > t->started ? until - t->started : 0;
  if(t->fate == HE_FATE_CONNECTED) {
    o.kind = HE_OUTCOME_CONNECTED;
    o.handshake = t->handshake;
    o.retransmitted = t->again;
  }
  else if(t->fate == HE_FATE_FAILED && !t->provoked) {
    o.kind = HE_OUTCOME_FAILED;   /* one that was made to has not refused */
    o.error = t->error;
  }
  he_recall_learn(r, host, &o, now);
}
