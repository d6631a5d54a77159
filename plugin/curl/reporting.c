/* SPDX-License-Identifier: MIT */
/* reporting.c - host, port and a reason; never a path, a header or a secret. */
#include "curl/reporting.h"
#include "base/report.h"
#include "curl/doubt.h"
#include "curl/libcurl.h"
#include "curl/settled.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* A handle's name, and a port's. */
#define NUMBER 24

static void write_handle(const CURL *easy, char out[NUMBER])
{
  snprintf(out, NUMBER, "%p", (const void *)easy);
}

static void tell(const char *kind, const CURL *easy, const char *host,
                 uint16_t port, const char *text)
{
  char handle[NUMBER], number[NUMBER];
  write_handle(easy, handle);
  snprintf(number, sizeof(number), "%u", (unsigned)port);
  he_report(kind, handle, host, number, text, NULL);
}

static void on_step(CURL *easy, const char *host, int port,
                    const struct curl_he_step *step, void *data)
{
  (void)data;
  if(step->step == CURL_HE_STEP_ASIDE && step->text)
    tell(HE_REPORT_ASIDE, easy, host, (uint16_t)port, step->text);
}

void he_reporting_begin(CURLHE *he)
{
  curl_he_setopt(he, CURLHEOPT_TRACEFUNCTION, on_step);
}

void he_reporting_libcurl(void)
{
  static bool told;           /* atomic */
  const curl_version_info_data *v;
  CURLcode (*perform)(CURL *easy);
  const void *function;
  Dl_info place;
  if(!he_report_wanted() ||
     __atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
    return;
  v = curl_version_info(CURLVERSION_NOW);
  perform = curl_easy_perform;
  memcpy(&function, &perform, sizeof(function));
  he_report(HE_REPORT_LIBCURL,
            dladdr(function, &place) ? place.dli_fname : "?", v->version,
            v->ssl_version ? v->ssl_version : "no TLS", NULL);
}

void he_reporting_handle(CURL *easy)
{
  char handle[NUMBER];
  write_handle(easy, handle);
  he_report(HE_REPORT_HANDLE, handle, NULL);
}

/* Why a connect is none of curl-he's. */
static const char *reason(struct he_handle *h, const struct he_peer *p,
                          uint16_t port)
{
  const char *doubt = p ? he_doubt_of(h, p, port) : NULL;
  if(doubt)
    return doubt;
  return p ? "libcurl connects to another port than the URL's" :
         "the URL names no host";
}

static void tell_connect(struct he_handle *h, uint16_t port,
                         const char *raced, const char *why)
{
  const struct he_peer *p;
  const char *host;
  p = he_settled_peer(h);
  host = p ? p->host : "?";
  if(raced)
    tell(HE_REPORT_RACED, h->easy, host, port, raced);
  else
    tell(HE_REPORT_ALONE, h->easy, host, port, why ? why : reason(h, p, port));
}

void he_reporting_ahead(struct he_handle *h, const struct he_addr *offered)
{
  if(he_report_wanted())
    tell_connect(h, offered->port, "in its lookup", NULL);
}

void he_reporting_beside(struct he_handle *h, const struct he_addr *offered,
                         const struct he_connect *c)
{
  const char *aside = c ? he_connect_config(c)->aside : NULL;
  if(he_report_wanted() && (c || h->first))
    tell_connect(h, offered->port, c && !aside ? "beside libcurl" : NULL,
                 aside);
}
