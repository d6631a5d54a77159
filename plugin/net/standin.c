/* SPDX-License-Identifier: MIT */
/* standin.c - the socket is in SYN-SENT, and its own filter drops whatever
 * comes. The SYN goes over the loopback device to port 0, where nobody can
 * listen, and is sent again ever more rarely. */
#include "net/standin.h"
#include "net/tcp.h"

#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char he_standin_list[] =
  "[ff15::4845:1],[ff15::4845:2],"
  "239.72.69.1,239.72.69.2,239.72.69.3";

bool he_standin_is(const struct he_addr *a, unsigned *place)
{
  static const uint8_t v4[] = { 239, 72, 69 };
  static const uint8_t v6[15] = { 0xff, 0x15, [12] = 0x48, 0x45 };
  const size_t n = a->family == HE_IPV4 ? sizeof(v4) : sizeof(v6);
  const unsigned last = a->ip[n];
  if(last < 1 || last > HE_STANDINS ||
     memcmp(a->ip, a->family == HE_IPV4 ? v4 : v6, n))
    return false;
  *place = last - 1;
  return true;
}

static bool deafen(int fd)
{
  struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const struct sock_fprog all = { 1, &drop };
  return !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof(all));
}

int he_standin_socket(struct he_addr *to)
{
  const int most = 127;       /* SYNs: for hours */
  int error;
  const int fd = he_wire_socket(HE_IPV4, false, &error);
  if(fd < 0)
    return -1;
  if(!deafen(fd)) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &most, sizeof(most));
  memset(to, 0, sizeof(*to));
  to->family = HE_IPV4;
  to->ip[0] = 127;
  to->ip[3] = 1;
  return fd;
}

/* No, where there is no loopback device, or no filter. */
bool he_standin_works(void)
{
  struct he_addr to;
  const int fd = he_standin_socket(&to);
  bool yes;
  if(fd < 0)
    return false;
  yes = !he_wire_connect(fd, &to) &&
        he_wire_state(fd, NULL) == HE_WIRE_CONNECTING;
  close(fd);
  return yes;
}
