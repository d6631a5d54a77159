/* SPDX-License-Identifier: MIT */
/* progress.c - the record of a known handle is libcurl's clientp here. It lives
 * as long as the easy handle, whether curl-he is still set up on that or
 * not. */
#include "curl/progress.h"
#include "curl/known.h"

/* Of the older callback; its name warns in later headers. */
#define PROGRESSFUNCTION ((CURLoption)(CURLOPTTYPE_FUNCTIONPOINT + 56))

/* What libcurl takes for "go on with your own progress meter". */
#define GO_ON 0x10000001

static int heed(const struct he_known *k, int says)
{
  struct he_handle *h = NULL;
  if(says && says != GO_ON)
    h = he_handle_of(k->easy);
  if(h)
    he_tasks_stop_lookup(&h->tasks);
  he_handle_put(h);
  return says;
}

static int on_xferinfo(void *clientp, curl_off_t dltotal, curl_off_t dlnow,
                       curl_off_t ultotal, curl_off_t ulnow)
{
  const struct he_known *k = clientp;
  return heed(k, k->declared.xferinfo(k->declared.progress_data, dltotal,
                                      dlnow, ultotal, ulnow));
}

static int on_progress(void *clientp, double dltotal, double dlnow,
                       double ultotal, double ulnow)
{
  const struct he_known *k = clientp;
  return heed(k, k->declared.progress(k->declared.progress_data, dltotal,
                                      dlnow, ultotal, ulnow));
}

void he_progress_set(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  if(!h->known)
    return;
  if(d->xferinfo)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, on_xferinfo);
  if(d->progress)
    curl_easy_setopt(h->easy, PROGRESSFUNCTION, on_progress);
  if(d->xferinfo || d->progress)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, h->record);
}

void he_progress_reset(struct he_handle *h)
{
  const struct he_declared *d = he_handle_declared(h);
  if(!h->known)
    return;
  if(d->xferinfo)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, d->xferinfo);
  if(d->progress)
    curl_easy_setopt(h->easy, PROGRESSFUNCTION, d->progress);
  if(d->xferinfo || d->progress)
    curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, d->progress_data);
}
