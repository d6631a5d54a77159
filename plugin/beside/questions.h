/* SPDX-License-Identifier: MIT */
#ifndef HE_BESIDE_QUESTIONS_H
#define HE_BESIDE_QUESTIONS_H
/* questions.h - what a connect asks of its resolver, and what the history
 * hears of the answers. The racer's thread. */
#include "beside/own.h"

/* Does the history hear of them? */
bool he_questions_teach(const struct he_beside *b);

/* Asks for a family's addresses; HE_MAIL_ANSWER follows. False without
   memory. */
bool he_questions_ask(struct he_beside *b, enum he_family f, he_time_ns now);
void he_questions_close(struct he_beside *b, enum he_family f);
/* All, and the second ones. */
void he_questions_close_all(struct he_beside *b);

/* Did libcurl ask for this name, too, as far as its time tells? Before the
   question is closed. */
bool he_questions_looked_up(const struct he_beside *b, enum he_family f);

/* The race has heard of a family's answer. Where it matters how many addresses
   libcurl has, the same is asked again; HE_MAIL_CONFIRM follows. */
void he_questions_noted(struct he_beside *b, enum he_family f, he_time_ns now);
void he_questions_confirmed(struct he_beside *b, const struct he_beside_mail *m,
                            he_time_ns now);

/* An A answer of which nothing has a route: the prefix of the network's
   translator (NAT64) is asked for, before the race comes to these addresses. */
void he_questions_translate(struct he_beside *b,
                            const struct he_beside_mail *m);

/* The history hears of an answer, or that there is none. */
void he_questions_learn(struct he_beside *b, const struct he_beside_mail *m,
                        he_time_ns now);
/* What the resolver said before of a family, where that may be used until it
   has answered again: *n addresses in `list`, of at most HE_HISTORY_ADDRS. */
bool he_questions_remembered(struct he_beside *b, enum he_family f,
                             struct he_candidate *list, size_t *n,
                             he_time_ns now);

/* The connect is over. What is open is of no use to it, but the next one
   will want to know. True: the connect stays for the answers, and
   he_questions_left() is to follow. */
bool he_questions_linger(struct he_beside *b, bool won, he_time_ns now);
/* One of those. True: it was the last. */
bool he_questions_late(struct he_beside *b, const struct he_beside_mail *m,
                       he_time_ns now);
void he_questions_left(struct he_beside *b);

#endif
