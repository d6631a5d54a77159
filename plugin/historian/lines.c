/* SPDX-License-Identifier: MIT */
#include "historian/lines.h"
#include "history/history.h"

#include <string.h>

#define ABOUT "(what connects taught; safe to delete)"

size_t he_lines_header(char out[HE_LINES_HEADER_MAX], int64_t wall_ms,
                       size_t folded)
{
  struct he_writer w = { .out = out, .size = HE_LINES_HEADER_MAX };
  he_put_text(&w, "# curl-he history ");
  he_put_number(&w, HE_LINES_FORMAT);
  he_put_text(&w, " folded ");
  he_put_time(&w, wall_ms);
  he_put_text(&w, " to ");
  he_put_number(&w, folded);
  he_put_text(&w, " bytes " ABOUT);
  he_put_sum(&w, 0);
  he_put_text(&w, "\n");
  return w.len;
}

enum he_lines_head he_lines_read_header(const char *bytes, size_t len,
                                        size_t *folded)
{
  static const char *const begin[] = { "#", "curl-he", "history" };
  struct he_word rest = { bytes, len }, line, w;
  uint64_t n = 0;
  *folded = 0;
  if(!he_lines_next(&rest, &line) || !he_read_sum(line, 0, &line))
    return HE_LINES_NONE;
  for(size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
    if(!he_next_word(&line, &w) || !he_word_is(w, begin[i]))
      return HE_LINES_NONE;
  if(!he_next_word(&line, &w) || !he_read_number(w, UINT32_MAX, &n))
    return HE_LINES_NONE;
  if(n != HE_LINES_FORMAT)
    return HE_LINES_LATER;
  /* folded TIME to N */
  for(int i = 0; i < 4; i++)
    if(!he_next_word(&line, &w))
      return HE_LINES_OURS;
  if(he_read_number(w, UINT32_MAX, &n))
    *folded = (size_t)n;
  return HE_LINES_OURS;
}

bool he_lines_next(struct he_word *rest, struct he_word *out)
{
  const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
  if(!end)
    return false;
  *out = (struct he_word){ rest->at, (size_t)(end - rest->at) };
  rest->len -= out->len + 1;
  rest->at = end + 1;
  return true;
}

bool he_lines_any(const char *bytes, size_t len)
{
  struct he_word rest = { bytes, len }, line;
  struct he_record_head head;
  while(he_lines_next(&rest, &line))
    if(he_record_head(line.at, line.len, &head))
      return true;
  return false;
}
