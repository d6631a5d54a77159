/* SPDX-License-Identifier: MIT */
/* old_test.c - a libcurl below 7.75.0 is refused, and the handle left
 * as it was. This program's curl_version_info() is the one that the library
 * finds. */
#include <curl_he/curl_he.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

static curl_version_info_data fake = {
  .age = CURLVERSION_NOW,
  .version = "7.69.1",
  .version_num = 0x074501
};

curl_version_info_data *curl_version_info(CURLversion age)
{
  (void)age;
  return &fake;
}

static void test_too_old(void **state)
{
  CURL *easy = curl_easy_init();
  (void)state;
  assert_int_equal(curl_he_setup(easy), CURL_HE_LIBCURL_TOO_OLD);
  assert_int_equal(curl_he_detach(easy), CURL_HE_NOT_SET_UP);
  assert_int_equal(curl_he_perform(easy), CURLE_FAILED_INIT);
  curl_easy_cleanup(easy);
}

static void test_told(void **state)
{
  (void)state;
  assert_int_equal(curl_he_version_info()->libcurl_version_num, 0x074501);
  assert_string_equal(curl_he_version_info()->libcurl_version, "7.69.1");
}

/* In a child, for a process asks only once. */
static void test_just_new_enough(void **state)
{
  int status = -1;
  pid_t pid = fork();
  (void)state;
  if(!pid) {
    CURL *easy = curl_easy_init();
    fake.version_num = CURL_HE_LIBCURL_MIN;
    _exit(curl_he_setup(easy) == CURL_HE_OK ? 0 : 1);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_just_new_enough),
    cmocka_unit_test(test_too_old),
    cmocka_unit_test(test_told),
  };
  return cmocka_run_group_tests_name("old", tests, NULL, NULL) ? 1 : 0;
}
