/* SPDX-License-Identifier: MIT */
#ifndef HE_TCP_H
#define HE_TCP_H
/* tcp.h - what is done to TCP sockets, and what is asked of them.
 *
 * A socket of libcurl's belongs to libcurl: its number may be closed and
 * given to another file at any moment. So it is known by its inode beside its
 * number; before that, by its peer. No dup() of it outlasts a call: libcurl may
 * close it without a word to its event loop, to which a dup() would report it
 * for ever.
 * Its SO_ERROR is never read, for that would take the error from libcurl. */
#include "base/addr.h"

/* The inode of the socket at fd; 0 where fd is closed or no socket. */
uint64_t he_wire_inode(int fd);

/* A dup() (close-on-exec) of fd if that still is the socket `inode`, else -1,
   or where descriptors are scarce. The caller closes it. */
int he_wire_borrow(int fd, uint64_t inode);

/* The same file by a high number, fd closed: for what curl-he keeps open. -1,
   and fd closed, where descriptors are scarce. */
int he_wire_raise(int fd);

/* Makes the kernel grow its table of descriptors for such numbers now. It has
   to be done once, and in a process with threads the kernel takes some 10 ms
   for it (it waits for all processors to have seen the new one). */
void he_wire_reserve(void);

/* The same file by the lowest number that is free, where there is one: for
   libcurl, which may wait by select(). fd is closed then. */
int he_wire_lower(int fd);

enum he_wire_state {
  HE_WIRE_IDLE,         /* not connecting: never was, or failed */
  HE_WIRE_CONNECTING,
  HE_WIRE_CONNECTED     /* it is, or was once */
};

/* Is fd a socket that connects, or is connected, to `a`? Also of one that the
   peer has not answered yet, of which getpeername() says nothing. */
bool he_wire_peer_is(int fd, const struct he_addr *a);

/* The same address, where it is wanted. False where there is none. */
bool he_wire_peer(int fd, struct he_addr *out);

/* How the handshake of a socket went that is or was connected; else all 0. */
struct he_wire_handshake {
  he_time_ns rtt;   /* the kernel's smallest round trip, 0 where it has none */
  bool again;       /* the SYN (or anything later) was sent twice */
};

/* One question to the kernel; `hs` may be NULL. */
enum he_wire_state he_wire_state(int fd, struct he_wire_handshake *hs);

/* Is he_wire_state() sure that a closed socket was never connected? Linux
   before 4.1 does not tell; a round trip that was measured does, mostly. */
bool he_wire_remembers(int fd);

/* What was said over a connection, as the kernel has it when it is about to be
   closed. False where it was never established, or the kernel does not tell
   (Linux before 4.1). */
struct he_wire_talk {
  bool asked;           /* something was sent */
  bool answered;        /* something came back */
  bool ended;           /* by the peer, which has reset or closed it */
  he_time_ns rtt;
  he_time_ns rttvar;
  he_time_ns quiet;     /* since the last byte came, or since connect() */
};
bool he_wire_talked(int fd, struct he_wire_talk *out);

/* Connected now, and usable: not reset or closed by the peer. */
bool he_wire_usable(int fd);

/* What a socket was bound to, or marked for, beside what connect() chooses. */
struct he_wire_binding {
  char device[16];
  int mark;
  bool address;         /* by libcurl, to an address or a port */
};
void he_wire_binding(int fd, struct he_wire_binding *out);
bool he_wire_binding_equal(const struct he_wire_binding *a,
                           const struct he_wire_binding *b);

/* True where the application had this socket bound to an address, port or
   device (CURLOPT_INTERFACE, CURLOPT_LOCALPORT), or marked for a route of its
   own (in its sockopt callback). */
bool he_wire_bound(int fd);

/* Does this one, which is connecting, send data with its SYN (RFC 7413)? Its
   owner takes it for connected. */
bool he_wire_fast_open(int fd);

/* A TCP socket, of this address's family? */
bool he_wire_is_tcp(int fd, const struct he_addr *a);

/* A new close-on-exec TCP socket, with a high number or with the lowest.
   Returns it, or -1 with *error set: EMFILE or ENFILE where descriptors are
   scarce, which is before there are none. */
int he_wire_socket(enum he_family f, bool high, int *error);

/* From which address it is to go; port 0: the system chooses one when it
   connects. 0 or errno. */
int he_wire_bind(int fd, const struct he_addr *local);

/* Sends it on its way to `a`, without blocking. Returns 0 or errno. connect()
   is called once in its life: libcurl 7.88.1 calls it again on a socket it is
   handed, and that one must give 0. */
int he_wire_connect(int fd, const struct he_addr *a);

/* The address that the socket is bound to, or sends from. False where it has
   none. */
bool he_wire_local(int fd, struct he_addr *out);

/* SO_ERROR of a socket of our own. */
int he_wire_error(int fd);

/* Makes whoever waits for fd to connect wake up with a failure. */
void he_wire_abort(int fd);

#endif
