/* SPDX-License-Identifier: MIT */
/* history_print.c - a host, for a reader. */
#include "colour.h"
#include "command.h"
#include "plain.h"
#include "remembered.h"
#include "words.h"

#include <string.h>

static void print_seen(FILE *out, const struct he_seen *s, int width)
{
  const enum he_colour colour = s->e.verdict == CURL_HE_VERDICT_GOOD ?
    HE_GREEN : s->e.verdict == CURL_HE_VERDICT_BAD ? HE_RED : HE_YELLOW;
  char age[32];
  fprintf(out, "    %-*s  %s%-7s%s ", width, s->address,
          he_colour(out, colour), he_verdict_word(s->e.verdict),
          he_colour(out, HE_PLAIN));
  if(s->e.connect_us)
    fprintf(out, "%7.1f ms +- %-6.1f ", (double)s->e.connect_us / 1000,
            (double)s->e.deviation_us / 1000);
  else
    fputs("    never measured  ", out);
  fprintf(out, "%lu connected, %lu failed, %lu silent  ", s->e.successes,
          s->e.failures, s->e.losses);
  he_age_words(age, sizeof(age), s->e.age_ms);
  fprintf(out, s->e.age_ms < 0 ? "never tried\n" : "%s ago\n", age);
}

void he_memory_print(const struct he_memory *m, const struct he_remembered *r,
                     FILE *out)
{
  unsigned long long network = 0;
  char next[512], host[1024];
  int width = 0;
  he_memory_next(r, next, sizeof(next));
  he_plain_string(host, sizeof(host), r->host);
  fprintf(out, "%s%s%s\n  ", he_colour(out, HE_BOLD), host,
          he_colour(out, HE_PLAIN));
  he_wrap(out, next, "  ");
  for(size_t i = 0; i < r->n; i++) {
    const int len = (int)strlen(r->seen[i].address);
    width = len > width ? len : width;
  }
  for(size_t i = 0; i < r->n; i++) {
    if(!i || r->seen[i].e.network != network) {
      network = r->seen[i].e.network;
      fprintf(out, "  network %016llx%s:\n", network,
              network == m->network ? ", this one" : "");
    }
    print_seen(out, &r->seen[i], width);
  }
}
