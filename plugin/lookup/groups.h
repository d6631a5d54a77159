/* SPDX-License-Identifier: MIT */
#ifndef HE_LOOKUP_GROUPS_H
#define HE_LOOKUP_GROUPS_H
/* groups.h - the table of expected.c: a group for each way to race to a name.
 * A group has two lists: lookups that expect a call, oldest first, and lookups
 * that race. All functions are called with the lock of expected.c. */
#include "lookup/own.h"

struct he_expected_group {
  struct he_expected_group *next;
  struct he_expected_entry *first;   /* expect a call, oldest first */
  struct he_expected_entry **end;
  struct he_lookup *racing;
  bool mixed;                 /* a call may have been another one's */
  uint64_t hash;
  uint16_t port;              /* 0: any */
  struct he_app *app;         /* these are only compared */
  struct he_recall *recall;
  bool allowed[HE_FAMILIES];
  size_t length;
  char host[];                /* without a final dot */
};

/* The group of those who race so to this name, new where there is none; NULL
   without memory. */
struct he_expected_group *he_group_of(const struct he_lookup_config *c,
                                      const struct he_lookup_name *name);

/* The groups to which a call for this name and port may belong: the one after
   `g`, the first one after NULL; NULL: no more. */
struct he_expected_group *he_group_next(const struct he_expected_group *g,
                                        const char *host, uint16_t port);

/* The last to expect a call. */
void he_group_enter(struct he_expected_group *g, struct he_expected_entry *e);
/* It expects none. Frees a group that is empty then. */
void he_group_leave(struct he_expected_entry *e);

void he_group_add_racing(struct he_expected_group *g, struct he_lookup *l);
/* False where it is not among those who race. The group stays. */
bool he_group_remove_racing(struct he_lookup *l);
/* Frees it where it is empty. */
void he_group_end(struct he_expected_group *g);

/* In the child of a fork: what the parent has in the table is left alone. */
void he_groups_forget(void);

#endif
