/* SPDX-License-Identifier: MIT */
#include "race/ports.h"

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
