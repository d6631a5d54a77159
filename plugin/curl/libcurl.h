/* SPDX-License-Identifier: MIT */
#ifndef HE_LIBCURL_H
#define HE_LIBCURL_H
/* libcurl.h - the libcurl behind curl-he.
 *
 * The shared library exports some of libcurl's names itself (interpose.c). Its
 * own calls must not arrive there, and they must work where the loader finds
 * no libcurl for them: where libcurl stands before libcurl-he in the link
 * order, or in a scope of its own (dlopen() with RTLD_LOCAL, ctypes). So in
 * this room libcurl's names are members of a table that is filled once a
 * process. */
#include <curl_he/curl_he.h>
#include <stdbool.h>

/* CURLOPT_ECH of libcurl 8.8.0 and later. */
#define HE_CURLOPT_ECH ((CURLoption)(CURLOPTTYPE_STRINGPOINT + 325))

#define HE_LIBCURL_FUNCTIONS(X) \
  X(curl_easy_cleanup) \
  X(curl_easy_duphandle) \
  X(curl_easy_getinfo) \
  X(curl_easy_init) \
  X(curl_easy_option_by_name) \
  X(curl_easy_pause) \
  X(curl_easy_perform) \
  X(curl_easy_reset) \
  X(curl_easy_setopt) \
  X(curl_free) \
  X(curl_multi_add_handle) \
  X(curl_multi_cleanup) \
  X(curl_multi_info_read) \
  X(curl_multi_init) \
  X(curl_multi_perform) \
  X(curl_multi_poll) \
  X(curl_multi_remove_handle) \
  X(curl_multi_setopt) \
  X(curl_multi_wakeup) \
  X(curl_share_cleanup) \
  X(curl_share_init) \
  X(curl_share_setopt) \
  X(curl_slist_append) \
  X(curl_slist_free_all) \
  X(curl_url) \
  X(curl_url_cleanup) \
  X(curl_url_get) \
  X(curl_url_set) \
  X(curl_version_info)

struct he_libcurl {
#define HE_LIBCURL_MEMBER(name) __typeof__(name) *name;
  HE_LIBCURL_FUNCTIONS(HE_LIBCURL_MEMBER)
#undef HE_LIBCURL_MEMBER
};

/* Never NULL, the same until the process ends. Where there is no libcurl at
   all there is no handle either: the functions that a program may call all
   the same fail, the others are NULL, and curl_version_info() says version 0.
   Then the next call looks again. Any thread. The first call may load
   libcurl.so.4, where no libcurl is loaded; else does not block. */
const struct he_libcurl *he_libcurl(void);

/* From now on he_libcurl() is the one that has this function. False where
   another was found before. `names` stands for dlsym(). Takes the loader's
   lock. */
bool he_libcurl_use(const void *function,
                    void *(*names)(void *handle, const char *name));

/* Is this address, one that a function returns to, in libcurl itself? */
bool he_libcurl_has(const void *address);

/* Do a program's calls of curl_easy_init() arrive here (interpose.c)? */
bool he_libcurl_interposed(void);

/* libcurl's version, as LIBCURL_VERSION_NUM; 0: there is no libcurl. Any
   thread. */
unsigned he_libcurl_version(void);

#ifndef HE_LIBCURL_OWN_NAMES
#undef curl_easy_getinfo    /* that check types */
#undef curl_easy_setopt
#undef curl_multi_setopt
#undef curl_share_setopt
#define curl_easy_cleanup   he_libcurl()->curl_easy_cleanup
#define curl_easy_duphandle he_libcurl()->curl_easy_duphandle
#define curl_easy_getinfo   he_libcurl()->curl_easy_getinfo
#define curl_easy_init      he_libcurl()->curl_easy_init
#define curl_easy_option_by_name he_libcurl()->curl_easy_option_by_name
#define curl_easy_pause     he_libcurl()->curl_easy_pause
#define curl_easy_perform   he_libcurl()->curl_easy_perform
#define curl_easy_reset     he_libcurl()->curl_easy_reset
#define curl_easy_setopt    he_libcurl()->curl_easy_setopt
#define curl_free           he_libcurl()->curl_free
#define curl_multi_add_handle he_libcurl()->curl_multi_add_handle
#define curl_multi_cleanup  he_libcurl()->curl_multi_cleanup
#define curl_multi_info_read he_libcurl()->curl_multi_info_read
#define curl_multi_init     he_libcurl()->curl_multi_init
#define curl_multi_perform  he_libcurl()->curl_multi_perform
#define curl_multi_poll     he_libcurl()->curl_multi_poll
#define curl_multi_remove_handle he_libcurl()->curl_multi_remove_handle
#define curl_multi_setopt   he_libcurl()->curl_multi_setopt
#define curl_multi_wakeup   he_libcurl()->curl_multi_wakeup
#define curl_share_cleanup  he_libcurl()->curl_share_cleanup
#define curl_share_init     he_libcurl()->curl_share_init
#define curl_share_setopt   he_libcurl()->curl_share_setopt
#define curl_slist_append   he_libcurl()->curl_slist_append
#define curl_slist_free_all he_libcurl()->curl_slist_free_all
#define curl_url            he_libcurl()->curl_url
#define curl_url_cleanup    he_libcurl()->curl_url_cleanup
#define curl_url_get        he_libcurl()->curl_url_get
#define curl_url_set        he_libcurl()->curl_url_set
#define curl_version_info   he_libcurl()->curl_version_info
#endif

#endif
