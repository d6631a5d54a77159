/* SPDX-License-Identifier: MIT */
#ifndef HE_DOCTOR_FACTS_H
#define HE_DOCTOR_FACTS_H
/* facts.h - what curl-he doctor looks at. The gather_ files fill this in, the
 * judge_ files read it: those know no socket, file, or clock. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define HE_ADDRESS_TEXT 64
#define HE_TRIES 16           /* addresses of a host that are tried */
#define HE_STUCK 32           /* remote addresses of sockets in SYN-SENT */
#define HE_LIBCURLS 24

/* Places in arrays of two. */
enum he_six_four { HE_SIX, HE_FOUR };

/* -- this machine -- */

struct he_way {
  unsigned global;            /* addresses that reach the Internet */
  unsigned local;             /* IPv6: unique local ones (fc00::/7) */
  char address[HE_ADDRESS_TEXT];     /* a global one, else a local one */
  bool route;                 /* the kernel has a way towards the Internet */
};

struct he_stuck {
  char remote[HE_ADDRESS_TEXT + 8];  /* with port */
  unsigned n;                 /* sockets; a SYN of each was sent again */
  char program[32];           /* of one of them; "" where that is secret */
  long pid;
};

struct he_libcurl {
  char path[PATH_MAX];
  char version[16];           /* "7.88.1"; "": the file does not tell */
  unsigned number;            /* 0x075801 */
  bool cares;                 /* resolves by c-ares, not by getaddrinfo() */
  unsigned users;             /* processes that have it loaded */
  char used_by[128];          /* some of their names */
};

struct he_ours {
  bool off;                   /* CURL_HE=off in the environment */
  bool module;                /* the preload module is where run looks */
  char config[PATH_MAX];      /* the file of the user's configuration; "":
                                 there is none */
  bool options;               /* CURL_HE_OPTIONS is set */
  char config_error[256];     /* of the user's configuration; "": none */
};

/* -- a host -- */

enum he_answer {
  HE_ANSWER_NOT_ASKED,
  HE_ANSWER_ADDRESSES,
  HE_ANSWER_NONE,             /* the name is there, without such addresses; or
                                 there is no such name */
  HE_ANSWER_FAILED,           /* the name server said so, or refused */
  HE_ANSWER_SILENT            /* no answer within the limit */
};

/* An answer that is so much later than the other one is a late one: a program
   waits for both. */
#define HE_LATE_MS 200

struct he_query {
  enum he_answer answer;
  double ms;
  unsigned n;                 /* addresses */
};

enum he_reach {
  HE_REACH_UNTRIED,
  HE_REACH_CONNECTED,
  HE_REACH_REFUSED,
  HE_REACH_UNREACHABLE,       /* no route, or a router says so */
  HE_REACH_SILENT             /* no answer within the limit */
};

enum he_shake {
  HE_SHAKE_UNTRIED,
  HE_SHAKE_COMPLETED,
  HE_SHAKE_STALLED,           /* TCP connects, and TLS is not answered */
  HE_SHAKE_FAILED             /* it was answered, and failed */
};

struct he_shook {
  enum he_shake shake;
  double ms;
  char why[128];              /* FAILED: libcurl's words */
};

struct he_trial {
  enum he_six_four family;
  char address[HE_ADDRESS_TEXT];
  enum he_reach reach;
  double ms;
  struct he_shook shook;
};

struct he_site {
  char name[256];
  int port;
  bool literal;               /* an address: nothing is looked up */
  bool tls;                   /* a TLS handshake is to be tried */
  struct he_query asked[2];
  struct he_trial tried[HE_TRIES];
  size_t tried_n;
  unsigned hosts_line;        /* of /etc/hosts; 0: it is not there */
  char hosts_address[HE_ADDRESS_TEXT];
  bool remembered;            /* history has it, in this network */
  char next[512];             /* what that says of the next connect */
  bool raced;                 /* curl-he was let connect */
  char winner[HE_ADDRESS_TEXT];      /* "": it did not */
  double race_ms;
};

/* -- all -- */

struct he_facts {
  double limit_ms;            /* how long an answer was waited for */
  struct he_way way[2];
  bool ipv6_disabled;         /* by sysctl */
  unsigned gai_line;          /* of /etc/gai.conf: IPv4 goes first; 0: no */
  char hosts_sources[128];    /* nsswitch.conf's hosts line; "": none */
  bool asks_dns;              /* it has a source that asks the network */
  bool has_resolv;            /* resolv.conf can be read */
  unsigned servers;           /* name servers in it */
  char proxy[32];             /* a variable that names a proxy; its value may
                                 have a password */
  struct he_stuck stuck[HE_STUCK];
  size_t stuck_n;
  struct he_libcurl libcurls[HE_LIBCURLS];
  size_t libcurls_n;
  struct he_ours ours;
  struct he_site *hosts;
  size_t hosts_n;
};

#endif
