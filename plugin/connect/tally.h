/* SPDX-License-Identifier: MIT */
#ifndef HE_TALLY_H
#define HE_TALLY_H
/* tally.h - what races have come to, counted for a context. Any thread; no
 * lock: each number is right, several of them may be of different moments. */
#include "race/replay.h"
#include "trace/trace.h"

struct he_tally {
  unsigned refs;
  uint64_t connected[HE_FAMILIES];    /* connects, by their winner */
  uint64_t failed;            /* connects in which no attempt connected */
  uint64_t raced;             /* connects of more than one attempt */
  uint64_t attempts[2];       /* curl-he's, libcurl's */
  uint64_t handed_over;
  uint64_t aside;
  uint64_t compared;          /* connects that the next two are of */
  uint64_t saved_ns;          /* against a client that remembers nothing */
  uint64_t behind_ns;         /* likewise, by the connects that were slower */
};

/* One reference, the caller's; NULL without memory. */
struct he_tally *he_tally_new(void);
/* NULL is fine for what follows, and counts nothing. */
void he_tally_ref(struct he_tally *t);
void he_tally_unref(struct he_tally *t);

/* A step was taken. `all`: the race's steps, this one included. */
void he_tally_step(struct he_tally *t, const struct he_step *s,
                   const struct he_trace *all);

/* A connect that libcurl made alone, by so many attempts, to `winner`; NULL: in
   vain. `aside`: curl-he would have added nothing. */
void he_tally_quiet(struct he_tally *t, unsigned attempts,
                    const struct he_addr *winner, bool aside);

/* The race took `took`, from when it began until it was connected; a client
   that remembers nothing would have taken `alone` (race/replay.h), HE_NEVER:
   that cannot be told. */
void he_tally_compare(struct he_tally *t, he_time_ns took, he_time_ns alone);

#endif
