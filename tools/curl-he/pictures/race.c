/* SPDX-License-Identifier: MIT */
/* race.c - curl-he race: resolves and races now, and draws it. */
#include "../command.h"
#include "../number.h"
#include "../plain.h"
#include "../resolver.h"
#include "pictures.h"
#include "racing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT 443
#define REPEAT_MAX 10000
#define TIMEOUT_S 30
#define REMEMBERED_MAX 64
#define SLO "connect="

static struct {
  struct he_pictures pictures;
  struct he_course course;
  long repeat;
  long slo_ms;                  /* 0: none */
  bool compare;
} asked = { .repeat = 1, .course.timeout_ms = TIMEOUT_S * 1000L };

/* Everything that comes of it. */
struct outcome {
  struct he_result race;        /* the first */
  struct he_result alone;
  struct he_result last;        /* room for the others */
  struct he_spread spread;
  struct he_spread alone_spread;
  unsigned long failed;
  char error[300];              /* of the last race that failed */
  char alone_error[300];
  struct he_recalled recalled[REMEMBERED_MAX];
  size_t nrecalled;
};

/* -- what history says now -- */

static int race_remember(const struct curl_he_history_entry *e, void *data)
{
  struct outcome *o = data;
  struct he_recalled *m = &o->recalled[o->nrecalled];
  if(strcasecmp(e->host, asked.course.target.host))
    return 0;
  he_plain_string(m->address, sizeof(m->address), e->address);
  m->family = strchr(m->address, ':') ? 6 : 4;
  m->verdict = e->verdict;
  m->connect_us = e->connect_us;
  m->age_ms = e->age_ms;
  m->successes = e->successes;
  m->failures = e->failures;
  m->losses = e->losses;
  return ++o->nrecalled == REMEMBERED_MAX;
}

/* -- running -- */

/* One race, or libcurl alone; the first goes to `first`. False: no memory. */
static bool race_once(struct outcome *o, bool alone, bool is_first)
{
  struct he_result *r = !is_first ? &o->last : alone ? &o->alone : &o->race;
  char *error = alone ? o->alone_error : o->error;
  if(alone)
    he_racing_alone(&asked.course, r);
  else
    he_racing_run(&asked.course, r);
  if(!r->connected) {
    o->failed += !alone;
    memcpy(error, r->error, sizeof(r->error));
  }
  return he_spread_add(alone ? &o->alone_spread : &o->spread, &r->story);
}

/* curl-he goes first each time: whatever the system's resolver keeps of its
   questions is to libcurl's advantage. */
static bool race_all(struct outcome *o)
{
  for(long i = 0; i < asked.repeat; i++) {
    if(!race_once(o, false, !i) || (asked.compare && !race_once(o, true, !i)))
      return false;
  }
  he_spread_sort(&o->spread);
  he_spread_sort(&o->alone_spread);
  return !asked.course.cold ?
    !curl_he_history_foreach(NULL, race_remember, o) : true;
}

static void race_report(struct he_report *r, struct outcome *o,
                        const struct he_story **story)
{
  const struct he_target *t = &asked.course.target;
  memset(r, 0, sizeof(*r));
  *story = &o->race.story;
  r->command = "race";
  snprintf(r->title, sizeof(r->title), "%s port %d", o->race.story.host,
           t->port);
  r->stories = story;
  r->count = 1;
  r->error = *o->error ? o->error : NULL;
  if(asked.compare) {
    r->alone = &o->alone.story;
    r->alone_error = *o->alone_error ? o->alone_error : NULL;
  }
  if(asked.repeat > 1) {
    r->spread = &o->spread;
    r->alone_spread = asked.compare ? &o->alone_spread : NULL;
  }
  r->recalled = o->recalled;
  r->nrecalled = o->nrecalled;
  r->asked_history = !asked.course.cold;
  if(asked.slo_ms) {
    r->slo_us = asked.slo_ms * 1000;
    r->slo_was_us = o->failed ? HE_NEVER_US : he_spread_at(&o->spread, 95);
  }
}

static int race_judge(const struct he_report *r, const struct outcome *o)
{
  return o->failed || (r->slo_us && !he_report_met(r)) ? HE_EXIT_FAILED :
         HE_EXIT_OK;
}

static int race_run(int argc, char **argv)
{
  struct outcome *o;
  struct he_report r;
  const struct he_story *story;
  const char *why;
  int status = HE_EXIT_FAILED;
  if(argc != 1) {
    he_say("race: %s; see curl-he race --help", argc ? "one host at a time" :
           "no host");
    return HE_EXIT_USAGE;
  }
  if(!he_target_read(argv[0], PORT, &asked.course.target, &why)) {
    he_say("race: %s: %s", argv[0], why);
    return HE_EXIT_USAGE;
  }
  if(!he_pictures_fit(&asked.pictures, "race", NULL))
    return HE_EXIT_USAGE;
  asked.course.live = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
  o = calloc(1, sizeof(*o));
  if(!o || curl_global_init(CURL_GLOBAL_DEFAULT) || !race_all(o)) {
    he_say("race: out of memory");
    goto out;
  }
  race_report(&r, o, &story);
  if(he_pictures_write(&asked.pictures, &r))
    status = race_judge(&r, o);
out:
  if(o) {
    he_spread_free(&o->spread);
    he_spread_free(&o->alone_spread);
  }
  free(o);
  return status;
}

/* -- flags -- */

static bool race_slo(const char *word)
{
  if(!strncmp(word, SLO, strlen(SLO)) &&
     he_number_read(word + strlen(SLO), 1, 600000, &asked.slo_ms))
    return true;
  he_say("race: --slo %s: not connect=MS, with MS from 1 to 600000", word);
  return false;
}

static bool race_set(const struct he_flag *flag, const char *word)
{
  struct he_course *c = &asked.course;
  if(he_pictures_set(&asked.pictures, flag->name, word))
    return true;
  if(!strcmp(flag->name, "repeat"))
    return he_number_flag("race", flag, word, 1, REPEAT_MAX, &asked.repeat);
  if(!strcmp(flag->name, "slo"))
    return race_slo(word);
  if(!strcmp(flag->name, "timeout"))
    return he_number_timeout("race", flag, word, &c->timeout_ms);
  if(!strcmp(flag->name, "compare"))
    asked.compare = true;
  else if(!strcmp(flag->name, "tls"))
    c->tls = true;
  else if(!strcmp(flag->name, "cacert")) {
    c->tls = true;
    c->cacert = word;
  }
  else if(!strcmp(flag->name, "perform"))
    c->perform = true;
  else if(!strcmp(flag->name, "resolver"))
    return he_resolver_check("race", word) &&
           !curl_he_setopt(NULL, CURLHEOPT_RESOLVER, word);
  else
    c->cold = true;
  return true;
}

static const struct he_flag flags[] = {
  HE_PICTURE_FLAGS,
  { "repeat", 'n', "N", "race N times, one after the other, and tell how the "
    "times spread and who won" },
  { "compare", 'c', NULL, "after each race connect by libcurl alone, too" },
  { "slo", 0, "connect=MS", "end with status 1 unless a connect takes MS "
    "milliseconds at most; of several races 95 of 100" },
  { "timeout", 't', "SECONDS", "give a connect up after this time [30]" },
  { "tls", 0, NULL, "complete a TLS handshake, and check the certificate" },
  { "cacert", 0, "FILE", "as --tls, and trust the certificates in this file" },
  { "cold", 0, NULL, "neither use history nor add to it" },
  { "perform", 0, NULL, "race by curl_he_perform(), and not in libcurl's "
    "lookup" },
  { "resolver", 0, "VALUE", HE_RESOLVER_HELP },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_race = {
  .name = "race",
  .operands = "HOST[:PORT]",
  .help = "Resolves a name, races its addresses, and draws the race.",
  .flags = flags,
  .run = race_run,
  .set = race_set
};
