/* SPDX-License-Identifier: MIT */
/* scarce_test.c - more races at once than there are descriptors for. What
 * libcurl needs for itself it gets; curl-he's attempts wait for one another,
 * so that all become slower and none fails. */
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRANSFERS 55
/* libcurl's sockets, those of the server beside it, and some others: enough
   for libcurl alone, and for 25 attempts of curl-he's. */
#define DESCRIPTORS 200
#define DELAY_MS 1500L        /* all have begun before any race does */

/* How often curl-he was refused a descriptor. It makes its own by this alone,
   with a number that is not to be below some other. */
static unsigned refused;

int fcntl(int fd, int what, ...)
{
  va_list ap;
  void *arg;
  long rc;
  va_start(ap, what);
  arg = va_arg(ap, void *);   /* as the C library reads it, whatever it is */
  va_end(ap);
  rc = syscall(SYS_fcntl, fd, what, arg);
  if(what == F_DUPFD_CLOEXEC && (int)(intptr_t)arg > 0 &&
     (rc >= DESCRIPTORS * 6 / 8 || (rc < 0 && errno == EMFILE)))
    __atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
  return (int)rc;
}

static CURL *easy[TRANSFERS];

/* From then on libcurl has the name in its cache: the others need no resolver,
   and no pair of descriptors to wait for it with. */
static void drive_until_resolved(CURLM *m, CURL *e)
{
  curl_off_t took = 0;
  for(int ms = 0; !took && ms < 10000; ms += 50) {
    drive(m, 50);
    curl_easy_getinfo(e, CURLINFO_NAMELOOKUP_TIME_T, &took);
  }
  assert_true(took > 0);
}

static void start(CURLM *m, bool raced)
{
  for(int i = 0; i < TRANSFERS; i++) {
    easy[i] = new_easy(60000);
    aim_at(easy[i], raced ? "raced" : "alone");
    curl_easy_setopt(easy[i], CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy[i], CURLOPT_FORBID_REUSE, 1L);
    if(raced) {
      assert_int_equal(curl_he_setup(easy[i]), CURL_HE_OK);
      curl_he_easy_setopt(easy[i], CURLHEOPT_DELAY_MS, DELAY_MS);
    }
    curl_multi_add_handle(m, easy[i]);
    if(!i)
      drive_until_resolved(m, easy[0]);
  }
}

static void end(CURLM *m)
{
  for(int i = 0; i < TRANSFERS; i++) {
    curl_multi_remove_handle(m, easy[i]);
    curl_easy_cleanup(easy[i]);
  }
  curl_multi_cleanup(m);
}

/* All of them go well. */
static void all(bool raced)
{
  struct rlimit was, few;
  CURLM *m = curl_multi_init();
  const CURLMsg *msg;
  int left, good = 0;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
  few = was;
  few.rlim_cur = DESCRIPTORS;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  start(m, raced);
  drive(m, 60000);
  while((msg = curl_multi_info_read(m, &left)) != NULL)
    good += msg->msg == CURLMSG_DONE && msg->data.result == CURLE_OK;
  for(int i = 0; raced && i < TRANSFERS; i++)
    assert_raced(easy[i]);
  end(m);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
  assert_int_equal(good, TRANSFERS);
  assert_nothing_left();
}

/* The limit leaves room for libcurl alone. */
static void libcurl_alone(void **state)
{
  (void)state;
  names_mean(GOOD);
  all(false);
}

static void slower(void **state)
{
  (void)state;
  names_mean(SILENT " " GOOD);
  refused = 0;
  /* on a busy machine they may come one after the other */
  for(int i = 0; i < 5 && !refused && (!i || he_is_needed()); i++)
    all(true);
  print_message("# refused %u times\n", refused);
  assert_true(refused || !he_is_needed());
}

static void nothing_left(void **state)
{
  (void)state;
  no_network();
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(libcurl_alone),
    cmocka_unit_test(slower),
    cmocka_unit_test(nothing_left)
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  count_start();
  if(!network())
    return 1;
  return cmocka_run_group_tests_name("scarce", tests, NULL, NULL);
}
