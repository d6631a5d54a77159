/* SPDX-License-Identifier: MIT */
#ifndef HE_DECLARED_H
#define HE_DECLARED_H
/* declared.h - what an easy handle was told, as far as curl-he has to know.
 *
 * A value. libcurl lets nobody read an option back, so each option that
 * matters is kept here when it is set. Strings and lists are copies.
 * One thread at a time, as the easy handle. */
#include "curl/libcurl.h"

#include <stdarg.h>

struct he_declared {
  /* the application's, that curl-he's own hooks call */
  curl_opensocket_callback opensocket;
  void *opensocket_data;
  curl_sockopt_callback sockopt;
  void *sockopt_data;
  curl_closesocket_callback closesocket;
  void *closesocket_data;
  curl_resolver_start_callback resolver_start;
  void *resolver_start_data;
  unsigned unshared;          /* a bit for each of the first three that came by
                                 curl_easy_setopt(): its program expects it in
                                 the thread of the transfer alone */
  /* the application's, that libcurl calls */
  curl_xferinfo_callback xferinfo;
  curl_progress_callback progress;
  void *progress_data;        /* of both */

  /* as set; NULL: not set, or set to NULL */
  char *proxy_url;            /* "": no proxy, whatever the environment says */
  char *pre_proxy_url;
  char *noproxy;
  struct curl_slist *resolve;      /* copies: what was appended to the */
  struct curl_slist *connect_to;   /* application's later is not in here */
  struct curl_slist *resolve_lent; /* the application's own list: only to be
                                      given to libcurl for a copy of the
                                      handle, never read */

  /* was a text given, which is not empty? */
  bool interface;
  bool doh;
  bool unix_socket;
  bool ech;
  bool altsvc;                /* may be empty */

  /* as set, else libcurl's defaults */
  long timeout_ms;            /* 0: none */
  long connecttimeout_ms;     /* 0: libcurl's 300 s */
  long proxytype;
  long ipresolve;             /* -1: not set */
  long local_port;            /* 0: any */
  long port;                  /* 0: the URL's */
  long tcp_fastopen;
  long dns_cache_timeout_s;   /* -1: for ever */
  long altsvc_ctrl;
  long verify_peer;
  long verify_host;
  long http_version;
  long happy_eyeballs_ms;     /* -1: not set */
};

/* A handle that was told nothing. */
extern const struct he_declared he_declared_none;

/* A value for curl_easy_setopt(), by the type of the option. */
union he_value {
  long number;
  void *pointer;
  void (*function)(void);
  curl_off_t offset;
};
void he_value_read(int option, va_list ap, union he_value *v);
CURLcode he_value_set(CURL *easy, int option, const union he_value *v);

/* Is this option kept? */
bool he_declared_keeps(int option);
/* Is it one of the application's callbacks, or its data, that curl-he's own
   hooks stand in for? */
bool he_declared_hooks(int option);
/* Is it the application's progress callback, or its data? */
bool he_declared_progress(int option);

/* Keeping a value takes two steps, so that libcurl can be asked in between:
   a copy, where one is needed, and storing it, which cannot fail. */
bool he_value_copy(int option, const union he_value *v, void **copy);
void he_value_drop(int option, void *copy);
void he_declared_put(struct he_declared *d, int option,
                     const union he_value *v, void *copy);

/* The program allows other threads to call this callback. */
void he_declared_share(struct he_declared *d, int option);

/* Is a proxy named? */
bool he_declared_pre_proxy(const struct he_declared *d);
bool he_declared_proxy(const struct he_declared *d);   /* of either kind */

/* False without memory; then *to is empty. */
bool he_declared_copy(struct he_declared *to, const struct he_declared *from);
/* Back to he_declared_none. */
void he_declared_clear(struct he_declared *d);

/* Was a callback ever kept in this process? */
bool he_declared_any_hook(void);

#endif
