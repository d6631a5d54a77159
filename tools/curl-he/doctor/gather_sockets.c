/* SPDX-License-Identifier: MIT */
/* gather_sockets.c - sockets in SYN-SENT, and whose they are. */
#include "gather.h"
#include "texts.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool owns(const char *pid, const char *wanted)
{
  char path[PATH_MAX], link[64];
  struct dirent *e;
  bool found = false;
  DIR *dir;
  snprintf(path, sizeof(path), "/proc/%s/fd", pid);
  dir = opendir(path);
  while(dir && !found && (e = readdir(dir)) != NULL) {
    const ssize_t n = readlinkat(dirfd(dir), e->d_name, link,
                                 sizeof(link) - 1);
    if(n > 0) {
      link[n] = 0;
      found = !strcmp(link, wanted);
    }
  }
  if(dir)
    closedir(dir);
  return found;
}

static void find_owner(unsigned long inode, struct he_stuck *s)
{
  char wanted[64], path[PATH_MAX];
  struct dirent *e;
  DIR *proc = opendir("/proc");
  snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
  while(proc && !s->pid && (e = readdir(proc)) != NULL) {
    if(isdigit((unsigned char)*e->d_name) && owns(e->d_name, wanted)) {
      char *name;
      s->pid = strtol(e->d_name, NULL, 10);
      snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
      name = he_gather_file(path);
      snprintf(s->program, sizeof(s->program), "%.*s",
               (int)strcspn(name ? name : "", "\n"), name ? name : "");
      free(name);
    }
  }
  if(proc)
    closedir(proc);
}

static void note(struct he_facts *f, const struct he_socket *s)
{
  struct he_stuck *at = f->stuck;
  while(at < f->stuck + f->stuck_n && strcmp(at->remote, s->remote))
    at++;
  if(at == f->stuck + HE_STUCK)
    return;
  if(at == f->stuck + f->stuck_n) {
    f->stuck_n++;
    snprintf(at->remote, sizeof(at->remote), "%s", s->remote);
    find_owner(s->inode, at);
  }
  at->n++;
}

static void gather(struct he_facts *f, const char *path, bool six)
{
  struct he_socket s;
  char line[512];
  FILE *in = fopen(path, "re");
  while(in && fgets(line, sizeof(line), in)) {
    if(he_text_stuck(line, six, &s))
      note(f, &s);
  }
  if(in)
    fclose(in);
}

void he_gather_sockets(struct he_facts *f)
{
  gather(f, "/proc/net/tcp", false);
  gather(f, "/proc/net/tcp6", true);
}
