/* SPDX-License-Identifier: MIT */
#ifndef HE_RACING_H
#define HE_RACING_H
/* racing.h - one connect, now: with curl-he, or by libcurl alone. */
#include "story.h"
#include "../target.h"

#include <curl/curl.h>

struct he_course {
  struct he_target target;
  bool tls;                     /* then a TLS handshake, and not TCP alone */
  const char *cacert;           /* a file for CURLOPT_CAINFO, or NULL */
  bool perform;                 /* by curl_he_perform() */
  bool cold;                    /* history is neither used nor told */
  bool live;                    /* tell the steps on a terminal's last line */
  long timeout_ms;
};

struct he_result {
  struct he_story story;
  bool alone;                   /* libcurl alone */
  bool connected;               /* the transfer came to where it should */
  char error[300];              /* plain; why not */
};

/* Connects, with a handle and a DNS cache of its own, and closes the
   connection. No proxy is used, no request is sent. Blocks. */
void he_racing_run(struct he_course *c, struct he_result *r);

/* The same by libcurl alone. Its attempts are seen by its requests for
   sockets. Why one failed is not seen. */
void he_racing_alone(const struct he_course *c, struct he_result *r);

/* What both set. False: `r` has the error. */
bool he_racing_prepare(CURL *easy, const struct he_course *c, char *errors,
                       struct he_result *r);
/* The end of both: what came of it. */
void he_racing_judge(CURLcode code, const char *errors, struct he_result *r);
/* A race whose end nobody told, of a connect that failed, is lost. */
void he_racing_settle(struct he_result *r);

#endif
