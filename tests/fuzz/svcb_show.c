/* SPDX-License-Identifier: MIT */
/* svcb_show.c - reads messages, each after its length in four bytes, from
 * stdin, and writes a line a message: what he_svcb_read() makes of it. For
 * svcb_compare.py. */
#include "resolve/svcb.h"

#include <stdio.h>
#include <stdlib.h>

static void show_hints(const struct he_svcb_params *p, enum he_family f)
{
  char text[HE_ADDR_TEXT];
  printf(" v%d", f == HE_IPV4 ? 4 : 6);
  for(size_t i = 0; i < p->hint_count[f]; i++)
    printf("%c%s", i ? ',' : '=', he_addr_text(&p->hints[f][i], text));
}

static void show_record(const struct he_svcb_record *r)
{
  const struct he_svcb_params *p = &r->params;
  printf(" | %u %s keys=%x mandatory=%x%s alpn=%x", (unsigned)r->priority,
         !r->usable ? "?" : *r->target ? r->target : ".", p->keys,
         p->mandatory, p->unknown_mandatory ? "+" : "", p->alpn);
  if(p->keys & 1u << HE_SVCB_PORT)
    printf(" port=%u", (unsigned)p->port);
  show_hints(p, HE_IPV4);
  show_hints(p, HE_IPV6);
  printf(" ech=");
  for(size_t i = 0; i < p->ech_len; i++)
    printf("%02x", p->ech[i]);
}

static void show(const uint8_t *message, size_t len)
{
  static struct he_svcb s;
  if(he_svcb_read(message, len, "he.test", 0, &s) == HE_SVCB_OK) {
    printf("%s ttl=%u alias=%s", s.owner, (unsigned)s.ttl, s.alias);
    for(size_t i = 0; i < s.n; i++)
      show_record(&s.records[i]);
  }
  else
    printf("bad");
  printf("\n");
}

int main(void)
{
  uint8_t head[4];
  while(fread(head, 1, 4, stdin) == 4) {
    const size_t len = (size_t)head[2] << 8 | head[3];
    uint8_t *message = malloc(len + 1);
    if(!message || fread(message, 1, len, stdin) != len)
      return 1;
    show(message, len);
    free(message);
  }
  return 0;
}
