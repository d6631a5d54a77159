/* SPDX-License-Identifier: MIT */
/* unseen.c - most connects are over by the first look, or before. */
#include "beside/theirs.h"
#include "beside/unseen.h"
#include "connect/observe.h"

#include <stdlib.h>
#include <string.h>

/* `sample` gets a handshake, where it is to be measured. */
static bool look_locked(struct he_job *j, he_time_ns now, he_time_ns *again,
                        struct he_try *sample)
{
  bool slow = false;
  for(unsigned i = 0; i < j->native_count && !j->done; i++) {
    struct he_native *nat = &j->natives[i];
    const he_time_ns at = he_job_look_at(j, &nat->try);
    if(!nat->open)
      continue;
    if(at > now)
      *again = at < *again ? at : *again;
    else if(!he_theirs_first_look(nat))
      slow = true;
    else {
      j->done = true;
      *sample = nat->try;
      if(!he_job_wants_sample_locked(j) || !he_observe_handshake(sample))
        sample->fate = HE_FATE_OPEN;
    }
  }
  return slow && !j->done;
}

bool he_unseen_look(struct he_job *j, he_time_ns now, he_time_ns *again)
{
  struct he_try sample = { .fate = HE_FATE_OPEN };
  bool slow = false;
  *again = HE_NEVER;
  /* the lock keeps libcurl from closing what is looked at */
  pthread_mutex_lock(&j->lock);
  if(j->notice < HE_SEEN) {
    slow = look_locked(j, now, again, &sample);
    if(slow || j->done)
      *again = HE_NEVER;
    j->notice = *again == HE_NEVER ? HE_UNSEEN : HE_EXPECTED;
  }
  pthread_mutex_unlock(&j->lock);
  if(sample.fate) {
    sample.started = now;
    he_observe(j->config.recall, j->config.host, &sample, 0, now);
  }
  return slow;
}

bool he_unseen_end(struct he_job *j, struct he_unseen *out)
{
  bool seen, expected;
  memset(out, 0, sizeof(*out));
  pthread_mutex_lock(&j->lock);
  seen = j->notice >= HE_SEEN;
  expected = j->notice == HE_EXPECTED;
  if(!seen) {
    if(j->native_count)
      out->natives = malloc(j->native_count * sizeof(*out->natives));
    if(out->natives) {
      out->count = j->native_count;
      memcpy(out->natives, j->natives, out->count * sizeof(*out->natives));
    }
    out->took = j->took;
    out->stopped = j->stopped;
    j->notice = HE_SEEN;
  }
  pthread_mutex_unlock(&j->lock);
  if(expected)
    he_racer_withdraw(&j->task);
  return !seen;
}
