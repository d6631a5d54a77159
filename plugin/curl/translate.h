/* SPDX-License-Identifier: MIT */
#ifndef HE_CURL_TRANSLATE_H
#define HE_CURL_TRANSLATE_H
/* translate.h - a request of libcurl's for a socket to an IPv4 address, where
 * the network has no IPv4 but a translator (NAT64). So addresses of libcurl's
 * cache, of proxies and of URLs are reached, for which nobody is asked. */
#include "curl/handle.h"

/* Writes an address to where libcurl, or the application's callback, reads
   it. */
void he_translate_write(struct curl_sockaddr *sa, const struct he_addr *a);

/* Changes *sa to the address by which it is reached. True where it was changed.
   Where the network has IPv4 that costs mostly no system call. Where it has
   none, the resolver may be asked for the prefix, once; then this waits for a
   second, if the program waits for the transfer and nothing else
   (curl_easy_perform() of a known handle, curl_he_perform()): without a prefix
   the connect is sure to fail. Others find the prefix the next time. */
bool he_translate(struct he_handle *h, struct curl_sockaddr *sa);

/* This connected socket answers a request; *a is the address that was raced.
   Then it is the one that the socket is connected to. */
void he_translate_peer(int fd, struct he_addr *a);

#endif
