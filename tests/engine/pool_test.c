/* SPDX-License-Identifier: MIT */
/* pool_test.c - connections that live on in a pool, of a share or of a multi
 * handle, when their handles and contexts are gone, and are closed by whatever
 * thread; and multi handles that end first. */
#include "real.h"
#include "server.h"
#include "../easy/libcurls.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A connection lives on in a share's pool, after its handle, after detach,
   after the context; and is closed by another thread. */
static pthread_mutex_t share_lock[CURL_LOCK_DATA_LAST];

static void lock_share(CURL *e, curl_lock_data what, curl_lock_access how,
                       void *arg)
{
  (void)e;
  (void)how;
  (void)arg;
  pthread_mutex_lock(&share_lock[what]);
}

static void unlock_share(CURL *e, curl_lock_data what, void *arg)
{
  (void)e;
  (void)arg;
  pthread_mutex_unlock(&share_lock[what]);
}

static void *end_share(void *share)
{
  errno = ECONNRESET;   /* whatever it was that failed here before */
  return (void *)(intptr_t)curl_share_cleanup(share);
}

static void pooled(void **state)
{
  (void)state;
  for(int i = 0; i < CURL_LOCK_DATA_LAST; i++)
    pthread_mutex_init(&share_lock[i], NULL);
  for(int i = 0; i < 12; i++) {
    CURLHE *he = curl_he_init();
    CURLSH *share = curl_share_init();
    CURL *e = new_easy(20000);
    pthread_t thread;
    void *code;
    curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock_share);
    curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock_share);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_easy_setopt(e, CURLOPT_SHARE, share);
    if(i % 2)
      names_mean(GOOD);   /* libcurl's own socket, else one handed over */
    assert_int_equal(curl_he_attach(he, e), CURL_HE_OK);
    assert_int_equal(curl_easy_perform(e), CURLE_OK);
    names_mean(SILENT " " GOOD);
    if(i % 3 == 1)
      assert_int_equal(curl_he_detach(e), CURL_HE_OK);
    curl_easy_cleanup(e);
    if(i % 4 >= 2) {
      curl_he_free(he);
      he = NULL;
    }
    assert_int_equal(0, pthread_create(&thread, NULL, end_share, share));
    pthread_join(thread, &code);
    assert_null(code);
    curl_he_free(he);
  }
  assert_nothing_left();
}

/* -- a kernel that does not tell whether a closed socket was connected -- */

static bool old_kernel;

/* In place of the C library's, for libcurl and curl-he alike. */
int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
  int rc = (int)syscall(SYS_getsockopt, fd, level, name, value, len);
  if(!rc && level == IPPROTO_TCP && name == TCP_INFO &&
     *len > offsetof(struct tcp_info, tcpi_pacing_rate) &&
     __atomic_load_n(&old_kernel, __ATOMIC_SEQ_CST)) {
    struct tcp_info *info = value;
    *len = offsetof(struct tcp_info, tcpi_pacing_rate);
    info->tcpi_rtt = 0;
  }
  return rc;
}

/* Whoever closes a connection that was reset meanwhile must not take it for an
   attempt of a handle, for that is gone. (valgrind sees it, where libcurl
   reads of the handle; libcurl is not built with ASan.) */
static void reset_in_pool(void **state)
{
  (void)state;
  for(int i = 0; i < 4; i++) {
    CURLSH *share = curl_share_init();
    CURL *e = new_easy(20000);
    pthread_t thread;
    void *code;
    old_kernel = i % 2;
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_easy_setopt(e, CURLOPT_SHARE, share);
    names_mean(GOOD);
    assert_int_equal(curl_he_setup(e), CURL_HE_OK);
    assert_int_equal(curl_easy_perform(e), CURLE_OK);
    curl_easy_cleanup(e);
    server_reset();
    if(i < 2) {   /* the next to look for a connection finds it dead */
      CURL *other = new_easy(20000);
      curl_easy_setopt(other, CURLOPT_SHARE, share);
      assert_int_equal(curl_easy_perform(other), CURLE_OK);
      curl_easy_cleanup(other);
    }
    assert_int_equal(0, pthread_create(&thread, NULL, end_share, share));
    pthread_join(thread, &code);
    assert_null(code);
    old_kernel = false;
  }
  names_mean(SILENT " " GOOD);
  assert_nothing_left();
}

/* And an attempt that fails is seen to fail there, too. */
static void fails_on_old_kernel(void **state)
{
  CURL *e = new_easy(20000);
  (void)state;
  old_kernel = true;
  names_mean("127.0.0.77 " GOOD);   /* refused */
  assert_int_equal(curl_he_setup(e), CURL_HE_OK);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  names_mean(SILENT " " GOOD);
  aim(e, 20000);
  assert_int_equal(curl_easy_perform(e), CURLE_OK);
  assert_raced(e);
  old_kernel = false;
  curl_easy_cleanup(e);
  assert_nothing_left();
}

/* The same with the pool of a multi handle. */
static void *end_multi(void *multi)
{
  return (void *)(intptr_t)curl_multi_cleanup(multi);
}

static void pooled_in_multi(void **state)
{
  (void)state;
  for(int i = 0; i < 8; i++) {
    CURLHE *he = curl_he_init();
    CURLM *m = curl_multi_init();
    CURL *e = new_easy(20000);
    pthread_t thread;
    void *code;
    if(i % 2)
      names_mean(GOOD);
    assert_int_equal(curl_he_attach(he, e), CURL_HE_OK);
    curl_multi_add_handle(m, e);
    drive(m, 20000);
    names_mean(SILENT " " GOOD);
    if(i % 2 == 0)
      assert_raced(e);
    curl_multi_remove_handle(m, e);
    if(i % 4 >= 2)
      assert_int_equal(curl_he_detach(e), CURL_HE_OK);
    curl_easy_cleanup(e);
    if(i >= 4) {
      curl_he_free(he);
      he = NULL;
    }
    assert_int_equal(0, pthread_create(&thread, NULL, end_multi, m));
    pthread_join(thread, &code);
    assert_null(code);
    curl_he_free(he);
  }
  assert_nothing_left();
}

/* -- the multi handle ends first, or the easy handles do while in it -- */

/* Where libcurl leaves them pointers into the multi handle they go before
   that. */
static void take_done(CURLM *m)
{
  const CURLMsg *msg;
  int left;
  while(libcurl_strands_done() && (msg = curl_multi_info_read(m, &left)))
    curl_multi_remove_handle(m, msg->easy_handle);
}

static void multi_ends(void **state)
{
  (void)state;
  for(unsigned i = rounds(25); i; i--) {
    CURLM *m = curl_multi_init();
    CURL *e[4];
    bool easy_first = !roll(3);
    for(int k = 0; k < 4; k++) {
      e[k] = new_easy(20000);
      if(k)   /* one without */
        assert_int_equal(curl_he_setup(e[k]), CURL_HE_OK);
      curl_multi_add_handle(m, e[k]);
    }
    drive(m, roll(350));
    for(int k = 0; easy_first && k < 4; k++)
      curl_easy_cleanup(e[k]);
    if(!easy_first)
      take_done(m);
    assert_int_equal(curl_multi_cleanup(m), CURLM_OK);
    for(int k = 0; !easy_first && k < 4; k++) {
      if(!roll(2)) {   /* it has a life after that */
        names_mean(GOOD);
        aim(e[k], 20000);
        assert_int_equal(curl_easy_perform(e[k]), CURLE_OK);
        names_mean(SILENT " " GOOD);
      }
      curl_easy_cleanup(e[k]);
    }
    assert_int_equal(own_sockets_left(), 0);
    assert_int_equal(syn_sent_to(SILENT), 0);
  }
  assert_nothing_left();
}

/* -- handles with and without curl-he, one pool -- */

static long new_connects(CURL *e)
{
  long n = -1;
  curl_easy_getinfo(e, CURLINFO_NUM_CONNECTS, &n);
  return n;
}

/* Whoever has made the connection, and whether that one still lives: the other
   one uses it, and it is closed in the end by a handle that knows nothing of
   who made it. */
static void mixed(void **state)
{
  (void)state;
  for(int i = 0; i < 8; i++) {
    bool he_makes = i % 2, gone = i & 2, detached = i & 4;
    CURLSH *share = curl_share_init();
    CURL *maker = new_easy(20000);
    CURL *user = curl_easy_duphandle(maker);   /* to the same URL */
    CURL *other = curl_easy_duphandle(maker);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_easy_setopt(maker, CURLOPT_SHARE, share);
    curl_easy_setopt(user, CURLOPT_SHARE, share);
    curl_easy_setopt(other, CURLOPT_SHARE, share);
    if(!he_makes)
      names_mean(GOOD);
    assert_int_equal(curl_he_setup(he_makes ? maker : user), CURL_HE_OK);
    assert_int_equal(curl_he_setup(other), CURL_HE_OK);
    /* each connect is to need the racer */
    assert_int_equal(curl_he_setopt(NULL, CURLHEOPT_HISTORY, 0L),
                     CURL_HE_OK);
    assert_int_equal(curl_easy_perform(maker), CURLE_OK);
    assert_int_equal(new_connects(maker), 1);
    if(he_makes)
      assert_raced(maker);
    if(he_makes && detached)
      curl_he_detach(maker);
    if(gone)
      curl_easy_cleanup(maker);
    assert_int_equal(curl_easy_perform(user), CURLE_OK);
    assert_int_equal(new_connects(user), 0);
    /* closes it: another connection takes its place */
    curl_easy_setopt(user, CURLOPT_FORBID_REUSE, 1L);
    assert_int_equal(curl_easy_perform(user), CURLE_OK);
    assert_int_equal(new_connects(user), 0);
    names_mean(SILENT " " GOOD);
    assert_int_equal(curl_easy_perform(other), CURLE_OK);
    assert_int_equal(new_connects(other), 1);
    assert_raced(other);
    curl_easy_cleanup(other);
    curl_easy_cleanup(user);
    if(!gone)
      curl_easy_cleanup(maker);
    assert_int_equal(curl_share_cleanup(share), CURLSHE_OK);
  }
  assert_nothing_left();
}

static void nothing_left(void **state)
{
  (void)state;
  no_network();
  curl_he_free(curl_he_default());
  assert_int_equal(threads_left(0), 0);
  assert_int_equal(fds_left(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pooled),
    cmocka_unit_test(reset_in_pool),
    cmocka_unit_test(fails_on_old_kernel),
    cmocka_unit_test(pooled_in_multi),
    cmocka_unit_test(multi_ends),
    cmocka_unit_test(mixed),
    cmocka_unit_test(nothing_left)
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  test_seed();
  count_start();
  if(!network())
    return 1;
  return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
