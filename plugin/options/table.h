/* SPDX-License-Identifier: MIT */
#ifndef HE_TABLE_H
#define HE_TABLE_H
/* table.h - the table of options. Nothing else in the code repeats an option's
 * number, range, default, unit, scopes or words. curl/setopt.c compares the
 * numbers with the public header, tests/docs compares the manual. Pure. */
#include <stdbool.h>
#include <stddef.h>

/* One row an option; those whose value is a long come first, see HE_OPTIONS:
 *   name, number, type, key in a configuration file, unit,
 *   least value, greatest value, may it be 0 as well, default, scopes,
 *   words for the values from 0 on; of a file: words in the place of its
 *   path. A resolver's value is a number, too: resolvers.h. */
#define HE_OPTION_TABLE(X) \
  X(DELAY_MS, 1000001, LONG, "delay", MS, \
    10, 2000, true, 0, ANY, NULL) \
  X(RESOLUTION_DELAY_MS, 1000002, LONG, "resolution-delay", MS, \
    0, 2000, true, 25, ANY, NULL) \
  X(FIRST_FAMILY_COUNT, 1000003, LONG, "first-family-count", NONE, \
    1, 8, false, 1, ANY, NULL) \
  X(PREFERENCE, 1000004, LONG, "preference", NONE, \
    0, 2, true, 0, ANY, "system ipv6 ipv4") \
  X(FAMILIES, 1000005, LONG, "families", NONE, \
    0, 2, true, 0, ANY, "any ipv4 ipv6") \
  X(MAX_ATTEMPTS, 1000006, LONG, "max-attempts", NONE, \
    1, 64, false, 6, ANY, NULL) \
  X(ATTEMPT_TIMEOUT_MS, 1000007, LONG, "attempt-timeout", MS, \
    100, 600000, true, 0, ANY, NULL) \
  X(CONNECTTIMEOUT_MS, 1000008, LONG, "connecttimeout", MS, \
    100, 600000, true, 0, ANY, NULL) \
  X(DELAY_MIN_MS, 1000009, LONG, "delay-min", MS, \
    10, 2000, false, 50, ANY, NULL) \
  X(DELAY_MAX_MS, 1000010, LONG, "delay-max", MS, \
    10, 2000, false, 2000, ANY, NULL) \
  X(LEEWAY_MS, 1000011, LONG, "leeway", MS, \
    0, 2000, true, 50, ANY, NULL) \
  X(HISTORY, 1000012, LONG, "history", NONE, \
    0, 1, true, 1, ANY, "off on") \
  X(HISTORY_VERDICT_S, 1000013, LONG, "history-verdict", S, \
    10, 86400, false, 600, CONTEXT, NULL) \
  X(HISTORY_TIMES_S, 1000014, LONG, "history-times", S, \
    60, 2592000, false, 86400, CONTEXT, NULL) \
  X(HISTORY_SIZE, 1000015, LONG, "history-size", NONE, \
    1, 65536, false, 4096, CONTEXT, NULL) \
  X(PROFILE, 1000016, LONG, "profile", NONE, \
    0, 4, true, 0, ANY, "none rfc8305 cloudflare telegram loopback") \
  X(RACER_CALLBACKS, 1000017, LONG, "racer-callbacks", NONE, \
    0, 1, true, 1, ANY, "off on") \
  X(LOOKUP, 1000018, LONG, "lookup", NONE, \
    0, 1, true, 1, ANY, "off on") \
  X(TRACE_SIZE, 1000019, LONG, "trace-size", NONE, \
    1, 65536, false, 64, CONTEXT, NULL) \
  X(HTTPS_RECORDS, 1000020, LONG, "https-records", NONE, \
    0, 1, true, 1, ANY, "off on") \
  X(NAT64, 1000025, LONG, "nat64", NONE, \
    0, 1, true, 1, ANY, "off on") \
  X(RESOLVER, 1010004, STRING, "resolver", NONE, \
    0, 255, true, 0, RULES, "system") \
  X(TRACEFUNCTION, 1020001, FUNCTION, NULL, NONE, \
    0, 0, false, 0, NO_HOST, NULL) \
  X(TRACEDATA, 1010001, OBJECT, NULL, NONE, \
    0, 0, false, 0, NO_HOST, NULL) \
  X(HISTORY_FILE, 1010002, STRING, "history-file", NONE, \
    0, 0, false, 0, CONTEXT, "off default") \
  X(TRACE_FILE, 1010003, STRING, "trace-file", NONE, \
    0, 0, false, 0, CONTEXT, "off -")

enum he_option {
#define HE_OPTION_ENUM(name, ...) HE_OPT_##name,
  HE_OPTION_TABLE(HE_OPTION_ENUM)
#undef HE_OPTION_ENUM
  HE_OPTION_ROWS
};
/* So many have a long for a value: what struct he_options holds. */
#define HE_OPTIONS ((int)HE_OPT_TRACEFUNCTION)
/* So many are files, the last rows: what rules hold for every host. */
#define HE_FILES (HE_OPTION_ROWS - (int)HE_OPT_HISTORY_FILE)

enum he_option_type {
  HE_TYPE_LONG,
  HE_TYPE_FUNCTION,
  HE_TYPE_OBJECT,             /* void * */
  HE_TYPE_STRING              /* char *, copied */
};

enum he_unit { HE_UNIT_NONE, HE_UNIT_MS, HE_UNIT_S };

/* Where an option may be set. */
#define HE_SCOPE_CONTEXT 1u
#define HE_SCOPE_HOST    2u
#define HE_SCOPE_HANDLE  4u
#define HE_SCOPE_RULES   (HE_SCOPE_CONTEXT | HE_SCOPE_HOST)
#define HE_SCOPE_NO_HOST (HE_SCOPE_CONTEXT | HE_SCOPE_HANDLE)
#define HE_SCOPE_ANY     (HE_SCOPE_NO_HOST | HE_SCOPE_HOST)

struct he_option_row {
  const char *name;           /* "CURLHEOPT_DELAY_MS" */
  int number;                 /* CURLHEOPT_DELAY_MS */
  enum he_option_type type;
  const char *key;            /* NULL: not in a configuration file */
  enum he_unit unit;
  long min;                   /* this and what follows: of a long alone */
  long max;
  bool zero;                  /* 0 is allowed, too */
  long normal;                /* the default */
  unsigned scopes;            /* HE_SCOPE_ */
  const char *words;          /* "off on": values from 0; NULL: a number; of a
                                 file: what else a path may be */
};

const struct he_option_row *he_option_row(enum he_option which);

/* By the number that the public header gives it; false: there is none. */
bool he_option_find(int number, enum he_option *out);

/* Is it one that only a context as a whole can have? */
bool he_option_contexts(enum he_option which);

/* Is it the path of a file? Then *place is below HE_FILES. */
bool he_option_file(enum he_option which, int *place);

#endif
