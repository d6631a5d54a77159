/* SPDX-License-Identifier: MIT */
#ifndef LAB_NETNS_H
#define LAB_NETNS_H
/* netns.h - what the init of the laboratory makes of its new namespaces. All
 * of it ends in lab_cannot() where the system does not let it. */

/* After clone() with CLONE_NEWUSER: this one user id becomes root. */
void lab_become_root(unsigned int uid, unsigned int gid);

/* Nothing mounted from here on is seen outside; tmpfs, /proc, and the files
 * of name resolution. */
void lab_mounts(void);

/* In the calling process only, in a mount namespace of its own: /etc/hosts
 * that the proxy finds its way with. */
void lab_proxy_mounts(void);

/* Makes the TUN device and the addresses and routes of the server's side, in
 * the current network namespace. Returns the device. */
int lab_server_net(void);

/* The same for the client, in a new network namespace that the calling
 * process is in from now on. */
int lab_client_net(void);

#endif
