/* SPDX-License-Identifier: MIT */
/* owners.c - a table by descriptor number, of pages that are made when they
 * are first needed and stay: a page for 4,096 numbers. */
#include "connect/owners.h"

#include <stddef.h>
#include <stdlib.h>

#define PAGE 4096
#define PAGES 256             /* the kernel allows 1,048,576 by default */

static uint32_t *pages[PAGES];
static uint32_t last;

static uint32_t *page_of(int fd)
{
  return fd < 0 || fd >= PAGE * PAGES ? NULL :
         __atomic_load_n(&pages[fd / PAGE], __ATOMIC_ACQUIRE);
}

static uint32_t *make_page(int fd)
{
  uint32_t *page, *before = NULL;
  if(fd < 0 || fd >= PAGE * PAGES)
    return NULL;
  page = calloc(PAGE, sizeof(*page));
  if(page &&
     !__atomic_compare_exchange_n(&pages[fd / PAGE], &before, page, false,
                                  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    free(page);
    page = before;            /* another thread was first */
  }
  return page;
}

uint32_t he_owner_new(int fd)
{
  uint32_t *page = page_of(fd);
  uint32_t serial;
  if(!page)
    page = make_page(fd);
  if(!page)
    return 0;
  do
    serial = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
  while(!serial);
  __atomic_store_n(&page[fd % PAGE], serial, __ATOMIC_RELEASE);
  return serial;
}

void he_owner_none(int fd)
{
  uint32_t *page = page_of(fd);
  if(page)
    __atomic_store_n(&page[fd % PAGE], 0, __ATOMIC_RELEASE);
}

bool he_owner_is(int fd, uint32_t serial)
{
  const uint32_t *page = page_of(fd);
  return page && serial &&
         __atomic_load_n(&page[fd % PAGE], __ATOMIC_ACQUIRE) == serial;
}
