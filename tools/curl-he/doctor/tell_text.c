/* SPDX-License-Identifier: MIT */
/* tell_text.c - a paragraph a finding: a mark, what is so, what to do. */
#include "../colour.h"
#include "../command.h"
#include "../plain.h"
#include "tell.h"

#include <string.h>

/* The host stands above its findings already. */
static const char *without_host(const struct he_finding *f)
{
  const size_t len = f->host ? strlen(f->host) : 0;
  const bool begins = len && !strncmp(f->text, f->host, len) &&
                      !strncmp(f->text + len, ": ", 2);
  return begins ? f->text + len + 2 : f->text;
}

/* `next`: the finding after it, or NULL. What to do about several of a kind is
   said once, behind the last. */
static void tell(FILE *out, const struct he_finding *f,
                 const struct he_finding *next)
{
  const bool wrong = f->symptom && f->symptom->wrong;
  const enum he_colour colour = wrong ? HE_RED : f->symptom ? HE_YELLOW :
                                HE_GREEN;
  fprintf(out, "  %s%-5s%s ", he_colour(out, colour), wrong ? "WRONG" :
          f->symptom ? "note" : "ok", he_colour(out, HE_PLAIN));
  he_wrap(out, without_host(f), "        ");
  if(*f->advice && !(next && next->symptom == f->symptom &&
                     !strcmp(next->advice, f->advice))) {
    fputs("        -> ", out);
    he_wrap(out, f->advice, "           ");
  }
}

void he_tell_text(const struct he_facts *f, const struct he_findings *all,
                  FILE *out)
{
  const char *host = NULL;
  char name[512];
  fprintf(out, "%sThis machine%s\n", he_colour(out, HE_BOLD),
          he_colour(out, HE_PLAIN));
  for(size_t i = 0; i < all->n; i++) {
    if(all->list[i].host != host) {
      host = all->list[i].host;
      he_plain_string(name, sizeof(name), host);
      fprintf(out, "\n%s%s%s\n", he_colour(out, HE_BOLD), name,
              he_colour(out, HE_PLAIN));
    }
    tell(out, &all->list[i], i + 1 < all->n ? &all->list[i + 1] : NULL);
  }
  fputc('\n', out);
  if(!f->hosts_n)
    fputs("No packet was sent. Name a HOST, and curl-he looks at the way"
          " there.\n", out);
  fputs(he_findings_wrong(all) ? "Something is wrong: see above.\n" :
        "Nothing is wrong.\n", out);
}

void he_tell_symptoms(FILE *out)
{
  for(int i = 0; i < HE_SYMPTOMS; i++) {
    const struct he_symptom *s = &he_symptoms[i];
    fprintf(out, "%s%s (%s)\n", i ? "\n" : "", s->name,
            s->wrong ? "wrong" : "note");
    if(s->seen) {
      fputs("  seen as: ", out);
      he_wrap(out, s->seen, "           ");
    }
    fputs("  ", out);
    he_wrap(out, s->sentence, "  ");
    fputs("  -> ", out);
    he_wrap(out, s->advice, "     ");
  }
}
