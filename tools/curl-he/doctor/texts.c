/* SPDX-License-Identifier: MIT */
/* texts.c - line by line. */
#include "texts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r"

/* The next line of *text without its comment, cut to fit; false: no more. */
static bool next_line(const char **text, char line[1024])
{
  const size_t n = strcspn(*text, "\n");
  if(!**text)
    return false;
  snprintf(line, 1024, "%.*s", (int)(n < 1023 ? n : 1023), *text);
  line[strcspn(line, "#")] = 0;
  *text += n;
  *text += **text == '\n';
  return true;
}

unsigned he_text_hosts(const char *text, const char *host,
                       char address[HE_ADDRESS_TEXT])
{
  char line[1024];
  for(unsigned number = 1; next_line(&text, line); number++) {
    char *rest, *word = strtok_r(line, BLANKS, &rest);
    snprintf(address, HE_ADDRESS_TEXT, "%s", word ? word : "");
    while(word && (word = strtok_r(NULL, BLANKS, &rest)) != NULL) {
      if(!strcasecmp(word, host))
        return number;
    }
  }
  address[0] = 0;
  return 0;
}

unsigned he_text_gai(const char *text)
{
  long all = 40, mapped = 10;   /* as RFC 6724 has them, and glibc */
  unsigned found = 0;
  char line[1024];
  for(unsigned number = 1; next_line(&text, line); number++) {
    char *rest, *word = strtok_r(line, BLANKS, &rest);
    const char *prefix, *value;
    if(!word || strcasecmp(word, "precedence"))
      continue;
    prefix = strtok_r(NULL, BLANKS, &rest);
    value = prefix ? strtok_r(NULL, BLANKS, &rest) : NULL;
    if(!value)
      continue;
    if(!strcmp(prefix, "::/0"))
      all = strtol(value, NULL, 10);
    else if(!strcasecmp(prefix, "::ffff:0:0/96")) {
      mapped = strtol(value, NULL, 10);
      found = number;
    }
  }
  return mapped > all ? found : 0;
}

void he_text_nsswitch(const char *text, char *sources, size_t size,
                      bool *asks_dns)
{
  char line[1024];
  *sources = 0;
  *asks_dns = false;
  while(next_line(&text, line)) {
    char *at = line + strspn(line, BLANKS), *rest, *word;
    if(strncasecmp(at, "hosts:", 6))
      continue;
    at += 6;
    at += strspn(at, BLANKS);
    snprintf(sources, size, "%s", at);
    for(word = strtok_r(at, BLANKS, &rest); word;
        word = strtok_r(NULL, BLANKS, &rest))
      *asks_dns = *asks_dns || !strcmp(word, "dns") ||
                  !strcmp(word, "resolve");
  }
}

unsigned he_text_resolv(const char *text)
{
  char line[1024];
  unsigned n = 0;
  while(next_line(&text, line)) {
    char *rest, *word = strtok_r(line, BLANKS, &rest);
    if(word && !strcmp(word, "nameserver") && strtok_r(NULL, BLANKS, &rest))
      n++;
  }
  return n;
}

/* -- sockets -- */

/* The kernel prints an address as words of 32 bits, each as this machine has
   it in memory. */
static bool remote_of(const char *hex, unsigned port, bool six,
                      struct he_socket *out)
{
  unsigned words[4] = { 0 };
  char text[INET6_ADDRSTRLEN];
  const size_t n = six ? 4 : 1;
  if(strlen(hex) != 8 * n)
    return false;
  for(size_t i = 0; i < n; i++) {
    char one[9];
    snprintf(one, sizeof(one), "%.8s", hex + 8 * i);
    words[i] = (unsigned)strtoul(one, NULL, 16);
  }
  if(!inet_ntop(six ? AF_INET6 : AF_INET, words, text, sizeof(text)))
    return false;
  snprintf(out->remote, sizeof(out->remote), six ? "[%s]:%u" : "%s:%u", text,
           port);
  return true;
}

bool he_text_stuck(const char *line, bool six, struct he_socket *out)
{
  char remote[40];
  unsigned port, state, again;
  /* sl, local, remote, state, queues, timer, sent again, uid, timeout,
     inode */
  if(sscanf(line, " %*[0-9]: %*[0-9A-Fa-f]:%*x %39[0-9A-Fa-f]:%x %x %*x:%*x"
            " %*x:%*x %x %*u %*u %lu", remote, &port, &state, &again,
            &out->inode) != 5)
    return false;
  return state == 2 && again && remote_of(remote, port, six, out);
}

/* -- libcurl -- */

bool he_text_is_libcurl(const char *path)
{
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  if(strncmp(name, "libcurl", 7))
    return false;
  name += 7;
  if(!strncmp(name, "-he.", 4) || !strncmp(name, "-he-", 4))
    return false;
  if(*name == '-')
    name += 1 + strcspn(name + 1, "./");
  return !strncmp(name, ".so", 3) && (!name[3] || name[3] == '.');
}

bool he_text_version(const char *bytes, size_t len, struct he_libcurl *l)
{
  static const char mark[] = "libcurl/";
  const char *at = bytes, *end = bytes + len;
  while((at = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1)) !=
        NULL) {
    unsigned major, minor, patch;
    char text[16];
    at += sizeof(mark) - 1;
    snprintf(text, sizeof(text), "%.*s",
             (int)(end - at < 15 ? end - at : 15), at);
    if(sscanf(text, "%3u.%3u.%3u", &major, &minor, &patch) != 3 ||
       major > 255 || minor > 255 || patch > 255)
      continue;
    snprintf(l->version, sizeof(l->version), "%u.%u.%u", major, minor, patch);
    l->number = major << 16 | minor << 8 | patch;
    l->cares = memmem(bytes, len, "libcares.so", 11) != NULL;
    return true;
  }
  return false;
}
