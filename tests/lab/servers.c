/* SPDX-License-Identifier: MIT */
#include "servers.h"
#include "netns.h"
#include "relay.h"
#include "run.h"
#include "scenarios.h"
#include "socks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define BIG (1024 * 1024)
#define NGINX_JS "/usr/lib/nginx/modules/ngx_http_js_module.so"

/* The whole tree is one zone, so that any name can be in it and every other
 * does not exist. nsd answers in the order of the zone file. */
static char *make_zone(void)
{
  const struct lab_scenario *s;
  const struct lab_address *a;
  char *zone = NULL;
  size_t len;
  FILE *out = open_memstream(&zone, &len);
  if(!out)
    lab_cannot("out of memory");
  fputs("$TTL 60\n"
        ". SOA ns.lab.test. root.lab.test. 1 3600 600 86400 60\n"
        ". NS ns.lab.test.\n"
        "ns.lab.test. A " LAB_DNS_V4 "\n"
        "ipv4only.arpa. A 192.0.0.170\n"
        "ipv4only.arpa. A 192.0.0.171\n"
        "ipv4only.arpa. AAAA 3fff:64::c000:aa\n"
        "ipv4only.arpa. AAAA 3fff:64::c000:ab\n", out);
  for(s = lab_scenarios; s->host; s++) {
    for(a = s->v6; a->addr && s->aaaa.mode != LAB_DNS_NODATA; a++)
      fprintf(out, "%s. AAAA %s\n", s->host, a->addr);
    for(a = s->v4; a->addr && s->a.mode != LAB_DNS_NODATA; a++)
      fprintf(out, "%s. A %s\n", s->host, a->addr);
    for(size_t i = 0; s->records[i]; i++)
      fprintf(out, "%s\n", s->records[i]);
  }
  if(fclose(out))
    lab_cannot("out of memory");
  return zone;
}

/* For a second each: whoever remembers one for longer has an old one. */
static void print_moves(FILE *out, const char *host, const char *type,
                        const struct lab_address *list)
{
  fprintf(out, "addAction(AndRule({QNameRule(\"%s.\"), QTypeRule(\"%s\"), "
          "LuaFFIRule(function(dq) m = (m or 0) + 1 return m %% 2 == 1 end)}), "
          "SpoofAction({\"%s\"}, {ttl=1}))\n"
          "addAction(AndRule({QNameRule(\"%s.\"), QTypeRule(\"%s\")}), "
          "SpoofAction({\"%s\"}, {ttl=1}))\n", host, type, list[0].addr, host,
          type, list[1].addr);
}

static void print_dns_rule(FILE *out, const char *host, const char *type,
                           const struct lab_dns *dns,
                           const struct lab_address *list)
{
  char action[256];
  switch(dns->mode) {
  case LAB_DNS_NORMAL:
  case LAB_DNS_NODATA: /* the zone sees to it */
    return;
  case LAB_DNS_DELAY:
    snprintf(action, sizeof(action), "DelayAction(%d)", dns->delay_ms);
    break;
  case LAB_DNS_DROP:
    snprintf(action, sizeof(action), "DropAction()");
    break;
  case LAB_DNS_SERVFAIL:
    snprintf(action, sizeof(action), "RCodeAction(DNSRCode.SERVFAIL)");
    break;
  case LAB_DNS_VARIES:
    snprintf(action, sizeof(action), "LuaAction(function(dq) n = (n or 0) + 1 "
             "if n %% 2 == 1 then return DNSAction.Spoof, \"%s\" end "
             "return DNSAction.None, \"\" end)", list[0].addr);
    break;
  case LAB_DNS_MOVES:
    print_moves(out, host, type, list);
    return;
  }
  fprintf(out, "addAction(AndRule({QNameRule(\"%s.\"), QTypeRule(\"%s\")}), "
          "%s)\n", host, type, action);
}

static char *make_dns_rules(void)
{
  const struct lab_scenario *s;
  char *rules = NULL;
  size_t len;
  FILE *out = open_memstream(&rules, &len);
  if(!out)
    lab_cannot("out of memory");
  for(s = lab_scenarios; s->host; s++) {
    print_dns_rule(out, s->host, "AAAA", &s->aaaa, s->v6);
    print_dns_rule(out, s->host, "A", &s->a, s->v4);
    print_dns_rule(out, s->host, "HTTPS", &s->https, NULL);
  }
  if(fclose(out))
    lab_cannot("out of memory");
  return rules;
}

static char *make_doh(void)
{
  const struct lab_scenario *s = lab_scenario_host("doh.lab.test");
  char *lines = NULL;
  size_t len;
  FILE *out = open_memstream(&lines, &len);
  if(!out)
    lab_cannot("out of memory");
  fprintf(out, "addDOHLocal(\"%s:%d\", \"" LAB_RUN "/server.pem\", \""
          LAB_RUN "/server.key\", \"/dns-query\")\n"
          "addDOHLocal(\"[%s]:%d\", \"" LAB_RUN "/server.pem\", \""
          LAB_RUN "/server.key\", \"/dns-query\")\n",
          s->v4[0].addr, LAB_DOH_PORT, s->v6[0].addr, LAB_DOH_PORT);
  if(fclose(out))
    lab_cannot("out of memory");
  return lines;
}

static void start_dns(struct lab_server *nsd, struct lab_server *dnsdist,
                      const char *templates, bool more)
{
  static const char *const nsd_argv[] = {
    "nsd", "-d", "-c", LAB_RUN "/nsd.conf", NULL
  };
  static const char *const dnsdist_argv[] = {
    "dnsdist", "--supervised", "--disable-syslog", "-C",
    LAB_RUN "/dnsdist.conf", NULL
  };
  char *zone = make_zone();
  char *rules = make_dns_rules();
  char *doh = more ? make_doh() : NULL;
  const char *pairs[] = {
    "RUN", LAB_RUN, "DNS", LAB_DNS_V4, "RULES", rules, "DOH", doh ? doh : "",
    NULL
  };
  lab_write_file(LAB_RUN "/zone", zone);
  lab_configure(templates, "nsd.conf", pairs);
  lab_configure(templates, "dnsdist.conf", pairs);
  nsd->name = "nsd";
  nsd->pid = lab_spawn(nsd->name, nsd_argv, NULL);
  dnsdist->name = "dnsdist";
  dnsdist->port = 53;
  dnsdist->pid = lab_spawn(dnsdist->name, dnsdist_argv, NULL);
  free(doh);
  free(rules);
  free(zone);
}

/* An authority of our own, and a certificate for all names. */
static void make_certificates(void)
{
  static const char *const ca[] = {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
    "/CN=Laboratory CA", "-keyout", LAB_RUN "/ca.key", "-out", LAB_CA, NULL
  };
  static const char *const cert[] = {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
    "/CN=lab.test", "-CA", LAB_CA, "-CAkey", LAB_RUN "/ca.key", "-addext",
    "subjectAltName=DNS:lab.test,DNS:*.lab.test,DNS:api.cloudflare.com,"
    "DNS:api.telegram.org", "-addext", "basicConstraints=critical,CA:FALSE",
    "-keyout", LAB_RUN "/server.key", "-out", LAB_RUN "/server.pem", NULL
  };
  static const char *const other[] = {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
    "/CN=impostor.test", "-CA", LAB_CA, "-CAkey", LAB_RUN "/ca.key",
    "-addext", "subjectAltName=DNS:impostor.test", "-addext",
    "basicConstraints=critical,CA:FALSE", "-keyout", LAB_RUN "/other.key",
    "-out", LAB_RUN "/other.pem", NULL
  };
  lab_run("openssl", ca, "");
  lab_run("openssl", cert, "");
  lab_run("openssl", other, "");
}

/* Made of the server's request, so that it has the same key. */
static void make_expired(void)
{
  static const char *const request[] = {
    "openssl", "req", "-new", "-key", LAB_RUN "/server.key", "-subj",
    "/CN=lab.test", "-addext", "subjectAltName=DNS:lab.test,DNS:*.lab.test",
    "-out", LAB_RUN "/expired.csr", NULL
  };
  static const char *const sign[] = {
    "openssl", "ca", "-batch", "-config", LAB_RUN "/ca.conf", "-cert", LAB_CA,
    "-keyfile", LAB_RUN "/ca.key", "-startdate", "200101000000Z", "-enddate",
    "210101000000Z", "-in", LAB_RUN "/expired.csr", "-notext", "-out",
    LAB_RUN "/expired.pem", NULL
  };
  lab_write_file(LAB_RUN "/ca.conf",
                 "[ca]\ndefault_ca=lab\n[lab]\nnew_certs_dir=" LAB_RUN "\n"
                 "database=" LAB_RUN "/ca.index\nrand_serial=yes\n"
                 "default_md=sha256\npolicy=any\ncopy_extensions=copy\n"
                 "[any]\ncommonName=supplied\n");
  lab_write_file(LAB_RUN "/ca.index", "");
  lab_run("openssl", request, "");
  lab_run("openssl", sign, "");
  if(link(LAB_RUN "/server.key", LAB_RUN "/expired.key"))
    lab_cannot("link: %s", strerror(errno));
}

static void make_big_file(void)
{
  char *text = malloc(BIG + 1);
  size_t i;
  if(!text)
    lab_cannot("out of memory");
  for(i = 0; i < BIG; i++)
    text[i] = (i + 1) % 64 ? (char)('a' + i % 26) : '\n';
  text[BIG] = 0;
  if(mkdir(LAB_RUN "/www", 0755))
    lab_cannot("mkdir: %s", strerror(errno));
  lab_write_file(LAB_RUN "/www/big", text);
  free(text);
}

/* The look-alikes of well-known APIs are there when their files are. */
static void configure_nginx(const char *templates)
{
  char module[] = "load_module " NGINX_JS ";";
  char import[2 * PATH_MAX + 128];
  char include[PATH_MAX + 64];
  char path[PATH_MAX + 32];
  char port[16], alt[16];
  const struct lab_scenario *web = lab_scenario_host("two.lab.test");
  const char *pairs[] = {
    "RUN", LAB_RUN, "MODULES", "", "IMPORT", "", "INCLUDE", "",
    "WEB_V4", web->v4[0].addr, "WEB_V6", web->v6[0].addr, "SOCKS_PORT", port,
    "IMPOSTOR_V4", LAB_IMPOSTOR_V4, "ALT_PORT", alt,
    NULL
  };
  snprintf(port, sizeof(port), "%d", LAB_SOCKS_PORT);
  snprintf(alt, sizeof(alt), "%d", LAB_ALT_PORT);
  snprintf(path, sizeof(path), "%s/lookalikes.conf", templates);
  if(!access(path, R_OK)) {
    snprintf(include, sizeof(include), "include \"%s\";", path);
    pairs[7] = include;
  }
  snprintf(path, sizeof(path), "%s/lookalikes.js", templates);
  if(!access(path, R_OK)) {
    if(access(NGINX_JS, R_OK))
      lab_cannot(NGINX_JS ": %s", strerror(errno));
    snprintf(import, sizeof(import),
             "js_path \"%s\"; js_import lookalikes from lookalikes.js; "
             "include %s/lookalikes-http.conf;", templates, templates);
    pairs[3] = module;
    pairs[5] = import;
  }
  lab_configure(templates, "nginx.conf", pairs);
}

static void start_nginx(struct lab_server *nginx, const char *templates)
{
  static const char *const argv[] = {
    "nginx", "-c", LAB_RUN "/nginx.conf", "-p", LAB_RUN, "-e", "stderr", NULL
  };
  make_big_file();
  configure_nginx(templates);
  nginx->name = "nginx";
  nginx->port = 80;
  nginx->pid = lab_spawn(nginx->name, argv, NULL);
}

static void start_proxy(struct lab_server *proxy, const char *templates)
{
  static const char *const argv[] = {
    "tinyproxy", "-d", "-c", LAB_RUN "/tinyproxy.conf", NULL
  };
  char port[16];
  const char *pairs[] = { "RUN", LAB_RUN, "PORT", port, NULL };
  snprintf(port, sizeof(port), "%d", LAB_PROXY_PORT);
  lab_configure(templates, "tinyproxy.conf", pairs);
  proxy->name = "tinyproxy";
  proxy->port = LAB_PROXY_PORT;
  proxy->pid = lab_spawn(proxy->name, argv, lab_proxy_mounts);
}

/* Names are to it what they are to the proxy. */
static int be_socks(void)
{
  const struct lab_scenario *s = lab_scenario_host("socks.lab.test");
  lab_proxy_mounts();
  return lab_socks(s->v4[0].addr, s->v6[0].addr, LAB_SOCKS_PORT);
}

/* A server that is part of this program. */
static void start_own(struct lab_server *server, const char *name,
                      int (*run)(void))
{
  server->name = name;
  server->pid = fork();
  if(server->pid < 0)
    lab_cannot("fork: %s", strerror(errno));
  if(!server->pid) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    _exit(run());
  }
}

/* Name servers that speak TLS and HTTPS. */
static void start_resolvers(struct lab_server *relay,
                            struct lab_server *dnsdist, const char *templates)
{
  static const char *const argv[] = {
    "dnsdist", "--supervised", "--disable-syslog", "-C",
    LAB_RUN "/resolvers.conf", NULL
  };
  const struct lab_scenario *s = lab_scenario_host("dns.lab.test");
  char tls[16], https[16], port[16];
  const char *pairs[] = {
    "RUN", LAB_RUN, "V4", s->v4[0].addr, "V6", s->v6[0].addr, "TLS", tls,
    "HTTPS", https, "RELAY", port, NULL
  };
  snprintf(tls, sizeof(tls), "%d", LAB_DNS_TLS_PORT);
  snprintf(https, sizeof(https), "%d", LAB_DNS_HTTPS_PORT);
  snprintf(port, sizeof(port), "%d", LAB_RELAY_PORT);
  make_expired();
  start_own(relay, "relay", lab_relay);
  lab_configure(templates, "resolvers.conf", pairs);
  dnsdist->name = "dnsdist";
  dnsdist->port = LAB_DNS_HTTPS_PORT;
  dnsdist->pid = lab_spawn(dnsdist->name, argv, NULL);
}

/* Debian's modules are for Debian's python3. Where they are not there the test
   skips what is for them. */
static void start_ftp(struct lab_server *ftp)
{
  static const char *const argv[] = {
    "python3", "-m", "pyftpdlib", "-i", "0.0.0.0", "-p", "2121", "-d",
    LAB_RUN "/ftp", NULL
  };
  if(access("/usr/lib/python3/dist-packages/pyftpdlib", F_OK))
    return;
  if(mkdir(LAB_RUN "/ftp", 0755))
    lab_cannot("mkdir: %s", strerror(errno));
  lab_write_file(LAB_RUN "/ftp/file", "a file by FTP\n");
  ftp->name = "/usr/bin/python3";
  ftp->port = LAB_FTP_PORT;
  ftp->pid = lab_spawn(ftp->name, argv, NULL);
}

void lab_servers_start(struct lab_server servers[LAB_SERVERS],
                       const char *templates, bool proxy, bool resolvers)
{
  memset(servers, 0, sizeof(*servers) * LAB_SERVERS);
  make_certificates();
  start_dns(&servers[0], &servers[1], templates, proxy);
  lab_note("name servers started");
  start_nginx(&servers[2], templates);
  lab_note("web server started");
  if(proxy) {
    start_proxy(&servers[3], templates);
    start_own(&servers[4], "socks", be_socks);
    start_ftp(&servers[5]);
    lab_note("proxies and FTP server started");
  }
  if(resolvers) {
    start_resolvers(&servers[6], &servers[7], templates);
    lab_note("encrypted name servers started");
  }
}

/* A connected socket that gives up soon. */
static int dial(int type, const char *addr, unsigned int port)
{
  struct timeval patience = { .tv_usec = 100000 };
  struct sockaddr_in sa;
  int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  memset(&sa, 0, sizeof(sa));
  sa.sin_family = AF_INET;
  sa.sin_port = htons((in_port_t)port);
  if(inet_pton(AF_INET, addr, &sa.sin_addr) != 1 || fd < 0)
    lab_cannot("socket: %s", strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
    return fd;
  close(fd);
  return -1;
}

/* Asks for the address of s1.lab.test. */
static bool dns_answers(void)
{
  static const char query[] =
    "\x12\x34\1\0\0\1\0\0\0\0\0\0\2s1\3lab\4test\0\0\1\0\1";
  unsigned char answer[512];
  ssize_t n;
  int fd = dial(SOCK_DGRAM, LAB_DNS_V4, 53);
  if(fd < 0)
    return false;
  n = send(fd, query, sizeof(query) - 1, 0);
  if(n > 0)
    n = recv(fd, answer, sizeof(answer), 0);
  close(fd);
  return n > 12 && answer[7]; /* the number of answers */
}

static bool web_answers(const struct lab_server *server)
{
  int fd = dial(SOCK_STREAM, lab_scenario_number(1)->v4[0].addr,
                server->port);
  if(fd >= 0)
    close(fd);
  return fd >= 0;
}

bool lab_servers_ready(const struct lab_server servers[LAB_SERVERS])
{
  size_t i;
  for(i = 0; i < LAB_SERVERS; i++)
    if(servers[i].port && servers[i].port != 53 &&
       !web_answers(&servers[i]))
      return false;
  return dns_answers();
}

const struct lab_server *
lab_servers_find(const struct lab_server servers[LAB_SERVERS], pid_t pid)
{
  size_t i;
  for(i = 0; i < LAB_SERVERS; i++)
    if(servers[i].pid == pid)
      return &servers[i];
  return NULL;
}

void lab_servers_show(const struct lab_server *server)
{
  const char *slash = strrchr(server->name, '/');
  char path[128];
  char *text;
  snprintf(path, sizeof(path), LAB_RUN "/%s.log",
           slash ? slash + 1 : server->name);
  text = lab_read_file(path);
  fprintf(stderr, "lab: %s ended. It said:\n%s", server->name,
          text ? text : "");
  free(text);
}
