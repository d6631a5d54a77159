/* SPDX-License-Identifier: MIT */
/* stream_fuzz.c - what a server says over a connection: messages in a stream of
 * bytes, which comes in pieces, and answers to questions that are in flight
 * (he_frames_take(), he_pipeline_take()). The first byte says how long a piece
 * is. Whatever comes, each question is over once. */
#include "fuzz.h"
#include "upstream/frames.h"
#include "upstream/pipeline.h"

#include <string.h>

#define QUESTIONS 40          /* the table of ids has grown twice */

static const char *const names[] = { "he.test", "x.he.test" };

struct asked {
  struct he_upstream_question q;       /* first */
  int called;
};

static void on_done(struct he_upstream_question *q, enum he_upstream_verdict v,
                    const unsigned char *message, size_t len)
{
  ((struct asked *)q)->called++;
  fuzz_assert((message != NULL) == (v == HE_UPSTREAM_ANSWERED));
  if(message)
    fuzz_assert(he_query_answers(message, len, q->name, (uint16_t)q->type));
}

static bool is_wanted(struct he_upstream_question *q)
{
  (void)q;
  return true;
}

static void ask(struct he_pipeline *p, struct asked *a)
{
  unsigned char out[HE_QUERY_MOST];
  he_pipeline_init(p);
  he_pipeline_opened(p, 0);
  for(int i = 0; i < QUESTIONS; i++) {
    memset(&a[i], 0, sizeof(a[i]));
    a[i].q.name = names[i % 2];
    a[i].q.type = i % 3 ? HE_DNS_A : HE_DNS_AAAA;
    a[i].q.done = on_done;
    a[i].q.wanted = is_wanted;
    fuzz_assert(he_pipeline_add(p, &a[i].q, 0));
    fuzz_assert(he_pipeline_next(p, out, 0) == HE_QUERY_BLOCK);
  }
}

/* False: the stream means nothing any more. */
static bool take_all(struct he_frames *f, struct he_pipeline *p)
{
  const unsigned char *message;
  enum he_frame frame;
  size_t len;
  while((frame = he_frames_take(f, &message, &len)) == HE_FRAME_WHOLE) {
    fuzz_assert(len >= HE_DNS_HEADER && len <= 65535);
    he_pipeline_take(p, message, len, 0);
  }
  return frame == HE_FRAME_PART;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const size_t piece = size ? data[0] + 1u : 1;
  struct asked asked[QUESTIONS];
  struct he_pipeline p;
  struct he_frames f;
  size_t at = 1;
  ask(&p, asked);
  he_frames_init(&f);
  while(at < size) {
    size_t n;
    unsigned char *to = he_frames_space(&f, &n);
    fuzz_assert(to && n);
    n = n < piece ? n : piece;
    n = n < size - at ? n : size - at;
    memcpy(to, data + at, n);
    he_frames_fed(&f, n);
    at += n;
    if(!take_all(&f, &p))
      break;
  }
  he_pipeline_lost(&p, 0);
  he_pipeline_end(&p, HE_UPSTREAM_GONE);
  for(int i = 0; i < QUESTIONS; i++)
    fuzz_assert(asked[i].called == 1);
  he_pipeline_free(&p);
  he_frames_free(&f);
  return 0;
}
