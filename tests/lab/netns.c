/* SPDX-License-Identifier: MIT */
#include "netns.h"
#include "run.h"
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define TUN "lab0"

void lab_become_root(unsigned int uid, unsigned int gid)
{
  char map[64];
  lab_write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof(map), "0 %u 1\n", uid);
  lab_write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof(map), "0 %u 1\n", gid);
  lab_write_file("/proc/self/gid_map", map);
}

/* The tmpfs hides what a symbolic link into it pointed to (resolv.conf often
 * is one): the file is made anew there. */
static void remake(const char *link, const char *text)
{
  char target[PATH_MAX];
  char path[PATH_MAX * 2];
  char *slash;
  ssize_t n = readlink(link, target, sizeof(target) - 1);
  if(n < 0)
    lab_cannot("%s: %s", link, strerror(errno));
  target[n] = 0;
  snprintf(path, sizeof(path), "%s%s", target[0] == '/' ? "" : "/etc/",
           target);
  for(slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if(mkdir(path, 0755) && errno != EEXIST)
      lab_cannot("%s: %s", path, strerror(errno));
    *slash = '/';
  }
  lab_write_file(path, text);
}

/* Puts a private file over /etc/NAME. */
static void private_file(const char *name, const char *text)
{
  char path[64];
  char own[64];
  snprintf(path, sizeof(path), "/etc/%s", name);
  snprintf(own, sizeof(own), LAB_RUN "/etc.%s", name);
  if(access(path, F_OK)) {
    remake(path, text);
    return;
  }
  lab_write_file(own, text);
  if(mount(own, path, NULL, MS_BIND, NULL))
    lab_cannot("mount over %s: %s", path, strerror(errno));
}

void lab_mounts(void)
{
  if(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
    lab_cannot("private mounts: %s", strerror(errno));
  if(mount("lab", LAB_TMPFS, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") ||
     mkdir(LAB_RUN, 0755))
    lab_cannot("tmpfs on " LAB_TMPFS ": %s", strerror(errno));
  /* A container that hides parts of /proc does not allow a new one; the old
   * one serves as well, it only shows more processes. */
  if(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
    lab_note("no /proc of our own");
  private_file("resolv.conf", "nameserver " LAB_DNS_V4 "\n"
               "options timeout:5 attempts:2\n");
  private_file("hosts", "127.0.0.1 localhost\n::1 localhost\n");
  private_file("nsswitch.conf", "passwd: files\ngroup: files\n"
               "hosts: files dns\nservices: files\nprotocols: files\n");
  if(!access("/etc/gai.conf", F_OK))
    private_file("gai.conf", "");
}

/* The first address that works, for a client without races. */
static void print_host(FILE *out, const char *host,
                       const struct lab_address *a)
{
  for(; a->addr; a++)
    if(!a->rule || !strncmp(a->rule, "rtt", 3)) {
      fprintf(out, "%s %s\n", a->addr, host);
      return;
    }
}

void lab_proxy_mounts(void)
{
  const struct lab_scenario *s;
  const char *path = LAB_RUN "/proxy.hosts";
  FILE *out;
  if(unshare(CLONE_NEWNS))
    lab_cannot("mount namespace: %s", strerror(errno));
  out = fopen(path, "we");
  if(!out)
    lab_cannot("%s: %s", path, strerror(errno));
  fputs("127.0.0.1 localhost\n::1 localhost\n", out);
  for(s = lab_scenarios; s->host; s++) {
    print_host(out, s->host, s->v6);
    print_host(out, s->host, s->v4);
  }
  if(fclose(out) || mount(path, "/etc/hosts", NULL, MS_BIND, NULL))
    lab_cannot("%s: %s", path, strerror(errno));
}

static int open_tun(void)
{
  struct ifreq req;
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if(fd < 0)
    lab_cannot("/dev/net/tun: %s", strerror(errno));
  memset(&req, 0, sizeof(req));
  strcpy(req.ifr_name, TUN);
  req.ifr_flags = IFF_TUN | IFF_NO_PI;
  if(ioctl(fd, TUNSETIFF, &req))
    lab_cannot("TUN device: %s", strerror(errno));
  return fd;
}

static void ip_batch(const char *lines)
{
  static const char *const argv[] = { "ip", "-batch", "-", NULL };
  lab_run("ip", argv, lines);
}

/* Hosts whose servers listen at their addresses alone: for IPv6 such an
 * address has to be configured. */
static void configure_own(void)
{
  static const char *const hosts[] = {
    "two.lab.test", "socks.lab.test", "doh.lab.test", "dns.lab.test", NULL
  };
  char line[128];
  size_t i;
  for(i = 0; hosts[i]; i++) {
    snprintf(line, sizeof(line), "addr add %s/128 dev lo nodad\n",
             lab_scenario_host(hosts[i])->v6[0].addr);
    ip_batch(line);
  }
}

int lab_server_net(void)
{
  int fd = open_tun();
  /* local routes: every address of the blocks is ours, none is configured */
  ip_batch("link set lo up\n"
           "link set " TUN " mtu 1500 addrgenmode none up\n"
           "addr add " LAB_DNS_V4 "/32 dev lo\n"
           "addr add " LAB_ROUTER_V4 "/32 dev " TUN "\n"
           "addr add " LAB_ROUTER_V6 "/128 dev " TUN " nodad\n"
           "route add " LAB_CLIENTS_V4 " dev " TUN "\n"
           "route add " LAB_CLIENTS_V6 " dev " TUN "\n"
           "route add local " LAB_SERVERS_V4 " dev lo\n"
           "route add local " LAB_SERVERS_V6 " dev lo\n");
  configure_own();
  return fd;
}

/* A throw route ends the search without a result: ENETUNREACH, what a client
 * without a default route sees. */
static void print_no_routes(FILE *out, const struct lab_address *a)
{
  for(; a->addr; a++)
    if(a->rule && !strcmp(a->rule, LAB_NO_ROUTE))
      fprintf(out, "route add throw %s\n", a->addr);
}

int lab_client_net(void)
{
  const struct lab_scenario *s;
  char *lines = NULL;
  size_t len;
  FILE *out;
  int fd;
  if(unshare(CLONE_NEWNET))
    lab_cannot("network namespace: %s", strerror(errno));
  fd = open_tun();
  out = open_memstream(&lines, &len);
  if(!out)
    lab_cannot("out of memory");
  fputs("link set lo up\n"
        "link set " TUN " mtu 1500 addrgenmode none up\n"
        "addr add " LAB_CLIENT_V4 "/24 dev " TUN "\n"
        "addr add " LAB_CLIENT_V6 "/64 dev " TUN " nodad\n"
        "route add default dev " TUN "\n"
        "route add ::/0 dev " TUN "\n", out);
  for(s = lab_scenarios; s->host; s++) {
    print_no_routes(out, s->v6);
    print_no_routes(out, s->v4);
  }
  if(fclose(out))
    lab_cannot("out of memory");
  ip_batch(lines);
  free(lines);
  return fd;
}
