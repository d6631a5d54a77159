/* SPDX-License-Identifier: MIT */
/* resolvers.c - a value is upstreams between blanks; an upstream is a scheme,
 * what it is about, and keys. */
#include "options/resolvers.h"
#include "options/authority.h"

#include <string.h>

#define WANTS "wants system, dns://, tls://, https:// or fixed:"

/* What is being read. */
struct reading {
  struct he_upstreams *all;
  struct he_upstream *u;      /* of them, the present one */
  unsigned said;              /* keys of the present one, a bit each */
  unsigned said_of_all;       /* likewise of the value */
  int depth;                  /* bootstraps around it */
  struct he_wrong wrong;
};

static bool read_value(struct he_piece text, struct he_upstreams *out,
                       int depth, struct he_wrong *w);

static bool wrong(struct reading *r, const char *at, const char *why)
{
  r->wrong = (struct he_wrong){ why, at };
  return false;
}

/* -- keys: each has the value as it stands, for the place, and decoded -- */

struct value {
  struct he_piece raw;
  struct he_piece text;
};

static bool choose(struct reading *r, const struct value *v, const char *no,
                   const char *yes, const char *why, bool *out)
{
  *out = he_piece_is(v->text, yes);
  return *out || he_piece_is(v->text, no) || wrong(r, v->raw.from, why);
}

static bool read_name(struct reading *r, const struct value *v, char *out)
{
  struct he_wrong w;
  return he_piece_name(v->text, out, HE_UPSTREAM_NAME, &w) ||
         wrong(r, v->raw.from, w.why);
}

static bool key_name(struct reading *r, const struct value *v)
{
  return read_name(r, v, r->u->name);
}

static bool key_pin(struct reading *r, const struct value *v)
{
  struct he_piece rest = v->text, pin;
  while(he_piece_next(&rest, ';', &pin)) {
    if(r->u->pins == HE_PINS_MAX)
      return wrong(r, v->raw.from, "more than 4 pins");
    if(!he_piece_sha256(pin, r->u->pin[r->u->pins++]))
      return wrong(r, v->raw.from, "wants sha256//, and 32 bytes in Base64");
  }
  return true;
}

static bool key_ca(struct reading *r, const struct value *v)
{
  const size_t len = v->text.len;
  if(!len || *v->text.from != '/' || len >= HE_UPSTREAM_PATH)
    return wrong(r, v->raw.from, "wants an absolute path");
  memcpy(r->u->ca, v->text.from, len);
  r->u->ca[len] = 0;
  return true;
}

static bool key_opportunistic(struct reading *r, const struct value *v)
{
  return choose(r, v, "no", "yes", "wants yes or no", &r->u->opportunistic);
}

/* The value is read into a place of its own: it may have a bootstrap, too. */
static bool key_bootstrap(struct reading *r, const struct value *v)
{
  struct he_upstreams all;
  struct he_wrong w = { NULL, NULL };
  if(r->depth == HE_BOOTSTRAPS_MAX)
    return wrong(r, v->raw.from, "too many bootstraps within each other");
  if(!read_value(v->text, &all, r->depth + 1, &w)) {
    /* nothing was decoded before it: then the place is the same */
    const size_t at = (size_t)(w.at - v->text.from);
    const bool same = at <= v->raw.len && !memcmp(v->raw.from, v->text.from,
                                                  at);
    return wrong(r, v->raw.from + (same ? at : 0), w.why);
  }
  r->u->bootstrap = he_resolvers_number(&all);
  return r->u->bootstrap >= 0 ||
         wrong(r, v->raw.from, "no room for one more resolver");
}

static bool key_stale(struct reading *r, const struct value *v)
{
  return choose(r, v, "never", "allow", "wants allow or never", &r->u->stale);
}

static bool key_private(struct reading *r, const struct value *v)
{
  return choose(r, v, "allow", "refuse", "wants allow or refuse",
                &r->u->refuse_private);
}

static bool key_hosts(struct reading *r, const struct value *v)
{
  return choose(r, v, "no", "yes", "wants yes or no", &r->all->hosts);
}

static bool key_search(struct reading *r, const struct value *v)
{
  return read_name(r, v, r->all->search);
}

#define OF(kind) (1u << HE_UPSTREAM_##kind)
#define OF_ANY (OF(DNS) | OF(TLS) | OF(HTTPS) | OF(FIXED))

static const struct key {
  const char *name;
  unsigned of;                /* kinds that have it */
  bool again;                 /* may be said more than once */
  bool of_all;                /* is the value's, not the upstream's */
  bool (*read)(struct reading *r, const struct value *v);
} keys[] = {
  { "name", OF(TLS), false, false, key_name },
  { "pin", OF(TLS) | OF(HTTPS), true, false, key_pin },
  { "ca", OF(TLS) | OF(HTTPS), false, false, key_ca },
  { "opportunistic", OF(TLS) | OF(HTTPS), false, false, key_opportunistic },
  { "bootstrap", OF(HTTPS), false, false, key_bootstrap },
  { "stale", OF_ANY, false, false, key_stale },
  { "private", OF_ANY, false, false, key_private },
  { "hosts", OF_ANY, false, true, key_hosts },
  { "search", OF_ANY, false, true, key_search },
};
#define KEYS (sizeof(keys) / sizeof(*keys))

/* Which key "KEY=VALUE" is of; KEYS: of none that this kind has. */
static size_t find_key(const struct reading *r, struct he_piece p)
{
  struct he_piece name;
  size_t i = 0;
  he_piece_next(&p, '=', &name);
  while(i < KEYS && (!(keys[i].of & 1u << r->u->kind) ||
                     !he_piece_is(name, keys[i].name)))
    i++;
  return i;
}

static bool read_key(struct reading *r, size_t which, struct he_piece p)
{
  const struct key *k = &keys[which];
  unsigned *said = k->of_all ? &r->said_of_all : &r->said;
  char text[HE_UPSTREAM_URL];
  struct he_piece name;
  struct value v = { p, { text, 0 } };
  he_piece_next(&v.raw, '=', &name);
  if(!v.raw.from)
    return wrong(r, p.from, "wants KEY=VALUE");
  if(*said >> which & 1 && !k->again)
    return wrong(r, p.from, "said twice");
  *said |= 1u << which;
  if(!he_piece_decode(v.raw, text, sizeof(text), &r->wrong))
    return false;
  v.text.len = strlen(text);
  return k->read(r, &v);
}

static bool read_keys(struct reading *r, struct he_piece text)
{
  struct he_piece p;
  while(he_piece_next(&text, '&', &p)) {
    const size_t which = find_key(r, p);
    if(which == KEYS)
      return wrong(r, p.from, "no key that it has");
    if(!read_key(r, which, p))
      return false;
  }
  return true;
}

/* -- servers and addresses -- */

static bool read_list(struct reading *r, struct he_piece text, uint16_t port)
{
  struct he_upstream *u = r->u;
  struct he_piece p;
  while(he_piece_next(&text, ',', &p)) {
    struct he_addr *a = &u->list[u->n];
    if(u->n == HE_SERVERS_MAX)
      return wrong(r, p.from, "more than 8 addresses");
    if(!(port ? he_piece_server(p, port, a, &r->wrong) :
         he_piece_address(p, a, &r->wrong)))
      return false;
    u->n++;
  }
  return true;
}

static bool read_servers(struct reading *r, struct he_piece text,
                         uint16_t port)
{
  struct he_piece list;
  he_piece_next(&text, '?', &list);
  return read_list(r, list, port) && (!text.from || read_keys(r, text));
}

static bool read_dns(struct reading *r, struct he_piece whole,
                     struct he_piece rest)
{
  (void)whole;
  return read_servers(r, rest, 53);
}

static bool read_tls(struct reading *r, struct he_piece whole,
                     struct he_piece rest)
{
  return read_servers(r, rest, 853) &&
         (*r->u->name || r->u->pins || r->u->opportunistic ||
          wrong(r, whole.from, "wants name= or pin="));
}

static bool read_fixed(struct reading *r, struct he_piece whole,
                       struct he_piece rest)
{
  (void)whole;
  return read_servers(r, rest, 0);
}

/* -- https -- */

static bool add_to_url(struct reading *r, struct he_piece p, const char *at)
{
  const size_t n = strlen(r->u->url);
  if(p.len >= sizeof(r->u->url) - n)
    return wrong(r, at, "too long");
  memcpy(r->u->url + n, p.from, p.len);
  return true;
}

/* curl-he's keys are read, the server's stay in the URL. */
static bool read_query(struct reading *r, struct he_piece query)
{
  struct he_piece sign = { "?", 1 }, p;
  while(he_piece_next(&query, '&', &p)) {
    const size_t which = find_key(r, p);
    if(which < KEYS) {
      if(!read_key(r, which, p))
        return false;
    }
    else if(!add_to_url(r, sign, p.from) || !add_to_url(r, p, p.from))
      return false;
    else
      sign.from = "&";
  }
  return true;
}

static bool read_https(struct reading *r, struct he_piece whole,
                       struct he_piece rest)
{
  struct he_piece query = whole, url, host = rest;
  const char *path = rest.len ? memchr(rest.from, '/', rest.len) : NULL;
  he_piece_next(&query, '?', &url);
  if(memchr(url.from, '{', url.len))
    return wrong(r, memchr(url.from, '{', url.len), "no template is known");
  if(!path || path > url.from + url.len)
    return wrong(r, url.from + url.len, "wants a path, as /dns-query");
  if(memchr(whole.from, '#', whole.len))
    return wrong(r, memchr(whole.from, '#', whole.len), "no fragment");
  host.len = (size_t)(path - rest.from);
  if(!he_authority_read(host, r->u, &r->wrong) ||
     !add_to_url(r, url, url.from) ||
     (query.from && !read_query(r, query)))
    return false;
  if(r->u->n)
    r->u->bootstrap = -1;
  return r->u->n || r->u->bootstrap >= 0 ||
         wrong(r, host.from, "a name wants bootstrap=");
}

/* -- a value -- */

#ifdef HE_CARES
#define ABSENT_DNS NULL
#else
#define ABSENT_DNS "this curl-he was built without c-ares, which dns:// takes"
#endif

#ifdef HE_OPENSSL
#define ABSENT_TLS NULL
#else
#define ABSENT_TLS "this curl-he was built without OpenSSL, which tls:// takes"
#endif

static const struct scheme {
  const char *name;
  enum he_upstream_kind kind;
  const char *absent;         /* why this build has none; NULL: it has */
  bool (*read)(struct reading *r, struct he_piece whole, struct he_piece rest);
} schemes[] = {
  { "dns://", HE_UPSTREAM_DNS, ABSENT_DNS, read_dns },
  { "tls://", HE_UPSTREAM_TLS, ABSENT_TLS, read_tls },
  { "https://", HE_UPSTREAM_HTTPS, NULL, read_https },
  { "fixed:", HE_UPSTREAM_FIXED, NULL, read_fixed },
};
#define SCHEMES (sizeof(schemes) / sizeof(*schemes))

static bool read_upstream(struct reading *r, struct he_piece p)
{
  size_t i = 0;
  while(i < SCHEMES && !he_piece_begins(p, schemes[i].name))
    i++;
  if(i == SCHEMES)
    return wrong(r, p.from, he_piece_is(p, "system") ?
                 "system wants to be alone" : WANTS);
  if(schemes[i].absent)
    return wrong(r, p.from, schemes[i].absent);
  for(size_t k = 0; k < p.len; k++) {
    if(p.from[k] < '!' || p.from[k] > '~')
      return wrong(r, p.from + k, "no printable ASCII");
  }
  if(r->all->n == HE_UPSTREAMS_MAX)
    return wrong(r, p.from, "more than 4 resolvers");
  r->u = &r->all->list[r->all->n++];
  r->u->kind = schemes[i].kind;
  r->u->bootstrap = -1;
  r->said = 0;
  return schemes[i].read(r, p, he_piece(p.from + strlen(schemes[i].name),
                                        p.from + p.len));
}

static bool read_value(struct he_piece text, struct he_upstreams *out,
                       int depth, struct he_wrong *w)
{
  struct reading r = { .all = out, .depth = depth };
  struct he_piece p;
  bool ok = true;
  memset(out, 0, sizeof(*out));
  if(he_piece_is(text, "system"))
    return true;
  while(ok && he_piece_next(&text, ' ', &p)) {
    if(p.len)
      ok = read_upstream(&r, p);
  }
  if(ok && !out->n)
    ok = wrong(&r, p.from, WANTS);
  *w = r.wrong;
  return ok;
}

bool he_resolvers_read(const char *text, size_t len, struct he_upstreams *out,
                       size_t *at, const char **why)
{
  struct he_wrong w = { NULL, NULL };
  const bool ok = read_value((struct he_piece){ text, len }, out, 0, &w);
  *at = ok ? 0 : (size_t)(w.at - text);
  *why = ok ? NULL : w.why;
  return ok;
}
