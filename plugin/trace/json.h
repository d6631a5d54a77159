/* SPDX-License-Identifier: MIT */
#ifndef HE_JSON_H
#define HE_JSON_H
/* json.h - one JSON object as a line of text. A member that does not fit is
 * left out, whole: what is there is always well formed. Pure. */
#include "base/base.h"

#define HE_JSON_LINE 1024     /* bytes at most, the line's end included */

struct he_json {
  char at[HE_JSON_LINE];
  size_t len;
};

void he_json_begin(struct he_json *j);
/* NULL: no member. Bytes that are not UTF-8 become U+FFFD. */
void he_json_text(struct he_json *j, const char *key, const char *value);
void he_json_number(struct he_json *j, const char *key, int64_t value);
/* The object's end and the line's. */
void he_json_end(struct he_json *j);

#endif
