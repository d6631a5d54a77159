/* SPDX-License-Identifier: MIT */
/* svcb_params.c - SvcParams in wire format (RFC 9460 section 2.2): a key of two
 * bytes, a length of two bytes, the value; keys strictly ascending. A value of
 * a known key has to have its format; of other keys any value will do. */
#include "resolve/svcb.h"

#include <string.h>

struct value {
  const uint8_t *at;
  size_t len;
};

static unsigned two_bytes(const uint8_t *p)
{
  return (unsigned)p[0] << 8 | p[1];
}

/* Takes two bytes off. The caller has seen that they are there. */
static unsigned take_two(struct value *v)
{
  const unsigned n = two_bytes(v->at);
  v->at += 2;
  v->len -= 2;
  return n;
}

/* -- one function a key -- */

/* Section 8: at least one key, ascending, not itself. Whether the record has
   them is seen at the end. */
static bool read_mandatory(struct value v, struct he_svcb_params *out,
                           const uint8_t **list, size_t *n)
{
  unsigned last = HE_SVCB_MANDATORY;
  *list = v.at;
  *n = v.len / 2;
  if(!v.len || v.len % 2)
    return false;
  while(v.len) {
    const unsigned key = take_two(&v);
    if(key <= last)
      return false;
    last = key;
    if(key < HE_SVCB_KEYS)
      out->mandatory |= 1u << key;
    else
      out->unknown_mandatory = true;
  }
  return true;
}

static bool is_id(const uint8_t *id, size_t len, const char *text)
{
  return len == strlen(text) && !memcmp(id, text, len);
}

/* Section 7.1.1: identifiers of at least one byte, each with its length. */
static bool read_alpn(struct value v, struct he_svcb_params *out)
{
  if(!v.len)
    return false;
  while(v.len) {
    const size_t len = v.at[0];
    const uint8_t *id = v.at + 1;
    if(!len || len > v.len - 1)
      return false;
    out->alpn |= is_id(id, len, "http/1.1") ? HE_ALPN_HTTP11 :
                 is_id(id, len, "h2") ? HE_ALPN_H2 :
                 is_id(id, len, "h3") ? HE_ALPN_H3 : HE_ALPN_OTHER;
    v.at += 1 + len;
    v.len -= 1 + len;
  }
  return true;
}

/* Section 7.3: at least one address. */
static bool read_hints(struct value v, enum he_family f,
                       struct he_svcb_params *out)
{
  const size_t size = f == HE_IPV4 ? 4 : 16;
  if(!v.len || v.len % size)
    return false;
  for(; v.len && out->hint_count[f] < HE_SVCB_HINTS; v.len -= size) {
    struct he_addr *a = &out->hints[f][out->hint_count[f]++];
    *a = (struct he_addr){ .family = (uint8_t)f };
    memcpy(a->ip, v.at, size);
    v.at += size;
  }
  return true;
}

static bool read_ech(struct value v, struct he_svcb_params *out)
{
  if(!v.len)
    return false;
  if(v.len <= HE_SVCB_ECH) {
    memcpy(out->ech, v.at, v.len);
    out->ech_len = v.len;
  }
  return true;
}

static bool read_port(struct value v, struct he_svcb_params *out)
{
  if(v.len != 2)
    return false;
  out->port = (uint16_t)two_bytes(v.at);
  return true;
}

/* A known key's value, save that of "mandatory". */
static bool read_value(enum he_svcb_key key, struct value v,
                       struct he_svcb_params *out)
{
  switch(key) {
  case HE_SVCB_ALPN:
    return read_alpn(v, out);
  case HE_SVCB_NO_DEFAULT_ALPN:
    return !v.len;
  case HE_SVCB_PORT:
    return read_port(v, out);
  case HE_SVCB_IPV4HINT:
    return read_hints(v, HE_IPV4, out);
  case HE_SVCB_ECH_CONFIG:
    return read_ech(v, out);
  case HE_SVCB_IPV6HINT:
    return read_hints(v, HE_IPV6, out);
  case HE_SVCB_MANDATORY:
  case HE_SVCB_KEYS:
    break;
  }
  return false;
}

/* -- all of them -- */

/* What "mandatory" lists and has not been seen yet. Both lists ascend. */
struct owed {
  const uint8_t *list;
  size_t n;
};

static void seen(struct owed *o, unsigned key)
{
  if(o->n && two_bytes(o->list) == key) {
    o->list += 2;
    o->n--;
  }
}

/* A record has what it says is mandatory, and an "alpn" beside
   "no-default-alpn" (sections 7.1.1 and 8). */
static bool is_consistent(const struct he_svcb_params *p, const struct owed *o)
{
  return !o->n && (!(p->keys & 1u << HE_SVCB_NO_DEFAULT_ALPN) ||
                   p->keys & 1u << HE_SVCB_ALPN);
}

bool he_svcb_params_read(const uint8_t *data, size_t len,
                         struct he_svcb_params *out)
{
  struct value all = { data, len };
  struct owed owed = { NULL, 0 };
  int last = -1;
  memset(out, 0, sizeof(*out));
  while(all.len) {
    struct value v;
    unsigned key;
    if(all.len < 4)
      return false;
    key = take_two(&all);
    v.len = take_two(&all);
    v.at = all.at;
    if((int)key <= last || v.len > all.len)
      return false;
    last = (int)key;
    all.at += v.len;
    all.len -= v.len;
    seen(&owed, key);
    if(key >= HE_SVCB_KEYS)
      continue;
    out->keys |= 1u << key;
    if(!(key == HE_SVCB_MANDATORY ?
         read_mandatory(v, out, &owed.list, &owed.n) :
         read_value((enum he_svcb_key)key, v, out)))
      return false;
  }
  if(!(out->keys & 1u << HE_SVCB_NO_DEFAULT_ALPN))
    out->alpn |= HE_ALPN_HTTP11;
  return is_consistent(out, &owed);
}
