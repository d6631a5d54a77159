/* SPDX-License-Identifier: MIT */
/* he-smtp [-c CAFILE] HOST FROM TO - submits the mail on its input. Ports 465
 * and 587 of all addresses are raced, 465 first. The one that answers decides:
 * TLS from the beginning (RFC 8314), or STARTTLS. libcurl speaks SMTP over the
 * very socket that won. Where that does not come to TLS, the race goes on with
 * the rest. */
#include <curl_he/curl_he.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IMPLICIT_TLS 465
#define SUBMISSION 587

struct mail {
  const char *host, *from, *to;
  const char *ca_file;        /* NULL: the system's */
  curl_socket_t fd;           /* the winner, until libcurl has it */
};

/* -- libcurl takes the socket -- */

static curl_socket_t give(void *data, curlsocktype purpose,
                          struct curl_sockaddr *address)
{
  struct mail *m = data;
  curl_socket_t fd = m->fd;
  (void)purpose;
  (void)address;
  m->fd = CURL_SOCKET_BAD;    /* once; then libcurl closes it */
  return fd;
}

static int is_connected(void *data, curl_socket_t fd, curlsocktype purpose)
{
  (void)data;
  (void)fd;
  (void)purpose;
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* The winner's address is the host's for this transfer: libcurl asks nobody. */
static struct curl_slist *known_address(CURLHErace *race, const char *host,
                                        long port)
{
  const char *address = "";
  char entry[512];
  curl_he_connect_getinfo(race, CURLHEINFO_WINNER, &address);
  snprintf(entry, sizeof(entry), strchr(address, ':') ? "%s:%ld:[%s]" :
           "%s:%ld:%s", host, port, address);
  return curl_slist_append(NULL, entry);
}

static void describe(CURL *easy, struct mail *m, long port)
{
  char url[512];
  snprintf(url, sizeof(url), "%s://%s:%ld",
           port == IMPLICIT_TLS ? "smtps" : "smtp", m->host, port);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
  if(m->ca_file)
    curl_easy_setopt(easy, CURLOPT_CAINFO, m->ca_file);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, m);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, m->from);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READDATA, stdin);
}

static CURLcode submit(CURLHErace *race, struct mail *m)
{
  CURL *easy = curl_easy_init();
  struct curl_slist *to = curl_slist_append(NULL, m->to), *known;
  CURLcode rc = CURLE_OUT_OF_MEMORY;
  long port = 0;
  curl_he_connect_getinfo(race, CURLHEINFO_PORT, &port);
  known = known_address(race, m->host, port);
  if(easy && to && known) {
    describe(easy, m, port);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, known);
    rc = curl_easy_perform(easy);
  }
  printf("port %ld, %s: %s\n", port,
         port == IMPLICIT_TLS ? "TLS" : "STARTTLS", curl_easy_strerror(rc));
  curl_easy_cleanup(easy);
  curl_slist_free_all(to);
  curl_slist_free_all(known);
  if(m->fd != CURL_SOCKET_BAD)
    close(m->fd);
  m->fd = CURL_SOCKET_BAD;
  return rc;
}

/* -- the race -- */

/* Did it end before anything of the mail was sent? Then another address, or the
   other port, may do better. */
static int is_early(CURLcode rc)
{
  return rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_USE_SSL_FAILED ||
         rc == CURLE_WEIRD_SERVER_REPLY;
}

static int send_mail(struct mail *m)
{
  static const unsigned short ports[] = { IMPLICIT_TLS, SUBMISSION };
  CURLHErace *race = curl_he_connect_init(NULL);
  const char *failures = NULL;
  CURLcode rc = CURLE_COULDNT_CONNECT;
  CURLHEcode code;
  curl_he_connect_setopt(race, CURLHEOPT_CONNECTTIMEOUT_MS, 30000L);
  code = curl_he_connect(race, m->host, ports, 2, &m->fd);
  while(!code) {
    rc = submit(race, m);
    if(!is_early(rc))
      break;
    code = curl_he_connect_next(race, &m->fd);
  }
  if(code) {
    curl_he_connect_getinfo(race, CURLHEINFO_FAILURES, &failures);
    fprintf(stderr, "%s: %s (%s)\n", m->host, curl_he_strerror(code),
            failures ? failures : "");
  }
  curl_he_connect_cleanup(race);
  return rc != CURLE_OK;
}

int main(int argc, char **argv)
{
  struct mail m = { .fd = CURL_SOCKET_BAD };
  int at = 1, failed;
  if(argc > 2 && !strcmp(argv[1], "-c")) {
    m.ca_file = argv[2];
    at = 3;
  }
  if(argc - at != 3) {
    fprintf(stderr, "usage: he-smtp [-c CAFILE] HOST FROM TO < mail\n");
    return 2;
  }
  m.host = argv[at];
  m.from = argv[at + 1];
  m.to = argv[at + 2];
  curl_global_init(CURL_GLOBAL_DEFAULT);
  failed = send_mail(&m);
  curl_global_cleanup();
  return failed;
}
