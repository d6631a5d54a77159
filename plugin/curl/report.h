/* SPDX-License-Identifier: MIT */
#ifndef HE_REPORT_H
#define HE_REPORT_H
/* report.h - the steps of a race as the public interface shows them, and the
 * figures drawn from them. */
#include "base/clock.h"
#include "connect/trace.h"

#include <curl_he/curl_he.h>

/* `out->address` points into `address`, which has to live as long. */
void he_step_publish(const struct he_step *s, struct curl_he_step *out,
                     char address[HE_ADDR_TEXT]);

/* Calls a curl_he_trace_callback, which *fn is, with this step. */
void he_step_tell(const struct he_step *s, void *const *fn, CURL *owner,
                  const char *host, uint16_t port, void *data);

/* A race, to be told of. */
struct he_told {
  const char *host;           /* NULL: there was no race */
  uint16_t port;
  bool known;                 /* of the handle */
  he_time_ns delay;           /* Connection Attempt Delay */
  struct he_step *steps;
  size_t n;
};

/* What was given out, to be freed with it. */
struct he_report;

/* Writes `info` to *out, by the type that the public header gives it. What *out
   then points to is *report's, until the next call for this info. *report is
   made where it is NULL. */
CURLHEcode he_report_give(struct he_report **report, const struct he_told *t,
                          CURLHEINFO info, void *out);
void he_report_free(struct he_report *r);   /* NULL is fine */

#endif
