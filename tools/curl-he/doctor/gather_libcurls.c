/* SPDX-License-Identifier: MIT */
/* gather_libcurls.c - the libcurls of the loader's folders, and those that
 * programs have loaded. Versions are read from the files: nothing of them is
 * run. */
#include "gather.h"
#include "texts.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (64L * 1024 * 1024)

static void read_version(struct he_libcurl *l)
{
  const int fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  void *bytes;
  if(fd < 0)
    return;
  if(!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
     st.st_size < LARGEST) {
    bytes = malloc((size_t)st.st_size);
    if(bytes && pread(fd, bytes, (size_t)st.st_size, 0) == st.st_size)
      he_text_version(bytes, (size_t)st.st_size, l);
    free(bytes);
  }
  close(fd);
}

/* By its real path. NULL: there is no room. */
static struct he_libcurl *libcurl_at(struct he_facts *f, const char *path)
{
  char real[PATH_MAX];
  struct he_libcurl *l = f->libcurls;
  if(!realpath(path, real))
    snprintf(real, sizeof(real), "%s", path);
  for(; l < f->libcurls + f->libcurls_n; l++) {
    if(!strcmp(l->path, real))
      return l;
  }
  if(f->libcurls_n == HE_LIBCURLS)
    return NULL;
  f->libcurls_n++;
  snprintf(l->path, sizeof(l->path), "%s", real);
  read_version(l);
  return l;
}

/* -- folders -- */

static void look_in(struct he_facts *f, const char *folder)
{
  char path[PATH_MAX];
  struct dirent *e;
  DIR *dir = *folder == '/' ? opendir(folder) : NULL;
  while(dir && (e = readdir(dir)) != NULL) {
    int n = snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
    if(n > 0 && n < (int)sizeof(path) && he_text_is_libcurl(path) &&
       !access(path, F_OK))
      libcurl_at(f, path);
  }
  if(dir)
    closedir(dir);
}

static void look_in_each(struct he_facts *f, const char *list,
                         const char *apart)
{
  char folder[PATH_MAX];
  while(*list) {
    const size_t n = strcspn(list, apart);
    if(n && n < sizeof(folder)) {
      snprintf(folder, sizeof(folder), "%.*s", (int)n, list);
      look_in(f, folder);
    }
    list += n;
    list += *list != 0;
  }
}

static void look_in_configured(struct he_facts *f, const char *path)
{
  char *text = he_gather_file(path);
  if(text)
    look_in_each(f, text, " \t\r\n");
  free(text);
}

static void look_in_folders(struct he_facts *f)
{
  static const char configured[] = "/etc/ld.so.conf.d";
  const char *path = getenv("LD_LIBRARY_PATH");
  char name[PATH_MAX];
  struct dirent *e;
  DIR *dir = opendir(configured);
  if(path)
    look_in_each(f, path, ":");
  look_in_configured(f, "/etc/ld.so.conf");
  while(dir && (e = readdir(dir)) != NULL) {
    int n = snprintf(name, sizeof(name), "%s/%s", configured, e->d_name);
    if(n > 0 && n < (int)sizeof(name) && strstr(e->d_name, ".conf"))
      look_in_configured(f, name);
  }
  if(dir)
    closedir(dir);
  look_in_each(f, "/lib64:/usr/lib64:/lib:/usr/lib:/usr/local/lib", ":");
}

/* -- processes -- */

static void add_user(struct he_libcurl *l, const char *pid)
{
  char path[PATH_MAX], one[48];
  const size_t used = strlen(l->used_by);
  char *name;
  l->users++;
  snprintf(path, sizeof(path), "/proc/%s/comm", pid);
  name = he_gather_file(path);
  if(!name)
    return;
  name[strcspn(name, "\n")] = 0;
  snprintf(one, sizeof(one), "%s%.32s", used ? ", " : "", name);
  if(*name && !strstr(l->used_by, name) &&
     used + strlen(one) < sizeof(l->used_by))
    strcpy(l->used_by + used, one);
  free(name);
}

static void look_at_process(struct he_facts *f, const char *pid)
{
  char path[PATH_MAX], line[PATH_MAX + 128];
  const struct he_libcurl *last = NULL;
  FILE *in;
  snprintf(path, sizeof(path), "/proc/%s/maps", pid);
  in = fopen(path, "re");
  while(in && fgets(line, sizeof(line), in)) {
    struct he_libcurl *l;
    char *file = strchr(line, '/');
    line[strcspn(line, "\n")] = 0;
    if(!file || !he_text_is_libcurl(file))
      continue;
    l = libcurl_at(f, file);
    if(l && l != last)        /* a file has several lines, in a row */
      add_user(l, pid);
    last = l;
  }
  if(in)
    fclose(in);
}

void he_gather_libcurls(struct he_facts *f)
{
  struct dirent *e;
  DIR *proc = opendir("/proc");
  look_in_folders(f);
  while(proc && (e = readdir(proc)) != NULL) {
    if(isdigit((unsigned char)*e->d_name) &&
       strtol(e->d_name, NULL, 10) != getpid())
      look_at_process(f, e->d_name);
  }
  if(proc)
    closedir(proc);
}
