/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEAD "drop"
#define REFUSES "reset"

/* A hundred hosts, m00 to m99. */
#define HEALTHY(n) \
  { .title = "one of a hundred, healthy", .host = "m" #n ".lab.test", \
    .v6 = { { "3fff:163::1" #n, NULL } }, \
    .v4 = { { "198.19.63.1" #n, NULL } } },
#define NO_IPV6(n) \
  { .title = "one of a hundred, IPv6 black hole", \
    .host = "m" #n ".lab.test", \
    .v6 = { { "3fff:163::1" #n, DEAD } }, \
    .v4 = { { "198.19.63.1" #n, NULL } } },
#define ONE_WORKS(n) \
  { .title = "one of a hundred, IPv6 and first A black holes", \
    .host = "m" #n ".lab.test", \
    .v6 = { { "3fff:163::1" #n, DEAD } }, \
    .v4 = { { "198.19.63.1" #n, DEAD }, { "198.19.64.1" #n, NULL } } },
#define TEN(kind, tens) \
  kind(tens##0) kind(tens##1) kind(tens##2) kind(tens##3) kind(tens##4) \
  kind(tens##5) kind(tens##6) kind(tens##7) kind(tens##8) kind(tens##9)

const struct lab_scenario lab_scenarios[] = {
  { .number = 1, .title = "healthy, both families",
    .name = "healthy", .host = "s1.lab.test",
    .v6 = { { "3fff:101::1", NULL } },
    .v4 = { { "198.19.1.1", NULL } },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = 41 },
  { .number = 2, .title = "IPv6 black hole",
    .name = "v6-dead", .host = "s2.lab.test",
    .v6 = { { "3fff:102::1", DEAD } },
    .v4 = { { "198.19.2.1", NULL } },
    .best_cold_ms = 90, .best_memory_ms = 40, .libcurl_ms = 242 },
  { .number = 3, .title = "IPv6 refused (RST)",
    .name = "v6-refused", .host = "s3.lab.test",
    .v6 = { { "3fff:103::1", REFUSES } },
    .v4 = { { "198.19.3.1", NULL } },
    .best_cold_ms = 60, .best_memory_ms = 40, .libcurl_ms = 61 },
  { .number = 4, .title = "IPv6 no route (ENETUNREACH)",
    .name = "v6-no-route", .host = "s4.lab.test",
    .v6 = { { "3fff:104::1", LAB_NO_ROUTE } },
    .v4 = { { "198.19.4.1", NULL } },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = 41 },
  { .number = 5, .title = "IPv6 580 ms slower",
    .name = "v6-slow", .host = "s5.lab.test",
    .v6 = { { "3fff:105::1", "rtt=600" } },
    .v4 = { { "198.19.5.1", NULL } },
    .best_cold_ms = 90, .best_memory_ms = 40, .libcurl_ms = 242 },
  { .number = 6,
    .title = "IPv6 black hole, first A black hole, second A good",
    .name = "one-a-works", .host = "s6.lab.test",
    .v6 = { { "3fff:106::1", DEAD } },
    .v4 = { { "198.19.6.1", DEAD }, { "198.19.6.2", NULL } },
    .best_cold_ms = 190, .best_memory_ms = 40, .libcurl_ms = 21143 },
  { .number = 7, .title = "2 + 2 addresses, only the last A good",
    .name = "two-and-two", .host = "s7.lab.test",
    .v6 = { { "3fff:107::1", DEAD }, { "3fff:107::2", DEAD } },
    .v4 = { { "198.19.7.1", DEAD }, { "198.19.7.2", NULL } },
    .best_cold_ms = 340, .best_memory_ms = 40, .libcurl_ms = 20141 },
  { .number = 8, .title = "4 + 4, only the last A good",
    .name = "four-and-four", .host = "s8.lab.test",
    .v6 = { { "3fff:108::1", DEAD }, { "3fff:108::2", DEAD },
            { "3fff:108::3", DEAD }, { "3fff:108::4", DEAD } },
    .v4 = { { "198.19.8.1", DEAD }, { "198.19.8.2", DEAD },
            { "198.19.8.3", DEAD }, { "198.19.8.4", NULL } },
    .best_cold_ms = 640, .best_memory_ms = 40, .libcurl_ms = 35065 },
  { .number = 9, .title = "IPv4 only, first A black hole",
    .name = "first-a-dead", .host = "s9.lab.test",
    .v4 = { { "198.19.9.1", DEAD }, { "198.19.9.2", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 },
    .best_cold_ms = 90, .best_memory_ms = 40, .libcurl_ms = 21043 },
  { .number = 10, .title = "both families 400 ms away",
    .name = "far", .host = "s10.lab.test",
    .v6 = { { "3fff:110::1", "rtt=400" } },
    .v4 = { { "198.19.10.1", "rtt=400" } },
    .best_cold_ms = 421, .best_memory_ms = 421, .libcurl_ms = 421 },
  { .number = 11, .title = "AAAA answer 1 s late",
    .name = "aaaa-late", .host = "s11.lab.test",
    .v6 = { { "3fff:111::1", NULL } },
    .v4 = { { "198.19.11.1", NULL } },
    .aaaa = { LAB_DNS_DELAY, 1000 },
    .best_cold_ms = 65, .best_memory_ms = 40, .libcurl_ms = 1042 },
  { .number = 12, .title = "A answer 1 s late",
    .name = "a-late", .host = "s12.lab.test",
    .v6 = { { "3fff:112::1", NULL } },
    .v4 = { { "198.19.12.1", NULL } },
    .a = { LAB_DNS_DELAY, 1000 },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = 1042 },
  { .number = 13, .title = "AAAA query dropped",
    .name = "aaaa-dropped", .host = "s13.lab.test",
    .v6 = { { "3fff:113::1", NULL } },
    .v4 = { { "198.19.13.1", NULL } },
    .aaaa = { LAB_DNS_DROP, 0 },
    .best_cold_ms = 65, .best_memory_ms = 40, .libcurl_ms = 15054 },
  { .number = 14, .title = "A query dropped",
    .name = "a-dropped", .host = "s14.lab.test",
    .v6 = { { "3fff:114::1", NULL } },
    .v4 = { { "198.19.14.1", NULL } },
    .a = { LAB_DNS_DROP, 0 },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = LAB_FAILS },
  { .number = 15, .title = "AAAA SERVFAIL",
    .name = "aaaa-fails", .host = "s15.lab.test",
    .v6 = { { "3fff:115::1", NULL } },
    .v4 = { { "198.19.15.1", NULL } },
    .aaaa = { LAB_DNS_SERVFAIL, 0 },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = 41 },
  { .number = 16, .title = "A 500 ms late and IPv6 dead",
    .name = "v6-dead-a-late", .host = "s16.lab.test",
    .v6 = { { "3fff:116::1", DEAD } },
    .v4 = { { "198.19.16.1", NULL } },
    .a = { LAB_DNS_DELAY, 500 },
    .best_cold_ms = 540, .best_memory_ms = 40, .libcurl_ms = LAB_UNKNOWN },
  { .number = 17, .title = "every address refuses",
    .name = "all-refuse", .host = "s17.lab.test",
    .v6 = { { "3fff:117::1", REFUSES }, { "3fff:117::2", REFUSES } },
    .v4 = { { "198.19.17.1", REFUSES }, { "198.19.17.2", REFUSES } },
    .best_cold_ms = LAB_FAILS, .best_memory_ms = LAB_FAILS,
    .libcurl_ms = LAB_FAILS },
  { .number = 18, .title = "every address a black hole",
    .name = "all-dead", .host = "s18.lab.test",
    .v6 = { { "3fff:118::1", DEAD }, { "3fff:118::2", DEAD } },
    .v4 = { { "198.19.18.1", DEAD }, { "198.19.18.2", DEAD } },
    .best_cold_ms = LAB_FAILS, .best_memory_ms = LAB_FAILS,
    .libcurl_ms = LAB_FAILS },
  { .number = 19, .title = "first SYN lost, both healthy",
    .name = "v6-syn-lost", .host = "s19.lab.test",
    .v6 = { { "3fff:119::1", "syndrop=1" } },
    .v4 = { { "198.19.19.1", NULL } },
    .best_cold_ms = 90, .best_memory_ms = 190, .libcurl_ms = 240 },
  { .number = 22, .title = "50 transfers at once, IPv6 black hole",
    .name = "v6-dead-crowd", .host = "s22.lab.test",
    .v6 = { { "3fff:122::1", DEAD } },
    .v4 = { { "198.19.22.1", NULL } },
    .best_cold_ms = 90, .best_memory_ms = 40, .libcurl_ms = 242 },
  { .number = 24, .title = "RTT above the delay on every address",
    .name = "farther", .host = "s24.lab.test",
    .v6 = { { "3fff:124::1", "rtt=700" }, { "3fff:124::2", "rtt=700" } },
    .v4 = { { "198.19.24.1", "rtt=700" }, { "198.19.24.2", "rtt=700" } },
    .best_cold_ms = 720, .best_memory_ms = 720, .libcurl_ms = LAB_UNKNOWN },

  { .title = "AAAA without data (the other half of scenario 15)",
    .name = "aaaa-none", .host = "s15nodata.lab.test",
    .v4 = { { "198.19.15.2", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 },
    .best_cold_ms = 40, .best_memory_ms = 40, .libcurl_ms = 41 },
  { .title = "the name server fails for both families",
    .name = "names-fail", .host = "servfail.lab.test",
    .aaaa = { LAB_DNS_SERVFAIL, 0 }, .a = { LAB_DNS_SERVFAIL, 0 },
    .best_cold_ms = LAB_FAILS, .best_memory_ms = LAB_FAILS,
    .libcurl_ms = LAB_FAILS },
  { .title = "IPv6 only",
    .name = "v6-only", .host = "v6only.lab.test",
    .v6 = { { "3fff:150::1", NULL } },
    .a = { LAB_DNS_NODATA, 0 } },
  { .title = "IPv4 only",
    .name = "v4-only", .host = "v4only.lab.test",
    .v4 = { { "198.19.51.1", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 } },
  { .title = "the AAAA record is made of the A record (DNS64)",
    .host = "dns64.lab.test",
    .v6 = { { "3fff:64::c613:5701", NULL } },
    .v4 = { { "198.19.87.1", "rtt=400" } } },
  { .title = "a second healthy host",
    .host = "two.lab.test",
    .v6 = { { "3fff:152::1", NULL } },
    .v4 = { { "198.19.52.1", NULL } } },
  { .title = "healthy, 80 ms away",
    .host = "slow.lab.test",
    .v6 = { { "3fff:153::1", "rtt=80" } },
    .v4 = { { "198.19.53.1", "rtt=80" } } },
  { .title = "8 + 8, only the last A good",
    .name = "eight-and-eight", .host = "many.lab.test",
    .v6 = { { "3fff:154::1", DEAD }, { "3fff:154::2", DEAD },
            { "3fff:154::3", DEAD }, { "3fff:154::4", DEAD },
            { "3fff:154::5", DEAD }, { "3fff:154::6", DEAD },
            { "3fff:154::7", DEAD }, { "3fff:154::8", DEAD } },
    .v4 = { { "198.19.54.1", DEAD }, { "198.19.54.2", DEAD },
            { "198.19.54.3", DEAD }, { "198.19.54.4", DEAD },
            { "198.19.54.5", DEAD }, { "198.19.54.6", DEAD },
            { "198.19.54.7", DEAD }, { "198.19.54.8", NULL } } },
  { .title = "IPv4 only, first A refuses",
    .name = "first-a-refuses", .host = "refuse1.lab.test",
    .v4 = { { "198.19.55.1", REFUSES }, { "198.19.55.2", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 } },
  { .title = "second AAAA good, all else black holes",
    .name = "second-aaaa-works", .host = "half.lab.test",
    .v6 = { { "3fff:156::1", DEAD }, { "3fff:156::2", NULL } },
    .v4 = { { "198.19.56.1", DEAD }, { "198.19.56.2", DEAD } } },
  { .title = "IPv6 answered by ICMPv6 unreachable",
    .name = "v6-unreachable", .host = "icmp.lab.test",
    .v6 = { { "3fff:157::1", "unreach" } },
    .v4 = { { "198.19.57.1", NULL } } },
  { .title = "healthy, 1 % of the packets lost",
    .name = "lossy", .host = "lossy.lab.test",
    .v6 = { { "3fff:158::1", "loss=1" } },
    .v4 = { { "198.19.58.1", "loss=1" } } },
  TEN(HEALTHY, 0) TEN(HEALTHY, 1) TEN(HEALTHY, 2) TEN(HEALTHY, 3)
  TEN(HEALTHY, 4) TEN(HEALTHY, 5) TEN(NO_IPV6, 6) TEN(NO_IPV6, 7)
  TEN(ONE_WORKS, 8) TEN(ONE_WORKS, 9)
  { .title = "the forward proxy",
    .host = "proxy.lab.test",
    .v6 = { { "3fff:160::1", NULL } },
    .v4 = { { "198.19.60.1", NULL } } },
  { .title = "the SOCKS proxy, IPv6 black hole",
    .host = "socks.lab.test",
    .v6 = { { "3fff:166::1", DEAD } },
    .v4 = { { "198.19.66.1", NULL } } },
  { .title = "the name server that speaks DNS over HTTPS",
    .host = "doh.lab.test",
    .v6 = { { "3fff:167::1", NULL } },
    .v4 = { { "198.19.67.1", NULL } } },
  { .title = "name servers that speak TLS and HTTPS",
    .host = "dns.lab.test",
    .v6 = { { "3fff:177::1", NULL } },
    .v4 = { { "198.19.77.1", NULL } } },
  { .title = "the same, IPv6 black hole",
    .host = "dns4.lab.test",
    .v6 = { { "3fff:178::1", DEAD } },
    .v4 = { { "198.19.78.1", NULL } } },
  { .title = "the same, of a name that no certificate has",
    .host = "dns.nobody.test",
    .v6 = { { "3fff:179::1", NULL } },
    .v4 = { { "198.19.79.1", NULL } } },
  { .title = "one A, 1.2 s away, and a second one in every other answer",
    .host = "varies.lab.test",
    .v4 = { { "198.19.68.1", "rtt=1200" }, { "198.19.68.2", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 },
    .a = { LAB_DNS_VARIES, 0 } },
  { .title = "AAAA 700 ms late, A a black hole",
    .name = "aaaa-late-a-dead", .host = "late6.lab.test",
    .v6 = { { "3fff:169::1", NULL } },
    .v4 = { { "198.19.69.1", DEAD } },
    .aaaa = { LAB_DNS_DELAY, 700 } },
  { .title = "A 700 ms late, AAAA a black hole",
    .name = "a-late-aaaa-dead", .host = "late4.lab.test",
    .v6 = { { "3fff:170::1", DEAD } },
    .v4 = { { "198.19.70.1", NULL } },
    .a = { LAB_DNS_DELAY, 700 } },
  { .title = "IPv6 connects, but large packets are lost",
    .name = "v6-large-lost", .host = "mtu.lab.test",
    .v6 = { { "3fff:171::1", "mtu=700" } },
    .v4 = { { "198.19.71.1", NULL } } },
  { .title = "first AAAA connects, but large packets are lost",
    .name = "aaaa-1-large-lost", .host = "mtu2.lab.test",
    .v6 = { { "3fff:172::1", "mtu=700" }, { "3fff:172::2", NULL } },
    .v4 = { { "198.19.72.1", NULL } } },
  { .title = "first AAAA connects, and is reset when something is said",
    .name = "aaaa-1-cut", .host = "cut.lab.test",
    .v6 = { { "3fff:173::1", "cut" }, { "3fff:173::2", NULL } },
    .v4 = { { "198.19.73.1", NULL } } },
  { .title = "one A at a time, and the other one is another host's",
    .host = "moves.lab.test",
    .v4 = { { LAB_IMPOSTOR_V4, NULL }, { "198.19.76.2", NULL } },
    .aaaa = { LAB_DNS_NODATA, 0 },
    .a = { LAB_DNS_MOVES, 0 } },
  { .title = "any name in here: first address a black hole",
    .host = "*.silent.lab.test",
    .v6 = { { "3fff:174::1", DEAD } },
    .v4 = { { "198.19.74.1", NULL } } },
  { .title = "any name in here: healthy, both families",
    .host = "*.well.lab.test",
    .v6 = { { "3fff:175::1", NULL } },
    .v4 = { { "198.19.75.1", NULL } } },
  { .title = "look-alike of the Cloudflare API",
    .host = "api.cloudflare.com",
    .v6 = { { "3fff:161::1", NULL }, { "3fff:161::2", NULL } },
    .v4 = { { "198.19.61.1", NULL }, { "198.19.61.2", NULL } } },
  { .title = "look-alike of the Telegram bot API",
    .host = "api.telegram.org",
    .v6 = { { "3fff:162::1", NULL } },
    .v4 = { { "198.19.62.1", NULL } } },
  { .host = NULL }
};

const struct lab_scenario *lab_scenario_host(const char *host)
{
  const struct lab_scenario *s;
  for(s = lab_scenarios; s->host; s++)
    if(!strcasecmp(s->host, host))
      return s;
  return NULL;
}

const struct lab_scenario *lab_scenario_number(int number)
{
  const struct lab_scenario *s;
  for(s = lab_scenarios; s->host; s++)
    if(s->number == number && number)
      return s;
  return NULL;
}

const struct lab_scenario *lab_scenario_named(const char *word)
{
  const struct lab_scenario *s;
  char digits[16];
  for(s = lab_scenarios; s->host; s++) {
    snprintf(digits, sizeof(digits), "%d", s->number);
    if(s->name && (!strcmp(s->name, word) ||
                   (s->number && !strcmp(digits, word))))
      return s;
  }
  return NULL;
}
