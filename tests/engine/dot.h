/* SPDX-License-Identifier: MIT */
#ifndef HE_TEST_DOT_H
#define HE_TEST_DOT_H
/* dot.h - a server on loopback that speaks DNS over TLS, well or badly. Its
 * certificates are made when it starts. Every name is at 127.0.0.5. */
#include "options/upstream.h"

enum dot_mode {
  DOT_ANSWERS,
  DOT_BATCHES,        /* so many at once, the last first: `batch` */
  DOT_ONE_EACH,       /* one answer, then it closes */
  DOT_DEAF,           /* reads nothing after the handshake */
  DOT_MUTE,           /* reads, and answers nothing */
  DOT_TRICKLES,       /* each byte in a TLS record of its own */
  DOT_STRANGE_ID,     /* an answer that nobody asked for, then the right one */
  DOT_OTHER_NAME,     /* the right id, another question */
  DOT_QUERY_BACK,     /* the query itself */
  DOT_HUGE,           /* says 65,535 bytes, and sends few */
  DOT_SHORT,          /* a message of 5 bytes */
  DOT_CLOSES,         /* instead of an answer */
  DOT_RESETS,         /* likewise */
  DOT_BREAKS,         /* sends what is no TLS */
  DOT_VANISHES,       /* no packet gets to it any more */
  DOT_NO_TLS,         /* instead of a handshake */
  DOT_HANGS,          /* likewise: says nothing */
  DOT_REKEYS          /* asks for new keys before each answer */
};

enum dot_cert {
  DOT_GOOD,           /* for dot.test and 127.0.0.1, by the test's authority */
  DOT_STRANGER,       /* the same, by an authority that nobody knows */
  DOT_EXPIRED,
  DOT_SUBJECT,        /* dot.test in its subject alone */
  DOT_OTHER           /* for other.test, by the test's authority */
};

struct dot_config {
  enum dot_mode mode;
  unsigned faulty;    /* connections that the mode is for, 0: all */
  unsigned batch;
  enum dot_cert cert;
  bool tls12;
  bool no_tickets;
  bool anonymous;     /* without a certificate; TLS 1.2 */
};

struct dot_server;

/* At 127.0.0.1, or the address given, at a port of its own. */
struct dot_server *dot_start(const char *ip, const struct dot_config *c);
void dot_stop(struct dot_server *s);
struct he_addr dot_addr(const struct dot_server *s);
/* The mode of connections that come later. */
void dot_mode(struct dot_server *s, enum dot_mode mode, unsigned faulty);

/* What it has seen. */
struct dot_seen {
  unsigned accepted;
  unsigned shaken;            /* handshakes that went well */
  unsigned resumed;           /* of these */
  unsigned early;             /* with early data */
  unsigned named;             /* that asked for dot.test */
  unsigned alpn;              /* that offered `dot` and nothing else */
  unsigned queries;
  unsigned odd;               /* of a length that is no multiple of 128 */
  unsigned goodbyes;          /* close_notify */
  unsigned open;              /* connections now */
};
struct dot_seen dot_seen(struct dot_server *s);

/* The test's authority, as a PEM file; static. */
const char *dot_authority(void);
/* Pins: of a server's certificate, and of the authority. */
void dot_pin(enum dot_cert cert, unsigned char pin[HE_PIN_SIZE]);
void dot_pin_authority(unsigned char pin[HE_PIN_SIZE]);
/* Removes what is on disk. */
void dot_end(void);

#endif
