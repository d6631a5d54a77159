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

void he_reporting_step(CURL *easy, const char *host, int port,
                       const struct curl_he_step *step, void *data)
{
  (void)data;
  if(step->step == CURL_HE_STEP_ASIDE && step->text)
    tell(HE_REPORT_ASIDE, easy, host, (uint16_t)port, step->text);
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

void he_reporting_ahead(struct he_handle *h, const struct he_connect *c)
{
  if(c && he_report_wanted())
    tell(HE_REPORT_RACED, h->easy, he_connect_config(c)->host,
         he_connect_config(c)->port, "in its lookup");
}

void he_reporting_beside(struct he_handle *h, const struct he_addr *offered,
                         const struct he_connect *c)
{
  const struct he_peer *p;
  if(!he_report_wanted())
    return;
  if(c && he_connect_config(c)->aside)
    tell(HE_REPORT_ALONE, h->easy, he_connect_config(c)->host, offered->port,
         he_connect_config(c)->aside);
  else if(c)
    tell(HE_REPORT_RACED, h->easy, he_connect_config(c)->host, offered->port,
         "beside libcurl");
  else if(h->first) {
    p = he_settled_peer(h);
    tell(HE_REPORT_ALONE, h->easy, p ? p->host : "?", offered->port,
         reason(h, p, offered->port));
  }
}
