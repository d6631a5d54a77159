/* SPDX-License-Identifier: MIT */
/* doh_transfer.c - one question as libcurl's request, and what came of it.
 *
 * A request goes to the URL's host alone: no proxy, redirect, cookie or other
 * protocol, whatever the environment says. libcurl looks no name up for it. */
#include "base/clock.h"
#include "base/fds.h"
#include "curl/doh_own.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define TYPE "application/dns-message"
/* CURLOPT_PROTOCOLS, which all libcurls have. Its name draws a warning in later
   headers, and the option that is there instead is not in earlier ones. */
#define PROTOCOLS ((CURLoption)(CURLOPTTYPE_LONG + 181))

/* -- libcurl's callbacks -- */

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
  struct he_doh_transfer *t = user;
  const size_t n = size * count;
  if(n > HE_DOH_MESSAGE - t->len) {
    t->too_long = true;
    return 0;
  }
  if(t->len + n > t->room) {
    const size_t room = 2 * (t->len + n);
    unsigned char *answer = realloc(t->answer, room);
    if(!answer)
      return 0;
    t->answer = answer;
    t->room = room;
  }
  memcpy(t->answer + t->len, data, n);
  t->len += n;
  return n;
}

/* Age: 250 */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
  struct he_doh_transfer *t = user;
  const size_t n = size * count;
  if(n > 4 && !strncasecmp(data, "age:", 4)) {
    uint32_t age = 0;
    size_t i = 4;
    while(i < n && data[i] == ' ')
      i++;
    for(; i < n && data[i] >= '0' && data[i] <= '9'; i++)
      age = age < 100000000 ? age * 10 + (uint32_t)(data[i] - '0') : age;
    t->age = age;
  }
  return n;
}

/* A connected one, or none. */
static curl_socket_t on_open(void *user, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
  struct he_doh_transfer *t = user;
  struct he_addr addr;
  const int fd = he_doh_link_give(t->channel, &addr);
  (void)purpose;
  if(fd < 0) {
    t->hungry = true;
    return CURL_SOCKET_BAD;
  }
  address->family = addr.family == HE_IPV4 ? AF_INET : AF_INET6;
  address->addrlen = (unsigned)he_addr_to_sockaddr(
    &addr, &address->addr, sizeof(struct sockaddr_storage));
  return fd;
}

static int on_socket(void *user, curl_socket_t fd, curlsocktype purpose)
{
  (void)user;
  (void)fd;
  (void)purpose;
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int on_close(void *user, curl_socket_t fd)
{
  (void)user;
  he_fd_close(fd);
  return 0;
}

/* libcurl has the address. */
static int on_lookup(void *resolver, void *reserved, void *user)
{
  (void)resolver;
  (void)reserved;
  (void)user;
  return 1;
}

/* -- the request -- */

/* What libcurl may lack: then it is without. */
static void set_wishes(const struct he_doh *c, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  /* without HTTP/2 nobody would tell it that there is nothing to wait for */
  if(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  if(c->share)
    curl_easy_setopt(easy, CURLOPT_SHARE, c->share);
}

static CURLcode set_request(const struct he_doh *c, struct he_doh_transfer *t)
{
  CURL *e = t->easy;
  CURLcode rc = curl_easy_setopt(e, CURLOPT_URL, c->upstream->url);
#define SET(option, value) \
  if(!rc) \
    rc = curl_easy_setopt(e, option, value)
  SET(PROTOCOLS, (long)CURLPROTO_HTTPS);
  SET(CURLOPT_PROXY, "");
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_POSTFIELDSIZE, (long)t->request_len);
  SET(CURLOPT_POSTFIELDS, t->request);
  SET(CURLOPT_HTTPHEADER, c->headers);
  SET(CURLOPT_MAXFILESIZE, (long)HE_DOH_MESSAGE);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, t);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, t);
  SET(CURLOPT_PRIVATE, t);
  return rc;
}

static CURLcode set_server(const struct he_doh *c, struct he_doh_transfer *t,
                           he_time_ns now)
{
  CURL *e = t->easy;
  CURLcode rc = CURLE_OK;
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  if(!rc)
    rc = he_doh_trust_set(c, e);
  if(*c->pins)
    SET(CURLOPT_PINNEDPUBLICKEY, c->pins);
  SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
  SET(CURLOPT_OPENSOCKETDATA, t);
  SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
  SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
  if(!c->upstream->n) {
    SET(CURLOPT_RESOLVE, c->link.entry);
    SET(CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
  }
  SET(CURLOPT_TIMEOUT_MS, (long)((t->deadline - now) / HE_MS(1)) + 1);
#undef SET
  return rc;
}

bool he_doh_transfer_begin(struct he_doh *c, struct he_doh_transfer *t,
                           he_time_ns now, enum he_upstream_verdict *v)
{
  CURLcode rc;
  /* the id that HTTP's caches like */
  t->request_len = he_query_make(t->request, 0, t->question->name,
                                 (uint16_t)t->question->type);
  *v = HE_UPSTREAM_CONFUSED;
  if(!t->request_len)
    return false;
  *v = HE_UPSTREAM_GONE;
  t->easy = curl_easy_init();
  if(!t->easy)
    return false;
  t->channel = c;
  t->began = now;
  t->hungry = false;
  t->len = 0;
  t->age = 0;
  set_wishes(c, t->easy);
  rc = set_request(c, t);
  if(!rc)
    rc = set_server(c, t, now);
  if(rc == CURLE_SSL_CACERT_BADFILE)
    *v = HE_UPSTREAM_UNPROVEN;
  return !rc;
}

/* -- what came of it -- */

static bool is_answer(struct he_doh_transfer *t)
{
  char *type = NULL;
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
  return status == 200 && type && t->answer &&
         !strncasecmp(type, TYPE, strlen(TYPE)) &&
         (!type[strlen(TYPE)] || strchr("; \t", type[strlen(TYPE)])) &&
         he_query_answers(t->answer, t->len, t->question->name,
                          (uint16_t)t->question->type);
}

/* Has the request been sent? */
static bool was_sent(CURL *easy)
{
  long octets = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &octets);
  return octets > 0;
}

/* Errors that are not listed: something is wrong on the way to the server. */
static enum he_upstream_verdict verdict(struct he_doh_transfer *t,
                                        CURLcode code)
{
  switch((int)code) {
  case CURLE_OK:
    return is_answer(t) ? HE_UPSTREAM_ANSWERED : HE_UPSTREAM_CONFUSED;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CRL_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return HE_UPSTREAM_UNPROVEN;
  case CURLE_OPERATION_TIMEDOUT:
    return was_sent(t->easy) ? HE_UPSTREAM_SILENT : HE_UPSTREAM_UNREACHABLE;
  case CURLE_WRITE_ERROR:
    return t->too_long ? HE_UPSTREAM_CONFUSED : HE_UPSTREAM_GONE;
  case CURLE_FILESIZE_EXCEEDED:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
    return HE_UPSTREAM_CONFUSED;
  case CURLE_OUT_OF_MEMORY:
  case CURLE_FAILED_INIT:
    return HE_UPSTREAM_GONE;
  default:
    return HE_UPSTREAM_UNREACHABLE;
  }
}

static void drop_easy(struct he_doh_transfer *t)
{
  if(t->easy)
    curl_easy_cleanup(t->easy);
  t->easy = NULL;
}

/* There was no connection for it. Of one that others were waiting for with it
   may be known by now that it led to somebody else. */
static bool waits_on(struct he_doh *c, struct he_doh_transfer *t,
                     enum he_upstream_verdict *v)
{
  const bool unproven = c->unproven_at >= t->began;
  if(unproven)
    *v = HE_UPSTREAM_UNPROVEN;
  return !unproven && he_clock_now() < t->deadline;
}

bool he_doh_transfer_ended(struct he_doh *c, struct he_doh_transfer *t,
                           CURLcode code, enum he_upstream_verdict *v)
{
  *v = verdict(t, code);
  drop_easy(t);
  switch(*v) {
  case HE_UPSTREAM_ANSWERED:
    he_doh_age(t->answer, t->len, t->age);
    return false;
  case HE_UPSTREAM_UNPROVEN:
    c->unproven_at = he_clock_now();
    return false;
  case HE_UPSTREAM_UNREACHABLE:
    return t->hungry ? waits_on(c, t, v) :
           !t->losses++ && he_clock_now() < t->deadline;
  case HE_UPSTREAM_SILENT:
  case HE_UPSTREAM_CONFUSED:
  case HE_UPSTREAM_GONE:
    break;
  }
  return false;
}

void he_doh_transfer_tell(struct he_doh_transfer *t,
                          enum he_upstream_verdict v)
{
  const bool answered = v == HE_UPSTREAM_ANSWERED;
  drop_easy(t);
  t->question->done(t->question, v, answered ? t->answer : NULL,
                    answered ? t->len : 0);
  free(t->answer);
  free(t);
}
