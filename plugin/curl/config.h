/* SPDX-License-Identifier: MIT */
#ifndef HE_CONFIG_H
#define HE_CONFIG_H
/* config.h - rules from a file and from the environment, as a value. */
#include "options/rules.h"

#include <curl_he/curl_he.h>

/* Who has set options, the narrowest scope first. Within each the rules for a
   host come before what is for every host. */
enum he_source {
  HE_SOURCE_PROGRAM,          /* curl_he_host_setopt(), curl_he_setopt() */
  HE_SOURCE_ENVIRONMENT,      /* CURL_HE_OPTIONS */
  HE_SOURCE_FILE              /* the configuration file */
};
#define HE_SOURCES 3

/* What lines say of this program. */
enum he_config_program {
  HE_PROGRAM_UNSAID,
  HE_PROGRAM_ON,
  HE_PROGRAM_OFF
};

struct he_config {
  struct he_rules rules[HE_SOURCES];
  enum he_config_program program[HE_SOURCES];
  bool by_name[HE_SOURCES];   /* and not by "*" */
  bool read[HE_SOURCES];      /* its rules take the place of earlier ones */
  CURLHEcode code;
  char error[CURL_HE_ERROR_SIZE];   /* "": none. Of several faults the first */
};

/* Reads this file; NULL: the user's own file, and CURL_HE_OPTIONS. Blocks for
   reading. Without memory nothing is read. Any thread; to be freed by
   he_config_free(). */
void he_config_read(struct he_config *c, const char *path);
void he_config_free(struct he_config *c);

#endif
