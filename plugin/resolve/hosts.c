/* SPDX-License-Identifier: MIT */
#include "resolve/hosts.h"
#include "resolve/textfile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MOST (16u << 20)
#define BLANKS " \t\r\v\f"

struct word {
  const char *at;
  size_t len;
};

/* The next word of [*at, end). */
static bool next_word(const char **at, const char *end, struct word *w)
{
  while(*at < end && strchr(BLANKS, **at))
    ++*at;
  w->at = *at;
  while(*at < end && !strchr(BLANKS, **at))
    ++*at;
  w->len = (size_t)(*at - w->at);
  return w->len != 0;
}

static bool read_address(const struct word *w, struct he_addr *out)
{
  char text[HE_ADDR_TEXT];
  if(w->len >= sizeof(text))
    return false;
  memcpy(text, w->at, w->len);
  text[w->len] = 0;
  return he_addr_parse(out, text);
}

/* Is the name one of this line's? Then *out is its address. */
static bool read_line(const char *at, const char *end, const char *name,
                      size_t len, struct he_addr *out)
{
  const char *comment = memchr(at, '#', (size_t)(end - at));
  struct word address, w;
  if(comment)
    end = comment;
  if(!next_word(&at, end, &address))
    return false;
  while(next_word(&at, end, &w)) {
    if(w.len == len && !strncasecmp(w.at, name, len))
      return read_address(&address, out);
  }
  return false;
}

bool he_hosts_read(const char *text, size_t len, const char *name,
                   enum he_family f, struct he_addr *list, size_t most,
                   size_t *n)
{
  const char *end = text + len;
  size_t name_len = strlen(name);
  bool found = false;
  *n = 0;
  if(name_len && name[name_len - 1] == '.')
    name_len--;
  while(text < end) {
    const char *eol = memchr(text, '\n', (size_t)(end - text));
    struct he_addr a;
    if(!eol)
      eol = end;
    if(read_line(text, eol, name, name_len, &a)) {
      found = true;
      if(a.family == f && *n < most)
        list[(*n)++] = a;
    }
    text = eol + 1;
  }
  return found;
}

bool he_hosts_find(const char *name, enum he_family f, struct he_addr *list,
                   size_t most, size_t *n)
{
  char *text;
  size_t len;
  bool found;
  *n = 0;
  if(he_textfile_read("/etc/hosts", FILE_MOST, &text, &len, NULL))
    return false;
  found = he_hosts_read(text, len, name, f, list, most, n);
  free(text);
  return found;
}
