/* SPDX-License-Identifier: MIT */
/* judge_machine.c - what the facts say of this machine. */
#include "judge.h"

#include <stdio.h>

static void judge_ways(const struct he_facts *f, struct he_findings *out)
{
  const struct he_way *six = &f->way[HE_SIX], *four = &f->way[HE_FOUR];
  const char *const address[] = { "ADDRESS", six->address, NULL };
  if(!six->route && !four->route)
    he_find(out, HE_NO_NETWORK, NULL);
  if(six->global && six->route)
    he_find_well(out, "IPv6: %u global address%s, as %s, and a route.",
                 six->global, six->global == 1 ? "" : "es", six->address);
  else if(f->ipv6_disabled)
    he_find(out, HE_IPV6_DISABLED, NULL);
  else if(six->global)
    he_find(out, HE_NO_IPV6_ROUTE, address);
  else if(six->local)
    he_find(out, HE_IPV6_LOCAL_ONLY, address);
  else
    he_find(out, HE_NO_IPV6_ADDRESS, NULL);
  if(four->route)
    he_find_well(out, "IPv4: there is a route, from %s.", four->address);
}

static void judge_files(const struct he_facts *f, struct he_findings *out)
{
  char number[16];
  const char *const line[] = { "LINE", number, NULL };
  const char *const sources[] = { "SOURCES", f->hosts_sources, NULL };
  snprintf(number, sizeof(number), "%u", f->gai_line);
  if(f->gai_line)
    he_find(out, HE_GAI_IPV4_FIRST, line);
  if(*f->hosts_sources && !f->asks_dns)
    he_find(out, HE_NSSWITCH_NO_DNS, sources);
  if(f->has_resolv && !f->servers)
    he_find(out, HE_NO_NAME_SERVER, NULL);
}

static void judge_sockets(const struct he_facts *f, struct he_findings *out)
{
  for(size_t i = 0; i < f->stuck_n; i++) {
    const struct he_stuck *s = &f->stuck[i];
    char count[48], program[80] = "whose they are, only root can see";
    const char *const pairs[] = { "ADDRESS", s->remote, "COUNT", count,
                                  "PROGRAM", program, NULL };
    snprintf(count, sizeof(count), s->n == 1 ? "A connect waits" :
             "%u connects wait", s->n);
    if(*s->program)
      snprintf(program, sizeof(program), "%s (process %ld)", s->program,
               s->pid);
    he_find(out, HE_STUCK_SYN, pairs);
  }
}

static void judge_config(const struct he_ours *o, struct he_findings *out)
{
  if(!*o->config && !o->options)
    he_find_well(out, "curl-he: nothing is configured, the defaults hold.");
  else
    he_find_well(out, "curl-he is configured by %s%s%s.", o->config,
                 *o->config && o->options ? " and " : "",
                 o->options ? "CURL_HE_OPTIONS" : "");
}

static void judge_ours(const struct he_facts *f, struct he_findings *out)
{
  const char *const error[] = { "ERROR", f->ours.config_error, NULL };
  const char *const proxy[] = { "VARIABLE", f->proxy, NULL };
  judge_config(&f->ours, out);
  if(*f->ours.config_error)
    he_find(out, HE_CONFIG_WRONG, error);
  if(f->ours.off)
    he_find(out, HE_SWITCHED_OFF, NULL);
  if(!f->ours.module)
    he_find(out, HE_NO_MODULE, NULL);
  if(*f->proxy)
    he_find(out, HE_PROXY, proxy);
}

void he_judge_machine(const struct he_facts *f, struct he_findings *out)
{
  judge_ways(f, out);
  judge_files(f, out);
  judge_sockets(f, out);
  judge_ours(f, out);
}
