/* SPDX-License-Identifier: MIT */
#include "rules.h"
#include "scenarios.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1e6

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

static const struct lab_rule by_default = {
  .action = LAB_PASS,
  .rtt_ns = (int64_t)LAB_RTT_MS * 1000000
};

bool lab_prefix_parse(const char *text, struct lab_ip *ip,
                      unsigned int *bits)
{
  char addr[LAB_IP_TEXT];
  size_t len = strcspn(text, "/");
  unsigned int most = 128;
  if(len >= sizeof(addr))
    return false;
  memcpy(addr, text, len);
  addr[len] = 0;
  memcpy(ip->b, mapped, sizeof(mapped));
  if(inet_pton(AF_INET, addr, ip->b + sizeof(mapped)) == 1)
    most = 32;
  else if(inet_pton(AF_INET6, addr, ip->b) != 1)
    return false;
  *bits = 128;
  if(text[len] == '/') {
    char *end;
    unsigned long n = strtoul(text + len + 1, &end, 10);
    if(end == text + len + 1 || *end || n > most)
      return false;
    *bits = (unsigned int)n + 128 - most;
  }
  return true;
}

/* A number from 0 to max, at the end of a word. */
static bool number(const char *text, double max, double *value)
{
  char *end;
  *value = strtod(text, &end);
  return end != text && !*end && *value >= 0 && *value <= max;
}

static bool parse_word(const char *word, struct lab_rule *rule)
{
  static const struct {
    const char *name;
    enum lab_action action;
  } actions[] = {
    { "pass", LAB_PASS },
    { "drop", LAB_DROP },
    { LAB_NO_ROUTE, LAB_DROP }, /* the client's routes see to it */
    { "reset", LAB_RESET },
    { "cut", LAB_CUT },
    { "unreach", LAB_UNREACH },
    { "prohibit", LAB_PROHIBIT }
  };
  size_t i;
  double v;
  for(i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
    if(!strcmp(word, actions[i].name)) {
      rule->action = actions[i].action;
      return true;
    }
  if(!strncmp(word, "rtt=", 4) && number(word + 4, 1e6, &v))
    rule->rtt_ns = (int64_t)llround(v * NS_PER_MS);
  else if(!strncmp(word, "jitter=", 7) && number(word + 7, 1e6, &v))
    rule->jitter_ns = (int64_t)llround(v * NS_PER_MS);
  else if(!strncmp(word, "loss=", 5) && number(word + 5, 100, &v))
    rule->loss = v / 100;
  else if(!strncmp(word, "syndrop=", 8) && number(word + 8, 1e6, &v))
    rule->syndrop = (unsigned int)v;
  else if(!strncmp(word, "mtu=", 4) && number(word + 4, 65535, &v))
    rule->mtu = (unsigned int)v;
  else
    return false;
  return true;
}

bool lab_rule_parse(const char *text, struct lab_rule *rule)
{
  char copy[256];
  char *save = NULL;
  char *word;
  struct lab_ip prefix = rule->prefix;
  unsigned int bits = rule->bits;
  if(strlen(text) >= sizeof(copy))
    return false;
  strcpy(copy, text);
  *rule = by_default;
  rule->prefix = prefix;
  rule->bits = bits;
  for(word = strtok_r(copy, " \t", &save); word;
      word = strtok_r(NULL, " \t", &save))
    if(!parse_word(word, rule))
      return false;
  return true;
}

static bool covers(const struct lab_ip *prefix, unsigned int bits,
                   const struct lab_ip *ip)
{
  unsigned int bytes = bits / 8;
  unsigned int rest = bits % 8;
  if(memcmp(prefix->b, ip->b, bytes))
    return false;
  return !rest || !((prefix->b[bytes] ^ ip->b[bytes]) >> (8 - rest));
}

void lab_rules_remove(struct lab_rules *rules, const struct lab_ip *prefix,
                      unsigned int bits)
{
  size_t i;
  for(i = 0; i < rules->count; i++)
    if(rules->list[i].bits == bits &&
       covers(prefix, bits, &rules->list[i].prefix)) {
      rules->count--;
      memmove(&rules->list[i], &rules->list[i + 1],
              (rules->count - i) * sizeof(rules->list[0]));
      return;
    }
}

bool lab_rules_set(struct lab_rules *rules, const struct lab_rule *rule)
{
  struct lab_rule *list;
  size_t i = 0;
  lab_rules_remove(rules, &rule->prefix, rule->bits);
  list = realloc(rules->list, (rules->count + 1) * sizeof(*list));
  if(!list)
    return false;
  rules->list = list;
  while(i < rules->count && list[i].bits >= rule->bits)
    i++;
  memmove(&list[i + 1], &list[i], (rules->count - i) * sizeof(*list));
  list[i] = *rule;
  rules->count++;
  return true;
}

const struct lab_rule *lab_rules_match(const struct lab_rules *rules,
                                       const struct lab_ip *ip)
{
  size_t i;
  for(i = 0; i < rules->count; i++)
    if(covers(&rules->list[i].prefix, rules->list[i].bits, ip))
      return &rules->list[i];
  return &by_default;
}

static bool load_list(struct lab_rules *rules, const struct lab_address *a)
{
  struct lab_rule rule = by_default;
  for(; a->addr; a++)
    if(a->rule && (!lab_prefix_parse(a->addr, &rule.prefix, &rule.bits) ||
                   !lab_rule_parse(a->rule, &rule) ||
                   !lab_rules_set(rules, &rule)))
      return false;
  return true;
}

bool lab_rules_load(struct lab_rules *rules)
{
  const struct lab_scenario *s;
  rules->count = 0;
  for(s = lab_scenarios; s->host; s++)
    if(!load_list(rules, s->v6) || !load_list(rules, s->v4))
      return false;
  return true;
}

const char *lab_ip_text(const struct lab_ip *ip, char buf[LAB_IP_TEXT])
{
  bool v4 = !memcmp(ip->b, mapped, sizeof(mapped));
  if(!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->b + sizeof(mapped) : ip->b,
                buf, LAB_IP_TEXT))
    buf[0] = 0;
  return buf;
}
