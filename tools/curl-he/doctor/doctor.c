/* SPDX-License-Identifier: MIT */
/* doctor.c - curl-he doctor: looks, judges, and tells. Only hosts that were
 * named are sent anything, and the machine's name servers asked for them. */
#include "../command.h"
#include "../number.h"
#include "gather.h"
#include "tell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
  bool json, symptoms;
  long limit_ms;
} told = { .limit_ms = 5000 };

static bool set(const struct he_flag *f, const char *argument)
{
  if(!strcmp(f->name, "timeout"))
    return he_number_timeout("doctor", f, argument, &told.limit_ms);
  told.json = told.json || !strcmp(f->name, "json");
  told.symptoms = told.symptoms || !strcmp(f->name, "symptoms");
  return true;
}

/* On a terminal: which host it waits for, by its number; 0: none any more. */
static void show_progress(size_t number, size_t all)
{
  if(!isatty(STDERR_FILENO))
    return;
  fputs("\r\033[K", stderr);
  if(number)
    fprintf(stderr, "looking at host %zu of %zu ...", number, all);
  fflush(stderr);
}

static void look_at(struct he_site *h, double limit_ms)
{
  he_gather_hosts_file(h);
  he_gather_lookup(h, limit_ms);
  he_gather_connects(h, limit_ms);
  he_gather_shakes(h, limit_ms);
  he_gather_race(h, limit_ms);
}

/* There is a way where a connect has found one: a machine may have routes to
   some networks alone. */
static void learn_ways(struct he_facts *f)
{
  for(size_t i = 0; i < f->hosts_n; i++) {
    for(size_t j = 0; j < f->hosts[i].tried_n; j++) {
      const struct he_trial *t = &f->hosts[i].tried[j];
      if(t->reach != HE_REACH_UNTRIED && t->reach != HE_REACH_UNREACHABLE)
        f->way[t->family].route = true;
    }
  }
}

static int report(const struct he_facts *f)
{
  struct he_findings all;
  bool ok = true, wrong;
  he_judge(f, &all);
  wrong = he_findings_wrong(&all);
  if(told.json)
    ok = he_tell_json(f, &all, stdout);
  else
    he_tell_text(f, &all, stdout);
  he_findings_free(&all);
  return !ok || wrong ? HE_EXIT_FAILED : HE_EXIT_OK;
}

static int tell_symptoms(void)
{
  bool ok = true;
  if(told.json)
    ok = he_tell_symptoms_json(stdout);
  else
    he_tell_symptoms(stdout);
  return ok ? HE_EXIT_OK : HE_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
  static struct he_facts f;
  int status = HE_EXIT_USAGE;
  if(told.symptoms)
    return tell_symptoms();
  f.limit_ms = (double)told.limit_ms;
  f.hosts = calloc((size_t)argc + 1, sizeof(*f.hosts));
  if(!f.hosts) {
    he_say("doctor: %s", strerror(errno));
    return HE_EXIT_FAILED;
  }
  for(int i = 0; i < argc; i++) {
    const char *why;
    if(!he_gather_name(argv[i], &f.hosts[i], &why)) {
      he_say("doctor: %s: %s", argv[i], why);
      goto out;
    }
  }
  f.hosts_n = (size_t)argc;
  he_gather_machine(&f);
  he_gather_sockets(&f);
  he_gather_libcurls(&f);
  he_gather_ours(&f);
  for(size_t i = 0; i < f.hosts_n; i++) {
    show_progress(i + 1, f.hosts_n);
    look_at(&f.hosts[i], f.limit_ms);
    show_progress(0, 0);
  }
  learn_ways(&f);
  status = report(&f);
out:
  free(f.hosts);
  return status;
}

static const struct he_flag flags[] = {
  { "timeout", 't', "SECONDS", "how long to wait for an answer [5]" },
  { "json", 'j', NULL, "print JSON" },
  { "symptoms", 0, NULL, "print all that is recognized, and look at nothing" },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_doctor = {
  .name = "doctor",
  .operands = "[HOST[:PORT]...]",
  .help = "Looks for what makes connects slow, and says what to do.",
  .flags = flags,
  .set = set,
  .run = run
};
