/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_NAMESERVER_H
#define HE_TEST_NAMESERVER_H
/* nameserver.h - name servers on loopback, and an /etc of the test's own, so
 * that the C library's resolver is asked as it is, whatever the machine has.
 *
 * One thread answers for all servers, from one table. */
#include <stdbool.h>

enum ns_type { NS_ANY = 0, NS_A = 1, NS_AAAA = 28 };

/* What a server says, in words: addresses, with blanks between, or "nodata",
   "nxdomain", "servfail", "refused", "silent", "truncated". "=x.test" among
   addresses: an alias, of which are those that follow. "300:" before them: so
   many ms late. "x|y": x to the first who asks, y to all that come later.
   A name that has a record of the other type alone is "nodata", any other one
   "nxdomain". "*.corp.test" is every name below corp.test that is not in the
   table itself. */
struct ns_record {
  const char *name;           /* lower case; NULL ends a table */
  enum ns_type type;
  const char *says;
};

/* A network namespace with loopback alone, an empty /etc, and a server each at
   port 53 of 127.0.0.53, which answers, and of 127.0.0.54, which never does.
   For the thread that calls it and what that one starts. False where the
   machine allows no such thing. */
bool ns_world(void);
/* Of one that was made: the servers end. */
void ns_end(void);

/* Writes /etc/NAME. NULL: there is no such file. */
void ns_etc(const char *name, const char *text);

/* The table from now on, copied but for its texts; NULL: an empty one. Nobody
   has asked yet. */
void ns_zone(const struct ns_record *table);

/* How often this question came, to any server. NULL: any name. */
unsigned ns_asked(const char *name, enum ns_type type);

/* "he.test/A he.test/AAAA ...": what came, in its order; static. */
const char *ns_log(void);

#endif
