/* SPDX-License-Identifier: MIT */
/* needed.c - reads a file's dynamic section. The file is another's: each offset
 * is checked by reading there, and a read is never longer than its buffer. */
#include "needed.h"

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS 64
#define ENTRIES 512

struct image {
  int fd;
  unsigned count;
  ElfW(Phdr) segments[SEGMENTS];
};

static bool read_at(const struct image *m, uint64_t at, void *out, size_t n)
{
  return at < INT64_MAX && pread(m->fd, out, n, (off_t)at) == (ssize_t)n;
}

static bool read_segments(struct image *m)
{
  ElfW(Ehdr) head;
  if(!read_at(m, 0, &head, sizeof(head)) ||
     memcmp(head.e_ident, ELFMAG, SELFMAG) ||
     head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 :
                                ELFCLASS32) ||
     head.e_phentsize != sizeof(ElfW(Phdr)) || head.e_phnum > SEGMENTS)
    return false;
  m->count = head.e_phnum;
  return read_at(m, head.e_phoff, m->segments,
                 m->count * sizeof(*m->segments));
}

/* Where in the file this address of the loaded object comes from. */
static bool offset_of(const struct image *m, ElfW(Addr) at, uint64_t *offset)
{
  for(unsigned i = 0; i < m->count; i++) {
    const ElfW(Phdr) *p = &m->segments[i];
    if(p->p_type == PT_LOAD && at >= p->p_vaddr &&
       at - p->p_vaddr < p->p_filesz) {
      *offset = p->p_offset + (at - p->p_vaddr);
      return true;
    }
  }
  return false;
}

static bool is_libcurl_at(const struct image *m, uint64_t at)
{
  char name[9];
  return read_at(m, at, name, sizeof(name)) &&
         (!memcmp(name, "libcurl.s", 9) || !memcmp(name, "libcurl-g", 9) ||
          !memcmp(name, "libcurl-n", 9));
}

static bool look(const struct image *m, const ElfW(Phdr) *p)
{
  ElfW(Dyn) all[ENTRIES];
  size_t n = p->p_filesz / sizeof(*all);
  ElfW(Addr) table = 0;
  uint64_t strings;
  n = n < ENTRIES ? n : ENTRIES;
  if(!read_at(m, p->p_offset, all, n * sizeof(*all)))
    return false;
  for(size_t i = 0; i < n && all[i].d_tag != DT_NULL; i++) {
    if(all[i].d_tag == DT_STRTAB)
      table = all[i].d_un.d_ptr;
  }
  if(!offset_of(m, table, &strings))
    return false;
  for(size_t i = 0; i < n && all[i].d_tag != DT_NULL; i++) {
    if(all[i].d_tag == DT_NEEDED &&
       is_libcurl_at(m, strings + all[i].d_un.d_val))
      return true;
  }
  return false;
}

bool he_needs_libcurl(const char *path)
{
  struct image m = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
  bool yes = false;
  if(m.fd < 0)
    return false;
  if(read_segments(&m)) {
    for(unsigned i = 0; i < m.count && !yes; i++)
      yes = m.segments[i].p_type == PT_DYNAMIC && look(&m, &m.segments[i]);
  }
  close(m.fd);
  return yes;
}
