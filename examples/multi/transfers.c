/* SPDX-License-Identifier: MIT */
#include "transfers.h"

void transfers_reap(struct transfers *t)
{
  CURLMsg *m;
  int left;
  while((m = curl_multi_info_read(t->multi, &left))) {
    /* the message goes with the next call */
    CURL *easy = m->easy_handle;
    CURLcode result = m->data.result;
    if(m->msg == CURLMSG_DONE)
      t->done(easy, result, t->user);
  }
}

bool transfers_act(struct transfers *t, curl_socket_t s, int bits)
{
  CURLMcode rc = curl_multi_socket_action(t->multi, s, bits, &t->running);
  transfers_reap(t);
  return rc == CURLM_OK;
}
