/* SPDX-License-Identifier: MIT */
#ifndef LAB_SERVERS_H
#define LAB_SERVERS_H
/* servers.h - the real servers behind the emulated network: nsd and dnsdist,
 * nginx, tinyproxy. */
#include <stdbool.h>
#include <sys/types.h>

struct lab_server {
  const char *name;
  pid_t pid; /* 0: not started */
  unsigned int port;
};

#define LAB_SERVERS 8

/* Starts them in the current network namespace, from the templates in the
 * directory `templates`. proxy: proxies and an FTP server, too; resolvers: name
 * servers that speak TLS and HTTPS, too. */
void lab_servers_start(struct lab_server servers[LAB_SERVERS],
                       const char *templates, bool proxy, bool resolvers);

/* Do they all answer, asked from the client's namespace across the network?
 * Blocks for at most a moment. */
bool lab_servers_ready(const struct lab_server servers[LAB_SERVERS]);

/* The server of a process that ended, or NULL. */
const struct lab_server *
lab_servers_find(const struct lab_server servers[LAB_SERVERS], pid_t pid);

/* What the server has said, on stderr. */
void lab_servers_show(const struct lab_server *server);

#endif
