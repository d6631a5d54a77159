/* SPDX-License-Identifier: MIT */
#ifndef CURL_HE_H
#define CURL_HE_H
/* curl_he.h - Happy Eyeballs for libcurl: the whole public interface.
 *
 *     CURL *easy = curl_easy_init();
 *     curl_easy_setopt(easy, CURLOPT_URL, "https://example.com/");
 *     curl_he_setup(easy);               // all that an application adds
 *     curl_easy_perform(easy);
 *
 * Words are those of RFC 8305 (Happy Eyeballs v2) and of libcurl. Times are in
 * the unit that the name ends in: _MS milliseconds, _S seconds, _T
 * microseconds.
 *
 * Threads: like libcurl's, a handle belongs to one thread at a time; different
 * handles may be used from different threads at once, also where they share a
 * context. Contexts (CURLHE) may be used from any thread. curl-he runs one
 * thread of its own a process, with all signals blocked, from the first race
 * until the last context is freed, and one for each question to the system's
 * resolver, until that has answered; of these 64 at the most: what is asked
 * beyond waits until one of them has its answer, or has given up.
 *
 * After fork(), the child may use curl-he only for handles it sets up itself.
 * Races that run stay with the parent: the child has none of curl-he's
 * descriptors, they are closed before fork() returns to it.
 */
#include <curl/curl.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && __GNUC__ >= 4
#define CURL_HE_EXTERN __attribute__((visibility("default")))
#else
#define CURL_HE_EXTERN
#endif

#define CURL_HE_VERSION "0.1.0"
#define CURL_HE_VERSION_NUM 0x000100

/* The oldest libcurl that curl_he_setup() accepts: 7.75.0. */
#define CURL_HE_LIBCURL_MIN 0x074b00

/* A context: options, and what was learned. Opaque. */
typedef struct CURLHE CURLHE;

/* The prefix CURLHE_ is libcurl's own, for CURLHcode (<curl/header.h>). */
typedef enum {
  CURL_HE_OK = 0,
  CURL_HE_BAD_POINTER,       /* 1: a NULL or foreign pointer */
  CURL_HE_NO_MEMORY,         /* 2: no memory, or no descriptor for the poller */
  CURL_HE_LIBCURL_TOO_OLD,   /* 3: the handle's libcurl is below 7.75.0 */
  CURL_HE_UNKNOWN_OPTION,    /* 4: no such option or info */
  CURL_HE_BAD_OPTION,        /* 5: the value is out of range; nothing changed */
  CURL_HE_NOT_SET_UP,        /* 6: the handle was not set up, or was detached */
  CURL_HE_LIBCURL_REFUSED,   /* 7: libcurl refused to take the option */
  CURL_HE_BAD_PATTERN,       /* 8: no host name, nor "*." and one, nor "*" */
  CURL_HE_TOO_MANY_RULES,    /* 9: 4,096 host patterns are there already */
  CURL_HE_WRONG_SCOPE,       /* 10: no option of a host, or of a handle */
  CURL_HE_BAD_CONFIG,        /* 11: a configuration file cannot be read, or a
                                line of it, or of CURL_HE_OPTIONS, is wrong */
  CURL_HE_BAD_HISTORY,       /* 12: the file for history cannot be used */
  CURL_HE_NO_LIBCURL,        /* 13: there is no libcurl in this process */
  CURL_HE_BAD_TRACE,         /* 14: the file for the trace cannot be used */
  CURL_HE_AGAIN,             /* 15: the race is not over yet */
  CURL_HE_BUSY,              /* 16: not while the race runs */
  CURL_HE_COULDNT_RESOLVE,   /* 17: there is no address to try */
  CURL_HE_COULDNT_CONNECT,   /* 18: no address can be connected to */
  CURL_HE_TIMEDOUT,          /* 19: the deadline has passed */
  CURL_HE_CANCELLED,         /* 20: the race was called off */
  CURL_HE_RESOLVER_UNPROVEN, /* 21: a configured resolver could not prove who
                                it is: see CURLHEINFO_RESOLVER */
  CURL_HE_LAST               /* never returned */
} CURLHEcode;

/* -- options ----------------------------------------------------------- */

#define CURLHEOPTTYPE_LONG          1000000
#define CURLHEOPTTYPE_OBJECTPOINT   1010000
#define CURLHEOPTTYPE_STRINGPOINT   CURLHEOPTTYPE_OBJECTPOINT
#define CURLHEOPTTYPE_FUNCTIONPOINT 1020000

/* Options are set at several scopes; the narrowest one that says something
   wins:
     1. a handle              curl_he_easy_setopt()
     2. a host                curl_he_host_setopt(), "a.example.com" before
                              "*.example.com" before "*.com"
     3. a context             curl_he_setopt()
     4. CURL_HE_OPTIONS       curl_he_load_config(), in it as 2 and 3
     5. a configuration file  curl_he_load_config(), in it as 2 and 3
     6. the defaults below
   They are read when a race begins. The value -1 takes an option of type long
   back to what the next wider scope says. The trace callback is an option of
   contexts and handles only. */
typedef enum {
  /* Connection Attempt Delay (RFC 8305 section 5), ms, 10 ... 2000: one fixed
     delay; 0: chosen by curl-he. Default 0. Where nothing is known of the path
     attempts start at 0, 50, 150, 300, 450 ... ms; where libcurl makes some of
     them, 150 ms apart. Where the host was measured, one fixed delay; where
     others on its network were, that is the first delay. */
  CURLHEOPT_DELAY_MS = CURLHEOPTTYPE_LONG + 1,
  /* How long to wait for AAAA once A is there (section 3), ms, 0 ... 2000.
     Default 25. Only curl_he_perform() resolves, so only it can wait. */
  CURLHEOPT_RESOLUTION_DELAY_MS = CURLHEOPTTYPE_LONG + 2,
  /* First Address Family Count (section 4), 1 ... 8. Default 1. It orders what
     curl-he adds; libcurl starts its second family after one delay. */
  CURLHEOPT_FIRST_FAMILY_COUNT = CURLHEOPTTYPE_LONG + 3,
  /* Which family goes first: CURL_HE_PREFER_SYSTEM (RFC 6724), _IPV6, _IPV4.
     Default CURL_HE_PREFER_SYSTEM. With curl_easy_perform() libcurl chooses the
     first address and each family's first turn; then it orders what curl-he
     adds. With curl_he_perform() it orders everything. */
  CURLHEOPT_PREFERENCE = CURLHEOPTTYPE_LONG + 4,
  /* Which families may be tried: CURL_HE_FAMILIES_ANY, _IPV6, _IPV4. Default
     CURL_HE_FAMILIES_ANY. It is also set as CURLOPT_IPRESOLVE: a handle's at
     once, a context's on each handle that is set up later. */
  CURLHEOPT_FAMILIES = CURLHEOPTTYPE_LONG + 5,
  /* Attempts at once, libcurl's own among them, 1 ... 64. Default 6. */
  CURLHEOPT_MAX_ATTEMPTS = CURLHEOPTTYPE_LONG + 6,
  /* An attempt that curl-he made is given up after this, ms, 100 ... 600000;
     0: when the system gives it up. Default 0. */
  CURLHEOPT_ATTEMPT_TIMEOUT_MS = CURLHEOPTTYPE_LONG + 7,
  /* curl-he stops adding attempts, and gives up its own, this long after the
     race began, ms, 100 ... 600000; 0: as long as libcurl goes on. Default 0.
     libcurl's own limit is CURLOPT_CONNECTTIMEOUT_MS, which holds too. */
  CURLHEOPT_CONNECTTIMEOUT_MS = CURLHEOPTTYPE_LONG + 8,
  /* The bounds of a Connection Attempt Delay that curl-he chooses (section 5:
     Minimum and Maximum Connection Attempt Delay), ms, 10 ... 2000. Defaults
     50 and 2000. Where they contradict each other, the maximum holds. A
     delay set by CURLHEOPT_DELAY_MS is taken as it is. */
  CURLHEOPT_DELAY_MIN_MS = CURLHEOPTTYPE_LONG + 9,
  CURLHEOPT_DELAY_MAX_MS = CURLHEOPTTYPE_LONG + 10,
  /* How much longer than IPv4's the connects over IPv6 may take, as far as
     history knows, before IPv4 goes first, ms, 0 ... 2000. Default 50. */
  CURLHEOPT_LEEWAY_MS = CURLHEOPTTYPE_LONG + 11,
  /* 1: use and update what earlier and concurrent connects measured, to order
     addresses and to set delays. 0: do neither. Default 1. */
  CURLHEOPT_HISTORY = CURLHEOPTTYPE_LONG + 12,
  /* How long history holds that an address or a family does badly, seconds,
     10 ... 86400. Default 600. Of a context only. */
  CURLHEOPT_HISTORY_VERDICT_S = CURLHEOPTTYPE_LONG + 13,
  /* How long history keeps the times of connects, seconds, 60 ... 2592000.
     Default 86400. Of a context only. */
  CURLHEOPT_HISTORY_TIMES_S = CURLHEOPTTYPE_LONG + 14,
  /* Hosts that history keeps, the least recently used go, 1 ... 65536.
     Default 4096. Of a context only. This and the two before it take effect
     until the context has learned something: before its first connect. */
  CURLHEOPT_HISTORY_SIZE = CURLHEOPTTYPE_LONG + 15,
  /* A set of values with a name: CURL_HE_PROFILE_. It stands for its values at
     the scope at which it is set: there an option that is set itself beats it,
     in whatever order they were set; it beats every wider scope. Default
     CURL_HE_PROFILE_NONE, which says nothing: the next wider scope holds, its
     profile too. */
  CURLHEOPT_PROFILE = CURLHEOPTTYPE_LONG + 16,
  /* May curl-he's thread call the CURLOPT_OPENSOCKETFUNCTION,
     _SOCKOPTFUNCTION and _CLOSESOCKETFUNCTION that curl_he_easy_setopt() was
     given? See there. 1: yes, for each attempt of its own; 0: no; then a
     handle with an opensocket callback gets no attempts but libcurl's own.
     Default 1. */
  CURLHEOPT_RACER_CALLBACKS = CURLHEOPTTYPE_LONG + 17,
  /* 1: races of known handles run in libcurl's own lookup of the name, before
     libcurl asks for a socket. 0: beside libcurl's own attempts. The variable
     CURL_HE_LOOKUP of the environment, set to "off", is as 0 for all of the
     process. Default 1. */
  CURLHEOPT_LOOKUP = CURLHEOPTTYPE_LONG + 18,
  /* A file of CURLHEOPT_TRACE_FILE that has grown to this is renamed to FILE.1,
     over the last one of that name, MiB, 1 ... 65536. Default 64. Of a context
     only. */
  CURLHEOPT_TRACE_SIZE = CURLHEOPTTYPE_LONG + 19,
  /* 1: where CURLHEOPT_RESOLVER names another resolver than the system's, it is
     asked for the HTTPS records (RFC 9460) of https origins, beside A and AAAA,
     by races in libcurl's lookup. Their targets, ports, aliases, priorities and
     hints are followed, ALPN is heeded, and ECH given to libcurl where that has
     an option for it. Not where a proxy, CURLOPT_CONNECT_TO or CURLOPT_RESOLVE
     leads elsewhere, nor without CURLOPT_SSL_VERIFYPEER and _VERIFYHOST, for
     TLS has to prove who is there. 0: they are not asked for. Default 1. */
  CURLHEOPT_HTTPS_RECORDS = CURLHEOPTTYPE_LONG + 20,
  /* 1: where the network has IPv6 alone, and a translator (NAT64), an IPv4
     address is connected by way of that one: an address of the host's, of a
     proxy's or of the URL's. The prefix is what a router advertises (RFC 8781),
     else what the resolver says of ipv4only.arpa (RFC 7050), which is asked
     for then. 0: it is not. Default 1. */
  CURLHEOPT_NAT64 = CURLHEOPTTYPE_LONG + 25,
  /* Called for every step of every race; see curl_he_trace_callback. */
  CURLHEOPT_TRACEFUNCTION = CURLHEOPTTYPE_FUNCTIONPOINT + 1,
  /* Passed to CURLHEOPT_TRACEFUNCTION as clientp. */
  CURLHEOPT_TRACEDATA = CURLHEOPTTYPE_OBJECTPOINT + 1,
  /* char *, copied: the file in which history outlives the process, shared
     with all processes that name it; CURL_HE_HISTORY_DEFAULT: the user's,
     $XDG_CACHE_HOME/curl-he/history.log or that in ~/.cache. Missing folders
     are made. A thread of its own reads and writes it, and nobody else waits
     for the disk: new things are written 2 s after they were learned, with
     curl_he_free() (100 ms at most), and, of the default context, when the
     process ends (50 ms at most). It is text, a line a host; a damaged line is
     skipped, a file of a later format left alone. NULL or "": none, what is
     learned ends with the context. Default: what the configuration says, else
     NULL. Of a context only.
     curl_he_history_error() tells why a file is not used. CURL_HE_BAD_HISTORY:
     there is no default path (no such variables, or a setuid program). */
  CURLHEOPT_HISTORY_FILE = CURLHEOPTTYPE_STRINGPOINT + 2,
  /* char *, copied: a file to which each step of each race is added, a line of
     JSON a step (curl-he-trace(5)); "-": stderr, which gets a timeline when a
     race is over. Either tells what is wrong with the configuration, too. NULL
     or "": none. Default: what the variable CURL_HE_TRACE of the environment
     says ("": none), else the configuration; a program with the rights of
     another looks at neither. Of a context only. Several processes may share a
     file; a new one is for its owner alone. It may be a FIFO that is read, or a
     character device. A thread of its own writes, and nobody waits for the disk
     but the end of the process: for 50 ms at most. What that thread is too slow
     for is left out and counted. No path, query, header or credential is ever
     written. Where the file cannot be written the trace ends, and nothing else:
     curl_he_trace_error() tells why. CURL_HE_BAD_OPTION: the path is too
     long. */
  CURLHEOPT_TRACE_FILE = CURLHEOPTTYPE_STRINGPOINT + 3,
  /* char *, copied: who turns names into addresses. "system": getaddrinfo().
     Else 1 to 4 of these, with blanks between them, in the order of asking:
     "dns://ADDRESS[:PORT],..." by c-ares, "tls://ADDRESS[:PORT],...?name=HOST",
     "https://HOST/PATH", "fixed:ADDRESS,...". curl_he_setopt(3) has their
     keys. Then no other server is asked for a host's name: where libcurl would
     ask the system, the transfer fails. NULL: unset. A process takes 254
     different values. Of contexts and hosts. Default "system".
     CURL_HE_BAD_OPTION: not understood, or this curl-he was built without what
     it takes. */
  CURLHEOPT_RESOLVER = CURLHEOPTTYPE_STRINGPOINT + 4
} CURLHEoption;

#define CURL_HE_HISTORY_DEFAULT ":default:"

#define CURL_HE_PREFER_SYSTEM 0L
#define CURL_HE_PREFER_IPV6   1L
#define CURL_HE_PREFER_IPV4   2L

#define CURL_HE_FAMILIES_ANY  0L
#define CURL_HE_FAMILIES_IPV4 1L   /* as CURL_IPRESOLVE_V4 */
#define CURL_HE_FAMILIES_IPV6 2L   /* as CURL_IPRESOLVE_V6 */

#define CURL_HE_PROFILE_NONE       0L
#define CURL_HE_PROFILE_RFC8305    1L   /* fixed delays as recommended there */
#define CURL_HE_PROFILE_CLOUDFLARE 2L   /* anycast: near, and one place */
#define CURL_HE_PROFILE_TELEGRAM   3L   /* one address a family */
#define CURL_HE_PROFILE_LOOPBACK   4L   /* on this machine */

/* -- the race, step by step -------------------------------------------- */

typedef enum {
  CURL_HE_STEP_RESOLVE,     /* curl-he asks for the addresses of `family` */
  CURL_HE_STEP_ANSWER,      /* they are here, `count` of them; 0 and an error
                              (an EAI_ value, or CURL_HE_EAI_UNPROVEN) where
                              resolving failed */
  CURL_HE_STEP_START,       /* an attempt at `address` */
  CURL_HE_STEP_CONNECTED,   /* it is connected */
  CURL_HE_STEP_FAILED,      /* it failed, error is the errno, 0: unknown */
  CURL_HE_STEP_TIMED_OUT,   /* given up by CURLHEOPT_ATTEMPT_TIMEOUT_MS */
  CURL_HE_STEP_CANCELLED,   /* it lost and was closed */
  CURL_HE_STEP_GONE,        /* libcurl closed it before it had an outcome */
  CURL_HE_STEP_PROVOKED,    /* libcurl's attempt at `address` was shut down so
                              that libcurl asks again and gets the winner */
  CURL_HE_STEP_HANDED_OVER, /* libcurl has the connected socket */
  CURL_HE_STEP_ASIDE,       /* curl-he stands aside; `text` says why */
  CURL_HE_STEP_WON,         /* the race is over, `address` won */
  CURL_HE_STEP_LOST,        /* it is over without a winner */
  CURL_HE_STEP_REMEMBERED,  /* `count` addresses of `family`, from an earlier
                              answer, are used until the answer comes; 0:
                              there were none, so none is waited for */
  CURL_HE_STEP_LOOKUP,      /* libcurl has asked for the name, and the race runs
                              in its lookup: the first step of such a race */
  CURL_HE_STEP_SERVICES     /* HTTPS records: they name `count` endpoints that
                              can be used */
} CURLHEstep;

/* A resolver of CURLHEOPT_RESOLVER could not prove who it is, by its name, its
   certificate or its key: nothing was sent to it, and nobody else was asked. */
#define CURL_HE_EAI_UNPROVEN (-20001)

/* What the Connection Attempt Delay in force comes from. */
#define CURL_HE_DELAY_COLD    0L   /* nothing: it is the one of first contact */
#define CURL_HE_DELAY_NETWORK 1L   /* round trips of other hosts of the
                                      network */
#define CURL_HE_DELAY_LEARNED 2L   /* round trips of the host itself */
#define CURL_HE_DELAY_RULE    3L   /* CURLHEOPT_DELAY_MS says it */

/* Where an answer, or an attempt's address, comes from. */
#define CURL_HE_ORIGIN_UNKNOWN    0L
#define CURL_HE_ORIGIN_QUERY      1L   /* the resolver was asked */
#define CURL_HE_ORIGIN_CACHE      2L   /* it was asked before, and the answer
                                          is valid */
#define CURL_HE_ORIGIN_REMEMBERED 3L   /* history has it */
#define CURL_HE_ORIGIN_GIVEN      4L   /* libcurl has it: from its cache, or
                                          from an option */
#define CURL_HE_ORIGIN_HINT       5L   /* an HTTPS record has it */

/* One step. Strings live as long as the call, or, from
   curl_he_easy_getinfo(), as that says. */
struct curl_he_step {
  CURLHEstep step;
  int family;            /* AF_INET, AF_INET6, or 0 */
  int libcurls;          /* 1: the attempt is libcurl's own, 0: curl-he's */
  int error;             /* see the step */
  unsigned count;        /* CURL_HE_STEP_ANSWER, _REMEMBERED, _SERVICES */
  curl_off_t time_us;    /* since the race began, microseconds; never less
                            than the step's before */
  const char *address;   /* "192.0.2.1:443", "[2001:db8::1]:443", or NULL */
  const char *text;      /* CURL_HE_STEP_ASIDE, else NULL */
  /* What follows is found out only where the race is traced, by
     CURLHEOPT_TRACEFUNCTION or CURLHEOPT_TRACE_FILE; else 0 and NULL. */
  const char *local;     /* trace callback, CURL_HE_STEP_CONNECTED: where the
                            attempt came from, as `address`; or NULL */
  long delay_ms;         /* CURL_HE_STEP_START: so long after it the next
                            attempt may start */
  long delay_why;        /* CURL_HE_STEP_START: CURL_HE_DELAY_ */
  long origin;           /* CURL_HE_STEP_ANSWER, _REMEMBERED, _START:
                            CURL_HE_ORIGIN_ */
  unsigned long long network;   /* as struct curl_he_history_entry has it; 0:
                                   not known yet */
};

/* The trace callback. Called in the order of the steps, one call at a time
   for a race, without any lock held. The calling thread is curl-he's own; for a
   race in libcurl's lookup it is the resolver's thread of libcurl, and the
   thread that uses the handle when libcurl takes the winner. `easy` is the
   handle as a name only: the call must not use it, nor call curl-he but for
   curl_he_strerror() and curl_he_version_info(), and should return soon, for
   races wait for it. No call comes after curl_he_detach() of the handle or
   curl_he_free() of its context has returned. */
typedef void (*curl_he_trace_callback)(CURL *easy, const char *host, int port,
                                       const struct curl_he_step *step,
                                       void *clientp);

/* -- what came of it --------------------------------------------------- */

#define CURLHEINFO_STRING 0x100000
#define CURLHEINFO_LONG   0x200000
#define CURLHEINFO_OFF_T  0x600000
#define CURLHEINFO_STEPS  0x700000

/* Of the last race of the handle; a reused connection starts none. */
typedef enum {
  /* char **: the address that won, without port, or NULL. */
  CURLHEINFO_WINNER = CURLHEINFO_STRING + 1,
  /* long *: attempts made, libcurl's and curl-he's. */
  CURLHEINFO_ATTEMPTS = CURLHEINFO_LONG + 2,
  /* long *: the Connection Attempt Delay used, ms. */
  CURLHEINFO_DELAY_MS = CURLHEINFO_LONG + 3,
  /* curl_off_t *: from asking for addresses until connecting could begin,
     microseconds; 0 where curl-he did not resolve before connecting. */
  CURLHEINFO_RESOLVE_TIME_T = CURLHEINFO_OFF_T + 4,
  /* curl_off_t *: from the first attempt until one was connected, us; 0 where
     none was. */
  CURLHEINFO_CONNECT_TIME_T = CURLHEINFO_OFF_T + 5,
  /* char **: every address that failed, with the reason, ready to print:
     "192.0.2.1: Connection refused; 2001:db8::1: No route to host". Empty
     where none did. */
  CURLHEINFO_FAILURES = CURLHEINFO_STRING + 6,
  /* struct curl_he_steps *: the whole race. */
  CURLHEINFO_RACE = CURLHEINFO_STEPS + 7,
  /* long *: 1 where curl-he handed libcurl a connected socket. */
  CURLHEINFO_HANDED_OVER = CURLHEINFO_LONG + 8,
  /* long *: 1 where the handle is known: curl-he has seen its curl_easy_init()
     and every option since; else 0. Of any handle, also one that was not set
     up. See curl_he_setup(). */
  CURLHEINFO_KNOWN = CURLHEINFO_LONG + 9,
  /* long *: the port that won, 0: none. */
  CURLHEINFO_PORT = CURLHEINFO_LONG + 10,
  /* long *: the errno of every attempt that has failed, where they agree; 0
     where they do not, or none has. What a deadline cut short counts as
     ETIMEDOUT. Of curl_he_connect() alone; else 0. */
  CURLHEINFO_OS_ERRNO = CURLHEINFO_LONG + 11,
  /* long *: an EAI_ value, why there was no address to try; 0: there was one.
     Of curl_he_connect() alone; else 0. */
  CURLHEINFO_RESOLVE_ERRNO = CURLHEINFO_LONG + 12,
  /* long *: a CURLHEcode. CURL_HE_RESOLVER_UNPROVEN where a resolver of
     CURLHEOPT_RESOLVER could not prove who it is, which ends the transfer with
     CURLE_COULDNT_RESOLVE_HOST; else CURL_HE_OK. */
  CURLHEINFO_RESOLVER = CURLHEINFO_LONG + 13
} CURLHEINFO;

struct curl_he_steps {
  const char *host;
  int port;
  size_t count;
  const struct curl_he_step *steps;   /* the first `count` steps, in order */
};

/* -- one handle -------------------------------------------------------- */

/* Known handles. libcurl lets nobody read an option back. The shared library
 * exports curl_easy_init(), _setopt(), _reset(), _duphandle() and _cleanup(),
 * and hands each call on to libcurl; a program that links it before libcurl,
 * as pkg-config says, calls these. <curl_he/wrap.h> does the same at compile
 * time. A handle that curl-he has seen from its curl_easy_init() on is known,
 * and what curl_easy_setopt() sets on it holds for curl-he, too. Of any other
 * handle, an unknown one, curl-he learns by curl_he_easy_setopt(), and infers
 * the rest. CURLHEINFO_KNOWN tells. Of a known handle
 *   - strings and lists are copied when they are set;
 *   - curl_easy_reset() takes curl-he off, and the handle stays known;
 *   - curl_easy_duphandle() is curl_he_duphandle(), and the copy is known;
 *   - curl_easy_cleanup() ends its race, and waits, as curl_he_detach() does;
 *   - callbacks are called in the transfer's thread alone, unless they were
 *     set by curl_he_easy_setopt(), or CURLHEOPT_RACER_CALLBACKS was set to 1
 *     for the handle: with an opensocket callback curl-he then makes no
 *     attempts;
 *   - CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS sets CURLHEOPT_DELAY_MS, from 10 to
 *     2000, and CURLOPT_IPRESOLVE sets CURLHEOPT_FAMILIES. */

/* Sets an easy handle up with the default context: from now on its connects
 * are raced. Sets CURLOPT_OPENSOCKETFUNCTION, _SOCKOPTFUNCTION,
 * _CLOSESOCKETFUNCTION, _RESOLVER_START_FUNCTION, their data, and
 * CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS. Of a known handle the program's own
 * callbacks, set before this call or after it, are called by these. Those of
 * an unknown one go through curl_he_easy_setopt(), after this call: what
 * curl_easy_setopt() set before it is overwritten, and what it sets after it
 * replaces curl-he's, which then sees nothing of the handle's connects.
 *
 * A handle set up again starts afresh, its curl-he options forgotten; an
 * unknown one's declared options, too. curl_easy_reset() drops the hooks, and
 * ends what was declared: set the handle up again. curl_he_detach() is not
 * needed before curl_easy_cleanup(), with two exceptions, of unknown handles
 * only: socket callbacks of your own, see curl_he_easy_setopt(); and a copy
 * made by curl_easy_duphandle(), which shares the hooks of its original: it
 * must not be used at the same time in another thread, nor after the original
 * was cleaned up without curl_he_detach(), until it is set up itself.
 * curl_he_duphandle() makes a copy that knows no such limits.
 *
 * Does not block, but for a callback that curl-he's thread runs for a handle
 * that is set up again, and for the first use of the default context, see
 * curl_he_default(). CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY,
 * CURL_HE_NO_LIBCURL, CURL_HE_LIBCURL_TOO_OLD: nothing was changed.
 * CURL_HE_LIBCURL_REFUSED: the handle is without hooks. */
CURL_HE_EXTERN CURLHEcode curl_he_setup(CURL *easy);

/* The same with a context of your own. */
CURL_HE_EXTERN CURLHEcode curl_he_attach(CURLHE *he, CURL *easy);

/* curl_multi_add_handle(), and the handle's connects are raced as by
 * curl_he_perform(): A and AAAA are asked apart, by CURLHEOPT_RESOLVER, and
 * nobody waits for a slow one. The handle is set up first, if it is not. The
 * transfer is in the multi handle from the return on, and all is as libcurl has
 * it: any event loop, curl_multi_remove_handle() at any time, limits, the
 * message at the end. Nothing needs to be called in between.
 *
 * Where libcurl's own lookup is raced (known handles, CURLHEOPT_LOOKUP), this
 * is curl_multi_add_handle(). Else libcurl is told of addresses that stand in
 * for those of the host, and waits for the race where it connects to them: by
 * CURLOPT_RESOLVE, in entries for "*" that libcurl looks at for this handle
 * alone, and that replace another handle's for "*" in the same DNS cache. So
 * CURLINFO_NAMELOOKUP_TIME is 0, CURLINFO_CONNECT_TIME has all of it, a host
 * without an address ends with CURLE_COULDNT_CONNECT, and HTTP/3 is not used.
 * What libcurl has a connection to, or has cached, needs no race, and is used.
 * A redirect to another host is raced as well, where its port is the URL's, 80
 * or 443.
 *
 * That is not done, and curl_multi_add_handle() all there is, of a handle with
 * a proxy, CURLOPT_RESOLVE, _CONNECT_TO, _DOH_URL, _INTERFACE, _LOCALPORT,
 * _TCP_FASTOPEN, _ALTSVC, _RESOLVER_START_FUNCTION, a Unix socket, or socket
 * callbacks that curl-he's thread may not call. Of an unknown handle these have
 * to be declared, by curl_he_easy_setopt(): else libcurl may connect to a proxy
 * that is at the port of the host, and get a socket to the host.
 *
 * While libcurl waits the handle is not to be detached, nor set up again, nor
 * its context freed, unless it leaves the multi handle first: the transfer
 * would fail, with libcurl 7.88.0 to 8.3 only when its time is up.
 *
 * On the thread of the multi handle, not in a callback. Does not block, but as
 * curl_he_setup() does where the handle is not set up. What
 * curl_multi_add_handle() returns; CURLM_BAD_EASY_HANDLE for NULL,
 * CURLM_OUT_OF_MEMORY; CURLM_INTERNAL_ERROR where the handle cannot be set
 * up. */
CURL_HE_EXTERN CURLMcode curl_he_multi_add(CURLM *multi, CURL *easy);

/* Told by curl_he_prepare(): connecting may begin, or `error` says why not, an
 * EAI_ value of getaddrinfo(). On a thread of curl-he's, which has all signals
 * blocked. `easy` is a name only: the call must not use it, for the program's
 * own thread may be using it. */
typedef void (*curl_he_prepared_callback)(CURL *easy, int error,
                                          void *clientp);

/* Asks for the addresses that the handle's next connect needs: of the URL's
 * host, or of the proxy that libcurl connects to. Returns at once. `told` is
 * called once, when connecting may begin (RFC 8305 section 3): A and AAAA are
 * asked apart, and a slow one of the two is not waited for; where there is
 * nothing to ask, soon. The answers are kept with the handle, for as long as
 * they are valid and for a minute at most, two seconds where there is no
 * address; a race of the handle takes them, and those that are still to come.
 * So a transfer that is added later, by curl_he_multi_add() or as a known
 * handle, or performed by curl_he_perform(), begins to connect without waiting.
 * No connection is made. The handle is set up first, if it is not.
 *
 * A second call takes the place of the first one, as after
 * curl_he_prepare_cancel(). So do curl_he_setup(), curl_he_detach() and
 * curl_he_free() of the context, of a known handle curl_easy_reset() and
 * curl_easy_cleanup(), too: no call to `told` comes after their return, and
 * each waits for one that runs. Before
 * curl_easy_cleanup() of an unknown handle call curl_he_prepare_cancel().
 *
 * On the handle's thread. CURL_HE_BAD_POINTER for NULL, CURL_HE_NO_MEMORY
 * (without a thread, too), and as curl_he_setup(): `told` is not called. */
CURL_HE_EXTERN CURLHEcode curl_he_prepare(CURL *easy,
                                          curl_he_prepared_callback told,
                                          void *clientp);

/* Nobody is told any more, and what was prepared is forgotten. Waits for a
 * callback that runs. On the handle's thread. CURL_HE_NOT_SET_UP,
 * CURL_HE_BAD_POINTER for NULL. */
CURL_HE_EXTERN CURLHEcode curl_he_prepare_cancel(CURL *easy);

/* curl_easy_duphandle(), and the copy is set up as the original is: with its
 * context, its curl-he options, and what was declared by curl_he_easy_setopt()
 * (the callbacks of the application with their data, too). Results are not
 * copied. What is set later for the one does not hold for the other; either
 * may go first. The copy is the caller's, for curl_easy_cleanup(). Of a handle
 * that is not set up it is a plain copy.
 *
 * The original must not be in use, as for curl_easy_duphandle(). Does not
 * block. NULL for NULL, without memory, or where libcurl makes no copy. */
CURL_HE_EXTERN CURL *curl_he_duphandle(CURL *easy);

/* Takes curl-he off the handle: its hooks are reset to NULL (or to the
 * callbacks given by curl_he_easy_setopt()),
 * CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS to libcurl's default, or all of them to
 * what a known handle was told; a race that runs is called off, its options
 * and results are freed. Connections that live on in a pool stay good, and are
 * closed by the closesocket callback that was declared when they were made.
 * Not from within a callback of libcurl. Waits for a callback that curl-he's
 * thread is running, else does not block. CURL_HE_BAD_POINTER,
 * CURL_HE_NOT_SET_UP where there is nothing to detach. */
CURL_HE_EXTERN CURLHEcode curl_he_detach(CURL *easy);

/* Sets a curl-he option (CURLHEOPT_...) of this handle; or any option of
 * libcurl (CURLOPT_...), which is then also set on the handle. The second way
 * is how curl-he learns of options that libcurl does not let it read. It
 * matters for CURLOPT_PROXY, _PRE_PROXY, _INTERFACE, _LOCALPORT,
 * _RESOLVE, _CONNECT_TO, _IPRESOLVE, _DOH_URL, _UNIX_SOCKET_PATH,
 * _ABSTRACT_UNIX_SOCKET, _CONNECTTIMEOUT(_MS), _TIMEOUT(_MS),
 * _HAPPY_EYEBALLS_TIMEOUT_MS, _SSL_VERIFYPEER and _SSL_VERIFYHOST (where one
 * is 0, remembered addresses are not used before the resolver has answered),
 * and for the callbacks named at curl_he_setup().
 *
 * CURLOPT_URL is handed on; where there are rules for hosts, libcurl's side of
 * them is then set for the new host, see curl_he_host_setopt().
 *
 * Socket callbacks: a CURLOPT_OPENSOCKETFUNCTION, _SOCKOPTFUNCTION and
 * _CLOSESOCKETFUNCTION set here are called as libcurl would call them. Unless
 * CURLHEOPT_RACER_CALLBACKS is 0, the first two are also called for each
 * attempt of curl-he's own, before it connects, with its address, and the
 * third for each socket that they saw and libcurl does not get: once a socket,
 * by curl-he's thread, without any lock held, perhaps at the same time as
 * another call in the transfer's thread. There they must not use the easy
 * handle, nor wait for a thread that is in a call of curl-he's, and should
 * return soon: all races wait for them.
 *   CURL_SOCKET_BAD, CURL_SOCKOPT_ERROR: that attempt is not made, the race
 * goes on with the next. CURL_SOCKOPT_ALREADY_CONNECTED: believed where the
 * socket is connected, else the attempt is dropped. Another address than was
 * asked for, or no TCP socket: that attempt is dropped, and curl-he stands
 * aside for the rest of that connect, as it does where this is done to an
 * attempt of libcurl's, which goes where the callback says.
 *   The functions and their data have to stay valid for that until one of
 * these has returned, which call the race off and wait for a call that runs:
 * curl_he_detach(), curl_he_setup() again, curl_he_free() of the context,
 * curl_he_easy_setopt() of any of the three, of their data or of
 * CURLHEOPT_RACER_CALLBACKS; curl_he_perform() leaves nothing of that kind
 * either. Of a known handle curl_he_setup() keeps them for later races, and
 * curl_easy_setopt(), _reset() and _cleanup() end their use, too.
 * curl_easy_perform() does not wait, nor does curl_easy_cleanup() of an
 * unknown handle: detach the handle before the data is freed. Called by one of
 * the callbacks on curl-he's own thread, those above do not wait
 * (curl_he_free() must not be called there), and what is left of the race's
 * sockets is closed by close(). As libcurl has it, the closesocket callback
 * must also live as long as the connections that were made while it was set.
 *
 * Does not block otherwise. CURL_HE_NOT_SET_UP, CURL_HE_UNKNOWN_OPTION,
 * CURL_HE_BAD_OPTION, CURL_HE_WRONG_SCOPE (an option of a context only),
 * CURL_HE_LIBCURL_REFUSED, CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY; then nothing
 * was changed. */
CURL_HE_EXTERN CURLHEcode curl_he_easy_setopt(CURL *easy, int option, ...);

/* What came of the handle's last race. Strings and steps are curl-he's and
 * live until the next call for this handle of curl_he_easy_getinfo() with the
 * same info, of curl_he_detach(), of curl_he_setup(), or of curl_he_free() for
 * its context. Waits for curl-he's thread to take stock, which is well under a
 * millisecond. CURL_HE_NOT_SET_UP, CURL_HE_UNKNOWN_OPTION, CURL_HE_BAD_POINTER,
 * CURL_HE_NO_MEMORY. Where there was no race, numbers are 0, strings NULL,
 * and the race empty. */
CURL_HE_EXTERN CURLHEcode curl_he_easy_getinfo(CURL *easy, CURLHEINFO info,
                                               ...);

/* curl_easy_perform(), with name resolution by curl-he: AAAA and A are asked
 * at the same time and neither waits for the other (RFC 8305 section 3), so
 * that a slow or dead answer of one family costs the Resolution Delay at most.
 * Where the transfer needs no name resolved (a reused connection, a cached or
 * given address, a literal, a proxy), or needs one that is none of curl-he's
 * (see above), it is curl_easy_perform() and nothing more. A handle that is
 * not set up is set up first, with the default context; so is one that has the
 * address of a handle that was cleaned up; and one that was reset by
 * curl_easy_reset(), if it is known, or had come to connect.
 *
 * Where history has the host's addresses from an earlier answer, and https
 * will prove who is there, connecting begins with those; the names are asked
 * for all the same, and what the answers say holds from then on, and for the
 * next transfer. A failure is never final before they are in.
 * (CURLHEOPT_HISTORY set to 0 turns this off.)
 *
 * Where a connection was made, and the peer ended it in its TLS handshake
 * without an answer, and nothing of the request was sent, the next address is
 * tried, once. What libcurl's callbacks told of the first try stays told.
 *
 * libcurl gets the addresses by CURLOPT_RESOLVE; where you set that option
 * yourself, do it with curl_he_easy_setopt(). Likewise CURLOPT_IPRESOLVE and
 * CURLOPT_DOH_URL. Needs libcurl 7.75.0 for this; with older ones it is
 * curl_easy_perform().
 *
 * Blocks like curl_easy_perform(); returns what that returns. Time that is
 * spent on resolving before libcurl starts counts for CURLOPT_TIMEOUT_MS and
 * CURLOPT_CONNECTTIMEOUT_MS where curl-he knows them. */
CURL_HE_EXTERN CURLcode curl_he_perform(CURL *easy);

/* -- connecting without libcurl ---------------------------------------- */

/* One connect of an application that speaks its protocol by itself, or that
 * hands the socket to somebody else: host and ports in; a connected socket,
 * its address, its port and the whole race out. It is the race that handles
 * have, with the options of the host and the context, their resolver, their
 * history and their trace. Nothing of libcurl's is called, and none need be
 * there.
 *
 *     CURLHErace *race = curl_he_connect_init(NULL);
 *     const unsigned short port = 443;
 *     curl_socket_t fd;
 *     if(!curl_he_connect(race, "example.com", &port, 1, &fd))
 *       talk_and_close(fd);
 *     curl_he_connect_cleanup(race);
 *
 * A race is a handle with options, as an easy handle is: what is not said has
 * a default, and a later version may know more. It can be used again when it
 * is over, with the options that it has. Three ways to wait for it:
 *   curl_he_connect()         blocks;
 *   curl_he_connect_start()   returns at once; the descriptor of
 *                             curl_he_connect_fd() is readable when the race
 *                             is over, in whatever event loop;
 *   the same, with CURLHECONNECT_DONEFUNCTION: that is called.
 *
 * Threads: one at a time uses a race, whichever; but
 * curl_he_connect_cancel() may be called from any, also meanwhile. The two that
 * do not block race on a thread of curl-he's, one a race, as long as it runs.
 * pthread_cancel() does not end a thread in one of these functions, but when
 * it is out of it; curl_he_connect_cancel() lets it out.
 * After fork() a child may not use its parent's races, but for
 * curl_he_connect_cleanup(). */
typedef struct CURLHErace CURLHErace;

/* The race is over: see CURLHECONNECT_DONEFUNCTION. */
typedef void (*curl_he_connect_callback)(CURLHErace *race, CURLHEcode code,
                                         curl_socket_t fd, void *clientp);

struct addrinfo;

/* Options of a race alone. Beside these it takes those CURLHEOPT_ that a
   handle does, for this race, before host, context and configuration:
   CURLHEOPT_DELAY_MS, CURLHEOPT_FIRST_FAMILY_COUNT (asyncio calls it
   interleave), CURLHEOPT_CONNECTTIMEOUT_MS (the deadline, resolving included,
   of each call that begins or goes on) and so on. Where nobody sets
   CURLHEOPT_MAX_ATTEMPTS, a race has as many attempts at once as there are
   addresses: nobody else would try the rest. */
typedef enum {
  /* struct addrinfo *, copied: addresses to try, as getaddrinfo() returns them;
     nobody is asked for any. Their order holds, but for the turns of the
     families, of which the first one's goes first unless CURLHEOPT_PREFERENCE
     says otherwise; and for what history holds against one, where a host is
     named. At most 64 a family, 64 / count where `count` ports are raced, each
     once. What is neither IPv4 nor IPv6 is left out, and what is for another
     type of socket than SOCK_STREAM or 0. NULL: none. Default NULL. */
  CURLHECONNECT_ADDRESSES = CURLHEOPTTYPE_OBJECTPOINT + 201,
  /* char *, copied: an IPv4 or an IPv6 address of this machine, as "192.0.2.9"
     or "fe80::9%eth0", from which the attempts of its family are sent. Where
     one is set the other family is not tried, unless it has one, too. History
     is not used. NULL: the system chooses. Default NULL. */
  CURLHECONNECT_LOCAL_IPV4 = CURLHEOPTTYPE_STRINGPOINT + 202,
  CURLHECONNECT_LOCAL_IPV6 = CURLHEOPTTYPE_STRINGPOINT + 203,
  /* curl_opensocket_callback, curl_sockopt_callback and
     curl_closesocket_callback of libcurl's, and what each gets as clientp: a
     factory of sockets. Called for each attempt: the first makes its socket
     (purpose CURLSOCKTYPE_IPCXN), the second sees it before it connects, the
     third closes what was not connected first; NULL: socket(), nothing,
     close(). CURL_SOCKET_BAD, another address, no TCP socket or
     CURL_SOCKOPT_ERROR: this attempt fails with ECANCELED, the race goes on.
     CURL_SOCKOPT_ALREADY_CONNECTED: believed where the socket is connected,
     which is then not sent from CURLHECONNECT_LOCAL_; else as with an error.
     On the thread that races, the third on any that begins a race, calls it
     off or cleans up, too; no call comes after curl_he_connect_cleanup().
     History is not used. Default NULL. */
  CURLHECONNECT_OPENSOCKETFUNCTION = CURLHEOPTTYPE_FUNCTIONPOINT + 204,
  CURLHECONNECT_OPENSOCKETDATA = CURLHEOPTTYPE_OBJECTPOINT + 205,
  CURLHECONNECT_SOCKOPTFUNCTION = CURLHEOPTTYPE_FUNCTIONPOINT + 206,
  CURLHECONNECT_SOCKOPTDATA = CURLHEOPTTYPE_OBJECTPOINT + 207,
  CURLHECONNECT_CLOSESOCKETFUNCTION = CURLHEOPTTYPE_FUNCTIONPOINT + 208,
  CURLHECONNECT_CLOSESOCKETDATA = CURLHEOPTTYPE_OBJECTPOINT + 209,
  /* curl_he_connect_callback, and its clientp: called once when a race that
     does not block is over, as curl_he_connect_result() would tell: CURL_HE_OK
     and a socket, the callback's from then on; else a code and
     CURL_SOCKET_BAD. On the race's own thread, with all signals blocked and
     no lock held. It may take its time, and use this race: for
     curl_he_connect_getinfo(), curl_he_connect_next() without a place for the
     socket, and curl_he_connect_cleanup(). Default NULL. */
  CURLHECONNECT_DONEFUNCTION = CURLHEOPTTYPE_FUNCTIONPOINT + 210,
  CURLHECONNECT_DONEDATA = CURLHEOPTTYPE_OBJECTPOINT + 211
} CURLHEconnectoption;

/* A race of a context; NULL: the default one. The caller's, for
 * curl_he_connect_cleanup(), which has to come before curl_he_free() of the
 * context. NULL without memory, or for a foreign pointer. Does not block, but
 * see curl_he_default(). */
CURL_HE_EXTERN CURLHErace *curl_he_connect_init(CURLHE *he);

/* Sets a CURLHECONNECT_ option, or a CURLHEOPT_ one; -1 takes one of type long
 * back. For races that begin later. Does not block. CURL_HE_UNKNOWN_OPTION,
 * CURL_HE_WRONG_SCOPE (no option of a race), CURL_HE_BAD_OPTION,
 * CURL_HE_BUSY (it runs), CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY; then nothing
 * was changed. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_setopt(CURLHErace *race, int option,
                                                 ...);

/* Connects by TCP to the first address of a host that answers, raced as
 * RFC 8305 has it. host: a name or an address; copied. NULL with
 * CURLHECONNECT_ADDRESSES, which it would only be the name of. ports: `count`
 * of them, 1 to 8, in order of preference: all addresses are tried at the
 * first, then all at the second, each address and port once, each attempt one
 * delay after the last or as soon as that fails. What history holds against an
 * address, at a port that has refused for instance, comes later than that; so a
 * second port may go first: CURLHEOPT_HISTORY 0 keeps to the order. Which port
 * it came to be tells CURLHEINFO_PORT. NULL and 0 with CURLHECONNECT_ADDRESSES
 * that have ports.
 *
 * *fd: the connected socket, the caller's to close(): non-blocking,
 * close-on-exec, with nothing set on it but what the callbacks have set; one
 * that CURLHECONNECT_OPENSOCKETFUNCTION made is not made close-on-exec, and not
 * non-blocking either where it was CURL_SOCKOPT_ALREADY_CONNECTED. Else
 * CURL_SOCKET_BAD. All others are closed before it returns. Blocks until the
 * race is over. What was not taken of an earlier race of this handle is closed.
 *
 * CURL_HE_COULDNT_CONNECT: every address has failed. CURLHEINFO_OS_ERRNO is the
 * errno of all, where they agree; CURLHEINFO_FAILURES names each.
 * CURL_HE_COULDNT_RESOLVE: the host has no address, or nobody says which;
 * CURLHEINFO_RESOLVE_ERRNO is the EAI_ value. CURL_HE_TIMEDOUT: the deadline
 * has passed. CURL_HE_CANCELLED: curl_he_connect_cancel(). CURL_HE_BUSY: it
 * runs. CURL_HE_BAD_POINTER: also for no host, no port, or too many.
 * CURL_HE_NO_MEMORY: also where there is no thread to be had. */
CURL_HE_EXTERN CURLHEcode curl_he_connect(CURLHErace *race, const char *host,
                                          const unsigned short *ports,
                                          size_t count, curl_socket_t *fd);

/* The same, and returns at once. Errors are those of the arguments,
 * CURL_HE_BUSY and CURL_HE_NO_MEMORY: then nothing was begun. All else tells
 * curl_he_connect_result(), or the callback. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_start(CURLHErace *race,
                                                const char *host,
                                                const unsigned short *ports,
                                                size_t count);

/* A descriptor to poll for reading, by poll(), epoll or an event loop: readable
 * from when the race is over until curl_he_connect_result() has told so. It
 * stays the race's, and the same until curl_he_connect_cleanup(): never read or
 * close it. CURL_SOCKET_BAD: NULL, or no descriptor. Does not block. */
CURL_HE_EXTERN curl_socket_t curl_he_connect_fd(CURLHErace *race);

/* What came of curl_he_connect_start(), or curl_he_connect_next(): the codes of
 * curl_he_connect(), and *fd as there, given once; afterwards *fd is
 * CURL_SOCKET_BAD. CURL_HE_AGAIN: it runs. CURL_HE_BAD_POINTER: also where
 * nothing was begun, or a callback was told. Does not block. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_result(CURLHErace *race,
                                                 curl_socket_t *fd);

/* The upper layer has failed with the socket that it got, TLS for instance, and
 * closes it: the race goes on with the rest: addresses and ports that were not
 * tried, or were called off for that one's sake; none that failed before. Names
 * are not asked for again, the deadline begins anew. fd: blocks, and tells
 * there, as curl_he_connect(). NULL: as curl_he_connect_start(). Where nothing
 * is left: CURL_HE_COULDNT_CONNECT. Codes as there; CURL_HE_BAD_POINTER also
 * where nothing was begun. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_next(CURLHErace *race,
                                               curl_socket_t *fd);

/* Calls a race off: it is over soon, with CURL_HE_CANCELLED, unless it was over
 * before. From any thread, but not beside curl_he_connect_cleanup(). Does not
 * block. Of one that does not run it does nothing; nor does a call that comes
 * too late to the one that runs next. CURL_HE_BAD_POINTER. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_cancel(CURLHErace *race);

/* What came of the last race and of those that went on with it, as
 * curl_he_easy_getinfo() has it: CURLHEINFO_WINNER, _PORT, _ATTEMPTS,
 * _DELAY_MS, _RESOLVE_TIME_T, _CONNECT_TIME_T, _FAILURES (here with ports, and
 * with those that the deadline cut short), _RACE, _OS_ERRNO and
 * _RESOLVE_ERRNO. Strings and steps live until the next call for this race with
 * the same info, or curl_he_connect_cleanup(). Does not block. Also while it
 * runs. CURL_HE_UNKNOWN_OPTION, CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY. */
CURL_HE_EXTERN CURLHEcode curl_he_connect_getinfo(CURLHErace *race,
                                                  CURLHEINFO info, ...);

/* Frees a race. One that runs is called off, and no callback comes after the
 * return: waits for one that runs, unless it is called there. Closes a socket
 * that was not taken. NULL is fine. */
CURL_HE_EXTERN void curl_he_connect_cleanup(CURLHErace *race);

/* -- contexts ---------------------------------------------------------- */

/* A context of your own: own options, shares nothing with others. Owned by the
   caller. NULL without memory. Does not block. */
CURL_HE_EXTERN CURLHE *curl_he_init(void);

/* Frees a context. Races of its handles are called off, its handles are
 * detached but for their hooks, which from then on do what libcurl does by
 * itself. With the last context curl-he's thread ends; this call waits for it
 * (well under a millisecond, unless it runs a callback). A name
 * resolution that hangs in the system does not hold it up. Not from within a
 * callback. NULL is fine. The default context may be freed too: it is made
 * anew when next asked for. */
CURL_HE_EXTERN void curl_he_free(CURLHE *he);

/* The default context, made at the first call; NULL without memory. It lives
   until the process ends or it is given to curl_he_free(). When it is made the
   configuration is loaded, as by curl_he_load_config(he, NULL, NULL, 0), which
   blocks for reading a file; curl_he_config_error() tells what was wrong with
   it. Every function that takes NULL for the default context, and
   curl_he_setup() and curl_he_perform(), may be the one that makes it. */
CURL_HE_EXTERN CURLHE *curl_he_default(void);

/* Sets a CURLHEOPT_ option of a context, for races that begin later. NULL is
   the default context. Does not block, but see curl_he_default().
   CURL_HE_UNKNOWN_OPTION, CURL_HE_BAD_OPTION, CURL_HE_BAD_POINTER,
   CURL_HE_NO_MEMORY; then nothing was changed. */
CURL_HE_EXTERN CURLHEcode curl_he_setopt(CURLHE *he, CURLHEoption option, ...);

/* The same for the transfers to some hosts, from their next connect on. The
 * pattern is one of
 *   "example.com"     this host alone
 *   "*.example.com"   every host below it, at any depth, but not itself
 *   "*"               every host: then it is curl_he_setopt()
 * It is compared with the host of the URL as that is written, but for the case
 * of ASCII letters and a dot at the end: a rule for a name in UTF-8 is not one
 * for its ASCII form ("xn--"), nor the other way. An address is no pattern.
 * Of each option the most particular pattern that says something holds; -1
 * takes one back, and the rule is gone with its last option. At most 4,096
 * patterns a context. The pattern is copied. Does not block, but see
 * curl_he_default().
 *
 * libcurl's own side of a rule (when its second family starts; and which
 * families it uses, CURLHEOPT_FAMILIES) is set when the handle is set up, when
 * its URL is set by curl_he_easy_setopt(), when curl_he_perform() begins, and,
 * but for the families, when libcurl resolves the name. The URL is the one of
 * CURLINFO_EFFECTIVE_URL: after a redirect, the last.
 *
 * CURL_HE_BAD_PATTERN, CURL_HE_TOO_MANY_RULES, CURL_HE_WRONG_SCOPE (the trace
 * callback, and the options of a context only), CURL_HE_UNKNOWN_OPTION,
 * CURL_HE_BAD_OPTION, CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY; then nothing was
 * changed. */
CURL_HE_EXTERN CURLHEcode curl_he_host_setopt(CURLHE *he, const char *pattern,
                                              CURLHEoption option, ...);

/* -- configuration ----------------------------------------------------- */

/* Room for a message, its final NUL included; the size of every buffer that
   is handed out for one. */
#define CURL_HE_ERROR_SIZE 256

/* Loads rules "host-pattern key=value ...", one a line; libcurl-he-config(5)
 * has the form. With a path: this file, in the place of what was loaded from a
 * file before. With NULL: the user's configuration,
 *   - the file that the environment variable CURL_HE_CONFIG names (empty:
 *     none), else $XDG_CONFIG_HOME/curl-he/config, else
 *     ~/.config/curl-he/config, which need not be there;
 *   - the environment variable CURL_HE_OPTIONS, with ";" between rules, too;
 * and neither in a program that runs with the privileges of another
 * (secure_getenv). What the program sets by curl_he_setopt() and its kind
 * beats both, CURL_HE_OPTIONS beats the file.
 *
 * he: NULL is the default context, which has already loaded the user's when it
 * was made; other contexts load nothing by themselves. errbuf: at least `size`
 * bytes of the caller's, for a message that names file, line, column and word,
 * cut to fit, empty where all is well; NULL: none. Nothing is ever written to
 * stderr.
 *
 * CURL_HE_BAD_CONFIG: where a line is wrong, nothing of it holds, the other
 * lines do, and the message is about the first. Where the file cannot be read,
 * is longer than 1 MiB, or is not a file, what was loaded before stays.
 * CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY: nothing was changed; but where there
 * was no memory to begin the file of the history or the trace, all else holds.
 *
 * Blocks for reading the file. From any thread; not beside setenv() in
 * another. */
CURL_HE_EXTERN CURLHEcode curl_he_load_config(CURLHE *he, const char *path,
                                              char *errbuf, size_t size);

/* What curl_he_load_config() last returned for this context, or for the
 * default one when it was made, and its message, as there. NULL is the default
 * context. CURL_HE_OK where nothing was loaded. Does not block, but see
 * curl_he_default(). */
CURL_HE_EXTERN CURLHEcode curl_he_config_error(CURLHE *he, char *errbuf,
                                               size_t size);

/* The file that the configuration names, as curl_he_load_config() last read it:
 * what CURL_HE_OPTIONS or else a file has for CURLHEOPT_HISTORY_FILE or
 * CURLHEOPT_TRACE_FILE, whatever the program or CURL_HE_TRACE says. he: NULL is
 * the default context. path: `size` bytes of the caller's, PATH_MAX is enough;
 * empty where no file is named. Does not block, but see curl_he_default().
 * CURL_HE_BAD_POINTER: also for a path that does not fit.
 * CURL_HE_UNKNOWN_OPTION, CURL_HE_NO_MEMORY. */
CURL_HE_EXTERN CURLHEcode curl_he_config_file(CURLHE *he,
                                              CURLHEoption option,
                                              char *path, size_t size);

/* -- history ----------------------------------------------------------- */

#define CURL_HE_VERDICT_GOOD    0L   /* or nothing is known against it */
#define CURL_HE_VERDICT_DOUBTED 1L   /* its family fails with other hosts */
#define CURL_HE_VERDICT_BAD     2L   /* it fails, or its family does here */

/* What is known of an address of a host. Strings live as long as the call. */
struct curl_he_history_entry {
  const char *host;
  const char *address;      /* without port */
  int family;               /* AF_INET or AF_INET6 */
  long verdict;             /* CURL_HE_VERDICT_ */
  unsigned long long network;   /* a number for the network it holds in */
  curl_off_t connect_us;    /* smoothed time of the TCP handshake (RFC 6298),
                               microseconds; 0: never measured */
  curl_off_t deviation_us;  /* its variation */
  curl_off_t age_ms;        /* since anything was learned of it; -1: nothing
                               was, but that the host has it */
  unsigned long successes;  /* connects */
  unsigned long failures;   /* refused, unreachable, or TLS that never
                               completed */
  unsigned long losses;     /* not answered in time */
};

/* 0: go on; else no more. It may call curl-he. */
typedef int (*curl_he_history_callback)(const struct curl_he_history_entry *e,
                                        void *data);

/* Shows what a context has learned, and read of its file, as it is at this
 * moment: every address of every host, those most recently used first. NULL is
 * the default context. Called in this thread, with no lock held. Does not
 * block, but see curl_he_default().
 * CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY: nothing was shown. */
CURL_HE_EXTERN CURLHEcode curl_he_history_foreach(CURLHE *he,
                                        curl_he_history_callback fn,
                                        void *data);

/* The number of the network that this process is in now, as the entries have
 * it; 0: without memory. Asks the kernel, sends nothing, does not block. From
 * any thread. */
CURL_HE_EXTERN unsigned long long curl_he_network(void);

/* Longer than another address by more than CURLHEOPT_LEEWAY_MS. */
#define CURL_HE_VERDICT_SLOW    3L
/* It has kept silent, and has not connected lately: another address that is
   known to work follows soon. */
#define CURL_HE_VERDICT_SILENT  4L

/* An attempt of the next connect. Strings live as long as the call. */
struct curl_he_history_turn {
  const char *address;      /* without port */
  int family;               /* AF_INET or AF_INET6 */
  long verdict;             /* CURL_HE_VERDICT_, also _SLOW, _SILENT */
  long start_ms;            /* when it starts, as long as none is connected or
                               refused: ms after the first */
  long delay_from;          /* CURL_HE_DELAY_: what these times are from */
};

/* 0: go on; else no more. It may call curl-he. */
typedef int (*curl_he_history_turn_callback)(
  const struct curl_he_history_turn *t, void *data);

/* Shows where the next connect to `port` of a host goes, as far as history and
 * the options for this host tell: the addresses that are known of it in the
 * network where this process is, in their order. None where nothing is known.
 * The resolver may then say otherwise: which addresses there are, and, with
 * gai.conf, which family goes first. he: NULL is the default context. Called
 * in this thread, with no lock held. Nothing is sent, and nothing counts as
 * used. Does not block, but see curl_he_default(). From any thread.
 * CURL_HE_BAD_POINTER, also for a port that is none, CURL_HE_NO_MEMORY: nothing
 * was shown. */
CURL_HE_EXTERN CURLHEcode curl_he_history_next(CURLHE *he, const char *host,
                                        int port,
                                        curl_he_history_turn_callback fn,
                                        void *data);

/* Forgets a host, in all networks; NULL: all that was learned. In the context,
 * and in its file, where it has one; other processes that read that file hear
 * of it. Waits until the file is changed, for 0.2 s at most.
 * CURL_HE_BAD_HISTORY: that took too long and may be done later.
 * CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY: nothing was changed. */
CURL_HE_EXTERN CURLHEcode curl_he_history_forget(CURLHE *he,
                                                 const char *host);

/* Writes all that a context has learned, in all networks, to a file of the
 * same form as that of CURLHEOPT_HISTORY_FILE, beside what is in there
 * already; or takes in what such a file has, beside what is known. Once: what
 * is learned later does not go there, nor what was taken in to the context's
 * own file, until more is learned of it. he: NULL is the default context. path:
 * CURL_HE_HISTORY_DEFAULT is the user's file. A file that is no history is
 * renamed to NAME.bad by the former, and refused by the latter; one of a later
 * format both refuse. errbuf: at least `size` bytes of the caller's for what
 * was wrong, NULL: none.
 *
 * Blocks for the file, while another process writes to it for 3 s a part.
 * From any thread. CURL_HE_BAD_HISTORY: a part may have been copied.
 * CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY. */
CURL_HE_EXTERN CURLHEcode curl_he_history_save(CURLHE *he, const char *path,
                                               char *errbuf, size_t size);
CURL_HE_EXTERN CURLHEcode curl_he_history_load(CURLHE *he, const char *path,
                                               char *errbuf, size_t size);

/* What was last wrong with the file of CURLHEOPT_HISTORY_FILE, since that was
 * set: it was refused, was put aside as NAME.bad and begun anew, or could not
 * be written. Transfers go on without it. errbuf: at least `size` bytes of the
 * caller's for the reason, CURL_HE_ERROR_SIZE is enough, empty where all is
 * well; NULL: none. The file is opened in the background: soon after the
 * option was set. Does not block, but see curl_he_default().
 * CURL_HE_OK, CURL_HE_BAD_HISTORY, CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY. */
CURL_HE_EXTERN CURLHEcode curl_he_history_error(CURLHE *he, char *errbuf,
                                                size_t size);

/* -- what came of all of them ------------------------------------------ */

/* Of a context, since it was made. A connect that libcurl makes by itself in no
   time is counted when its handle makes the next one, or goes. A later version
   may have more at its end. Counters only grow; the last three numbers are of
   this moment. */
struct curl_he_stats {
  unsigned long long connects_ipv4;   /* connects that led to a connection, by
                                         the family of the winner */
  unsigned long long connects_ipv6;
  unsigned long long failed;          /* connects in which no attempt did */
  unsigned long long races;           /* connects of more than one attempt */
  unsigned long long attempts;        /* made by curl-he */
  unsigned long long attempts_libcurl;
  unsigned long long handed_over;     /* connected sockets given to libcurl */
  unsigned long long asides;          /* times that curl-he stood aside */
  unsigned long long probes;          /* attempts in the background, at
                                         addresses that history holds bad */
  /* How long these connects took, against a client of RFC 8305 that remembers
     nothing: Resolution Delay 50 ms, Connection Attempt Delay 250 ms, the
     system's order of addresses. It gets the answers when the race got them,
     and each address does for it what it did in the race. One that was not
     tried is silent for it where history held something against it; else it
     connects as quickly as the winner, so that nothing is counted as saved
     that is not known. */
  unsigned long long compared;        /* connects that the next two are of */
  unsigned long long saved_us;        /* by those that were faster, in all */
  unsigned long long behind_us;       /* lost by those that were slower */
  unsigned long long addresses;       /* that history knows */
  unsigned long long addresses_doubted;   /* CURL_HE_VERDICT_DOUBTED */
  unsigned long long addresses_bad;       /* CURL_HE_VERDICT_BAD */
};

/* Writes what the context has counted to *out, which has `size` bytes:
 * sizeof(*out). What this version of curl-he does not know is 0. NULL is the
 * default context. Numbers may be of slightly different moments. Any thread.
 * Does not block, but see curl_he_default(). CURL_HE_BAD_POINTER,
 * CURL_HE_NO_MEMORY: nothing was written. */
CURL_HE_EXTERN CURLHEcode curl_he_stats(CURLHE *he,
                                        struct curl_he_stats *out,
                                        size_t size);

/* -- the trace --------------------------------------------------------- */

/* Why the context's trace (CURLHEOPT_TRACE_FILE) has ended: its file could not
 * be opened or written. Transfers go on without it. he: NULL is the default
 * context. errbuf: at least `size` bytes of the caller's for the reason,
 * CURL_HE_ERROR_SIZE is enough, empty where all is well; NULL: none. The file
 * is opened in the background, with the first line. Does not block, but see
 * curl_he_default().
 * CURL_HE_OK, CURL_HE_BAD_TRACE, CURL_HE_BAD_POINTER, CURL_HE_NO_MEMORY. */
CURL_HE_EXTERN CURLHEcode curl_he_trace_error(CURLHE *he, char *errbuf,
                                              size_t size);

/* -- about ------------------------------------------------------------- */

/* A sentence for a code; never NULL, static. */
CURL_HE_EXTERN const char *curl_he_strerror(CURLHEcode code);

typedef struct {
  int age;                     /* 1; later fields come with higher ages */
  const char *version;         /* CURL_HE_VERSION of the library in use */
  unsigned int version_num;
  const char *libcurl_version; /* of the libcurl in use */
  unsigned int libcurl_version_num;
  const char *poller;          /* "epoll" */
  const char *resolver;        /* "system" */
  int interposes;              /* age 1. 1 where the program's calls of
                                  curl_easy_init() arrive at curl-he, so that
                                  its handles are known; 0 where they go to
                                  libcurl: link order, --disable-interpose, a
                                  static library */
  int lookup;                  /* age 1. 1 where libcurl's calls of
                                  getaddrinfo() arrive at curl-he, so that known
                                  handles race in libcurl's lookup; 0 where they
                                  do not: as above, --disable-lookup,
                                  CURL_HE_LOOKUP=off, another C library than
                                  glibc */
} curl_he_version_info_data;

/* Static, never NULL. */
CURL_HE_EXTERN const curl_he_version_info_data *curl_he_version_info(void);

/* -- type checks, in libcurl's manner ---------------------------------- */

#if defined(__GNUC__) && !defined(__cplusplus) && \
  !defined(CURL_HE_NO_TYPECHECK)
#include <curl_he/typecheck.h>
#endif

#ifdef __cplusplus
}
#endif
#endif
