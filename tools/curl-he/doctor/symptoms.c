/* SPDX-License-Identifier: MIT */
/* symptoms.c - the table. */
#include "symptoms.h"

#include <stdio.h>
#include <string.h>

#define RUN "\"curl-he run PROGRAM\" avoids that wait."

const struct he_symptom he_symptoms[HE_SYMPTOMS] = {
  [HE_NO_NETWORK] = { "no-network", true,
    "There is no way to the Internet, neither by IPv6 nor by IPv4.",
    "Bring the network up; \"ip route\" shows the routes.",
    "curl: (6) Could not resolve host; curl: (7) Network is unreachable" },
  [HE_IPV6_DISABLED] = { "ipv6-disabled", false,
    "IPv6 is switched off on this machine (net.ipv6.conf.all.disable_ipv6).",
    "If that is not meant: sysctl net.ipv6.conf.all.disable_ipv6=0",
    "curl: (7) Couldn't connect to server, with -6 only" },
  [HE_NO_IPV6_ADDRESS] = { "no-ipv6-address", false,
    "This machine has no IPv6 address that reaches the Internet.",
    "Nothing is wrong where the provider has no IPv6: connects go by IPv4.",
    "curl: (7) Network is unreachable, with -6 only" },
  [HE_IPV6_LOCAL_ONLY] = { "ipv6-local-only", false,
    "The only IPv6 addresses here are unique local ones, as {ADDRESS}.",
    "They reach no public host. Connects go by IPv4.",
    NULL },
  [HE_NO_IPV6_ROUTE] = { "no-ipv6-route", true,
    "There is an IPv6 address, {ADDRESS}, and no IPv6 route to the Internet.",
    "Look for a router that announces prefixes without a way out (\"ip -6"
    " route\"), or for a VPN that has taken the route away.",
    "Immediate connect fail for 2001:db8::1: Network is unreachable" },
  [HE_GAI_IPV4_FIRST] = { "gai-ipv4-first", false,
    "/etc/gai.conf, line {LINE}, puts IPv4 before IPv6.",
    "Connects begin with IPv4 for all programs. Remove the line when IPv6"
    " works again.",
    "IPv6 works, and no program uses it" },
  [HE_NSSWITCH_NO_DNS] = { "nsswitch-no-dns", true,
    "/etc/nsswitch.conf has \"hosts: {SOURCES}\", which asks no name server.",
    "Add dns to that line.",
    "curl: (6) Could not resolve host, while \"dig\" finds it" },
  [HE_NO_NAME_SERVER] = { "no-name-server", true,
    "/etc/resolv.conf names no name server.",
    "Add one, or let the network's manager write the file.",
    "curl: (6) Could not resolve host: Temporary failure in name resolution" },
  [HE_PROXY] = { "proxy", false,
    "The variable {VARIABLE} names a proxy.",
    "libcurl connects to the proxy, in the place of hosts that it is for. What"
    " is said here of hosts is without it.",
    NULL },
  [HE_STUCK_SYN] = { "stuck-syn", true,
    "{COUNT} to {ADDRESS} without an answer: {PROGRAM}.",
    "That address drops packets. A program that is not changed waits there,"
    " for minutes; " RUN,
    "a program hangs, and \"ss -t state syn-sent\" shows why" },
  [HE_LIBCURL_OLD] = { "libcurl-old", false,
    "{PATH} is libcurl {VERSION}.",
    "curl-he needs 7.75.0 or later: programs that use this one connect as"
    " before.",
    NULL },
  [HE_LIBCURL_SERIAL] = { "libcurl-serial", false,
    "{PATH} is libcurl {VERSION}. It tries the addresses of a family one after"
    " the other, and starts the second family after 200 ms.",
    "A dead address costs 200 ms, a second one of its family up to half of the"
    " connect time-out. " RUN,
    "connects take 200 ms longer than they should, or 20 s, or 150 s" },
  [HE_LIBCURL_LATE] = { "libcurl-late", false,
    "{PATH} is libcurl {VERSION}. It starts a new attempt every 200 ms, and"
    " remembers nothing.",
    "Each dead address costs 200 ms, at each connect. " RUN,
    "connects take 200 ms longer than they should" },
  [HE_LIBCURL_CARES] = { "libcurl-cares", false,
    "{PATH} looks names up by c-ares.",
    "curl-he races beside its connects there, not in its lookup: a slow name"
    " server still delays connects.",
    NULL },
  [HE_CONFIG_WRONG] = { "config-wrong", true,
    "The configuration of curl-he is wrong: {ERROR}.",
    "Correct it: that line has no effect. libcurl-he-config(5) has the form.",
    "CURL_HE_OPTIONS changes nothing" },
  [HE_SWITCHED_OFF] = { "switched-off", false,
    "CURL_HE=off is in the environment.",
    "Programs run by \"curl-he run\" connect as without it, until you unset"
    " that.",
    "\"curl-he run\" changes nothing" },
  [HE_NO_MODULE] = { "no-module", false,
    "The preload module is not where \"curl-he run\" looks.",
    "Install curl-he completely: libcurl-he-preload.so belongs beside"
    " libcurl-he.so.",
    NULL },
  [HE_HOSTS_FILE] = { "hosts-file", false,
    "{HOST} stands in /etc/hosts, line {LINE}: {ADDRESS}.",
    "No name server is asked for it. If it has moved, remove the line.",
    "one machine goes to an old address of the host" },
  [HE_NO_SUCH_NAME] = { "no-such-name", true,
    "{HOST}: there is no such name, or it has no address.",
    "Look for a mistake in the name; ask another name server.",
    "curl: (6) Could not resolve host" },
  [HE_DNS_FAILS] = { "dns-fails", true,
    "{HOST}: the name server fails.",
    "Ask another name server (/etc/resolv.conf): this one has no answer.",
    "Temporary failure in name resolution" },
  [HE_DNS_SILENT] = { "dns-silent", true,
    "{HOST}: no name server answers within {MS} ms.",
    "Look whether the servers of /etc/resolv.conf can be reached.",
    "curl: (28) Resolving timed out" },
  [HE_AAAA_SILENT] = { "aaaa-silent", true,
    "{HOST}: IPv4 addresses came in {OTHER} ms, and no answer for IPv6 (AAAA)"
    " within {MS} ms.",
    "A name server or a firewall drops AAAA queries: use another server, or"
    " \"options single-request\" in /etc/resolv.conf. " RUN,
    "curl waits 5 s, and with -4 it does not; curl: (28) Resolving timed"
    " out" },
  [HE_A_SILENT] = { "a-silent", true,
    "{HOST}: IPv6 addresses came in {OTHER} ms, and no answer for IPv4 (A)"
    " within {MS} ms.",
    "A name server or a firewall drops A queries: use another server. " RUN,
    "curl waits 5 s, and with -6 it does not" },
  [HE_AAAA_FAILS] = { "aaaa-fails", true,
    "{HOST}: the name server fails for IPv6 (AAAA), and has IPv4 addresses.",
    "Tell whoever runs the host's name servers. Connects go by IPv4.",
    "SERVFAIL for AAAA" },
  [HE_AAAA_LATE] = { "aaaa-late", true,
    "{HOST}: IPv4 addresses came in {OTHER} ms, the answer for IPv6 (AAAA) in"
    " {MS} ms.",
    "A program waits for both. Use another name server. " RUN,
    "the first connect to a host takes a second, later ones do not" },
  [HE_A_LATE] = { "a-late", true,
    "{HOST}: IPv6 addresses came in {OTHER} ms, the answer for IPv4 (A) in"
    " {MS} ms.",
    "A program waits for both. Use another name server. " RUN,
    "the first connect to a host takes a second, later ones do not" },
  [HE_NOTHING_ANSWERS] = { "nothing-answers", true,
    "{HOST} answers at none of its addresses, port {PORT}.",
    "It is down, or a firewall is between: try another network.",
    "curl: (28) Connection timed out; curl: (7) Failed to connect" },
  [HE_IPV6_SILENT] = { "ipv6-silent", true,
    "{HOST}: over IPv6 ({ADDRESS}) there is no answer within {MS} ms; IPv4"
    " connects.",
    "IPv6 packets are lost on the way there. If other hosts fail, too, look at"
    " the router, the VPN or the provider, else at the host. " RUN,
    "curl hangs, and works with -4; git clone or apt takes minutes" },
  [HE_IPV6_REFUSED] = { "ipv6-refused", true,
    "{HOST}: over IPv6 ({ADDRESS}) port {PORT} is refused; IPv4 connects.",
    "The host has an AAAA record, and no server there: tell whoever runs it.",
    "connect to 2001:db8::1 failed: Connection refused" },
  [HE_IPV6_UNREACHABLE] = { "ipv6-unreachable", true,
    "{HOST}: over IPv6 ({ADDRESS}) it cannot be reached; IPv4 connects.",
    "A router, or this machine, has no route there: \"ip -6 route get"
    " {ADDRESS}\".",
    "connect to 2001:db8::1 failed: No route to host" },
  [HE_IPV4_SILENT] = { "ipv4-silent", true,
    "{HOST}: over IPv4 ({ADDRESS}) there is no answer within {MS} ms; IPv6"
    " connects.",
    "IPv4 packets are lost on the way there. " RUN,
    "curl -4 hangs" },
  [HE_IPV4_REFUSED] = { "ipv4-refused", true,
    "{HOST}: over IPv4 ({ADDRESS}) port {PORT} is refused; IPv6 connects.",
    "The host has an A record, and no server there: tell whoever runs it.",
    "connect to 192.0.2.1 failed: Connection refused" },
  [HE_IPV4_UNREACHABLE] = { "ipv4-unreachable", true,
    "{HOST}: over IPv4 ({ADDRESS}) it cannot be reached; IPv6 connects.",
    "A router, or this machine, has no route there: \"ip route get"
    " {ADDRESS}\".",
    "connect to 192.0.2.1 failed: No route to host" },
  [HE_SOME_SILENT] = { "some-silent", true,
    "{HOST}: {ADDRESS} does not answer within {MS} ms, another address of that"
    " family does.",
    "libcurl up to 8.15 waits there for half of its connect time-out. " RUN,
    "some connects take 20 s or more, others none" },
  [HE_IPV6_SLOW] = { "ipv6-slow", false,
    "{HOST}: IPv6 connects in {MS} ms, IPv4 in {OTHER} ms.",
    "The path by IPv6 is longer, perhaps through a tunnel. curl-he learns"
    " that, and begins with IPv4.",
    "everything is slow, and quicker with -4" },
  [HE_LARGE_PACKETS] = { "large-packets", true,
    "{HOST}: over {FAMILY} ({ADDRESS}) TCP connects, and TLS gets no answer"
    " within {MS} ms. Large packets are lost on the way (MTU).",
    "Let ICMP \"packet too big\" through; or lower the MTU: ip link set DEVICE"
    " mtu 1280; or clamp the MSS at the router. \"curl-he run PROGRAM\" and"
    " curl_he_perform() go elsewhere at once, multi handles from the second"
    " connect on.",
    "curl: (28) SSL connection timeout, while ping works" },
  [HE_TLS_SILENT] = { "tls-silent", true,
    "{HOST}: TCP connects, and TLS gets no answer within {MS} ms, from no"
    " address.",
    "The server does not answer; or large packets are lost on each way (MTU):"
    " lower the MTU for a try, ip link set DEVICE mtu 1280.",
    "curl: (28) SSL connection timeout" },
  [HE_TLS_FAILS] = { "tls-fails", true,
    "{HOST}: over {FAMILY} ({ADDRESS}) TLS fails: {ERROR}.",
    "Port {PORT} answers, but not as a TLS server does.",
    "curl: (35) SSL connect error" },
  [HE_RACE_LOST] = { "race-lost", true,
    "{HOST}: curl-he does not connect, though an address answers.",
    "See where its race stops: curl-he race {HOST}",
    NULL }
};

/* -- filling in -- */

static const char *value_of(const char *name, size_t len,
                            const char *const *pairs)
{
  for(; pairs && *pairs; pairs += 2) {
    if(strlen(*pairs) == len && !memcmp(*pairs, name, len))
      return pairs[1];
  }
  return NULL;
}

void he_symptom_fill(const char *text, const char *const *pairs, char *out,
                     size_t size)
{
  size_t used = 0;
  out[0] = 0;
  while(*text && used + 1 < size) {
    const char *end = *text == '{' ? strchr(text, '}') : NULL;
    const char *value = end ? value_of(text + 1, (size_t)(end - text) - 1,
                                       pairs) : NULL;
    int n = value ? snprintf(out + used, size - used, "%s", value) :
            snprintf(out + used, size - used, "%c", *text);
    if(n < 0)
      return;
    used += (size_t)n;
    text = value ? end + 1 : text + 1;
  }
}
