/* SPDX-License-Identifier: MIT */
/* program.c - reads the head of the file. */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SEGMENTS 64
#define SCRIPTS 4             /* an interpreter may be a script */

/* False with errno, as execve() has it. */
static bool is_there(const char *path)
{
  struct stat st;
  if(stat(path, &st))
    return false;
  errno = EACCES;
  return S_ISREG(st.st_mode) && !access(path, X_OK);
}

static bool find(const char *name, char out[PATH_MAX])
{
  const char *path = getenv("PATH");
  int error = ENOENT;
  if(strchr(name, '/')) {
    errno = ENAMETOOLONG;
    return snprintf(out, PATH_MAX, "%s", name) < PATH_MAX && is_there(out);
  }
  if(!path)
    path = "/bin:/usr/bin";
  while(*name && *path) {
    size_t n = strcspn(path, ":");
    int len = snprintf(out, PATH_MAX, "%.*s%s%s", (int)n, path, n ? "/" : "./",
                       name);
    if(len > 0 && len < PATH_MAX && is_there(out))
      return true;
    if(errno == EACCES)         /* it is there, and cannot be run */
      error = EACCES;
    path += n;
    path += *path == ':';
  }
  errno = error;
  return false;
}

/* -- what it is -- */

#define CHILDREN ": curl-he reaches only what it starts"
#define DROPPED \
  ": the loader ignores LD_PRELOAD, and curl-he does not reach it"

static const char other_size[] =
  "it is of another word size than the module: curl-he does not reach it";
static const char other_libc[] =
  "it has another C library than the module: curl-he does not reach it";

/* The module would keep it from running. */
static bool is_musl(int fd, const ElfW(Phdr) *p)
{
  char loader[PATH_MAX];
  ssize_t n;
  if(p->p_type != PT_INTERP || p->p_offset >= INT64_MAX)
    return false;
  n = pread(fd, loader, sizeof(loader) - 1, (off_t)p->p_offset);
  loader[n > 0 ? n : 0] = 0;
  return strstr(loader, "/ld-musl-");
}

/* Who runs another program, and keeps the environment from it. */
static const char *judge_name(const char *path)
{
  static const char *const names[] = { "sudo", "doas", "pkexec" };
  const char *slash = strrchr(path, '/');
  for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
    if(!strcmp(slash ? slash + 1 : path, names[i]))
      return "it does not hand LD_PRELOAD on: put curl-he run behind it, "
             "before the program";
  }
  return NULL;
}

static bool is_go(int fd, const ElfW(Phdr) *p)
{
  struct {
    ElfW(Nhdr) head;
    char name[4];
  } note;
  return p->p_type == PT_NOTE && p->p_offset < INT64_MAX &&
         pread(fd, &note, sizeof(note), (off_t)p->p_offset) ==
         (ssize_t)sizeof(note) && !memcmp(note.name, "Go", 3);
}

static const char *judge_elf(int fd, const ElfW(Ehdr) *e)
{
  ElfW(Phdr) p[SEGMENTS];
  const ssize_t size = (ssize_t)(e->e_phnum * sizeof(*p));
  bool loader = false, go = false, musl = false;
  if(e->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
    return other_size;
  if(e->e_phnum > SEGMENTS || e->e_phentsize != sizeof(*p) ||
     e->e_phoff >= INT64_MAX || pread(fd, p, (size_t)size,
                                      (off_t)e->e_phoff) != size)
    return NULL;
  for(unsigned i = 0; i < e->e_phnum; i++) {
    loader = loader || p[i].p_type == PT_INTERP;
    go = go || is_go(fd, &p[i]);
    musl = musl || is_musl(fd, &p[i]);
  }
  if(musl)
    return other_libc;
  if(go)
    return "it is a Go program, which connects without libcurl" CHILDREN;
  return loader ? NULL : "it is statically linked" CHILDREN;
}

/* Its interpreter, by the first line; false: it is no script. */
static bool script(const char *head, ssize_t len, char interpreter[PATH_MAX])
{
  const char *at = head + 2;
  size_t n;
  if(len < 3 || memcmp(head, "#!", 2))
    return false;
  at += strspn(at, " \t");
  n = strcspn(at, " \t\r\n");
  snprintf(interpreter, PATH_MAX, "%.*s", (int)n, at);
  return n > 0;
}

static const char *judge_rights(int fd)
{
  struct stat st;
  if(!fstat(fd, &st) && (((st.st_mode & S_ISUID) && st.st_uid != getuid()) ||
                         ((st.st_mode & S_ISGID) && st.st_gid != getgid())))
    return "it gets another user's rights (setuid)" DROPPED;
  if(fgetxattr(fd, "security.capability", NULL, 0) > 0 && getuid())
    return "it gets rights of its own (capabilities)" DROPPED;
  return NULL;
}

static const char *judge(const char *path, unsigned depth)
{
  union {
    ElfW(Ehdr) elf;
    char text[256];
  } head;
  char interpreter[PATH_MAX];
  const char *slash = strrchr(path, '/');
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const char *why;
  ssize_t n;
  if(fd < 0)
    return NULL;
  memset(&head, 0, sizeof(head));
  n = pread(fd, &head, sizeof(head) - 1, 0);
  why = judge_rights(fd);
  if(!why && n >= (ssize_t)sizeof(head.elf) &&
     !memcmp(head.elf.e_ident, ELFMAG, SELFMAG))
    why = judge_elf(fd, &head.elf);
  close(fd);
  if(!why && slash && !strcmp(slash, "/java"))
    why = "it is Java, which connects without libcurl" CHILDREN;
  if(!why && depth && script(head.text, n, interpreter))
    return judge(interpreter, depth - 1);
  return why;
}

bool he_program_find(const char *name, struct he_program *p)
{
  if(!find(name, p->path))
    return false;
  p->unreached = judge_name(p->path);
  if(!p->unreached)
    p->unreached = judge(p->path, SCRIPTS);
  p->bears = p->unreached != other_size && p->unreached != other_libc;
  return true;
}
