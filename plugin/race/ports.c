/* SPDX-License-Identifier: MIT */
#include "race/ports.h"
#include "race/untried.h"

#include <string.h>

size_t he_ports_room(size_t n, size_t count, size_t room)
{
  const size_t most = room / (count ? count : 1);
  return (n < most ? n : most) * (count ? count : 1);
}

static bool stands_before(const uint16_t *ports, size_t i)
{
  for(size_t j = 0; j < i; j++) {
    if(ports[j] == ports[i])
      return true;
  }
  return false;
}

size_t he_ports_expand(const struct he_candidate *list, size_t n,
                       const uint16_t *ports, size_t count,
                       struct he_candidate *out, size_t room)
{
  const size_t each = he_ports_room(n, count, room) / (count ? count : 1);
  size_t made = 0;
  for(size_t p = 0; p < (count ? count : 1); p++) {
    if(count && stands_before(ports, p))
      continue;
    for(size_t i = 0; i < each; i++) {
      out[made] = list[i];
      if(count)
        out[made].addr.port = ports[p];
      made++;
    }
  }
  return made;
}

/* Those at this port, families taking turns. Returns how many there are. */
static size_t take_turns(const struct he_candidate *list, size_t n,
                         uint16_t port, unsigned first_family_count,
                         struct he_candidate *out)
{
  struct he_candidate room[2 * HE_RACE_MAX_ADDRS];
  struct he_untried u = { .list = room };
  const struct he_turn t = { .first_count = first_family_count, .silent = -1 };
  for(size_t i = 0; i < n; i++) {
    if(list[i].addr.port == port)
      he_untried_add(&u, &list[i]);
  }
  he_untried_list(&u, t, out, u.n);
  return u.n;
}

void he_ports_order(struct he_candidate *list, size_t n,
                    const uint16_t *ports, size_t count,
                    unsigned first_family_count)
{
  struct he_candidate out[2 * HE_RACE_MAX_ADDRS];
  const size_t most = sizeof(out) / sizeof(*out);
  size_t made = 0;
  n = n < most ? n : most;
  for(size_t p = 0; p < count; p++) {
    if(!stands_before(ports, p))
      made += take_turns(list, n, ports[p], first_family_count, out + made);
  }
  if(made == n && n)
    memcpy(list, out, n * sizeof(*list));
}

static bool is_among(const struct he_addr *a, const struct he_addr *list,
                     size_t n)
{
  for(size_t i = 0; i < n; i++) {
    if(he_addr_equal(a, &list[i]))
      return true;
  }
  return false;
}

size_t he_ports_without(struct he_candidate *list, size_t n,
                        const struct he_addr *done, size_t done_count)
{
  size_t left = 0;
  for(size_t i = 0; i < n; i++) {
    if(!is_among(&list[i].addr, done, done_count))
      list[left++] = list[i];
  }
  return left;
}
