/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_SYMPTOMS_H
#define HE_DOCTOR_SYMPTOMS_H
/* symptoms.h - all that curl-he doctor recognizes: a table. docs/commands/
 * doctor.man has it, too, and a test compares the two. */
#include <stdbool.h>
#include <stddef.h>

enum he_symptom_id {
  HE_NO_NETWORK,
  HE_IPV6_DISABLED,
  HE_NO_IPV6_ADDRESS,
  HE_IPV6_LOCAL_ONLY,
  HE_NO_IPV6_ROUTE,
  HE_GAI_IPV4_FIRST,
  HE_NSSWITCH_NO_DNS,
  HE_NO_NAME_SERVER,
  HE_PROXY,
  HE_STUCK_SYN,
  HE_LIBCURL_OLD,
  HE_LIBCURL_SERIAL,
  HE_LIBCURL_LATE,
  HE_LIBCURL_CARES,
  HE_CONFIG_WRONG,
  HE_SWITCHED_OFF,
  HE_NO_MODULE,
  HE_HOSTS_FILE,
  HE_NO_SUCH_NAME,
  HE_DNS_FAILS,
  HE_DNS_SILENT,
  HE_AAAA_SILENT,
  HE_A_SILENT,
  HE_AAAA_FAILS,
  HE_AAAA_LATE,
  HE_A_LATE,
  HE_NOTHING_ANSWERS,
  HE_IPV6_SILENT,
  HE_IPV6_REFUSED,
  HE_IPV6_UNREACHABLE,
  HE_IPV4_SILENT,
  HE_IPV4_REFUSED,
  HE_IPV4_UNREACHABLE,
  HE_SOME_SILENT,
  HE_IPV6_SLOW,
  HE_LARGE_PACKETS,
  HE_TLS_SILENT,
  HE_TLS_FAILS,
  HE_RACE_LOST,
  HE_SYMPTOMS
};

struct he_symptom {
  const char *name;           /* one word, for scripts */
  bool wrong;                 /* else: worth knowing */
  /* What is the case. {WORDS} are filled in. */
  const char *sentence;
  const char *advice;         /* what to do about it; likewise */
  /* How people report it; NULL: nobody would. */
  const char *seen;
};

extern const struct he_symptom he_symptoms[HE_SYMPTOMS];

/* Writes `text` with each {NAME} filled in: `pairs` are names and values, up
   to NULL. What does not fit is cut off. */
void he_symptom_fill(const char *text, const char *const *pairs, char *out,
                     size_t size);

#endif
