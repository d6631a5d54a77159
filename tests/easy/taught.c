/* SPDX-License-Identifier: MIT */
#include "taught.h"

#include <stdio.h>
#include <string.h>

const char *taught_url(const char *host)
{
  static char url[128];
  snprintf(url, sizeof(url), "http://%s.lab.test/", host);
  return url;
}

void taught_go(struct client *c)
{
  assert_int_equal(client_go(c), CURLE_OK);
  assert_true(info_long(c->easy, CURLHEINFO_ATTEMPTS) > 0);
}

void teach(enum mode mode, const char *host)
{
  struct client c;
  client_open(&c, mode, taught_url(host));
  taught_go(&c);
  client_close(&c);
}

void condemn_ipv6(enum mode mode)
{
  for(int i = 0; i < 2; i++) {
    struct client c;
    client_open(&c, mode, taught_url("s2"));
    /* what is waited for in vain for less than a delay says nothing */
    assert_int_equal(curl_he_easy_setopt(c.easy, CURLHEOPT_DELAY_MS, 150L),
                     CURL_HE_OK);
    taught_go(&c);
    expect_attempts(&c, "L 3fff:102::1 0, L 198.19.2.1 150");
    client_close(&c);
  }
}

bool obeys(enum mode mode, const char *script)
{
  return libcurl_walks() ||
         (mode == RESOLVING && (!libcurl_races() || !strchr(script, ',')));
}
