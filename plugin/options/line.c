/* SPDX-License-Identifier: MIT */
#include "options/line.h"
#include "options/resolvers.h"

#include <stdio.h>
#include <string.h>

/* A part of the line. */
struct word {
  const char *at;
  size_t len;
};

/* -- words -- */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* The next word behind `from`; empty at the end. In key="..." it goes on to the
   second quote, over blanks. */
static struct word next_word(const char *from, const char *end)
{
  struct word w;
  while(from < end && is_blank(*from))
    from++;
  w.at = from;
  while(from < end && !is_blank(*from)) {
    const char *quote = from > w.at && from[-1] == '=' && *from == '"' ?
                        memchr(from + 1, '"', (size_t)(end - from) - 1) : NULL;
    from = quote ? quote + 1 : from + 1;
  }
  w.len = (size_t)(from - w.at);
  return w;
}

static bool is_word(const struct word *w, const char *text)
{
  return strlen(text) == w->len && !memcmp(w->at, text, w->len);
}

/* -- faults -- */

/* The word as it may be shown: short, printable ASCII. */
#define SHOWN_MAX 40
static const char *shown(const struct word *w, char out[SHOWN_MAX + 8])
{
  size_t n = 0;
  for(size_t i = 0; i < w->len; i++) {
    unsigned char c = (unsigned char)w->at[i];
    if(n > SHOWN_MAX - 4) {
      memcpy(out + n, "...", 3);
      n += 3;
      break;
    }
    if(c >= ' ' && c <= '~')
      out[n++] = (char)c;
    else
      n += (size_t)snprintf(out + n, 5, "\\x%02x", (unsigned)c);
  }
  out[n] = 0;
  return out;
}

static enum he_line_kind wrong(struct he_fault *fault, const char *line,
                               const struct word *w, const char *what)
{
  char text[SHOWN_MAX + 8];
  fault->column = (size_t)(w->at - line) + 1;
  if(w->len)
    snprintf(fault->text, sizeof(fault->text), "%s: %s", shown(w, text),
             what);
  else
    snprintf(fault->text, sizeof(fault->text), "%s", what);
  return HE_LINE_WRONG;
}

/* -- values -- */

static const char *unit_name(enum he_unit unit)
{
  switch(unit) {
  case HE_UNIT_MS:
    return " ms";
  case HE_UNIT_S:
    return " s";
  case HE_UNIT_NONE:
    break;
  }
  return "";
}

/* "wants 10 to 2000 ms, or 0" */
static void describe(enum he_option which, char out[HE_FAULT_TEXT])
{
  const struct he_option_row *r = he_option_row(which);
  if(r->type == HE_TYPE_STRING)
    snprintf(out, HE_FAULT_TEXT, "wants an absolute path, or one of: %s",
             r->words);
  else if(r->words)
    snprintf(out, HE_FAULT_TEXT, "wants one of: %s", r->words);
  else
    snprintf(out, HE_FAULT_TEXT, "wants %ld to %ld%s%s", r->min, r->max,
             unit_name(r->unit), r->zero && r->min > 0 ? ", or 0" : "");
}

/* The place of a word in a list of words. */
static bool read_choice(const struct word *w, const char *words, long *out)
{
  const char *end = words + strlen(words);
  struct word choice = next_word(words, end);
  for(*out = 0; choice.len; ++*out) {
    if(choice.len == w->len && !memcmp(choice.at, w->at, w->len))
      return true;
    choice = next_word(choice.at + choice.len, end);
  }
  return false;
}

/* No option takes as much as this. */
#define DIGITS_MAX 9

/* "80", and where it is a time "80ms" and "2s". */
static bool read_number(const struct word *w, enum he_unit unit, long *out)
{
  struct word rest = *w;
  *out = 0;
  while(rest.len && *rest.at >= '0' && *rest.at <= '9') {
    *out = *out * 10 + (*rest.at - '0');
    rest.at++;
    rest.len--;
    if(w->len - rest.len > DIGITS_MAX)
      return false;
  }
  if(rest.len == w->len)
    return false;
  if(!rest.len)
    return true;
  if(unit == HE_UNIT_MS && is_word(&rest, "s")) {
    if(*out > 1000000)   /* a long may have 32 bits */
      return false;
    *out *= 1000;
    return true;
  }
  return (unit == HE_UNIT_MS && is_word(&rest, "ms")) ||
         (unit == HE_UNIT_S && is_word(&rest, "s"));
}

/* A relative path would lead elsewhere with each program's folder. */
static bool read_file(const struct word *w, const char *words,
                      struct he_line_file *out)
{
  long choice;
  if(!w->len || (*w->at != '/' && !read_choice(w, words, &choice)))
    return false;
  out->at = w->at;
  out->len = w->len;
  return true;
}

static bool read_value(const struct word *w, enum he_option which,
                       struct he_line *out)
{
  const struct he_option_row *r = he_option_row(which);
  long value;
  int place;
  if(he_option_file(which, &place))
    return read_file(w, r->words, &out->file[place]);
  return (r->words ? read_choice(w, r->words, &value) :
          read_number(w, r->unit, &value)) &&
         he_options_set(&out->options, which, value);
}

static bool is_said(const struct he_line *line, enum he_option which)
{
  int place;
  return he_option_file(which, &place) ? line->file[place].at != NULL :
         line->options.value[which] != HE_UNSET;
}

bool he_line_file_is(const struct he_line_file *f, const char *word)
{
  const struct word w = { f->at, f->len };
  return is_word(&w, word);
}

/* -- keys -- */

static bool ends_in(const struct word *w, const char *end)
{
  size_t n = strlen(end);
  return w->len > n && !memcmp(w->at + w->len - n, end, n);
}

/* "delay-min", "delay_min", "delay-min-ms" are one. */
static bool same_key(const struct word *w, const char *key,
                     enum he_unit unit)
{
  size_t len = strlen(key), n = w->len;
  if(n != len && unit == HE_UNIT_MS && (ends_in(w, "-ms") ||
                                        ends_in(w, "_ms")))
    n -= 3;
  else if(n != len && unit == HE_UNIT_S && (ends_in(w, "-s") ||
                                            ends_in(w, "_s")))
    n -= 2;
  if(n != len)
    return false;
  for(size_t i = 0; i < n; i++) {
    if((w->at[i] == '_' ? '-' : w->at[i]) != key[i])
      return false;
  }
  return true;
}

static bool find_key(const struct word *w, enum he_option *out)
{
  for(int i = 0; i < HE_OPTION_ROWS; i++) {
    const struct he_option_row *r = he_option_row((enum he_option)i);
    *out = (enum he_option)i;
    if(r->key && same_key(w, r->key, r->unit))
      return true;
  }
  /* its name in RFC 8305 is Connection Attempt Delay */
  *out = HE_OPT_DELAY_MS;
  return same_key(w, "attempt-delay", HE_UNIT_MS);
}

/* -- the line -- */

static enum he_line_kind read_resolver(const char *line, const struct word *w,
                                       struct he_line *out,
                                       struct he_fault *fault)
{
  struct he_upstreams upstreams;
  struct word rest = *w;
  const char *why;
  size_t at;
  long number = -1;
  if(he_resolvers_read(w->at, w->len, &upstreams, &at, &why)) {
    number = he_resolvers_number(&upstreams);
    why = "no room for one more resolver";
  }
  if(number >= 0) {
    out->options.value[HE_OPT_RESOLVER] = number;
    return HE_LINE_RULE;
  }
  rest.at += at;
  rest.len -= at;
  return wrong(fault, line, &rest, why);
}

/* Several resolvers have blanks between them, and quotes around them. */
static struct word unquoted(struct word w)
{
  if(w.len > 1 && *w.at == '"' && w.at[w.len - 1] == '"') {
    w.at++;
    w.len -= 2;
  }
  return w;
}

/* `w` is key=value. */
static enum he_line_kind read_setting(const char *line, const struct word *w,
                                      struct he_line *out,
                                      struct he_fault *fault)
{
  const char *sign = memchr(w->at, '=', w->len);
  struct word key = *w, value;
  enum he_option which;
  char range[HE_FAULT_TEXT];
  if(!sign)
    return wrong(fault, line, w, "wants to be key=value");
  key.len = (size_t)(sign - w->at);
  value.at = sign + 1;
  value.len = w->len - key.len - 1;
  if(!find_key(&key, &which))
    return wrong(fault, line, &key, key.len ? "no such option" :
                 "a key is missing");
  if(is_said(out, which))
    return wrong(fault, line, &key, "said twice");
  if(he_option_contexts(which) && strcmp(out->pattern, "*"))
    return wrong(fault, line, &key, "only for every host (*)");
  if(which == HE_OPT_RESOLVER) {
    value = unquoted(value);
    return read_resolver(line, &value, out, fault);
  }
  if(!read_value(&value, which, out)) {
    describe(which, range);
    return wrong(fault, line, value.len ? &value : w, range);
  }
  return HE_LINE_RULE;
}

/* "program NAME off": no rule for a host of that name, which would go on with
   key=value. `w` is the word after "program". */
static bool is_program(const struct word *w)
{
  return w->len && !memchr(w->at, '=', w->len);
}

static enum he_line_kind read_program(const char *line, const struct word *name,
                                      const char *end, struct he_line *out,
                                      struct he_fault *fault)
{
  const struct word says = next_word(name->at + name->len, end);
  const struct word more = next_word(says.at + says.len, end);
  if(name->len >= HE_PROGRAM_SIZE || memchr(name->at, '/', name->len))
    return wrong(fault, line, name, "wants the name of a program's file");
  out->off = is_word(&says, "off");
  if(!out->off && !is_word(&says, "on"))
    return wrong(fault, line, &says, "a program wants one of: off on");
  if(more.len)
    return wrong(fault, line, &more, "nothing more is wanted");
  memcpy(out->program, name->at, name->len);
  out->program[name->len] = 0;
  return HE_LINE_PROGRAM;
}

/* What no line has anywhere, its comment neither. */
static bool is_text(const char *text, size_t len, struct he_fault *fault)
{
  struct word w = { text, 1 };
  size_t valid = he_utf8_span(text, len);
  for(; (size_t)(w.at - text) < valid; w.at++) {
    unsigned char c = (unsigned char)*w.at;
    if((c < ' ' && !is_blank(*w.at)) || c == 0x7f) {
      wrong(fault, text, &w, "a control character");
      return false;
    }
  }
  if(valid < len)
    wrong(fault, text, &w, "not UTF-8");
  return valid == len;
}

static enum he_line_kind read_line(const char *text, size_t len,
                                   struct he_line *out,
                                   struct he_fault *fault)
{
  const char *comment, *end, *why;
  struct word w;
  size_t at;
  if(len > HE_LINE_MAX) {
    w = (struct word){ text + HE_LINE_MAX, 0 };
    return wrong(fault, text, &w, "a line is longer than 4096 bytes");
  }
  if(!is_text(text, len, fault))
    return HE_LINE_WRONG;
  comment = memchr(text, '#', len);
  end = comment ? comment : text + len;
  w = next_word(text, end);
  if(!w.len)
    return HE_LINE_EMPTY;
  if(is_word(&w, "program")) {
    const struct word name = next_word(w.at + w.len, end);
    if(is_program(&name))
      return read_program(text, &name, end, out, fault);
  }
  if(!he_pattern_read(w.at, w.len, out->pattern, &at, &why)) {
    wrong(fault, text, &w, why);
    fault->column += at;
    return HE_LINE_WRONG;
  }
  w = next_word(w.at + w.len, end);
  if(!w.len)
    return wrong(fault, text, &w, "a host without key=value");
  for(; w.len; w = next_word(w.at + w.len, end)) {
    if(read_setting(text, &w, out, fault) == HE_LINE_WRONG)
      return HE_LINE_WRONG;
  }
  return HE_LINE_RULE;
}

enum he_line_kind he_line_read(const char *text, size_t len,
                               struct he_line *out, struct he_fault *fault)
{
  enum he_line_kind kind;
  he_options_clear(&out->options);
  memset(out->file, 0, sizeof(out->file));
  out->refuses = false;
  kind = read_line(text, len, out, fault);
  if(kind == HE_LINE_WRONG)
    he_line_refuse(text, len, out);
  return kind;
}
