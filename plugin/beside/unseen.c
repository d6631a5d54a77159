/* SPDX-License-Identifier: MIT */
/* unseen.c - most connects are over by the first look, or before. */
#include "beside/theirs.h"
#include "beside/unseen.h"
#include "connect/observe.h"

#include <stdlib.h>
#include <string.h>

/* `sample` gets a handshake, where it is to be measured. */
static bool look_locked(struct he_beside *b, he_time_ns now, he_time_ns *again,
                        struct he_try *sample)
{
  bool slow = false;
  for(unsigned i = 0; i < b->native_count && !b->c.done; i++) {
    struct he_native *nat = &b->natives[i];
    const he_time_ns at = he_beside_look_at(b, &nat->try);
    if(!nat->open)
      continue;
    if(at > now)
      *again = at < *again ? at : *again;
    else if(!he_theirs_first_look(nat))
      slow = true;
    else {
      b->c.done = true;
      *sample = nat->try;
      if(!he_beside_wants_sample_locked(b) || !he_observe_handshake(sample))
        sample->fate = HE_FATE_OPEN;
    }
  }
  return slow && !b->c.done;
}

bool he_unseen_look(struct he_beside *b, he_time_ns now, he_time_ns *again)
{
  struct he_try sample = { .fate = HE_FATE_OPEN };
  bool slow = false;
  *again = HE_NEVER;
  /* the lock keeps libcurl from closing what is looked at */
  pthread_mutex_lock(&b->c.lock);
  if(b->notice < HE_SEEN) {
    slow = look_locked(b, now, again, &sample);
    if(slow || b->c.done)
      *again = HE_NEVER;
    b->notice = *again == HE_NEVER ? HE_UNSEEN : HE_EXPECTED;
  }
  pthread_mutex_unlock(&b->c.lock);
  if(sample.fate) {
    sample.started = now;
    he_observe(b->c.config.recall, b->c.config.host, &sample, 0, now);
  }
  return slow;
}

bool he_unseen_end(struct he_beside *b, struct he_unseen *out)
{
  bool seen, expected;
  memset(out, 0, sizeof(*out));
  pthread_mutex_lock(&b->c.lock);
  seen = b->notice >= HE_SEEN;
  expected = b->notice == HE_EXPECTED;
  if(!seen) {
    if(b->native_count)
      out->natives = malloc(b->native_count * sizeof(*out->natives));
    if(out->natives) {
      out->count = b->native_count;
      memcpy(out->natives, b->natives, out->count * sizeof(*out->natives));
    }
    out->took = b->took;
    out->stopped = b->stopped;
    b->notice = HE_SEEN;
  }
  pthread_mutex_unlock(&b->c.lock);
  if(expected)
    he_racer_withdraw(&b->c.task);
  return !seen;
}
