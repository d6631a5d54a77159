/* SPDX-License-Identifier: MIT */
#ifndef LAB_SCENARIOS_H
#define LAB_SCENARIOS_H
/* scenarios.h - the situations of the laboratory, side by side: each is a
 * host name with addresses of its own, and says how every address and the
 * name server behave. The zone, the name server's rules, the emulator's rules
 * and the client's routes are made from this one table, and tests and
 * benchmarks read what they must expect from it.
 *
 * Network numbers: scenario NN has 3fff:1NN::/32 and 198.19.NN.0/24, NN in
 * decimal digits. All of them differ from the client's address at the same
 * bit, so that rule 9 of RFC 6724 leaves the table's order alone. */

#define LAB_MAX_ADDRS 8
#define LAB_MAX_RECORDS 3

#define LAB_CLIENT_V4 "198.18.0.2"
#define LAB_CLIENT_V6 "3fff:c::2"
/* A client that changes networks may take any address of these. */
#define LAB_CLIENTS_V4 "198.18.0.0/16"
#define LAB_CLIENTS_V6 "3fff::/24"
#define LAB_ROUTER_V4 "198.18.0.1"
#define LAB_ROUTER_V6 "3fff:c::1"
#define LAB_DNS_V4 "198.18.0.53"
#define LAB_SERVERS_V4 "198.19.0.0/16"
#define LAB_SERVERS_V6 "3fff:100::/24"
/* The prefix of the network's translator (NAT64), by which each server's IPv4
 * address is reached, and the address that servers see. ipv4only.arpa tells
 * it. */
#define LAB_NAT64 "3fff:64::/96"
#define LAB_NAT64_CLIENT_V4 "198.18.64.1"
#define LAB_RTT_MS 20
#define LAB_PROXY_PORT 3128
#define LAB_SOCKS_PORT 1080 /* of socks.lab.test; of two.lab.test: the web */
#define LAB_DOH_PORT 8443   /* of doh.lab.test, path /dns-query */
/* With --resolvers, at every address: the host's own certificate at this port,
 * another host's at the next one, and one that has expired at the one after
 * that. HTTPS: path /dns-query. */
#define LAB_DNS_TLS_PORT 853
#define LAB_DNS_HTTPS_PORT 8053
#define LAB_FTP_PORT 2121   /* of every address */
/* By https at every address, beside 443. */
#define LAB_ALT_PORT 4443
/* By https it shows another host's certificate. */
#define LAB_IMPOSTOR_V4 "198.19.76.1"

/* The behaviour of an address that the client has no route to. */
#define LAB_NO_ROUTE "noroute"

/* Times that are not a number of milliseconds. */
#define LAB_UNKNOWN 0 /* not said, or open (a time-out decides) */
#define LAB_FAILS (-1) /* no connection comes about */

struct lab_address {
  const char *addr; /* NULL ends a list */
  const char *rule; /* as for lab_rule(); NULL: healthy, RTT 20 ms */
};

enum lab_dns_mode {
  LAB_DNS_NORMAL,
  LAB_DNS_DELAY, /* the answer comes delay_ms late */
  LAB_DNS_DROP,  /* no answer ever */
  LAB_DNS_SERVFAIL,
  LAB_DNS_NODATA,
  LAB_DNS_VARIES, /* the first, third, ... answer has the first address only */
  LAB_DNS_MOVES   /* the first, third, ... answer has the first address, the
                     others the second one, and each is valid for a second */
};

struct lab_dns {
  enum lab_dns_mode mode;
  int delay_ms;
};

struct lab_scenario {
  int number; /* as in the list of scenarios; 0: a further host */
  const char *name; /* a word for it, NULL where it is not for choosing */
  const char *title;
  const char *host;
  struct lab_address v6[LAB_MAX_ADDRS + 1]; /* in the order of the answer */
  struct lab_address v4[LAB_MAX_ADDRS + 1];
  struct lab_dns aaaa;
  struct lab_dns a;
  const char *records[LAB_MAX_RECORDS + 1];   /* further ones, as lines of the
                                                 zone */
  struct lab_dns https;       /* DELAY or DROP: of HTTPS records */
  int best_cold_ms;   /* first query to connected socket, nothing known */
  int best_memory_ms; /* the same, everything known */
  int libcurl_ms;     /* libcurl 7.88.1 alone */
};

/* The table, ended by an entry without a host. */
extern const struct lab_scenario lab_scenarios[];

/* The entry of a host name, or NULL. */
const struct lab_scenario *lab_scenario_host(const char *host);

/* The entry of its name, or of its number in digits, or NULL. */
const struct lab_scenario *lab_scenario_named(const char *word);

/* The entry of a scenario's number, or NULL. */
const struct lab_scenario *lab_scenario_number(int number);

#endif
