/* SPDX-License-Identifier: MIT */
#ifndef HE_PIPELINE_H
#define HE_PIPELINE_H
/* pipeline.h - questions to servers that are asked over one connection at a
 * time: which wait, which are sent, whose an answer is, and what is asked
 * again where a connection is lost. Pure: times are arguments. One owner.
 *
 *   waiting --next()--> sent --take()--> done
 *      ^-----lost()------'
 *
 * A question's done() may be called by each function that has `now`, or a
 * verdict. */
#include "resolve/upstream.h"
#include "upstream/asked.h"
#include "upstream/ids.h"
#include "upstream/query.h"

struct he_pipeline {
  struct he_asked_list waiting, sent;   /* oldest first */
  struct he_ids ids;          /* of those sent */
  unsigned answers;           /* that came, ever */
  unsigned answers_before;    /* this connection */
  bool open;                  /* there is one */
  he_time_ns heard_at;        /* the last answer, or since it is open */
};

void he_pipeline_init(struct he_pipeline *p);
/* Nothing is asked any more. */
void he_pipeline_free(struct he_pipeline *p);

/* One more. False without memory. */
bool he_pipeline_add(struct he_pipeline *p, struct he_upstream_question *q,
                     he_time_ns now);
/* Is nothing asked? */
bool he_pipeline_idle(const struct he_pipeline *p);
static inline bool he_pipeline_waits(const struct he_pipeline *p)
{
  return p->waiting.first;
}

/* There is a connection. */
void he_pipeline_opened(struct he_pipeline *p, he_time_ns now);
/* Writes the next query, and counts it as sent. Returns its length; 0: none
   waits, or as many as can be are sent. */
size_t he_pipeline_next(struct he_pipeline *p,
                        unsigned char out[HE_QUERY_MOST], he_time_ns now);
/* A message came, hostile. True: it answers a question. */
bool he_pipeline_take(struct he_pipeline *p, const unsigned char *message,
                      size_t len, he_time_ns now);
/* The connection is lost. What was sent waits for the next one; what was lost
   before, and the server said nothing since it was sent, is given up. False:
   the connection has answered nothing. */
bool he_pipeline_lost(struct he_pipeline *p, he_time_ns now);

/* Gives up what has had its time. False: the server says nothing, the
   connection is of no use. */
bool he_pipeline_expire(struct he_pipeline *p, he_time_ns now);
/* When that is to be called; HE_NEVER: nothing is asked. */
he_time_ns he_pipeline_due(const struct he_pipeline *p);

/* Gives up all that waits. */
void he_pipeline_refuse(struct he_pipeline *p, enum he_upstream_verdict v);
/* And all that is sent. */
void he_pipeline_end(struct he_pipeline *p, enum he_upstream_verdict v);

#endif
