/* SPDX-License-Identifier: MIT */
/* labctl - the laboratory's controls for the shell. */
#include "labctl.h"
#include "scenarios.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
  "usage: labctl available | reset | restore | log | synsent | scenarios\n"
  "       labctl syns ADDR | host HOST | addresses HOST\n"
  "       labctl rule ADDR[/LEN] WORD... | none\n"
  "words: pass drop reset cut unreach prohibit rtt=MS jitter=MS loss=PERCENT\n"
  "       syndrop=N mtu=BYTES\n";

static int print_number(long n)
{
  if(n < 0) {
    fprintf(stderr, "labctl: %s\n", lab_error());
    return 1;
  }
  printf("%ld\n", n);
  return 0;
}

static int result(long n)
{
  if(n >= 0)
    return 0;
  fprintf(stderr, "labctl: %s\n", lab_error());
  return 1;
}

static void print_flags(unsigned int flags)
{
  static const char letters[] = "FSRPAUEC";
  size_t i;
  for(i = 0; letters[i]; i++)
    if(flags >> i & 1)
      putchar(letters[i]);
  if(!flags)
    putchar('-');
}

/* Milliseconds since the first, protocol, both ends, flags, length, fate. */
static int print_packet(const struct lab_packet *p, void *user)
{
  int64_t *first = user;
  if(*first < 0)
    *first = p->time_ns;
  printf("%.3f %s [%s]:%u [%s]:%u ",
         (double)(p->time_ns - *first) / 1e6,
         p->proto == IPPROTO_TCP ? "tcp" : p->proto == IPPROTO_UDP ? "udp" :
         "other", p->src, p->sport, p->dst, p->dport);
  print_flags(p->flags);
  printf(" %u %s\n", p->length, p->fate == 's' ? "sent" :
         p->fate == 'l' ? "lost" : "refused");
  return 0;
}

static int print_log(void)
{
  int64_t first = -1;
  return result(lab_packets(print_packet, &first));
}

static int print_addresses(const char *host)
{
  const struct lab_scenario *s = lab_scenario_host(host);
  const struct lab_address *a;
  if(!s) {
    fprintf(stderr, "labctl: no host %s in the table\n", host);
    return 1;
  }
  for(a = s->v6; a->addr; a++)
    puts(a->addr);
  for(a = s->v4; a->addr; a++)
    puts(a->addr);
  return 0;
}

static int rule(int argc, char **argv)
{
  char words[256];
  size_t len = 0;
  int i;
  words[0] = 0;
  for(i = 1; i < argc; i++) {
    int n = snprintf(words + len, sizeof(words) - len, "%s%s",
                     i > 1 ? " " : "", argv[i]);
    if(n < 0 || (size_t)n >= sizeof(words) - len) {
      fputs("labctl: rule too long\n", stderr);
      return 1;
    }
    len += (size_t)n;
  }
  return result(lab_rule(argv[0], words));
}

static void print_scenarios(void)
{
  const struct lab_scenario *s;
  puts("number\thost\tcold_ms\tmemory_ms\tlibcurl_ms\ttitle");
  for(s = lab_scenarios; s->host; s++)
    printf("%d\t%s\t%d\t%d\t%d\t%s\n", s->number, s->host, s->best_cold_ms,
           s->best_memory_ms, s->libcurl_ms, s->title);
}

int main(int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : "";
  if(argc == 2 && !strcmp(verb, "reset"))
    return result(lab_reset());
  if(argc == 2 && !strcmp(verb, "restore"))
    return result(lab_restore());
  if(argc == 2 && !strcmp(verb, "log"))
    return print_log();
  if(argc == 2 && !strcmp(verb, "available"))
    return lab_available() ? 0 : 1;
  if(argc == 2 && !strcmp(verb, "synsent"))
    return print_number(lab_syn_sent());
  if(argc == 2 && !strcmp(verb, "scenarios")) {
    print_scenarios();
    return 0;
  }
  if(argc == 3 && !strcmp(verb, "syns"))
    return print_number(lab_syns(argv[2]));
  if(argc == 3 && !strcmp(verb, "host"))
    return print_number(lab_syns_host(argv[2]));
  if(argc == 3 && !strcmp(verb, "addresses"))
    return print_addresses(argv[2]);
  if(argc > 3 && !strcmp(verb, "rule"))
    return rule(argc - 2, argv + 2);
  fputs(usage, stderr);
  return 2;
}
