/* SPDX-License-Identifier: MIT */
/* errors.c - a table of what connect() and getaddrinfo() say. */
#include "trace/errors.h"
#include "resolve/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>

struct named {
  int error;
  const char *name;
};

#define NAMED(e) { e, #e }

static const struct named errnos[] = {
  NAMED(ECONNREFUSED), NAMED(ETIMEDOUT), NAMED(ENETUNREACH),
  NAMED(EHOSTUNREACH), NAMED(ECONNRESET), NAMED(ECONNABORTED),
  NAMED(ENETDOWN), NAMED(EHOSTDOWN), NAMED(EADDRNOTAVAIL), NAMED(EADDRINUSE),
  NAMED(EAFNOSUPPORT), NAMED(EPROTONOSUPPORT), NAMED(EPROTO), NAMED(EACCES),
  NAMED(EPERM), NAMED(EINVAL), NAMED(EMFILE), NAMED(ENFILE), NAMED(ENOBUFS),
  NAMED(ENOMEM), NAMED(ENODEV), NAMED(ECANCELED), NAMED(EPIPE), NAMED(EIO),
  NAMED(ENOPROTOOPT), NAMED(EAGAIN), NAMED(EINTR), NAMED(EBADF),
  { 0, NULL }
};

static const struct named eais[] = {
  NAMED(EAI_AGAIN), NAMED(EAI_NONAME), NAMED(EAI_FAIL), NAMED(EAI_MEMORY),
  NAMED(EAI_SYSTEM), NAMED(EAI_FAMILY), NAMED(EAI_SERVICE),
  { HE_EAI_UNPROVEN, "CURL_HE_RESOLVER_UNPROVEN" },
  NAMED(EAI_SOCKTYPE), NAMED(EAI_BADFLAGS), NAMED(EAI_OVERFLOW),
#ifdef EAI_NODATA
  NAMED(EAI_NODATA),
#endif
#ifdef EAI_ADDRFAMILY
  NAMED(EAI_ADDRFAMILY),
#endif
  { 0, NULL }
};

static const char *find(const struct named *n, int error)
{
  while(n->name && n->error != error)
    n++;
  return n->name;
}

const char *he_error_name(int error, char buffer[HE_ERROR_NAME])
{
  const char *name = find(errnos, error);
  if(name)
    return name;
  snprintf(buffer, HE_ERROR_NAME, "errno %d", error);
  return buffer;
}

const char *he_error_eai(int error, char buffer[HE_ERROR_NAME])
{
  const char *name = find(eais, error);
  if(name)
    return name;
  snprintf(buffer, HE_ERROR_NAME, "EAI %d", error);
  return buffer;
}
