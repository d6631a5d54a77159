/* SPDX-License-Identifier: MIT */
/* gai.c - gai.conf(5), read when glibc reads it.
 *
 * The file is read with no lock held, and what it says installed at once: so
 * a fork() never has to wait for a disk. Of two threads that read at the same
 * time the last one's reading stays. */
#include "resolve/gai.h"
#include "base/forks.h"
#include "resolve/textfile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -- the text -- */

/* A file of more bytes is not read; glibc reads all. No real one has a
   hundredth of it. */
#define MAX_SIZE (4 * 1024 * 1024)

/* A number of at most `max`, as strtoul() takes it. */
static bool number(const char *text, unsigned long max, bool lax,
                   unsigned long *out)
{
  char *end;
  *out = strtoul(text, &end, 10);
  return (lax || end != text) && !*end && *out <= max;
}

/* Ends `text` at its slash; what comes after that, or NULL. */
static char *cut(char *text)
{
  char *slash = strchr(text, '/');
  if(slash)
    *slash++ = 0;
  return slash;
}

/* "prefix/bits" as IPv6. */
static bool prefix6(char *text, bool lax, struct he_policy_line *out)
{
  const char *length = cut(text);
  unsigned long bits = 128;
  if(inet_pton(AF_INET6, text, out->prefix) != 1 ||
     (length && !number(length, 128, lax, &bits)))
    return false;
  out->bits = (uint8_t)bits;
  return true;
}

/* "prefix/bits" as IPv4, or as IPv4-mapped IPv6. */
static bool prefix4(char *text, bool lax, struct he_policy_line *out)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  unsigned long bits = 32;
  const char *length;
  if(strchr(text, ':'))
    return prefix6(text, lax, out) && out->bits >= 96 &&
           !memcmp(out->prefix, mapped, sizeof(mapped));
  length = cut(text);
  memcpy(out->prefix, mapped, sizeof(mapped));
  if(inet_pton(AF_INET, text, out->prefix + 12) != 1 ||
     (length && !number(length, 32, lax, &bits)))
    return false;
  out->bits = (uint8_t)(96 + bits);
  return true;
}

static const char *const table_names[HE_POLICY_TABLES] = {
  [HE_POLICY_LABEL] = "label",
  [HE_POLICY_PRECEDENCE] = "precedence",
  [HE_POLICY_SCOPEV4] = "scopev4"
};

/* The next word, "" where there is none. */
static char *next_word(char *text, char **rest)
{
  static char none[1];
  char *word = strtok_r(text, " \t\v\f\r", rest);
  return word ? word : none;
}

/* One line of the file. True: it is one of a table. */
static bool read_line(char *text, bool lax, struct he_policy_line *out,
                      bool *reload)
{
  char *name, *what, *value, *rest;
  int t = 0;
  unsigned long n;
  text[strcspn(text, "#")] = 0;
  name = next_word(text, &rest);
  what = next_word(NULL, &rest);
  value = next_word(NULL, &rest);
  if(!strcmp(name, "reload"))
    *reload = !strcmp(what, "yes");
  while(t < HE_POLICY_TABLES && strcmp(name, table_names[t]))
    t++;
  if(t == HE_POLICY_TABLES)
    return false;
  out->table = (enum he_policy_table)t;
  if(!(t == HE_POLICY_SCOPEV4 ? prefix4 : prefix6)(what, lax, out) ||
     !number(value, INT_MAX, lax, &n))
    return false;
  out->value = (int)n;
  return true;
}

static size_t count_lines(const char *text, size_t n)
{
  size_t lines = 1;
  for(size_t i = 0; i < n; i++)
    lines += text[i] == '\n';
  return lines;
}

bool he_gai_parse(char *text, size_t n, bool lax, struct he_gai_text *out)
{
  struct he_policy_line *list = calloc(count_lines(text, n), sizeof(*list));
  size_t count = 0;
  out->policy = NULL;
  if(!list)
    return false;
  for(char *end = text + n; text < end;) {
    char *eol = memchr(text, '\n', (size_t)(end - text));
    if(!eol)
      eol = end;
    *eol = 0;
    count += read_line(text, lax, &list[count], &out->reload);
    text = eol + 1;
  }
  if(count)
    out->policy = he_policy_new(list, count);
  free(list);
  return !count || out->policy;
}

/* -- the file -- */

static const char *path = "/etc/gai.conf";

/* What was read. */
struct reading {
  struct he_gai_text text;
  struct timespec changed;    /* of the file that was read last */
  bool done;                  /* something was read, be it that there is no
                                 file */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct reading current;

void he_gai_set_path(const char *to)
{
  pthread_mutex_lock(&lock);
  he_policy_unref(current.text.policy);
  memset(&current, 0, sizeof(current));
  path = to;
  pthread_mutex_unlock(&lock);
}

#ifdef __GLIBC__
#include <gnu/libc-version.h>

/* glibc 2.41 mended how numbers are read (its bug 32465). */
static bool is_lax(void)
{
  const char *version = gnu_get_libc_version();
  return !strncmp(version, "2.", 2) && atoi(version + 2) < 41;
}

/* Reads the file into *r, which is what was read before. Where that fails the
   tables are the built-in ones, and the rest stays, as in glibc. False: glibc
   was luckier, maybe; nothing is to be concluded. */
static bool read_file(struct reading *r)
{
  char *text;
  size_t n;
  const int error = he_textfile_read(path, MAX_SIZE, &text, &n, &r->changed);
  bool scarce = error == EMFILE || error == ENFILE || error == ENOMEM ||
                error == EINTR;
  r->text.policy = NULL;
  r->done = true;
  if(!error)
    scarce = !he_gai_parse(text, n, is_lax(), &r->text);
  free(text);
  return !scarce;
}

/* Would glibc read the file now? */
static bool is_due(const struct reading *r)
{
  struct stat st;
  return !r->done ||
         (r->text.reload &&
          (stat(path, &st) || st.st_mtim.tv_sec != r->changed.tv_sec ||
           st.st_mtim.tv_nsec != r->changed.tv_nsec));
}
#endif

static const struct he_policy *known(struct reading *r)
{
  const struct he_policy *p;
  he_fork_hold(HE_FORK_POLICY, &lock);
  pthread_mutex_lock(&lock);
  p = he_policy_ref(current.text.policy);
  *r = current;
  pthread_mutex_unlock(&lock);
  return p;
}

const struct he_policy *he_gai_known(void)
{
  struct reading r;
  return known(&r);
}

const struct he_policy *he_gai_policy(void)
{
#ifdef __GLIBC__
  struct reading mine;
  const struct he_policy *p = known(&mine), *before;
  if(!is_due(&mine) || !read_file(&mine))
    return p;
  he_policy_unref(p);
  p = he_policy_ref(mine.text.policy);
  pthread_mutex_lock(&lock);
  before = current.text.policy;
  current = mine;
  pthread_mutex_unlock(&lock);
  he_policy_unref(before);
  return p;
#else
  return he_gai_known();
#endif
}
