/* SPDX-License-Identifier: MIT */
#include "upstream/authorities.h"
#include "base/rehashed.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 1024
/* A system's are a quarter of a MiB. */
#define MOST ((size_t)16 << 20)
#define PART 65536

static char cert_file[PATH], cert_dir[PATH];

static void note(char to[PATH], const char *variable, const char *usual)
{
  const char *value = secure_getenv(variable);
  snprintf(to, PATH, "%s", value && strlen(value) < PATH ? value : usual);
}

void he_authorities_environment(void)
{
  note(cert_file, X509_get_default_cert_file_env(),
       X509_get_default_cert_file());
  note(cert_dir, X509_get_default_cert_dir_env(),
       X509_get_default_cert_dir());
}

struct text {
  char *bytes;
  size_t n, room;
};

static bool make_room(struct text *t)
{
  char *more;
  if(t->room - t->n > PART)
    return true;
  more = t->room < MOST ? realloc(t->bytes, t->room * 2 + 2 * PART) : NULL;
  if(!more)
    return false;
  t->bytes = more;
  t->room = t->room * 2 + 2 * PART;
  return true;
}

/* All of it or nothing. A line's end follows: the next file's first line is
   one. */
static void add_all(struct text *t, int fd)
{
  const size_t before = t->n;
  ssize_t got = 1;
  while(got && make_room(t)) {
    got = read(fd, t->bytes + t->n, PART);
    if(got > 0)
      t->n += (size_t)got;
    else if(got < 0 && errno != EINTR)
      break;
  }
  if(got)
    t->n = before;
  else if(t->n != before)
    t->bytes[t->n++] = '\n';
}

static void add_file(struct text *t, const char *path)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if(fd < 0)
    return;
  add_all(t, fd);
  close(fd);
}

static void add_folder(struct text *t, const char *path)
{
  struct dirent **list = NULL;
  const int n = scandir(path, &list, he_rehashed, alphasort);
  for(int i = 0; i < n; i++) {
    char file[PATH + 256];
    if(snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name) <
       (int)sizeof(file))
      add_file(t, file);
    free(list[i]);
  }
  free(list);
}

/* SSL_CERT_DIR may be a list. */
static void add_folders(struct text *t, const char *list)
{
  while(*list) {
    const size_t n = strcspn(list, ":");
    char one[PATH];
    snprintf(one, sizeof(one), "%.*s", (int)n, list);
    if(n)
      add_folder(t, one);
    list += n + (list[n] == ':');
  }
}

char *he_authorities_read(const char *ca, size_t *n)
{
  struct text t = { NULL, 0, 0 };
  struct stat st;
  if(!*ca) {
    add_file(&t, cert_file);
    add_folders(&t, cert_dir);
  }
  else if(!stat(ca, &st) && S_ISDIR(st.st_mode))
    add_folder(&t, ca);
  else
    add_file(&t, ca);
  *n = t.n;
  if(t.n)
    return t.bytes;
  free(t.bytes);
  return NULL;
}
