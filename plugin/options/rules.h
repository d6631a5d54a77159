/* SPDX-License-Identifier: MIT */
#ifndef HE_RULES_H
#define HE_RULES_H
/* rules.h - options for the hosts that a pattern names. Pure.
 *
 * Rules are kept in the order of their patterns, one a pattern. A host is
 * looked up under its own name first, then below each domain it is in, the
 * longest first: of each option the first rule that says something wins. */
#include "options/options.h"
#include "options/pattern.h"

/* So many patterns: far more than anybody writes, few enough that a hostile
   file takes no more than a MiB. */
#define HE_RULES_MAX 4096

struct he_rule {
  struct he_options options;
  char pattern[];             /* by he_pattern_read(), never "*" */
};

struct he_rules {
  struct he_options every;    /* for "*" */
  char *file[HE_FILES];       /* likewise: paths, owned; "": no file; NULL:
                                 unset */
  struct he_rule **list;      /* owned */
  size_t n;
  size_t room;
};

enum he_rules_result {
  HE_RULES_OK,
  HE_RULES_FULL,
  HE_RULES_NO_MEMORY,
  HE_RULES_BAD_VALUE,         /* out of the option's range */
  HE_RULES_BAD_SCOPE          /* for every host only, see
                                 he_option_contexts() */
};

void he_rules_init(struct he_rules *r);
void he_rules_free(struct he_rules *r);

/* Sets one option for a pattern, by he_pattern_read(). HE_UNSET takes it back;
   a rule that says nothing any more is gone. Not HE_RULES_OK: nothing was
   changed. */
enum he_rules_result he_rules_set(struct he_rules *r, const char *pattern,
                                  enum he_option which, long value);

/* Sets all that `options` says, at once or not at all. Its values are in
   range. */
enum he_rules_result he_rules_add(struct he_rules *r, const char *pattern,
                                  const struct he_options *options);

/* Sets a file for every host: takes over a path from malloc(), "": no file;
   NULL: unset. Returns what was set before, the caller's from now on. */
char *he_rules_exchange_file(struct he_rules *r, enum he_option which,
                             char *path);

/* NULL: unset; "": no file. It lives until it is set anew. */
const char *he_rules_file(const struct he_rules *r, enum he_option which);

/* Does a rule say something of this option, for any host, other than 0? */
bool he_rules_any(const struct he_rules *r, enum he_option which);

/* What `o` does not say is as the rules say for this host, as the URL has it;
   NULL: for no host in particular. */
void he_rules_fill(const struct he_rules *r, const char *host,
                   struct he_options *o);

#endif
