/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_KEEPING_H
#define HE_TEST_KEEPING_H
/* keeping.h - a history with its keeper, and outcomes to tell it. What fails
 * here fails the test. */
#include "historian/keeper.h"
#include "historian/recall.h"

struct life {
  struct he_racer *racer;
  struct he_recall *recall;
  struct he_keeper *keeper;
};

/* A test: a thread that has done its errand ends by itself, a little later. */
void nothing_left(void **state);

void life_begin(struct life *l, const char *path);   /* of a store, or NULL */
void life_end(struct life *l);

/* 0: not known */
uint64_t network_of(struct life *l);
/* Until it is known. */
uint64_t wait_network(struct life *l);

/* Until all of the store that is of this network was read. */
void life_read(struct life *l);

void life_learn(struct life *l, const char *host, struct he_outcome o);
void life_connected(struct life *l, const char *host,
                    const struct he_addr *a, he_time_ns handshake);
void life_refused(struct life *l, const char *host, const struct he_addr *a);
/* The addresses of one family. */
void life_answered(struct life *l, const char *host,
                   const struct he_addr *list, size_t n);

/* Is anything known of the address, in any network? `out` may be NULL. */
bool known(struct life *l, const char *host, const struct he_addr *a,
           struct he_history_view *out);
/* HE_RANK_GOOD where nothing is. */
enum he_rank rank_of(struct life *l, const char *host,
                     const struct he_addr *a);

#endif
