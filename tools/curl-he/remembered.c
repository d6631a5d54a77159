/* SPDX-License-Identifier: MIT */
/* remembered.c - gathers what history knows. */
#include "remembered.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

bool he_memory_alone(struct he_memory *m, const char *command)
{
  m->he = curl_he_init();
  if(m->he && !curl_he_setopt(m->he, CURLHEOPT_HISTORY_FILE, NULL)) {
    curl_he_load_config(m->he, NULL, NULL, 0);
    return true;
  }
  he_say("%s: out of memory", command);
  return false;
}

bool he_memory_file(struct he_memory *m)
{
  const char *dir = getenv("XDG_CACHE_HOME"), *below = "";
  int n;
  curl_he_config_file(m->he, CURLHEOPT_HISTORY_FILE, m->file, PATH_MAX);
  if(*m->file)
    return true;
  if(!dir || *dir != '/') {
    dir = getenv("HOME");
    below = "/.cache";
  }
  if(!dir || *dir != '/')
    return false;
  n = snprintf(m->file, PATH_MAX, "%s%s/curl-he/history.log", dir, below);
  return n > 0 && n < PATH_MAX;
}

static struct he_remembered *host_of(struct he_memory *m, const char *host)
{
  struct he_remembered *more;
  for(size_t i = m->n; i-- > 0;) {
    if(!strcmp(m->hosts[i].host, host))
      return &m->hosts[i];
  }
  more = realloc(m->hosts, (m->n + 1) * sizeof(*more));
  if(!more)
    return NULL;
  m->hosts = more;
  memset(&more[m->n], 0, sizeof(*more));
  snprintf(more[m->n].host, sizeof(more->host), "%s", host);
  return &more[m->n++];
}

/* Of this network first; within each as they came. */
static int note(const struct curl_he_history_entry *e, void *data)
{
  struct he_memory *m = data;
  struct he_remembered *r = host_of(m, e->host);
  struct he_seen *more = r ? realloc(r->seen, (r->n + 1) * sizeof(*more)) :
                         NULL;
  size_t at;
  if(!more)
    return 1;
  r->seen = more;
  at = r->n;
  while(e->network == m->network && at > 0 &&
        more[at - 1].e.network != m->network)
    at--;
  memmove(&more[at + 1], &more[at], (r->n - at) * sizeof(*more));
  more[at].e = *e;
  snprintf(more[at].address, HE_ADDRESS, "%s", e->address);
  r->n++;
  return 0;
}

static int note_turn(const struct curl_he_history_turn *t, void *data)
{
  struct he_remembered *r = data;
  r->turns[r->turns_n].t = *t;
  snprintf(r->turns[r->turns_n].address, HE_ADDRESS, "%s", t->address);
  return ++r->turns_n == HE_TURNS;
}

bool he_memory_read(struct he_memory *m, const char *command, int port)
{
  char why[CURL_HE_ERROR_SIZE];
  m->network = curl_he_network();
  m->there = !access(m->file, F_OK);
  if(m->there && curl_he_history_load(m->he, m->file, why,
                                       sizeof(why))) {
    /* the reason has the path, where it is about the file */
    he_say("%s: %s", command, *why ? why : "out of memory");
    return false;
  }
  if(curl_he_history_foreach(m->he, note, m)) {
    he_say("%s: out of memory", command);
    return false;
  }
  for(size_t i = 0; i < m->n; i++)
    curl_he_history_next(m->he, m->hosts[i].host, port, note_turn,
                         &m->hosts[i]);
  return true;
}

void he_memory_free(struct he_memory *m)
{
  for(size_t i = 0; i < m->n; i++)
    free(m->hosts[i].seen);
  free(m->hosts);
  curl_he_free(m->he);
  memset(m, 0, sizeof(*m));
}

const struct he_remembered *he_memory_find(const struct he_memory *m,
                                           const char *host)
{
  const size_t len = strlen(host);
  for(size_t i = 0; i < m->n; i++) {
    const char *known = m->hosts[i].host;
    if(!strncasecmp(known, host, len) && !known[len])
      return &m->hosts[i];
  }
  /* a dot at the end says nothing */
  if(len > 1 && len < 256 && host[len - 1] == '.') {
    char bare[256];
    snprintf(bare, sizeof(bare), "%.*s", (int)len - 1, host);
    return he_memory_find(m, bare);
  }
  return NULL;
}

/* -- where the next connect goes -- */

static const char *family_word(int family)
{
  return family == AF_INET6 ? "IPv6" : "IPv4";
}

/* Why the first one is that: of what is passed over, if anything is. */
static const char *reason(const struct he_remembered *r)
{
  const struct he_turn *first = &r->turns[0];
  const struct he_turn *last = &r->turns[r->turns_n - 1];
  const bool other = last->t.family != first->t.family;
  if(first->t.verdict == CURL_HE_VERDICT_SILENT)
    return "it has kept silent, which once may be chance";
  switch(last->t.verdict) {
  case CURL_HE_VERDICT_BAD:
    return first->t.verdict == CURL_HE_VERDICT_BAD ?
           "nothing here is known to work" :
           other ? "the other family fails with this host" :
           "another address fails";
  case CURL_HE_VERDICT_DOUBTED:
    return "the other family fails with other hosts of this network";
  case CURL_HE_VERDICT_SLOW:
    return other ? "the other family takes longer" :
           "another address takes longer";
  default:
    return other ? "both families work, and the system's order holds" :
           "it is the only family that is known of this host";
  }
}

static const char *delay_words(long from)
{
  switch(from) {
  case CURL_HE_DELAY_NETWORK:
    return "by the round trips of other hosts of this network";
  case CURL_HE_DELAY_LEARNED:
    return "by this host's own round trips";
  case CURL_HE_DELAY_RULE:
    return "as the configuration says";
  default:
    return "as for a first contact";
  }
}

void he_memory_next(const struct he_remembered *r, char *out, size_t size)
{
  const struct he_turn *t = r->turns;
  if(!r->turns_n)
    snprintf(out, size, "In this network nothing is known of it: the next "
             "connect begins as for a first contact.");
  else if(r->turns_n == 1)
    snprintf(out, size, "The next connect goes to %s: it is the only address "
             "that is known of this host here.", t[0].address);
  else
    snprintf(out, size, "The next connect begins with %s, %s: %s. If there is "
             "no answer, %s follows after %ld ms (%s).",
             family_word(t[0].t.family), t[0].address, reason(r), t[1].address,
             t[1].t.start_ms, t[0].t.verdict == CURL_HE_VERDICT_SILENT ?
             "for it is known to work" : delay_words(t[0].t.delay_from));
}
