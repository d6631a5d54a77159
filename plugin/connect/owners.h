/* SPDX-License-Identifier: MIT */
#ifndef HE_OWNERS_H
#define HE_OWNERS_H
/* owners.h - which attempt of libcurl's a descriptor number stands for now.
 *
 * Not every version of libcurl tells when it closes a socket, and numbers are
 * reused at once. A serial tells an attempt from the one that had its number
 * before, at no system call. What is opened by others than curl-he goes
 * unnoticed: for that there is the socket's peer, see he_wire_peer_is().
 *
 * Any thread; no function blocks. */
#include <stdbool.h>
#include <stdint.h>

/* The number fd is a new attempt's from now on. Its serial; 0 without
   memory. */
uint32_t he_owner_new(int fd);
/* It is none's. */
void he_owner_none(int fd);
bool he_owner_is(int fd, uint32_t serial);

#endif
