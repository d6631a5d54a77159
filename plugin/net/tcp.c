/* SPDX-License-Identifier: MIT */
/* tcp.c - TCP sockets: connect, borrow, look, shut down. */
#include "net/tcp.h"
#include "base/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

/* the kernel's numbers of TCP states, which no header for programs that also
   include <linux/tcp.h> gives */
enum {
  STATE_ESTABLISHED = 1,
  STATE_SYN_SENT = 2,
  STATE_CLOSE = 7,
  STATE_CLOSE_WAIT = 8
};

uint64_t he_wire_inode(int fd)
{
  struct stat st;
  if(fstat(fd, &st) || !S_ISSOCK(st.st_mode))
    return 0;
  return (uint64_t)st.st_ino;
}

/* curl-he's descriptors have high numbers. The low ones are for the
 * application and libcurl, which get the lowest that is free: so what is freed
 * there is not taken by the racer's thread before an event loop knows that it
 * is gone. And they are few: of what a process may have, half and the last
 * eighth are never curl-he's. An eighth is for what is closed at once, without
 * which libcurl cannot be brought to take an attempt that has connected: it
 * would keep its descriptor, and none ever become free.
 *
 *   0           1/2                3/4             7/8           1
 *   | not ours   | what is kept open | for a moment | not ours   | */
#define HIGHEST_FIRST 16384   /* the table of descriptors grows with it */

enum {
  BELOW_KEPT = 6,             /* eighths of what is allowed */
  BELOW_MOMENT = 7
};

/* A dup() of fd with a high number, or -1. Between he_fds_begin() and
   he_fds_end(). */
static int dup_high(int fd, unsigned below)
{
  struct rlimit limit;
  rlim_t first;
  int copy;
  if(getrlimit(RLIMIT_NOFILE, &limit))
    return -1;
  first = limit.rlim_cur / 2 < HIGHEST_FIRST ? limit.rlim_cur / 2 :
          HIGHEST_FIRST;
  copy = fcntl(fd, F_DUPFD_CLOEXEC, (int)first);
  if(copy < 0 || (rlim_t)copy < limit.rlim_cur / 8 * below)
    return copy;
  close(copy);
  errno = EMFILE;
  return -1;
}

int he_wire_raise(int fd)
{
  int copy = dup_high(fd, BELOW_KEPT);
  int error = errno;
  close(fd);
  errno = error;
  return copy;
}

/* Not one of he_fds_begin(): nobody is to wait that long. A child of fork()
   that gets a copy has a socket that goes nowhere. */
void he_wire_reserve(void)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int copy;
  if(fd < 0)
    return;
  copy = dup_high(fd, BELOW_KEPT);
  if(copy >= 0)
    close(copy);
  close(fd);
}

int he_wire_lower(int fd)
{
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if(copy < 0) {
    he_fd_give(fd);
    return fd;
  }
  he_fd_close(fd);
  return copy;
}

int he_wire_borrow(int fd, uint64_t inode)
{
  struct stat st;
  int copy;
  if(!inode || he_wire_inode(fd) != inode)
    return -1;
  he_fds_begin();
  copy = he_fds_end(dup_high(fd, BELOW_MOMENT));
  if(copy < 0 || he_wire_inode(copy) == inode)
    return copy;
  /* Closed and reused in between. Closing a dup of a file would drop this
     process's POSIX locks on it: rather lose the descriptor. */
  if(!fstat(copy, &st) && !S_ISREG(st.st_mode))
    he_fd_close(copy);
  else
    he_fd_give(copy);
  return -1;
}

/* How much of *info the kernel has filled in; 0 where this is no TCP socket.
   What it does not know is 0. */
static size_t get_info(int fd, struct tcp_info *info)
{
  socklen_t len = sizeof(*info);
  memset(info, 0, sizeof(*info));
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) ? 0 : len;
}

/* Linux 4.1 */
static bool counts_acked(size_t len)
{
  return len >= offsetof(struct tcp_info, tcpi_bytes_acked) +
                sizeof(((struct tcp_info *)0)->tcpi_bytes_acked);
}

bool he_wire_remembers(int fd)
{
  struct tcp_info info;
  return counts_acked(get_info(fd, &info));
}

static bool find_peer(int fd, enum he_family f, struct he_addr *out)
{
  struct sockaddr_storage sa;
  /* the kernel wants the very length, no more */
  socklen_t len = f == HE_IPV4 ? sizeof(struct sockaddr_in) :
                  sizeof(struct sockaddr_in6);
  memset(&sa, 0, sizeof(sa));
  return !getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &sa, &len) &&
         he_addr_from_sockaddr(out, (struct sockaddr *)&sa, len);
}

bool he_wire_peer_is(int fd, const struct he_addr *a)
{
  struct he_addr peer;
  return find_peer(fd, (enum he_family)a->family, &peer) &&
         he_addr_equal(&peer, a);
}

bool he_wire_peer(int fd, struct he_addr *out)
{
  return find_peer(fd, HE_IPV6, out) || find_peer(fd, HE_IPV4, out);
}

enum he_wire_state he_wire_state(int fd, struct he_wire_handshake *hs)
{
  struct he_wire_handshake unread, *out = hs ? hs : &unread;
  struct tcp_info info;
  size_t len = get_info(fd, &info);
  bool has_min;
  *out = (struct he_wire_handshake){ .rtt = 0 };
  if(!len)
    return HE_WIRE_IDLE;
  if(info.tcpi_state == STATE_SYN_SENT)
    return HE_WIRE_CONNECTING;
  /* a closed socket that once had an ACK was connected before */
  if(info.tcpi_state == STATE_CLOSE &&
     !(counts_acked(len) ? info.tcpi_bytes_acked : info.tcpi_rtt))
    return HE_WIRE_IDLE;
  /* ~0 is the kernel's "none yet" */
  has_min = info.tcpi_min_rtt && info.tcpi_min_rtt != UINT32_MAX;
  out->rtt = (he_time_ns)(has_min ? info.tcpi_min_rtt : info.tcpi_rtt) * 1000;
  out->again = info.tcpi_total_retrans;
  return HE_WIRE_CONNECTED;
}

bool he_wire_talked(int fd, struct he_wire_talk *out)
{
  struct tcp_info info;
  const size_t len = get_info(fd, &info);
  memset(out, 0, sizeof(*out));
  if(len < offsetof(struct tcp_info, tcpi_bytes_received) +
           sizeof(info.tcpi_bytes_received) || !info.tcpi_bytes_acked)
    return false;
  /* a SYN counts as a byte here, and so does a FIN; of what a reset has made
     forget, Linux 4.6 and later still count the segments */
  out->asked = info.tcpi_bytes_acked > 1 || info.tcpi_unacked ||
               info.tcpi_data_segs_out;
  out->answered = info.tcpi_bytes_received > 1;
  out->ended = info.tcpi_state == STATE_CLOSE ||
               info.tcpi_state == STATE_CLOSE_WAIT;
  out->rtt = (he_time_ns)info.tcpi_rtt * 1000;
  out->rttvar = (he_time_ns)info.tcpi_rttvar * 1000;
  out->quiet = HE_MS(info.tcpi_last_data_recv);
  return true;
}

bool he_wire_usable(int fd)
{
  struct tcp_info info;
  return get_info(fd, &info) && info.tcpi_state == STATE_ESTABLISHED;
}

void he_wire_binding(int fd, struct he_wire_binding *out)
{
  char device[64] = "";
  socklen_t len = sizeof(device) - 1;
  int on = 0, mark = 0;
  memset(out, 0, sizeof(*out));
  if(!getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &len))
    memcpy(out->device, device, strnlen(device, sizeof(out->device) - 1));
  len = sizeof(mark);
  if(!getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len))
    out->mark = mark;
  /* libcurl sets this just before it binds, and never else */
  len = sizeof(on);
  out->address = !getsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
                             &len) && on;
}

bool he_wire_binding_equal(const struct he_wire_binding *a,
                           const struct he_wire_binding *b)
{
  return !strcmp(a->device, b->device) && a->mark == b->mark &&
         a->address == b->address;
}

bool he_wire_bound(int fd)
{
  struct he_wire_binding b;
  he_wire_binding(fd, &b);
  return b.device[0] || b.mark || b.address;
}

/* Linux 4.11 has the option. With MSG_FASTOPEN in its place the data shows. */
bool he_wire_fast_open(int fd)
{
  struct tcp_info info;
  socklen_t len = sizeof(int);
  int on = 0;
  if(!getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, &len) && on)
    return true;
  return get_info(fd, &info) && info.tcpi_state == STATE_SYN_SENT &&
         info.tcpi_data_segs_out;
}

static int native_family(enum he_family f)
{
  return f == HE_IPV4 ? AF_INET : AF_INET6;
}

/* of SOL_SOCKET; -1 where there is no such socket */
static int socket_is(int fd, int what)
{
  int value = -1;
  socklen_t len = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, what, &value, &len) ? -1 : value;
}

bool he_wire_is_tcp(int fd, const struct he_addr *a)
{
  return socket_is(fd, SO_TYPE) == SOCK_STREAM &&
         socket_is(fd, SO_PROTOCOL) == IPPROTO_TCP &&
         socket_is(fd, SO_DOMAIN) == native_family((enum he_family)a->family);
}

int he_wire_socket(enum he_family f, bool high, int *error)
{
  int low, fd;
  he_fds_begin();
  low = socket(native_family(f), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  *error = errno;
  if(low < 0 || !high) {
    he_fds_end(-1);           /* the application counts it, and closes it */
    return low;
  }
  fd = dup_high(low, BELOW_KEPT);
  /* not even room for so high a number is as bad as no room */
  *error = errno == EINVAL ? EMFILE : errno;
  close(low);
  if(fd >= 0)
    *error = ENOMEM;
  return he_fds_end(fd);
}

int he_wire_bind(int fd, const struct he_addr *local)
{
  const int yes = 1;
  struct sockaddr_storage sa;
  const size_t len = he_addr_to_sockaddr(local, (struct sockaddr *)&sa,
                                         sizeof(sa));
  /* else the system takes a port that is free for all destinations; older ones
     do so in any case */
  if(!local->port)
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes,
                     sizeof(yes));
  return bind(fd, (struct sockaddr *)&sa, (socklen_t)len) ? errno : 0;
}

int he_wire_connect(int fd, const struct he_addr *a)
{
  struct sockaddr_storage sa;
  size_t len = he_addr_to_sockaddr(a, (struct sockaddr *)&sa, sizeof(sa));
  int flags = fcntl(fd, F_GETFL);
  if(flags < 0 ||
     (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK)))
    return errno;
  if(connect(fd, (struct sockaddr *)&sa, (socklen_t)len) &&
     errno != EINPROGRESS)
    return errno;
  return 0;
}

bool he_wire_local(int fd, struct he_addr *out)
{
  struct sockaddr_storage sa;
  socklen_t len = sizeof(sa);
  return !getsockname(fd, (struct sockaddr *)&sa, &len) &&
         he_addr_from_sockaddr(out, (struct sockaddr *)&sa, len) && out->port;
}

int he_wire_error(int fd)
{
  int error = 0;
  socklen_t len = sizeof(error);
  if(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
    return errno;
  return error;
}

void he_wire_abort(int fd)
{
  shutdown(fd, SHUT_RDWR);
}
