/* SPDX-License-Identifier: MIT */
#ifndef CURL_HE_TYPECHECK_H
#define CURL_HE_TYPECHECK_H
/* typecheck.h - lets GCC and clang warn where a value handed to a varargs
 * function of curl_he.h has the wrong type. Include curl_he.h instead. */

__attribute__((__warning__("curl_he: this option wants a long")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_long(void) { __asm__(""); }
__attribute__((__warning__("curl_he: this option wants a char *, or NULL")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_text(void) { __asm__(""); }
__attribute__((__warning__("curl_he: this option wants a struct addrinfo *")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_addresses(void) { __asm__(""); }
__attribute__((__warning__("curl_he: this info wants a pointer to char *")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_string(void) { __asm__(""); }
__attribute__((__warning__("curl_he: this info wants a pointer to long")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_long_info(void) { __asm__(""); }
__attribute__((__warning__("curl_he: this info wants a pointer to curl_off_t")))
__attribute__((__unused__, __noinline__))
static void curl_he_wants_off_t(void) { __asm__(""); }

#define curl_he_is_(type, value) \
  __builtin_types_compatible_p(__typeof__(value), type)
#define curl_he_is_long_option_(o) \
  ((int)(o) > CURLHEOPTTYPE_LONG && (int)(o) < CURLHEOPTTYPE_OBJECTPOINT)

/* a char *, an array of char, or NULL */
#define curl_he_is_text_(value) \
  (curl_he_is_(char *, value) || curl_he_is_(const char *, value) || \
   curl_he_is_(char[], value) || curl_he_is_(const char[], value) || \
   curl_he_is_(void *, value))

#define curl_he_check_option_(option, value) \
  do { \
    if(__builtin_constant_p(option)) { \
      if(curl_he_is_long_option_(option) && !curl_he_is_(long, value)) \
        curl_he_wants_long(); \
      if(((int)(option) == CURLHEOPT_HISTORY_FILE || \
          (int)(option) == CURLHEOPT_TRACE_FILE || \
          (int)(option) == CURLHEOPT_RESOLVER) && \
         !curl_he_is_text_(value)) \
        curl_he_wants_text(); \
    } \
  } while(0)

#define curl_he_check_info_(info, arg) \
  do { \
    if(__builtin_constant_p(info)) { \
      if(((int)(info) & 0xf00000) == CURLHEINFO_STRING && \
         !curl_he_is_(char **, arg) && !curl_he_is_(const char **, arg)) \
        curl_he_wants_string(); \
      if(((int)(info) & 0xf00000) == CURLHEINFO_LONG && \
         !curl_he_is_(long *, arg)) \
        curl_he_wants_long_info(); \
      if(((int)(info) & 0xf00000) == CURLHEINFO_OFF_T && \
         !curl_he_is_(curl_off_t *, arg)) \
        curl_he_wants_off_t(); \
    } \
  } while(0)

#define curl_he_setopt(he, option, value) __extension__({ \
  curl_he_check_option_(option, value); \
  curl_he_setopt(he, option, value); })

#define curl_he_host_setopt(he, pattern, option, value) __extension__({ \
  curl_he_check_option_(option, value); \
  curl_he_host_setopt(he, pattern, option, value); })

#define curl_he_easy_setopt(easy, option, value) __extension__({ \
  curl_he_check_option_(option, value); \
  curl_he_easy_setopt(easy, option, value); })

#define curl_he_connect_setopt(race, option, value) __extension__({ \
  curl_he_check_option_(option, value); \
  if(__builtin_constant_p(option) && \
     ((int)(option) == CURLHECONNECT_LOCAL_IPV4 || \
      (int)(option) == CURLHECONNECT_LOCAL_IPV6) && \
     !curl_he_is_text_(value)) \
    curl_he_wants_text(); \
  if(__builtin_constant_p(option) && \
     (int)(option) == CURLHECONNECT_ADDRESSES && \
     !curl_he_is_(struct addrinfo *, value) && \
     !curl_he_is_(const struct addrinfo *, value) && \
     !curl_he_is_(void *, value)) \
    curl_he_wants_addresses(); \
  curl_he_connect_setopt(race, option, value); })

#define curl_he_connect_getinfo(race, info, arg) __extension__({ \
  curl_he_check_info_(info, arg); \
  curl_he_connect_getinfo(race, info, arg); })

#define curl_he_easy_getinfo(easy, info, arg) __extension__({ \
  curl_he_check_info_(info, arg); \
  curl_he_easy_getinfo(easy, info, arg); })

#endif
