/* SPDX-License-Identifier: MIT */
#ifndef HE_ADDR_H
#define HE_ADDR_H
/* addr.h - an IP address with its port, as a plain value. */
#include "base/base.h"

struct sockaddr;

struct he_addr {
  uint8_t ip[16];     /* network order; IPv4 in the first four, rest zero */
  uint32_t scope;     /* IPv6 scope id, 0: none */
  uint16_t port;      /* host order */
  uint8_t family;     /* enum he_family */
};

/* Longest text of he_addr_format(): "[v6%scope]:port" and the zero. */
#define HE_ADDR_TEXT 72

/* Reads an AF_INET or AF_INET6 sockaddr of `len` bytes. False, and `out`
   untouched, for any other family or a length that is too short. */
bool he_addr_from_sockaddr(struct he_addr *out, const struct sockaddr *sa,
                           size_t len);

/* Writes the sockaddr into `sa`, which has room for `size` bytes. Returns
   the length written, 0 where it does not fit. */
size_t he_addr_to_sockaddr(const struct he_addr *a, struct sockaddr *sa,
                           size_t size);

/* Same family, address, scope and port. */
bool he_addr_equal(const struct he_addr *a, const struct he_addr *b);

/* The address alone ("192.0.2.1", "2001:db8::1", with %scope where set). */
const char *he_addr_text(const struct he_addr *a, char buf[HE_ADDR_TEXT]);

/* With the port: "192.0.2.1:443", "[2001:db8::1]:443". */
const char *he_addr_format(const struct he_addr *a, char buf[HE_ADDR_TEXT]);

/* Parses an address as he_addr_text() writes it, without port (set to 0).
   False, and `out` untouched, for anything else. */
bool he_addr_parse(struct he_addr *out, const char *text);

#endif
